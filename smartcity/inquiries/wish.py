"""A wish of day and time, and why something is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from typing import Any, Literal

Part = Literal["morning", "noon", "afternoon", "evening"]
Reason = Literal["past", "too_soon", "weekend", "holiday", "too_far", "not_understood"]
"""past: before today. too_soon: today, for which the office is better called."""


@dataclass(frozen=True)
class Wish:
    """A day, the days of a span, a weekday, or any day (all None); with a part of the day or times."""

    day: date | None = None
    last: date | None = None
    """The last day of a span that begins at `day`, such as next week."""
    weekday: int | None = None
    """Any such day of the week, 0 is Monday: 'dienstags'."""
    part: Part | None = None
    since: time | None = None
    until: time | None = None
    """The same as `since`: exactly at that time."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it; `Wish.from_dict` reads it back."""
        found = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {
            name: value.isoformat() if isinstance(value, (date, time)) else value
            for name, value in found.items()
            if value is not None
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Wish:
        read: dict[str, Any] = dict(values)
        for name in ("day", "last"):
            if name in read:
                read[name] = date.fromisoformat(read[name])
        for name in ("since", "until"):
            if name in read:
                read[name] = time.fromisoformat(read[name])
        return cls(**read)


@dataclass(frozen=True)
class Refused:
    """Why a wish cannot be one: the day as it was read, a holiday's name, and the next possible day."""

    reason: Reason
    next: date
    day: date | None = None
    holiday: str | None = None
