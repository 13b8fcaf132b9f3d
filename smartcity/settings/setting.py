"""What one setting is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable

PREFIX = "SMARTCITY_"


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
