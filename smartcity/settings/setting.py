"""What one setting is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Callable

PREFIX = "SMARTCITY_"
HIDDEN = ("SECRET", "TOKEN", "DATABASE", "REDIS", "PASSWORD", "KEYS", "DSN")
"""Ends of the names of settings whose values no message repeats."""


class SettingError(ValueError):
    """A setting has a value that cannot be used."""


@dataclass(frozen=True)
class Setting:
    """One setting: `parse` turns its text into a value or raises ValueError or KeyError."""

    name: str
    default: str
    expected: str
    parse: Callable[[str], Any]
    help: str

    @property
    def variable(self) -> str:
        return PREFIX + self.name

    @property
    def hidden(self) -> bool:
        """Whether the value is a secret, or holds one."""
        return self.name.endswith(HIDDEN)

    def shown(self, text: str) -> str:
        """The text as a message may repeat it: no secret, and of addresses neither names and passwords nor queries."""
        if self.hidden:
            return "(set, not shown)"
        return re.sub(r"\?[^\s,]*", "?...", re.sub(r"://[^\s,]*@", "://...@", text))
