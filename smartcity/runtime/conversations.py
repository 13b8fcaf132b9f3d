"""What is done with a conversation from outside its turns: feedback on it, and its deletion.

Also works under stock Rasa, on the tracker stores that a conversation can be deleted from.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from typing import Any, Awaitable, Dict, Iterator, Mapping, Optional, Set

from rasa.core.tracker_store import InMemoryTrackerStore, SQLTrackerStore
from rasa.shared.core.events import BotUttered, SlotSet

from smartcity.database import LOG_SECONDS, LOG_TRIES, cut_log
from smartcity.runtime import tracker_rows
from smartcity.runtime.redis_locks import RedisLocks
from smartcity.runtime.trackers import drop_kept

logger = logging.getLogger(__name__)

SLOT = "feedback"
END_SECONDS = 30.0
"""How long a deletion waits for turns under way; then they are cancelled."""
STOP_SECONDS = 15.0
"""How long a process that stops waits for turns under way."""
LOCK_SECONDS = 0.05
"""How often a lock is tried; Rasa's own second would be the whole wait."""

LATER_SECONDS = 1.0
"""After what pauses it is tried on when the deletion has been answered."""


class DeletionError(RuntimeError):
    """A conversation could not be deleted; the message says why."""


class Turns:
    """The turns under way, by conversation. They also have to be held somewhere, or asyncio may drop them."""

    def __init__(self) -> None:
        self._tasks: Dict[str, Set[asyncio.Task[Any]]] = {}

    def begin(self, sender: str, turn: Awaitable[Any]) -> asyncio.Task[Any]:
        """Run the turn in a task of its own."""
        task = asyncio.ensure_future(turn)
        tasks = self._tasks.setdefault(sender, set())
        tasks.add(task)

        def drop(ended: asyncio.Task[Any]) -> None:
            tasks.discard(ended)
            if not tasks and self._tasks.get(sender) is tasks:
                del self._tasks[sender]

        task.add_done_callback(drop)
        return task

    async def finish(self, seconds: float = STOP_SECONDS) -> None:
        """Return when no turn runs any more, or the time is over."""
        running = set().union(*self._tasks.values())
        if running:
            await asyncio.wait(running, timeout=seconds)

    async def end(self, sender: str, seconds: float = END_SECONDS) -> None:
        """Return when no turn of the conversation runs any more."""
        tasks = set(self._tasks.get(sender, ()))
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


class Forgotten:
    """Conversations that were deleted: what comes late must not begin them anew. Bounded, in memory.

    Their ids are random and never given again, so this is about messages that were on their way.
    """

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._senders: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, sender: str) -> bool:
        return sender in self._senders

    def add(self, sender: str) -> None:
        self._senders[sender] = None
        self._senders.move_to_end(sender)
        if len(self._senders) > self._most:
            self._senders.popitem(last=False)


async def add_feedback(agent: Any, sender: str, feedback: Mapping[str, Optional[str]]) -> bool:
    """Store the feedback {message, rating, comment} with the conversation, as a value of the slot.

    False, and nothing is stored, when there is no such conversation or no such message in it.
    """
    async with agent.lock_store.lock(sender, wait_time_in_seconds=LOCK_SECONDS):
        # Not through Rasa's fail-safe store, which would keep in memory what it cannot write and tell nobody.
        store = next(_stores(agent.tracker_store))
        tracker = await store.retrieve(sender)
        if tracker is None:
            return False
        message = feedback.get("message")
        if message is not None and not _holds(tracker, message):
            whole = await store.retrieve_full_tracker(sender)
            if whole is None or not _holds(whole, message):
                return False
        # The slot is empty again at once: what counts is the event.
        for value in (dict(feedback), None):
            tracker.update(SlotSet(SLOT, value))
        await store.save(tracker)
        return True


async def forget(agent: Any, sender: str) -> None:
    """Delete every trace of the conversation. Raises DeletionError when something may be left."""
    locks = agent.lock_store
    deleting = {"deleting": True} if isinstance(locks, RedisLocks) else {}
    async with locks.lock(sender, wait_time_in_seconds=LOCK_SECONDS, **deleting):
        for store in _stores(agent.tracker_store):
            if isinstance(store, SQLTrackerStore):
                await _delete_rows(store, sender)
            elif isinstance(store, InMemoryTrackerStore):
                store.store.pop(sender, None)
            else:
                raise DeletionError(
                    f"{type(store).__name__} in endpoints.yml cannot delete a conversation; use a store of type SQL."
                )


def _holds(tracker: Any, message: str) -> bool:
    """Whether the assistant said the message with this id."""
    said = (event for event in tracker.events if isinstance(event, BotUttered))
    return any((event.data.get("custom") or {}).get("id") == message for event in said)


def _stores(store: Any) -> Iterator[Any]:
    """The stores behind the wrappers that Rasa puts around them; the first is the one that is configured."""
    inner = getattr(store, "_tracker_store", None)
    if inner is None:
        yield store
        return
    yield from _stores(inner)
    fallback = getattr(store, "_fallback_tracker_store", None)
    if fallback is not None:
        yield from _stores(fallback)


async def _delete_rows(store: Any, sender: str) -> None:
    tracker_rows.delete(store.engine, sender)
    drop_kept(store, sender)
    if store.engine.dialect.name == "sqlite":
        await _empty_log(store.engine)


async def _empty_log(engine: Any) -> None:
    """Move SQLite's write-ahead log into the database and cut it to nothing. Raises DeletionError.

    It tries again instead of letting SQLite wait: that would stop everybody, and in a thread of its
    own it and a turn that wants to write would wait for each other. After the error it goes on trying,
    so that the log is emptied also where nobody asks for the deletion again.
    """
    for _ in range(LOG_TRIES):
        if cut_log(engine):
            return
        await asyncio.sleep(LOG_SECONDS)
    if engine not in _emptying:
        _emptying[engine] = asyncio.ensure_future(_empty_later(engine))
        _emptying[engine].add_done_callback(lambda _: _emptying.pop(engine))
    raise DeletionError("The rows are deleted, but another program reads the database: its log keeps them as yet.")


_emptying: Dict[Any, asyncio.Future[None]] = {}
"""Who goes on emptying a log, by the engine of its database."""


async def _empty_later(engine: Any) -> None:
    while not cut_log(engine):
        await asyncio.sleep(LATER_SECONDS)
    logger.info("The log of the conversations' database is empty now; nothing of what was deleted is left.")
