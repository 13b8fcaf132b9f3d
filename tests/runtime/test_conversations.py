"""Deletion and feedback on the stores themselves, PostgreSQL among them, and the turns that a deletion waits for."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg2
import pytest
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore, SQLTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from smartcity.runtime.conversations import DeletionError, Forgotten, Turns, add_feedback, forget

DOMAIN = Domain.load("domain.yml")
FEEDBACK = {"message": "m-1", "rating": "up", "comment": None}
SERVER = {
    "host": os.environ.get("PGHOST", "127.0.0.1"),
    "port": int(os.environ.get("PGPORT", "5432")),
    "user": os.environ.get("PGUSER", "root"),
    "dbname": os.environ.get("PGDATABASE", "test"),
}


@pytest.fixture
def postgresql(monkeypatch: pytest.MonkeyPatch) -> Iterator[SQLTrackerStore]:
    """A store in a schema of its own on the real server; without the server the test fails."""
    schema = f"smartcity_test_{secrets.token_hex(4)}"
    server = psycopg2.connect(**SERVER)
    server.autocommit = True
    server.cursor().execute(f"CREATE SCHEMA {schema}")
    monkeypatch.setenv("POSTGRESQL_SCHEMA", schema)
    try:
        store = SQLTrackerStore(DOMAIN, "postgresql", SERVER["host"], SERVER["port"], SERVER["dbname"], SERVER["user"])
        yield store
        store.engine.dispose()
    finally:
        server.cursor().execute(f"DROP SCHEMA {schema} CASCADE")
        server.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> SQLTrackerStore:
    return SQLTrackerStore(DOMAIN, dialect="sqlite", db=str(tmp_path / "c.db"))


@pytest.fixture(params=["sqlite", "postgresql", "memory"])
def store(request: pytest.FixtureRequest) -> TrackerStore:
    if request.param == "memory":
        return InMemoryTrackerStore(DOMAIN)
    found: TrackerStore = request.getfixturevalue(request.param)
    return found


def _agent(store: TrackerStore) -> Any:
    return SimpleNamespace(tracker_store=FailSafeTrackerStore(store), lock_store=InMemoryLockStore())


async def _converse(store: TrackerStore, sender: str) -> DialogueStateTracker:
    tracker: DialogueStateTracker = await store.get_or_create_tracker(sender)
    tracker.update(UserUttered(f"Frage von {sender}"))
    tracker.update(BotUttered("Ja.", {"custom": {"id": "m-1"}}))
    await store.save(tracker)
    return tracker


async def test_a_deleted_conversation_is_gone_and_others_stay(store: TrackerStore) -> None:
    agent = _agent(store)
    for sender in ("web:1", "web:11", "web:2"):
        await _converse(store, sender)
    await forget(agent, "web:1")
    assert set(await store.keys()) == {"web:11", "web:2"}
    assert await store.retrieve("web:1") is None
    assert await store.retrieve_full_tracker("web:1") is None
    assert len((await store.retrieve("web:2")).events) == 3
    await forget(agent, "web:1")
    await forget(agent, "web:%")
    assert len(set(await store.keys())) == 2


async def test_the_kept_tracker_goes_too(sqlite: SQLTrackerStore) -> None:
    kept = await _converse(sqlite, "web:1")
    assert sqlite.__dict__["_kept_trackers"]["web:1"].tracker is kept
    await forget(_agent(sqlite), "web:1")
    assert "web:1" not in sqlite.__dict__["_kept_trackers"]


async def test_what_rasa_kept_in_memory_when_the_database_failed_goes_too(sqlite: SQLTrackerStore) -> None:
    agent = _agent(sqlite)
    await _converse(agent.tracker_store.fallback_tracker_store, "web:1")
    await forget(agent, "web:1")
    assert list(await agent.tracker_store.fallback_tracker_store.keys()) == []


async def test_a_store_that_cannot_delete_says_so() -> None:
    with pytest.raises(DeletionError, match=r"TrackerStore in endpoints.yml.*type SQL"):
        await forget(_agent(TrackerStore(DOMAIN)), "web:1")


async def test_a_deletion_that_failed_is_not_done(sqlite: SQLTrackerStore) -> None:
    sqlite.engine.execute("DROP TABLE events")
    with pytest.raises(Exception, match="no such table"):
        await forget(_agent(sqlite), "web:1")


async def test_feedback_is_stored(store: TrackerStore) -> None:
    await _converse(store, "web:1")
    assert await add_feedback(_agent(store), "web:1", FEEDBACK)
    tracker = await store.retrieve("web:1")
    assert [event.value for event in tracker.events if isinstance(event, SlotSet)] == [FEEDBACK, None]
    assert tracker.get_slot("feedback") is None


@pytest.mark.parametrize(("sender", "message"), [("web:2", None), ("web:2", "m-1"), ("web:1", "m-2"), ("web:3", "m-1")])
async def test_feedback_on_what_is_not_there_is_refused(store: TrackerStore, sender: str, message: str | None) -> None:
    await _converse(store, "web:1")
    other = await store.get_or_create_tracker("web:3")
    await store.save(other)
    assert not await add_feedback(_agent(store), sender, {**FEEDBACK, "message": message})
    for known in await store.keys():
        assert not [event for event in (await store.retrieve(known)).events if isinstance(event, SlotSet)]


async def test_feedback_that_cannot_be_stored_is_an_error(sqlite: SQLTrackerStore) -> None:
    """Rasa's fail-safe store would keep it in memory and say nothing."""
    await _converse(sqlite, "web:1")
    sqlite.engine.execute("CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    with pytest.raises(Exception, match="disk full"):
        await add_feedback(_agent(sqlite), "web:1", FEEDBACK)


async def test_the_end_of_turns_is_waited_for() -> None:
    turns, over = Turns(), []

    async def turn(seconds: float) -> None:
        await asyncio.sleep(seconds)
        over.append(seconds)

    turns.begin("a", turn(0.1))
    turns.begin("a", turn(0.05))
    turns.begin("b", turn(5))
    await turns.end("a")
    assert over == [0.05, 0.1]
    await turns.end("nobody")
    await turns.end("b", seconds=0.05)
    assert over == [0.05, 0.1], "what takes too long is cancelled"
    assert not turns._tasks


async def test_a_broken_turn_is_an_end_too() -> None:
    async def broken() -> None:
        raise RuntimeError

    turns = Turns()
    turns.begin("a", broken())
    await turns.end("a")


def test_deleted_conversations_are_remembered_within_bounds() -> None:
    forgotten = Forgotten(most=3)
    for number in range(10):
        forgotten.add(str(number))
        forgotten.add(str(number))
    assert [str(number) in forgotten for number in range(10)] == [False] * 7 + [True] * 3
