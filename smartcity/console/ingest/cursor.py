"""How far the log was read: not a number alone, since ids come again (SQLite) and late (PostgreSQL).

SQLite gives the id of a deleted row again when it was the highest. So the cursor remembers what stood at the last id
and at some earlier ones (`anchors`); where the last row is another now, or gone, reading goes on from the newest
anchor that still holds. PostgreSQL gives ids before transactions are over, so a missing id may still come: missing
ranges (`gaps`) are looked at again until no transaction runs that could fill them.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from smartcity.console.ingest.events import Counts
from smartcity.privacy.tracker_store import EVENTS

NAME = "events"
MOST_ANCHORS = 40
MOST_GAPS = 2000
GAP_SECONDS = 60.0
"""The least time a gap stays open: a transaction that has an id and has not written yet shows in no snapshot."""


@dataclass(frozen=True)
class Gap:
    """Ids that were missing, from `first` to `last`; since when, and which transaction was the next one then."""

    first: int
    last: int
    since: float
    transaction: int


@dataclass
class Cursor:
    last: int = 0
    anchors: list[tuple[int, str]] = field(default_factory=list)
    """Ids with what stood there, the oldest first; the last one is that of `last`."""
    gaps: list[Gap] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)

    @classmethod
    def from_json(cls, value: Any) -> Cursor:
        """The cursor as it was kept; a broken one begins anew, which costs time and changes nothing."""
        try:
            return cls(
                int(value["last"]),
                [(int(place), str(mark)) for place, mark in value["anchors"]],
                [Gap(int(a), int(b), float(c), int(d)) for a, b, c, d in value["gaps"]],
                Counts(int(value["read"]), {str(reason): int(count) for reason, count in value["skipped"].items()}),
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            return cls()

    def as_json(self) -> dict[str, Any]:
        return {
            "last": self.last,
            "anchors": [list(anchor) for anchor in self.anchors],
            "gaps": [[gap.first, gap.last, gap.since, gap.transaction] for gap in self.gaps],
            "read": self.counts.read,
            "skipped": dict(self.counts.skipped),
        }

    def move(self, place: int, mark: str) -> None:
        """Everything up to this id was read. Anchors get rarer the older they are."""
        self.last = place
        self.anchors.append((place, mark))
        if len(self.anchors) > MOST_ANCHORS:
            # Every second one of the older half goes: distances double with age.
            half = MOST_ANCHORS // 2
            self.anchors = self.anchors[0:half:2] + self.anchors[half:]

    def check(self, connection: Any, marked: Callable[[Any], str]) -> bool:
        """Go back to the newest anchor that still holds; whether the last one did. `marked` tells what a row is."""
        if not self.anchors:
            return True
        keys = [place for place, _ in self.anchors]
        query = sa.select(EVENTS.c.id, EVENTS.c.sender_id, EVENTS.c.type_name, EVENTS.c.timestamp)
        found = {row.id: marked(row) for row in connection.execute(query.where(EVENTS.c.id.in_(keys)))}
        place, mark = self.anchors[-1]
        if found.get(place) == mark:
            return True
        if connection.dialect.name != "sqlite" and place not in found:
            # Deleted. Ids do not come again here, unless an older copy of the database was put in its place.
            highest = connection.execute(sa.select(sa.func.max(EVENTS.c.id))).scalar()
            if highest is not None and highest > place:
                return True
        while self.anchors and found.get(self.anchors[-1][0]) != self.anchors[-1][1]:
            self.anchors.pop()
        self.last = self.anchors[-1][0] if self.anchors else 0
        self.gaps = []
        return False

    def note_gaps(self, ids: Sequence[int], transaction: int) -> None:
        """Remember which ids between the last one and these, in their order, are missing."""
        now, before = time.time(), self.last
        for number in ids:
            if number > before + 1:
                self.gaps.append(Gap(before + 1, number - 1, now, transaction))
            before = number
        self.gaps = self.gaps[-MOST_GAPS:]

    def close_gaps(self, found: Sequence[int], oldest: int, now: float | None = None) -> None:
        """Forget gaps that nothing can fill any more, and split those in which these ids were found.

        `oldest` is the oldest transaction that still runs.
        """
        now = time.time() if now is None else now
        numbers = sorted(found)
        gaps: list[Gap] = []
        for gap in self.gaps:
            if now - gap.since >= GAP_SECONDS and gap.transaction <= oldest:
                continue
            begin = gap.first
            for number in numbers:
                if gap.first <= number <= gap.last:
                    if number > begin:
                        gaps.append(Gap(begin, number - 1, gap.since, gap.transaction))
                    begin = number + 1
            if begin <= gap.last:
                gaps.append(Gap(begin, gap.last, gap.since, gap.transaction))
        self.gaps = gaps[-MOST_GAPS:]


def mark_of(pseudonym: str, row: Any) -> str:
    """What tells one row from another at the same id."""
    return hashlib.sha256(f"{pseudonym} {row.type_name} {row.timestamp!r}".encode()).hexdigest()[:16]
