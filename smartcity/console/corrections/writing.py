"""Additions to a YAML file as text, so that its comments and its order stay."""

from __future__ import annotations

import difflib
from typing import List, Mapping, Sequence, Tuple

from smartcity.console.corrections.examples import examples_in
from smartcity.knowledge.documents import ContentError, Problem, parse

EXAMPLES_FILE = "data/nlu/corrections.yml"
TESTS_FILE = "tests/conversations/corrections.yml"

_HEAD = """version: "3.1"

# Corrections made in the console: what citizens said, without personal data, and what they meant.
nlu:
"""
_TESTS_HEAD = "# Conversations from the console, with the answers as they should be.\n"


def with_examples(present: str | None, added: Sequence[Tuple[str, str]], file: str = EXAMPLES_FILE) -> str:
    """The file's text with (intent, example) pairs added below their intents.

    Raises ContentError, with file and line, when the present text cannot be read or added to.
    """
    text = present if present is not None else _HEAD
    for intent, example in added:
        text = _with_example(text, intent, example, file)
    before = 0 if present is None else len(examples_in(present, file))
    after = examples_in(text, file) if added else []
    if added and len(after) != before + len(added):
        raise ContentError([Problem(file, 1, "The examples could not be added.", "Add them by hand.")])
    return text


def _with_example(text: str, intent: str, example: str, file: str) -> str:
    lines = text.splitlines()
    document = parse(text, file)
    entries = (document.data or {}).get("nlu") or []
    if not isinstance(entries, list):
        raise ContentError([document.problem(("nlu",), "This is no list.", "See the other files of data/nlu.")])
    for index, entry in enumerate(entries):
        if isinstance(entry, dict) and entry.get("intent") == intent:
            place = document.line(("nlu", index, "examples"))
            end = place
            while end < len(lines) and lines[end].lstrip().startswith("-") and _indent(lines[end]) > 2:
                end += 1
            if end == place or not lines[place - 1].rstrip().endswith("|"):
                raise ContentError(
                    [Problem(file, place, "Examples cannot be added here.", "Write 'examples: |' and '- ...' lines.")]
                )
            indent = " " * _indent(lines[end - 1])
            return "\n".join([*lines[:end], f"{indent}- {example}", *lines[end:]]) + "\n"
    return "\n".join([*lines, f"  - intent: {intent}", "    examples: |", f"      - {example}"]) + "\n"


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def with_tests(present: str | None, added: Sequence[str], file: str = TESTS_FILE) -> str:
    """The file of dialogues with conversations (YAML lists of one) added at its end. Raises ContentError."""
    text = present if present is not None else _TESTS_HEAD
    if present is not None:
        parse(present, file)
    for conversation in added:
        text = f"{text.rstrip()}\n\n{conversation.strip()}\n"
    parse(text, file)
    return text


def unified_diff(before: Mapping[str, str | None], after: Mapping[str, str]) -> str:
    """The difference as `git apply` takes it; None before means that the file is new."""
    parts: List[str] = []
    for file, new in after.items():
        old = before.get(file)
        if old == new:
            continue
        parts.append(f"diff --git a/{file} b/{file}\n")
        if old is None:
            parts.append("new file mode 100644\n")
        lines = difflib.unified_diff(
            (old or "").splitlines(keepends=True),
            new.splitlines(keepends=True),
            "/dev/null" if old is None else f"a/{file}",
            f"b/{file}",
        )
        for line in lines:
            parts.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return "".join(parts)
