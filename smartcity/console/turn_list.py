"""Lists of turns, newest first, in pages that are as fast at a million turns as at a thousand.

A page begins at a key (time and id of a turn), never at a number of rows to skip. Where words are looked for
in SQLite, the order is that of arrival, which its index gives without sorting.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from smartcity.console.filters import COLUMNS, Filters
from smartcity.console.full_text import holds, query_of
from smartcity.console.tables import accounts, tags, turn_tags, turns

PAGE = 50
MOST = 250
"""Found turns are counted exactly up to here."""
MOST_CHOICES = 500

_SHOWN = ("id", "conversation_id", "number", "at", "channel", "language", "said", "pressed", "intent", "confidence",
          "answer", "outcome", "feedback", "repeated", "verdict", "note", "reviewed_at")  # fmt: skip
_CURSOR = re.compile(r"(older|newer)\.(\d{1,18})\.(\d{1,18})")


@dataclass(frozen=True)
class Page:
    """Turns of one page and the keys of the pages beside it."""

    turns: Sequence[Mapping[str, Any]]
    older: str | None
    newer: str | None


def page_of(engine: Engine, filters: Filters, cursor: str = "", account_id: int | None = None) -> Page:
    """The page at this key; the first one for a key that is none."""
    found = _CURSOR.fullmatch(cursor)
    backwards = bool(found and found[1] == "newer")
    # First the ids alone: what is sorted then is narrow.
    query = _matching(engine, filters, account_id, turns.c.id)
    if "text" in filters.read and engine.dialect.name == "sqlite" and query_of(filters.read["text"]):
        order = [sa.literal_column("turns_text.rowid")]
    else:
        order = [turns.c.at, turns.c.id]
    if found:
        values = [int(found[2]), int(found[3])][-len(order) :]
        here, there = (sa.tuple_(*order), sa.tuple_(*values)) if len(order) > 1 else (order[0], values[0])
        query = query.where(here > there if backwards else here < there)
    query = query.order_by(*(column.asc() if backwards else column.desc() for column in order)).limit(PAGE + 1)
    with engine.connect() as connection:
        ids = list(connection.execute(query).scalars())
        more, ids = len(ids) > PAGE, ids[:PAGE]
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
    newer = f"newer.{rows[0]['at']}.{rows[0]['id']}" if rows and found and (more or not backwards) else None
    return Page(rows, older, newer)


def count(engine: Engine, filters: Filters, account_id: int | None = None) -> int:
    """How many turns are found, up to one more than MOST."""
    query = _matching(engine, filters, account_id, turns.c.id).limit(MOST + 1)
    with engine.connect() as connection:
        found: int = connection.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one()
    return found


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


def _matching(engine: Engine, filters: Filters, account_id: int | None, *columns: Any) -> Any:
    """The query for what is found, without order."""
    source = turns
    conditions = filters.conditions(account_id)
    if "text" in filters.read:
        words = query_of(filters.read["text"])
        if words is None:
            conditions.append(sa.false())
        elif engine.dialect.name == "sqlite":
            # The plus keeps SQLite from asking the index anew for every turn that another filter finds.
            source = source.join(sa.table("turns_text"), turns.c.id == sa.literal_column("+turns_text.rowid"))
            conditions.append(sa.text("turns_text MATCH :words").bindparams(words=words))
        else:
            conditions.append(holds(engine.dialect.name, filters.read["text"]))
    return sa.select(*columns).select_from(source).where(*conditions)


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
