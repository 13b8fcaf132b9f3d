"""A small content folder that a test may break in one place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import yaml

from smartcity.knowledge.documents import ContentError, Problem
from smartcity.knowledge.loading import load, read_folder
from smartcity.knowledge.records import LANGUAGES, Knowledge

LEIHRAD = "initiatives/leihrad.yml"
VERKEHR = "themes/verkehr.yml"
RADSTELLE = "offices/radstelle.yml"
INVENTUR = "notices/inventur.yml"
SERVICES = "services.yml"
PHRASES = "phrases/words.yml"


class ContentFolder:
    """A copy of tests/knowledge/sample; `root` is the folder content/."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def text(self, file: str) -> str:
        return (self.root / file).read_text("utf-8")

    def write(self, file: str, text: str) -> None:
        path = self.root / file
        before = path.stat().st_mtime_ns if path.exists() else 0
        path.write_text(text, "utf-8")
        # A clock that stands still between two quick writes must not hide the change.
        os.utime(path, ns=(before + 1_000_000, before + 1_000_000))

    def edit(self, file: str, old: str, new: str, count: int = 1) -> None:
        """Replace the first `count` places of `old`, which must be there."""
        text = self.text(file)
        assert old in text
        self.write(file, text.replace(old, new, count))

    def twin(self, record_id: str, name: str, **fields: Any) -> None:
        """Add an initiative like Leihrad with an id, names and fields of its own."""
        names = {"id": record_id, "name": dict.fromkeys(LANGUAGES, name), "aliases": {}, "misspellings": []}
        data = yaml.safe_load(self.text(LEIHRAD)) | names | fields
        self.write(f"initiatives/{record_id}.yml", yaml.safe_dump(data, allow_unicode=True, sort_keys=False))

    def line(self, file: str, part: str) -> int:
        """Number of the first line that holds `part`."""
        return next(n for n, line in enumerate(self.text(file).splitlines(), 1) if part in line)

    def load(self) -> Knowledge:
        return load(read_folder(self.root))

    def problems(self) -> tuple[Problem, ...]:
        """What the check finds, () for sound content."""
        try:
            self.load()
        except ContentError as error:
            return error.problems
        return ()

    def problem(self) -> Problem:
        """The one problem that the check finds."""
        (problem,) = self.problems()
        return problem
