"""The tables of the messengers' store, on SQLite and PostgreSQL, and how they are made."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from smartcity.database import write

METADATA = sa.MetaData()
_MAKING = 0x6B72_6570  # a lock of PostgreSQL

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.Float(53)
"""Seconds since 1970."""


def _table(name: str, *columns: Any) -> Any:
    # Ids of SQLite are never given again: a part's outcome must not be noted at another one.
    return sa.Table(name, METADATA, *columns, sqlite_autoincrement=True)


def _id() -> Any:
    return sa.Column("id", _NUMBER, primary_key=True, autoincrement=True)


def _column(name: str, kind: Any = sa.Text, nullable: bool = False) -> Any:
    return sa.Column(name, kind, nullable=nullable)


people = sa.Table(
    "channel_people",
    METADATA,
    sa.Column("person", sa.Text, primary_key=True),
    _column("number", sa.Integer),
    _column("greeted", sa.Integer),
    _column("language"),
    _column("spoken"),
    _column("numbered"),
    _column("at", _TIME),
)
choices = _table(
    "channel_choices",
    _id(),
    _column("person"),
    _column("reference"),
    _column("payload"),
    sa.UniqueConstraint("person", "reference", name="uq_channel_choices"),
)
incoming = _table(
    "channel_incoming",
    _id(),
    _column("person"),
    _column("channel"),
    _column("said"),
    _column("at", _TIME),
    _column("written", _TIME),
)
outgoing = _table(
    "channel_outgoing",
    _id(),
    _column("person"),
    _column("channel"),
    _column("sender"),
    _column("address"),
    _column("body"),
    _column("key"),
    _column("attempts", sa.Integer),
    _column("until", _TIME),
    _column("handed", _TIME, nullable=True),
)
seen = sa.Table("channel_seen", METADATA, sa.Column("key", sa.Text, primary_key=True), _column("at", _TIME))
marks = sa.Table("channel_marks", METADATA, sa.Column("name", sa.Text, primary_key=True), _column("value"))
kept = sa.Table(
    "channel_kept",
    METADATA,
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    _column("content"),
    _column("until", _TIME),
)
leases = sa.Table(
    "channel_leases",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),  # a person, or what one process alone does
    _column("owner"),
    _column("until", _TIME),
)
dead_letters = _table(
    "dead_letters",
    _id(),
    _column("at", _TIME),
    _column("channel"),
    _column("sender"),
    _column("reason"),
    _column("attempts", sa.Integer),
    _column("content", nullable=True),
)
sa.Index("ix_channel_incoming_person", incoming.c.person, incoming.c.id)
sa.Index("ix_channel_outgoing_person", outgoing.c.person, outgoing.c.id)
sa.Index("ix_channel_seen_at", seen.c.at)
sa.Index("ix_channel_leases_owner", leases.c.owner)


def make(engine: Any) -> None:
    """Make what is missing; of several processes that start at once, one does it."""
    with write(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:number)"), {"number": _MAKING})
        else:
            _take_over(connection)
        METADATA.create_all(connection)


def _take_over(connection: Any) -> None:
    """Bring a file of version 0.1 to today's shape: tables without a prefix, parts without `handed`."""
    known = set(sa.inspect(connection).get_table_names())
    for table in (people, choices, incoming, outgoing, seen, marks):
        old = table.name.removeprefix("channel_")
        if old in known and table.name not in known:
            connection.execute(sa.text(f"ALTER TABLE {old} RENAME TO {table.name}"))
            if table is outgoing:
                connection.execute(sa.text("ALTER TABLE channel_outgoing ADD COLUMN handed FLOAT"))
            if table is incoming:
                connection.execute(sa.text("ALTER TABLE channel_incoming ADD COLUMN written FLOAT NOT NULL DEFAULT 0"))
