"""Conversations are read from the database once, not at every message.

Where: rasa.core.tracker_store.SQLTrackerStore. `retrieve` replays all events of a session at
every message, `save` counts them again with the same query and adds each event through the ORM.
What: the tracker of a finished turn is kept in memory with the id of its last event; the next
turn takes it when the database still ends with that event (another process may have written),
else replays as before. New events go in with one statement. SQLite keeps its connections, which
Rasa opens and closes for every query, and writes ahead (WAL), so that readers do not wait. What is
deleted there is overwritten with zeros. Effect: benchmarks/runtime.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Optional

KEPT = 1000
"""How many conversations are kept in memory at most."""
_STORED = "smartcity_stored_events"


@dataclass(frozen=True)
class _Kept:
    tracker: Any
    last_id: int
    domain: Any


def keep_trackers() -> None:
    """Put the repair into SQLTrackerStore; again does nothing."""
    import sqlalchemy as sa
    import sqlalchemy.event
    import sqlalchemy.orm
    import sqlalchemy.pool
    from rasa.core.tracker_store import SQLTrackerStore
    from rasa.shared.core.events import SessionStarted

    if getattr(SQLTrackerStore, "keeps_trackers", False):
        return
    replay = SQLTrackerStore.retrieve
    table = SQLTrackerStore.SQLEvent.__table__

    newest_id = sa.text(f"SELECT max(id) FROM {table.name} WHERE sender_id = :sender_id")

    def last_id(connection: Any, sender_id: str) -> Optional[int]:
        number: Optional[int] = connection.execute(newest_id, {"sender_id": sender_id}).scalar()
        return number

    async def retrieve(store: Any, sender_id: str) -> Any:
        with store.engine.connect() as connection:
            newest = last_id(connection, sender_id)
        if newest is None:
            return None
        # Taken out while a turn is under way: a turn that fails leaves nothing half-done behind.
        entry = _kept(store).pop(sender_id, None)
        if entry and entry.last_id == newest and entry.domain is store.domain:
            return entry.tracker
        tracker = await replay(store, sender_id)
        if tracker is not None:
            setattr(tracker, _STORED, len(tracker.events))
        return tracker

    async def save(store: Any, tracker: Any) -> None:
        await store.stream_events(tracker)
        stored = getattr(tracker, _STORED, None)
        if stored is None:
            with store.session_scope() as session:
                fresh = list(store._additional_events(session, tracker))
        else:
            fresh = list(tracker.events)[stored:]
        with store.engine.begin() as connection:
            if fresh:
                connection.execute(table.insert(), [_row(tracker.sender_id, event) for event in fresh])
            newest = last_id(connection, tracker.sender_id)
        setattr(tracker, _STORED, len(tracker.events))
        # Rasa reads the latest session only; the kept tracker would hold the one before, too.
        new_session = bool(stored) and any(isinstance(event, SessionStarted) for event in fresh)
        if newest is not None and not new_session:
            trackers = _kept(store)
            trackers[tracker.sender_id] = _Kept(tracker, newest, store.domain)
            trackers.move_to_end(tracker.sender_id)
            while len(trackers) > KEPT:
                trackers.popitem(last=False)

    construct = SQLTrackerStore.__init__

    def pooled(store: Any, *args: Any, **kwargs: Any) -> None:
        construct(store, *args, **kwargs)
        if store.engine.dialect.name == "sqlite" and store.engine.url.database not in (None, "", ":memory:"):
            store.engine.dispose()
            store.engine = sa.create_engine(
                store.engine.url, poolclass=sa.pool.QueuePool, connect_args={"check_same_thread": False}
            )
            sa.event.listen(store.engine, "connect", _prepare)
            store.sessionmaker = sa.orm.sessionmaker(bind=store.engine)

    setattr(SQLTrackerStore, "__init__", pooled)
    setattr(SQLTrackerStore, "retrieve", retrieve)
    setattr(SQLTrackerStore, "save", save)
    setattr(SQLTrackerStore, "keeps_trackers", True)


def drop_kept(store: Any, sender_id: str) -> None:
    """Forget the kept tracker of a conversation, if there is one."""
    _kept(store).pop(sender_id, None)


def _kept(store: Any) -> OrderedDict[str, _Kept]:
    found: OrderedDict[str, _Kept] = store.__dict__.setdefault("_kept_trackers", OrderedDict())
    return found


def _row(sender_id: str, event: Any) -> dict[str, Any]:
    data = event.as_dict()
    return {
        "sender_id": sender_id,
        "type_name": event.type_name,
        "timestamp": data.get("timestamp"),
        "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
        "action_name": data.get("name"),
        "data": json.dumps(data),
    }


def _prepare(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    # For every connection, not only the one that deletes: rows that move to another page leave copies, too.
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()
