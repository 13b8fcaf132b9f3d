"""Conversations are read from the database once, not at every message, and never more than a turn needs.

Where: rasa.core.tracker_store.SQLTrackerStore. `retrieve` replays all events of a session at every message,
`save` counts them again with the same query and adds each event through the ORM; with every turn both, the
policies and each call of an action take longer. What: the tracker of a finished turn is kept in memory with
the id of its last event; the next turn takes it when the database still ends with that event (another process
may have written). Else the last turns are read, with events that stand for all before them; kept trackers are
cut alike. New events go in with one statement, and only behind what the turn began with. Effect:
benchmarks/runtime, benchmarks/growth.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from dataclasses import dataclass
from functools import partial
from typing import Any, Callable, Dict, List, Optional

from smartcity.runtime import databases, postgresql, sqlite, tracker_rows
from smartcity.runtime.tracker_windows import Window, left_behind, place_of_cut, session_start

KEPT = 250
"""How many conversations are kept in memory at most."""
DATABASE_SECONDS = 9.0
"""How long a turn waits for a database on the network; before that, the server itself ends what takes too long."""
_STORED = "smartcity_stored_events"
_NEWEST = "smartcity_newest_id"


@dataclass(frozen=True)
class _Kept:
    tracker: Any
    last_id: int
    domain: Any


def keep_trackers(pool_size: int = 4) -> None:
    """Put the repair into SQLTrackerStore; again does nothing."""
    from rasa.core.tracker_store import SQLTrackerStore

    if getattr(SQLTrackerStore, "keeps_trackers", False):
        return

    databases.connect_well(pool_size)
    setattr(SQLTrackerStore, "retrieve", _retrieve)
    setattr(SQLTrackerStore, "save", _save)
    setattr(SQLTrackerStore, "keeps_trackers", True)


async def _retrieve(store: Any, sender_id: str) -> Any:
    # Taken out while a turn is under way: a turn that fails leaves nothing half-done behind.
    entry = _kept(store).pop(sender_id, None)
    newest = await _newest(store, sender_id)
    if newest is None:
        return None
    if entry and entry.domain is store.domain and entry.last_id == newest:
        return entry.tracker
    rows = await _ask(store, lambda: tracker_rows.read(store.engine, sender_id))
    return _replayed(store, sender_id, rows) if rows.events else None


def _replayed(store: Any, sender_id: str, rows: tracker_rows.Rows) -> Any:
    from rasa.shared.core.events import SessionStarted
    from rasa.shared.core.trackers import DialogueStateTracker

    events = rows.events
    starts = [place for place, event in enumerate(events) if event.get("event") == SessionStarted.type_name]
    tracker = DialogueStateTracker.from_dict(sender_id, events[starts[-1] if starts else 0 :], store.domain.slots)
    _mark(tracker, rows.newest)
    return tracker


async def _save(store: Any, tracker: Any) -> None:
    stored = getattr(tracker, _STORED, None)
    if stored is None:
        stored = await _stored_before(store, tracker)
    fresh = list(tracker.events)[stored:]
    before: Optional[int] = getattr(tracker, _NEWEST, None)
    if fresh:
        window = _window(store, tracker, stored) if before is not None else None
        newest = await _write(store, tracker.sender_id, [event.as_dict() for event in fresh], before, window)
        if store.event_broker is not None:
            await store._stream_new_events(store.event_broker, fresh, tracker.sender_id)
        if window:
            tracker.events = deque([*window.before, *window.events])
        _mark(tracker, newest)
        if window and not window.before:
            # A new session: what the one before did to the tracker is not in its events.
            return
    if before is not None or fresh:
        _keep(store, tracker)


def _window(store: Any, tracker: Any, stored: int) -> Optional[Window]:
    """What the next turn needs, where that is no longer everything."""
    events = list(tracker.events)
    start = session_start(events, stored)
    if start:
        return Window([], events[start:])
    place = place_of_cut(events, bool(tracker.active_loop_name))
    return Window(left_behind(events[:place], tracker.sender_id, store.domain.slots), events[place:]) if place else None


async def _stored_before(store: Any, tracker: Any) -> int:
    """How many events of a tracker that came from elsewhere are stored already, as Rasa counts them."""

    def ask() -> int:
        with store.session_scope() as session:
            query = store._event_query(session, tracker.sender_id, fetch_events_from_all_sessions=False)
            return int(query.count())

    # Rasa saves a conversation that it found nowhere before its first event: then there is nothing to ask.
    count, newest = (await _ask(store, ask), await _newest(store, tracker.sender_id)) if tracker.events else (0, None)
    setattr(tracker, _STORED, count)
    setattr(tracker, _NEWEST, newest)
    return count


async def _newest(store: Any, sender_id: str) -> Optional[int]:
    """The id of the conversation's last event."""
    if not _is_server(store):
        return sqlite.newest(store.engine, sender_id)
    async with asyncio.timeout(DATABASE_SECONDS):
        return await postgresql.connections_of(store.engine).newest(sender_id)


async def _write(
    store: Any, sender_id: str, events: List[Dict[str, Any]], after: Optional[int], window: Optional[Window]
) -> Optional[int]:
    """The id of the last of these events. Raises Overtaken."""
    if window:
        before = [event.as_dict() for event in window.before]
        write = partial(tracker_rows.write, store.engine, sender_id, events, after, len(window.events), before)
        written: Optional[int] = await _ask(store, write)
        return written
    rows = [tracker_rows.row_of(sender_id, event) for event in events]
    if _is_server(store):
        async with asyncio.timeout(DATABASE_SECONDS):
            newest = await postgresql.connections_of(store.engine).add(sender_id, rows, after)
    else:
        newest = sqlite.add(store.engine, sender_id, rows, after)
    if newest is None:
        raise tracker_rows.Overtaken
    return newest


def _is_server(store: Any) -> bool:
    """Whether the database is one that is asked without a thread."""
    return bool(store.engine.dialect.name == "postgresql")


async def _ask(store: Any, question: Callable[[], Any]) -> Any:
    """Ask the database: a file at once, a server from a thread, so that others' turns go on meanwhile."""
    if not _is_server(store):
        return question()
    return await asyncio.wait_for(asyncio.to_thread(question), DATABASE_SECONDS)


def _mark(tracker: Any, newest: Optional[int]) -> None:
    setattr(tracker, _STORED, len(tracker.events))
    setattr(tracker, _NEWEST, newest)


def _keep(store: Any, tracker: Any) -> None:
    trackers = _kept(store)
    trackers[tracker.sender_id] = _Kept(tracker, getattr(tracker, _NEWEST), store.domain)
    trackers.move_to_end(tracker.sender_id)
    while len(trackers) > KEPT:
        trackers.popitem(last=False)


def drop_kept(store: Any, sender_id: str) -> None:
    """Forget the kept tracker of a conversation, if there is one."""
    _kept(store).pop(sender_id, None)


def _kept(store: Any) -> OrderedDict[str, _Kept]:
    found: OrderedDict[str, _Kept] = store.__dict__.setdefault("_kept_trackers", OrderedDict())
    return found
