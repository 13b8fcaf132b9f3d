"""Dead letters: parts of answers that a messenger did not take, as the gateway leaves them in its own store.

The gateway writes the table `dead_letters` and this module reads it: its columns are the contract between the two
(docs/architecture.md). It lies in VAR/channels.db, or beside the console's tables on PostgreSQL. Nothing is written,
and where no messenger ever ran there is nothing.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
import sqlalchemy.exc
import sqlalchemy.pool
from sqlalchemy.engine import Engine

from smartcity.console.letter_texts import text_of
from smartcity.settings import Settings

PAGE = 50
MOST_GROUPS = 200
"""Rows of the table by channel and reason; a platform may name any reason."""
BUSY_SECONDS = 5.0

TABLE = sa.table(
    "dead_letters",
    sa.column("id", sa.BigInteger),  # given in the order of time, never again
    sa.column("at", sa.Float),  # seconds since 1970
    sa.column("channel", sa.Text),
    sa.column("sender", sa.Text),  # Rasa's sender id: a keyed pseudonym
    sa.column("reason", sa.Text),
    sa.column("attempts", sa.Integer),
    sa.column("content", sa.Text),  # JSON of what was to be sent; null when it is not kept, or no longer
)


class Unreadable(RuntimeError):
    """The store is there and cannot be read now."""


@dataclass(frozen=True)
class Wanted:
    """Which letters: a period in milliseconds (from the first, before the second), a channel, a reason."""

    start: int | None = None
    end: int | None = None
    channel: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Letter:
    id: int
    at: int | None
    """Milliseconds since 1970."""
    channel: str
    sender: str
    reason: str
    attempts: int | None
    text: str | None
    """What the person would have read, as it was sent; None when it is not kept."""


@dataclass(frozen=True)
class Page:
    """The newest first; the ids at which the pages beside it begin."""

    letters: Sequence[Letter]
    older: int | None
    newer: int | None


class DeadLetters:
    """`engine` is the console's: on PostgreSQL the gateway's tables may lie beside its own."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self._path = settings.var / "channels.db"
        self._engine = engine

    def page(self, wanted: Wanted, older: int | None = None, newer: int | None = None) -> Page | None:
        """The letters before the id `older`, or after the id `newer`; None where no messenger ever ran.

        Raises Unreadable.
        """
        backwards = newer is not None
        with self._reading() as connection:
            if connection is None:
                return None
            query = sa.select(TABLE).where(*_conditions(wanted))
            if backwards:
                query = query.where(TABLE.c.id > newer)
            elif older is not None:
                query = query.where(TABLE.c.id < older)
            order = TABLE.c.id.asc() if backwards else TABLE.c.id.desc()
            rows = list(connection.execute(query.order_by(order).limit(PAGE + 1)).mappings())
        more, rows = len(rows) > PAGE, rows[:PAGE]
        if backwards:
            rows.reverse()
        letters = [_letter(row) for row in rows]
        last = letters[-1].id if letters and (more or backwards) else None
        first = letters[0].id if letters and (more if backwards else older is not None) else None
        return Page(letters, last, first)

    def counts(self, wanted: Wanted) -> list[tuple[str, str, int]]:
        """(channel, reason, number), the most frequent first. Raises Unreadable."""
        number = sa.func.count().label("number")
        with self._reading() as connection:
            if connection is None:
                return []
            query = sa.select(TABLE.c.channel, TABLE.c.reason, number).where(*_conditions(wanted))
            query = query.group_by(TABLE.c.channel, TABLE.c.reason)
            query = query.order_by(number.desc(), TABLE.c.channel, TABLE.c.reason).limit(MOST_GROUPS)
            return [(_text(row.channel), _text(row.reason), row.number) for row in connection.execute(query)]

    def total(self, wanted: Wanted) -> int | None:
        """How many there are; None where no messenger ever ran. Raises Unreadable."""
        with self._reading() as connection:
            if connection is None:
                return None
            query = sa.select(sa.func.count()).select_from(TABLE).where(*_conditions(wanted))
            found: int = connection.execute(query).scalar_one()
        return found

    @contextmanager
    def _reading(self) -> Iterator[Any]:
        """A connection to where the table is, or None where it is nowhere."""
        try:
            if self._engine.dialect.name == "postgresql" and _has_table(self._engine):
                with self._engine.connect() as connection:
                    yield connection
                return
            if not self._path.exists():
                yield None
                return
            engine = sa.create_engine("sqlite://", creator=self._open, poolclass=sa.pool.NullPool, future=True)
            if not _has_table(engine):
                yield None
                return
            with engine.connect() as connection:
                yield connection
        except (sa.exc.SQLAlchemyError, sqlite3.Error, OSError) as error:
            raise Unreadable(type(error).__name__) from error

    def _open(self) -> sqlite3.Connection:
        # For reading alone: the gateway is the only one that writes, and that makes the file.
        address = f"file:{quote(str(self._path.resolve()))}?mode=ro"
        connection = sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, check_same_thread=False)
        # SQLite takes any bytes as a text.
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        return connection


def _has_table(engine: Engine) -> bool:
    found: bool = sa.inspect(engine).has_table(TABLE.name)
    return found


def _conditions(wanted: Wanted) -> list[Any]:
    found: list[Any] = []
    if wanted.start is not None:
        found.append(TABLE.c.at >= wanted.start / 1000)
    if wanted.end is not None:
        found.append(TABLE.c.at < wanted.end / 1000)
    if wanted.channel:
        found.append(TABLE.c.channel == wanted.channel)
    if wanted.reason:
        found.append(TABLE.c.reason == wanted.reason)
    return found


def _letter(row: Mapping[str, Any]) -> Letter:
    at, attempts = row["at"], row["attempts"]
    known = isinstance(at, int | float) and math.isfinite(at)
    return Letter(
        id=row["id"],
        at=int(at * 1000) if known else None,
        channel=_text(row["channel"]),
        sender=_text(row["sender"]),
        reason=_text(row["reason"]),
        attempts=attempts if isinstance(attempts, int) else None,
        text=text_of(row["content"]),
    )


def _text(value: object) -> str:
    """SQLite takes anything in any column."""
    return value if isinstance(value, str) else ""
