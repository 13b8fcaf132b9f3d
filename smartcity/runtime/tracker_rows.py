"""The rows of a conversation: the events that Rasa stores, and where the latest turns begin among them.

Beside Rasa's table of events stands one of ours, with one row for a long conversation: the first event that
the next turn needs, and events that stand for all before it (`tracker_windows`). It holds nothing that the
events do not, goes with them, and may be lost at any time: then all events of the conversation are read once.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence

import sqlalchemy as sa
import sqlalchemy.exc

STATES = sa.Table(
    "conversation_states",
    sa.MetaData(),
    sa.Column("sender_id", sa.String(255), primary_key=True),
    sa.Column("first_id", sa.BigInteger(), nullable=False),
    sa.Column("data", sa.Text(), nullable=False),
)
_TABLES_LOCK = 0x5C7AB1E5
"""Processes that start at the same time make tables one after another."""

_NEWEST = sa.text("SELECT max(id) FROM events WHERE sender_id = :sender_id")
_HOLD_AND_NEWEST = sa.text(
    "SELECT pg_advisory_xact_lock(hashtext(:sender_id)); SELECT max(id) FROM events WHERE sender_id = :sender_id"
)
_STATE = sa.text("SELECT first_id, data FROM conversation_states WHERE sender_id = :sender_id")
_EVENTS = sa.text("SELECT id, data FROM events WHERE sender_id = :sender_id AND id >= :first ORDER BY id")
_FROM_THE_END = sa.text("SELECT id FROM events WHERE sender_id = :sender_id ORDER BY id DESC LIMIT 1 OFFSET :offset")

_AUTOCOMMIT = "smartcity_autocommit"


class Overtaken(RuntimeError):
    """Somebody else has written to the conversation during this turn, so nothing of the turn was stored."""

    def __init__(self) -> None:
        super().__init__("The conversation was continued by another process during this turn.")


@dataclass(frozen=True)
class Rows:
    """What a turn needs of a conversation: the id of its last event, and its events."""

    newest: Optional[int]
    events: List[Dict[str, Any]]


def make_tables(engine: Any) -> None:
    """Make our table, and on PostgreSQL the index with which the last events of a conversation are found."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_TABLES_LOCK})"))
            connection.execute(
                sa.text("CREATE INDEX IF NOT EXISTS ix_events_sender_id_id ON events USING btree (sender_id, id)")
            )
        STATES.create(connection, checkfirst=True)


def read(engine: Any, sender_id: str) -> Rows:
    """The conversation's rows.

    Connections are not tried before use, which would cost each turn a way to the server; one that the server has
    closed meanwhile shows here, at the begin of a turn, and takes all others of its time with it.
    """
    try:
        return _read(engine, sender_id)
    except sa.exc.DBAPIError as error:
        if not error.connection_invalidated:
            raise
        return _read(engine, sender_id)


def _read(engine: Any, sender_id: str) -> Rows:
    reader = _autocommit(engine) if engine.dialect.name == "postgresql" else engine
    with reader.connect() as connection:
        state = connection.execute(_STATE, {"sender_id": sender_id}).first()
        first = state.first_id if state else 0
        rows = connection.execute(_EVENTS, {"sender_id": sender_id, "first": first}).all()
        if state and (not rows or rows[0].id != first):
            # The state is about rows that are no longer there.
            state, rows = None, connection.execute(_EVENTS, {"sender_id": sender_id, "first": 0}).all()
    before = json.loads(state.data) if state else []
    return Rows(rows[-1].id if rows else None, [*before, *(json.loads(row.data) for row in rows)])


def write(
    engine: Any,
    sender_id: str,
    events: Sequence[Dict[str, Any]],
    after: Optional[int],
    needed: int,
    before: List[Dict[str, Any]],
) -> Optional[int]:
    """Add events behind the one with the id `after`, and cut the conversation; the id of the last one.

    The next turn needs the last `needed` events, and `before`, which stand for those before them. Raises Overtaken.
    """
    from rasa.core.tracker_store import SQLTrackerStore

    with engine.connect() as connection, _transaction(connection):
        hold = _HOLD_AND_NEWEST if engine.dialect.name == "postgresql" else _NEWEST
        if connection.execute(hold, {"sender_id": sender_id}).scalar() != after:
            raise Overtaken
        connection.execute(SQLTrackerStore.SQLEvent.__table__.insert(), [row_of(sender_id, event) for event in events])
        first = connection.execute(_FROM_THE_END, {"sender_id": sender_id, "offset": needed - 1}).scalar()
        connection.execute(STATES.delete().where(STATES.c.sender_id == sender_id))
        connection.execute(STATES.insert().values(sender_id=sender_id, first_id=first, data=json.dumps(before)))
        newest: Optional[int] = connection.execute(_NEWEST, {"sender_id": sender_id}).scalar()
        return newest


def _autocommit(engine: Any) -> Any:
    """The same engine, for statements that are a transaction each."""
    found = engine.__dict__.get(_AUTOCOMMIT)
    if found is None:
        found = engine.__dict__[_AUTOCOMMIT] = engine.execution_options(isolation_level="AUTOCOMMIT")
    return found


def delete(engine: Any, sender_id: str) -> None:
    """Delete every row of the conversation."""
    from rasa.core.tracker_store import SQLTrackerStore

    events = SQLTrackerStore.SQLEvent.__table__
    with engine.begin() as connection:
        connection.execute(events.delete().where(events.c.sender_id == sender_id))
        # Under stock Rasa nobody has made it.
        if sa.inspect(connection).has_table(STATES.name):
            connection.execute(STATES.delete().where(STATES.c.sender_id == sender_id))


def _transaction(connection: Any) -> Any:
    transaction = connection.begin()
    if connection.dialect.name == "sqlite":
        # The driver would begin at the first change only, after the last id was read.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    return transaction


def row_of(sender_id: str, data: Dict[str, Any]) -> Dict[str, Any]:
    """The row of an event, as Rasa makes it."""
    return {
        "sender_id": sender_id,
        "type_name": data.get("event"),
        "timestamp": data.get("timestamp"),
        "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
        "action_name": data.get("name"),
        "data": json.dumps(data),
    }
