"""Lists of requests, in pages that begin at a key (time and id of a request). Nothing personal is in them.

Open requests stand by age, the oldest first; closed ones the newest first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from smartcity.inquiries.store import Store, now
from smartcity.inquiries.tables import CLOSED, STATES, inquiries

PAGE = 50
"""Requests of one page."""
DAY = 86_400_000
OPEN = tuple(state for state in STATES if state not in CLOSED)
OVERDUE = "overdue"
STALE = "stale"
UNANSWERED = ("new", "in_work")
_CURSOR = re.compile(r"(after|before)\.(\d{1,18})\.(\d{1,18})")


@dataclass(frozen=True)
class Page:
    """Rows of `inquiries` without the payload, and the keys of the pages beside it in the list's order."""

    rows: Sequence[Any]
    before: str | None
    after: str | None
    newest_first: bool


class Lists:
    """`stale_days`: after how many days an open request lies for too long."""

    def __init__(self, store: Store, stale_days: int) -> None:
        self._store = store
        self._stale_days = stale_days

    def counts(self) -> dict[str, int]:
        """How many requests are in each state, how many are overdue, and how many lie for too long."""
        query = sa.select(inquiries.c.state, sa.func.count()).group_by(inquiries.c.state)
        with self._store.reading() as connection:
            found = dict(connection.execute(query).all())
            special = {
                name: connection.execute(sa.select(sa.func.count()).select_from(inquiries).where(condition)).scalar()
                for name, condition in ((OVERDUE, self._overdue()), (STALE, self._stale()))
            }
        return {**special, **{state: found.get(state, 0) for state in STATES}}

    def page(self, name: str | None = None, assigned_to: int | None = None, cursor: str = "") -> Page:
        """A page of a state, of OVERDUE, of STALE, or of all that is open; the first one for a key that is none."""
        newest_first = name in CLOSED
        found = _CURSOR.fullmatch(cursor)
        backwards = bool(found and found[1] == "before")
        descending = newest_first != backwards
        key = (inquiries.c.at, inquiries.c.id)
        query = sa.select(*(column for column in inquiries.c if column.name != "payload")).where(self._condition(name))
        if assigned_to is not None:
            query = query.where(inquiries.c.assigned_to == assigned_to)
        if found:
            here, there = sa.tuple_(*key), sa.tuple_(int(found[2]), int(found[3]))
            query = query.where(here < there if descending else here > there)
        query = query.order_by(*(column.desc() if descending else column.asc() for column in key)).limit(PAGE + 1)
        with self._store.reading() as connection:
            rows = list(connection.execute(query))
        more, rows = len(rows) > PAGE, rows[:PAGE]
        if backwards:
            rows.reverse()
        before = f"before.{rows[0].at}.{rows[0].id}" if rows and found and (more or not backwards) else None
        after = f"after.{rows[-1].at}.{rows[-1].id}" if rows and (more or backwards) else None
        return Page(rows, before, after, newest_first)

    def is_stale(self, row: Any) -> bool:
        """Whether the request is open for too long."""
        return row.state in UNANSWERED and row.at <= self._stale_since()

    def _condition(self, name: str | None) -> Any:
        if name == OVERDUE:
            return self._overdue()
        if name == STALE:
            return self._stale()
        return inquiries.c.state.in_(OPEN) if name is None else inquiries.c.state == name

    def _overdue(self) -> Any:
        return sa.and_(inquiries.c.state.in_(UNANSWERED), inquiries.c.due <= now())

    def _stale(self) -> Any:
        # Counted from their arrival: since then the person's data is here. A confirmed appointment closes by itself.
        return sa.and_(inquiries.c.state.in_(UNANSWERED), inquiries.c.at <= self._stale_since())

    def _stale_since(self) -> int:
        return now() - self._stale_days * DAY


def is_overdue(row: Any) -> bool:
    """Whether nobody has answered for three working days."""
    return row.state in UNANSWERED and row.due <= now()
