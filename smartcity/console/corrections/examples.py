"""The training examples of data/nlu with their places, and how one is written."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Sequence, Tuple

from smartcity.knowledge.documents import ContentError, Document, Problem, parse, read
from smartcity.knowledge.folding import words

NLU = Path("data", "nlu")
ENTITIES = ("initiative", "theme", "office", "service")
"""What can be marked in a text, as in domain.yml."""

_MARK = re.compile(r"\[([^\]]+?)\](?:\([^)]*\)|\{[^}]*\}|\[.*?\])")
_BRACKETS = str.maketrans("[]", "()")
_PLACEHOLDER = re.compile(r"<[^<>\s]{1,40}>")


@dataclass(frozen=True)
class Example:
    """One example: its text without marks, its intent and where it stands."""

    text: str
    intent: str
    file: str
    line: int

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"


class Examples:
    """All examples of a folder's data/nlu, by their folded text."""

    def __init__(self, examples: Iterator[Example]) -> None:
        self._by_form: Dict[str, Example] = {}
        self._first: Dict[str, str] = {}
        for example in examples:
            self._by_form.setdefault(folded(example.text), example)
            self._first.setdefault(example.intent, example.text)

    def like(self, text: str) -> Example | None:
        """The example that says the same, whatever its case, signs and umlauts."""
        return self._by_form.get(folded(text))

    def first(self, intent: str) -> str:
        """An example of the intent, to show what it is; empty when there is none."""
        return self._first.get(intent, "")


_cache: Dict[Path, Tuple[Tuple[Tuple[str, int, int], ...], Examples]] = {}


def read_examples(root: Path) -> Examples:
    """The examples below `root`, read again only when a file changed. Raises ContentError with file and line."""
    paths = sorted((root / NLU).glob("*.yml"))
    state = tuple((str(path), stat.st_size, stat.st_mtime_ns) for path in paths for stat in (path.stat(),))
    kept = _cache.get(root)
    if kept is None or kept[0] != state:
        problems: List[Problem] = []
        found: List[Example] = []
        for path in paths:
            try:
                found += examples_of(read(path, root / "data"))
            except ContentError as error:
                problems += error.problems
        if problems:
            raise ContentError(problems)
        kept = (state, Examples(iter(found)))
        _cache[root] = kept
    return kept[1]


def examples_in(text: str, file: str) -> List[Example]:
    """The examples of one file's text. Raises ContentError."""
    return list(examples_of(parse(text, file)))


def examples_of(document: Document) -> Iterator[Example]:
    """The examples of a document of Rasa's YAML. Raises ContentError where they cannot be read."""
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("nlu"), list):
        raise ContentError([document.problem((), "There is no list 'nlu'.", "See the other files of data/nlu.")])
    for index, entry in enumerate(data["nlu"]):
        if not isinstance(entry, dict):
            raise ContentError([document.problem(("nlu", index), "This is no entry.", "Write '- intent: NAME'.")])
        if "intent" not in entry:
            continue
        place = ("nlu", index, "examples")
        examples = entry.get("examples")
        if not isinstance(examples, str):
            raise ContentError(
                [document.problem(place, "The examples are no text.", "Write 'examples: |' and one '- ...' a line.")]
            )
        for offset, line in enumerate(examples.splitlines(), 1):
            if line.startswith("-"):
                yield Example(
                    without_marks(line[1:].strip()), str(entry["intent"]), document.file, document.line(place) + offset
                )


def folded(text: str) -> str:
    """The text as the assistant compares it."""
    return " ".join(word.form for word in words(text))


def without_marks(example: str) -> str:
    """The text of an example without its marked entities' brackets."""
    return _MARK.sub(r"\1", example)


def plain(text: str) -> str:
    """The text in one line, without what YAML or Rasa would read as a sign of theirs.

    Brackets mark entities in Rasa's examples, so a citizen's own become round.
    """
    kept = "".join(sign if unicodedata.category(sign)[0] != "C" else " " for sign in text)
    return " ".join(kept.translate(_BRACKETS).split())


def placeholders(text: str) -> Tuple[str, ...]:
    """What redaction put in place of personal data, such as <NAME>: no example may hold it."""
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(text)))


def marked(text: str, entities: Sequence[Mapping[str, Any]]) -> str:
    """The text as an example with its names marked as data/nlu marks them: `[KRuiser](initiative)`.

    Which record is meant is not written down; content/ knows it while the assistant runs.
    """
    written, end = "", 0
    for entity in sorted(entities, key=lambda one: int(one["start"])):
        start, stop = int(entity["start"]), int(entity["end"])
        if not end <= start < stop <= len(text):
            raise ValueError("The marked places overlap or lie outside the text.")
        written += f"{text[end:start]}[{text[start:stop]}]({entity['entity']})"
        end = stop
    return written + text[end:]
