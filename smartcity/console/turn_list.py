"""Lists of turns, newest first, in pages that are as fast at a million turns as at a thousand.

A page begins at a key (time and id of a turn), never at a number of rows to skip. Where words (in SQLite) or a tag
are looked for, the order is that of arrival, which their index gives without sorting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from smartcity.console.filters import COLUMNS, Filters
from smartcity.console.tables import accounts, tags, turn_tags, turns
from smartcity.console.turn_ids import Cursor, find

PAGE = 50
MOST_CHOICES = 500

_SHOWN = ("id", "conversation_id", "number", "at", "channel", "language", "said", "pressed", "intent", "confidence",
          "answer", "outcome", "feedback", "repeated", "verdict", "note", "reviewed_at")  # fmt: skip


@dataclass(frozen=True)
class Page:
    """Turns of one page, the keys of the pages beside it, and how many turns all pages hold (see turn_ids.MOST)."""

    turns: Sequence[Mapping[str, Any]]
    older: str | None
    newer: str | None
    count: int


def page_of(engine: Engine, filters: Filters, cursor: str = "", account_id: int | None = None) -> Page:
    """The page at this key; the first one for a key that is none."""
    place = Cursor.of(cursor)
    backwards = place is not None and place.backwards
    with engine.connect() as connection:
        # First the ids alone: what is sorted then is narrow.
        found = find(connection, filters, account_id, place, PAGE + 1)
        more, ids = len(found.ids) > PAGE, found.ids[:PAGE]
        whole = (
            sa.select(*(turns.c[name] for name in _SHOWN), accounts.c.shown)
            .select_from(turns.outerjoin(accounts, accounts.c.id == turns.c.assigned_to))
            .where(turns.c.id.in_(ids))
        )
        by_id = {row["id"]: dict(row) for row in connection.execute(whole).mappings()}
        rows = [by_id[number] for number in ids if number in by_id]
        if backwards:
            rows.reverse()
        named = _tags(connection, [row["id"] for row in rows])
    for row in rows:
        row["tags"] = named.get(row["id"], [])
    older = f"older.{rows[-1]['at']}.{rows[-1]['id']}" if rows and (more or backwards) else None
    newer = f"newer.{rows[0]['at']}.{rows[0]['id']}" if rows and place and (more or not backwards) else None
    return Page(rows, older, newer, found.count)


def choices(engine: Engine) -> dict[str, list[str]]:
    """The values that stand in each of COLUMNS: from value to value in its index, not over all rows."""
    with engine.connect() as connection:
        found = {}
        for name in COLUMNS:
            query = sa.text(
                f"WITH RECURSIVE step (value) AS (SELECT min({name}) FROM turns UNION ALL "
                f"SELECT (SELECT min({name}) FROM turns WHERE {name} > step.value) FROM step "
                f"WHERE step.value IS NOT NULL) SELECT value FROM step WHERE value IS NOT NULL LIMIT {MOST_CHOICES}"
            )
            found[name] = [str(row.value) for row in connection.execute(query)]
        found["tag"] = [row.name for row in connection.execute(sa.select(tags.c.name).order_by(tags.c.name))]
    return found


def _tags(connection: Any, ids: Sequence[int]) -> dict[int, list[str]]:
    query = (
        sa.select(turn_tags.c.turn_id, tags.c.name)
        .join_from(turn_tags, tags)
        .where(turn_tags.c.turn_id.in_(ids))
        .order_by(tags.c.name)
    )
    found: dict[int, list[str]] = {}
    for row in connection.execute(query):
        found.setdefault(row.turn_id, []).append(row.name)
    return found


def tags_of(engine: Engine, ids: Sequence[int]) -> dict[int, list[str]]:
    """The tags of each of these turns."""
    with engine.connect() as connection:
        return _tags(connection, ids)
