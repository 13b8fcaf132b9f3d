"""What staff look for: the fields of the search, read from an address and put back into one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from smartcity.console import clock, queues
from smartcity.console.figures.period import MOST_DAYS, Period
from smartcity.console.tables import OUTCOMES, VERDICTS, tags, turn_tags, turns

COLUMNS = ("channel", "language", "intent", "theme", "initiative", "action")
"""Fields that are compared with a column of the same name, whatever values it has."""
PERIODS: Mapping[str, int | None] = {"1d": 1, "2d": 2, "7d": 7, "30d": 30, "180d": 180}
"""Days that end today."""
LONGEST = 200


def _choice(values: Iterable[str]) -> Callable[[str], str]:
    known = frozenset(values)

    def parse(text: str) -> str:
        if text not in known:
            raise ValueError
        return text

    return parse


def _share(text: str) -> float:
    """A confidence in percent."""
    share = float(text.replace(",", ".").removesuffix("%"))
    if not 0 <= share <= 100:
        raise ValueError
    return share


def _number(text: str) -> int:
    number = int(text)
    if not 0 < number < 2**63:
        raise ValueError
    return number


def _hour(text: str) -> int:
    """An hour of the day in Krefeld."""
    hour = int(text)
    if not 0 <= hour <= 23:
        raise ValueError
    return hour


def _moment(text: str) -> dt.datetime:
    """A day, or a day with a time, on Krefeld's clock."""
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is not None or not 1970 < moment.year < 9000:
        raise ValueError
    return moment.replace(tzinfo=clock.KREFELD)


FIELDS: Mapping[str, Callable[[str], Any]] = {
    "queue": _choice(queues.QUEUES),
    "period": _choice(PERIODS),
    "from": _moment,
    "to": _moment,
    "hour": _hour,
    "text": str,
    **dict.fromkeys(COLUMNS, str),
    "least": _share,
    "most": _share,
    "outcome": _choice(OUTCOMES),
    "feedback": _choice(("up", "down", "none")),
    "verdict": _choice((*VERDICTS, "none")),
    "reviewed": _choice(("yes", "no")),
    "tag": str,
    "assigned": lambda text: text if text in ("me", "none") else _number(text),
}
"""Every field of the search with what reads its text."""


@dataclass(frozen=True)
class Filters:
    """The fields that have a value, as they were typed and as they were read."""

    typed: Mapping[str, str] = field(default_factory=dict)
    read: Mapping[str, Any] = field(default_factory=dict)
    wrong: tuple[str, ...] = ()
    """Fields whose text cannot be read; they filter nothing."""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Filters:
        typed, read, wrong = {}, {}, []
        for name, parse in FIELDS.items():
            text = query.get(name, "").replace("\0", "").encode("utf-8", "replace").decode().strip()[:LONGEST]
            if not text:
                continue
            typed[name] = text
            try:
                read[name] = parse(text)
            except ValueError:
                wrong.append(name)
        return cls(typed, read, tuple(wrong))

    def __bool__(self) -> bool:
        return bool(self.typed)

    def get(self, name: str) -> str:
        """The text of a field as it was typed."""
        return self.typed.get(name, "")

    def moment(self, name: str) -> str:
        """`from` or `to` as a field for a day with its time takes it: a day alone begins or ends it."""
        text = self.get(name)
        return text + ("T00:00" if name == "from" else "T23:59") if len(text) == len("2026-11-26") else text

    @property
    def query(self) -> str:
        """The fields as the query of an address."""
        return urlencode(self.typed)

    def path(self, **changes: str | None) -> str:
        """The search's address with some fields changed; None leaves one out."""
        fields = {name: text for name, text in {**self.typed, **changes}.items() if text}
        return "/search" + ("?" + urlencode(fields) if fields else "")

    def span(self) -> tuple[int | None, int | None]:
        """The first millisecond and the one after the last. From and to outweigh the period."""
        start = end = None
        if "period" in self.read:
            days = PERIODS[self.read["period"]]
            assert days is not None
            start = clock.start_of(clock.today() - dt.timedelta(days=days - 1))
        if "from" in self.read:
            start = int(self.read["from"].timestamp() * 1000)
        if "to" in self.read:
            # To 15:30 means to the end of that minute, and to a day to its end.
            exact = "T" in self.typed["to"] or " " in self.typed["to"]
            last = self.read["to"] + (dt.timedelta(minutes=1) if exact else dt.timedelta(days=1))
            end = int(last.timestamp() * 1000)
        return start, end

    def _days(self) -> Period:
        """The days that are looked at, which tell when the clock was changed."""
        start, end = self.span()
        last = clock.in_krefeld(end - 1).date() if end else clock.today() + dt.timedelta(days=1)
        first = clock.in_krefeld(start).date() if start else last - dt.timedelta(days=MOST_DAYS)
        return Period(max(first, last - dt.timedelta(days=MOST_DAYS)), last)

    def conditions(self, account_id: int | None = None, but: Container[str] = ()) -> list[Any]:
        """Conditions on `turns` for every field but the text and those in `but`."""
        read = {name: value for name, value in self.read.items() if name not in but}
        found: list[Any] = queues.within(*self.span())
        if "queue" in read:
            found.append(queues.condition(read["queue"]))
        found += [turns.c[name] == read[name] for name in (*COLUMNS, "outcome") if name in read]
        found += [turns.c[name].is_(None) if read[name] == "none" else turns.c[name] == read[name]
                  for name in ("feedback", "verdict") if name in read]  # fmt: skip
        if "hour" in read:
            found.append(self._days().hour() == read["hour"])
        if "least" in read:
            found.append(turns.c.confidence >= read["least"] / 100)
        if "most" in read:
            found.append(turns.c.confidence <= read["most"] / 100)
        if "reviewed" in read:
            found.append(queues.OPEN if read["reviewed"] == "no" else turns.c.reviewed_at.is_not(None))
        if "tag" in read:
            tagged = sa.select(turn_tags.c.turn_id).join(tags).where(tags.c.name == read["tag"])
            found.append(turns.c.id.in_(tagged))
        if "assigned" in read:
            wanted = {"me": account_id, "none": None}.get(read["assigned"], read["assigned"])
            found.append(turns.c.assigned_to.is_(None) if wanted is None else turns.c.assigned_to == wanted)
        return found
