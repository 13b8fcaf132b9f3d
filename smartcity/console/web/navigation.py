"""The entries of the navigation; each page's module has a list of its own."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """A page that can be reached from everywhere by those with the role."""

    path: str
    text: str
    """Key of its text."""
    role: str
    order: int = 50
