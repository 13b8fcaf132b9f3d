"""Approved proposals on their way into the project: as a patch, or as a commit on a branch."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Callable, Dict, List, Optional, Sequence, Tuple

from smartcity.console.corrections.examples import examples_in, folded, read_examples, without_marks
from smartcity.console.corrections.proposals import Proposal, ProposalError, examples_to_add, tests_to_add
from smartcity.console.corrections.repository import Commit, Person, Repository
from smartcity.console.corrections.writing import EXAMPLES_FILE, TESTS_FILE, unified_diff, with_examples, with_tests

Reader = Callable[[str], Optional[str]]
"""Gives the text of a file of the project by its path; None when it is not there."""


def folder_reader(root: Path) -> Reader:
    """Reads the files below `root` as they lie there."""

    def read(file: str) -> Optional[str]:
        path = root / file
        return path.read_text("utf-8") if path.exists() else None

    return read


def texts_with(chosen: Sequence[Proposal], read: Reader) -> Dict[str, str]:
    """The new texts of the files that the proposals change. Raises ContentError with file and line."""
    texts: Dict[str, str] = {}
    present = read(EXAMPLES_FILE)
    there = {folded(one.text) for one in examples_in(present, EXAMPLES_FILE)} if present is not None else set()
    examples = [pair for pair in examples_to_add(chosen) if folded(without_marks(pair[1])) not in there]
    if examples:
        texts[EXAMPLES_FILE] = with_examples(present, examples)
    present = read(TESTS_FILE)
    tests = [test for test in tests_to_add(chosen) if test.strip() not in (present or "")]
    if tests:
        texts[TESTS_FILE] = with_tests(present, tests)
    return texts


def diff(chosen: Sequence[Proposal], root: Path) -> str:
    """What the proposals change in the files below `root`, as a unified diff that `git apply` takes."""
    read = folder_reader(root)
    after = texts_with(chosen, read)
    return unified_diff({file: read(file) for file in after}, after)


def check(chosen: Sequence[Proposal], root: Path) -> None:
    """Look again just before an export: the data may have changed since. Raises ProposalError, ContentError."""
    examples = read_examples(root)
    for proposal in chosen:
        found = examples.like(proposal.text) if proposal.kind == "example" else None
        if found and found.intent != proposal.intent:
            raise ProposalError("contradiction", place=found.place, intent=found.intent, text=found.text)


def commit(
    chosen: Sequence[Proposal],
    repository: Repository,
    author: Person,
    people: Sequence[Tuple[str, str]],
    day: dt.date,
) -> Commit:
    """Commit the proposals on the day's branch. `people` are (who proposed, who approved), for the message."""
    count = len(chosen)
    lines: List[str] = [f"Corrections from the console: {count} proposal{'' if count == 1 else 's'}", ""]
    lines += [f"- {one.intent}: {one.example}" if one.kind == "example" else f"- {one.kind}" for one in chosen]
    trailers = dict.fromkeys(
        trailer for made, approved in people for trailer in (f"Proposed-by: {made}", f"Approved-by: {approved}")
    )
    return repository.commit(
        lambda read: texts_with(chosen, read), "\n".join([*lines, "", *trailers]) + "\n", author, day
    )
