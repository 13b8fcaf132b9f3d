"""The project's Markdown pages, read for tests."""

from __future__ import annotations

import re
from pathlib import Path
from typing import List, NamedTuple

PROJECT = Path(__file__).parent.parent.parent
README = PROJECT / "README.md"
CHANGELOG = PROJECT / "CHANGELOG.md"
DOCS = PROJECT / "docs"
PAGES = (README, CHANGELOG, *sorted(DOCS.glob("*.md")))

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block: its language and its text."""

    language: str
    text: str


def read(name: str) -> str:
    """A page of docs/ by its name without `.md`."""
    return (DOCS / f"{name}.md").read_text("utf-8")


def blocks(text: str) -> List[Block]:
    return [Block(*found) for found in _BLOCK.findall(text)]


def prose(text: str) -> str:
    """The text without fenced blocks."""
    return _BLOCK.sub("", text)


def code(text: str) -> List[str]:
    """What stands in backticks outside fenced blocks."""
    return re.findall(r"`([^`\n]+)`", prose(text))


def section(text: str, heading: str) -> str:
    """The text below a heading up to the next heading of any level."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"There is no heading '{heading}'."
    return found.group(1)


def first_cells(text: str) -> List[str]:
    """What stands in backticks in the first cell of each row of tables."""
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("|")]
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def anchor(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    kept = "".join(sign for sign in heading.lower() if sign.isalnum() or sign in " -_")
    return kept.strip().replace(" ", "-")
