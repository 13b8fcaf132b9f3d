"""Which turns a search finds: the ids of a page and how many there are, in the way that costs least.

Databases guess badly how many turns hold some words. So what is rare is gathered first, up to a bound; what is not
rare is met soon enough on the way from the newest turn to the oldest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from smartcity.console.filters import Filters
from smartcity.console.full_text import holds, match_of, words_of
from smartcity.console.tables import tags, turn_tags, turns

MOST = 250
"""Found turns are counted exactly up to here."""
NEWEST, COMMON, FURTHEST = 2_000, 10, 100_000
"""PostgreSQL looks through so many turns first; where at least COMMON of them hold the words, so far on."""

_CURSOR = re.compile(r"(older|newer)\.(\d{1,18})\.(\d{1,18})")


@dataclass(frozen=True)
class Cursor:
    """A place between turns: time and id of the turn beside it."""

    at: int
    id: int
    backwards: bool = False

    @classmethod
    def of(cls, text: str) -> Cursor | None:
        found = _CURSOR.fullmatch(text)
        return cls(int(found[2]), int(found[3]), found[1] == "newer") if found else None


@dataclass(frozen=True)
class Found:
    """Ids from the cursor on (in its direction), and how many there are in all, up to one more than MOST."""

    ids: Sequence[int]
    count: int


def find(connection: Any, filters: Filters, account_id: int | None, cursor: Cursor | None, most: int) -> Found:
    """The first `most` turns from the cursor on."""
    search = _Search(connection, filters, account_id)
    if search.words is None:
        return search.in_order(cursor, most)
    if not search.words:
        return Found([], 0)
    if search.conditions:
        # Few turns that the other filters leave: these alone are asked for the words.
        few = search.all_of(sa.select(turns.c.id).where(*search.conditions))
        if few is not None:
            return search.with_words_among(few, cursor, most)
    return search.with_words(cursor, most)


class _Search:
    def __init__(self, connection: Any, filters: Filters, account_id: int | None) -> None:
        self._connection = connection
        self._sqlite = connection.dialect.name == "sqlite"
        self._filters = filters
        text = filters.read.get("text")
        self.words = None if text is None else words_of(text)
        self._by_tag = "tag" in filters.read and text is None
        self.conditions = filters.conditions(account_id, but=("tag",) if self._by_tag else ())

    def all_of(self, query: Any) -> list[int] | None:
        """The ids that a query gives; None where they are more than MOST."""
        ids = list(self._connection.execute(query.limit(MOST + 1)).scalars())
        return ids if len(ids) <= MOST else None

    def in_order(self, cursor: Cursor | None, most: int) -> Found:
        """Without words: an index gives the order."""
        if self._by_tag:
            # In the order of arrival: the index of tags knows ids. The plus keeps SQLite from beginning with another.
            source = turn_tags.join(turns, turns.c.id == sa.literal_column("+turn_tags.turn_id"))
            tag = sa.select(tags.c.id).where(tags.c.name == self._filters.read["tag"]).scalar_subquery()
            query = sa.select(turn_tags.c.turn_id).select_from(source).where(turn_tags.c.tag_id == tag)
            return self._ordered(query.where(*self.conditions), cursor, most, turn_tags.c.turn_id)
        return self._ordered(sa.select(turns.c.id).where(*self.conditions), cursor, most, turns.c.at, turns.c.id)

    def with_words_among(self, few: Sequence[int], cursor: Cursor | None, most: int) -> Found:
        """Those of these few turns that hold the words."""
        if self._sqlite:
            text = sa.table("turns_text")
            row = sa.literal_column("turns_text.rowid")
            return self._ordered(sa.select(row).select_from(text).where(self._match(), row.in_(few)), cursor, most, row)
        words = holds(self._connection, self._filters.read["text"])
        query = sa.select(turns.c.id).where(turns.c.id.in_(few), words)
        return self._ordered(query, cursor, most, turns.c.at, turns.c.id)

    def with_words(self, cursor: Cursor | None, most: int) -> Found:
        """Those that hold the words and are what the other filters want."""
        if self._sqlite:
            row = sa.literal_column("turns_text.rowid")
            # FTS5 gives rows by their number without sorting; by time a common word would cost all its rows. The plus
            # keeps SQLite from asking the index anew for every turn that another filter finds.
            source = turns.join(sa.table("turns_text"), turns.c.id == sa.literal_column("+turns_text.rowid"))
            query = sa.select(row).select_from(source if self.conditions else sa.table("turns_text"))
            return self._ordered(query.where(self._match(), *self.conditions), cursor, most, row)
        words = holds(self._connection, self._filters.read["text"])
        common = self._newest_with(words, None, max(most, MOST + 1))
        # As a whole, without order or end: PostgreSQL takes the index of words, and stops when enough is there.
        holding = (
            sa.select(turns.c.id, turns.c.at)
            .where(words)
            .cte("holding")
            .prefix_with("MATERIALIZED", dialect="postgresql")
        )
        wanted = sa.select(holding.c.id)
        if self.conditions:
            wanted = wanted.join(turns, turns.c.id == holding.c.id).where(*self.conditions)
        if common is None:
            few = self.all_of(wanted)
            if few is not None:
                query = sa.select(turns.c.id).where(turns.c.id.in_(few))
                return self._ordered(query, cursor, most, turns.c.at, turns.c.id)
        elif cursor is None:
            return Found(common[:most], MOST + 1)
        elif (ids := self._newest_with(words, cursor, most)) is not None:
            return Found(ids, MOST + 1)
        # Neither few nor so many that they are met soon.
        query = _from(wanted, cursor, holding.c.at, holding.c.id)
        return Found(self._ids(query, most), MOST + 1)

    def _newest_with(self, words: Any, cursor: Cursor | None, most: int) -> list[int] | None:
        """The first `most` turns with the words; None where they are not common enough to be met on the way."""
        columns = (turns.c.id, turns.c.at, sa.literal_column("turns.words").label("words"))
        newest = _from(sa.select(*columns).where(*self.conditions), cursor, turns.c.at, turns.c.id)
        for number in (NEWEST, FURTHEST):
            some = newest.limit(number).subquery("turns")
            ids = self._ids(_from(sa.select(some.c.id).where(words), cursor, some.c.at, some.c.id), most)
            if len(ids) >= most:
                return ids
            if len(ids) < COMMON:
                break
        return None

    def _match(self) -> Any:
        text = match_of(self._connection, self._filters.read["text"])
        return sa.text("turns_text MATCH :words").bindparams(words=text)

    def _ordered(self, query: Any, cursor: Cursor | None, most: int, *order: Any) -> Found:
        """The beginning of this query in this order, and how many it finds in all."""
        if cursor is None:
            # Both at once: what is counted is what comes first.
            ids = self._ids(_from(query, None, *order), max(most, MOST + 1))
            return Found(ids[:most], min(len(ids), MOST + 1))
        counted = sa.select(sa.func.count()).select_from(query.limit(MOST + 1).subquery())
        number: int = self._connection.execute(counted).scalar_one()
        return Found(self._ids(_from(query, cursor, *order), most), number)

    def _ids(self, query: Any, most: int) -> list[int]:
        return list(self._connection.execute(query.limit(most)).scalars())


def _from(query: Any, cursor: Cursor | None, *order: Any) -> Any:
    """The query in this order, the newest first, from the cursor on; `order` is time and id, or the id alone."""
    backwards = cursor is not None and cursor.backwards
    if cursor is not None:
        values = [cursor.at, cursor.id][-len(order) :]
        here, there = (sa.tuple_(*order), sa.tuple_(*values)) if len(order) > 1 else (order[0], values[0])
        query = query.where(here > there if backwards else here < there)
    return query.order_by(*(column.asc() if backwards else column.desc() for column in order))
