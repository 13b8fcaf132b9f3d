"""Kept trackers answer as replayed ones do, and never hide what another process wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

DOMAIN = Domain.load("domain.yml")


def _store(path: Path) -> SQLTrackerStore:
    return SQLTrackerStore(DOMAIN, dialect="sqlite", db=str(path))


@pytest.fixture
def store(tmp_path: Path) -> SQLTrackerStore:
    return _store(tmp_path / "c.db")


def _new(sender: str = "web:1") -> DialogueStateTracker:
    tracker = DialogueStateTracker.from_events(sender, [], slots=DOMAIN.slots)
    for event in (ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")):
        tracker.update(event)
    return tracker


def _said(tracker: DialogueStateTracker) -> list[Any]:
    """Events from the start of the session on, as Rasa reads them."""
    said = [event.as_dict() for event in tracker.events]
    return said[[event["event"] for event in said].index("session_started") :]


async def _turn(store: SQLTrackerStore, text: str, sender: str = "web:1") -> DialogueStateTracker:
    tracker = await store.retrieve(sender) or _new(sender)
    for event in (UserUttered(text), SlotSet("topic", text), BotUttered(f"zu {text}")):
        tracker.update(event)
    await store.save(tracker)
    return tracker


async def test_a_second_store_reads_every_event_once(store: SQLTrackerStore, tmp_path: Path) -> None:
    for text in ("eins", "zwei", "drei"):
        last = await _turn(store, text)
    other = await _store(tmp_path / "c.db").retrieve("web:1")
    assert other is not None
    assert _said(other) == _said(last)
    assert other.get_slot("topic") == "drei"


async def test_the_kept_tracker_is_taken_without_a_replay(store: SQLTrackerStore) -> None:
    last = await _turn(store, "eins")
    assert await store.retrieve("web:1") is last


async def test_what_another_process_wrote_is_seen(store: SQLTrackerStore, tmp_path: Path) -> None:
    await _turn(store, "eins")
    await _turn(_store(tmp_path / "c.db"), "zwei")
    tracker = await store.retrieve("web:1")
    assert tracker is not None
    assert [e.text for e in tracker.events if isinstance(e, UserUttered)] == ["eins", "zwei"]


async def test_a_turn_that_failed_leaves_nothing_behind(store: SQLTrackerStore) -> None:
    await _turn(store, "eins")
    broken = await store.retrieve("web:1")
    assert broken is not None
    broken.update(UserUttered("nie gespeichert"))
    again = await store.retrieve("web:1")
    assert again is not None
    assert [e.text for e in again.events if isinstance(e, UserUttered)] == ["eins"]


async def test_conversations_do_not_mix(store: SQLTrackerStore) -> None:
    await _turn(store, "eins", "web:1")
    await _turn(store, "zwei", "web:2")
    first, second = await store.retrieve("web:1"), await store.retrieve("web:2")
    assert first is not None and second is not None
    assert (first.get_slot("topic"), second.get_slot("topic")) == ("eins", "zwei")


async def test_a_new_session_starts_afresh_after_a_replay(store: SQLTrackerStore) -> None:
    tracker = await _turn(store, "eins")
    for event in (ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")):
        tracker.update(event)
    await store.save(tracker)
    again = await store.retrieve("web:1")
    assert again is not None
    assert not [e for e in again.events if isinstance(e, UserUttered)]


async def test_an_unknown_conversation_is_none(store: SQLTrackerStore) -> None:
    assert await store.retrieve("nobody") is None


async def test_sqlite_writes_ahead_and_overwrites_what_is_deleted(store: SQLTrackerStore) -> None:
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1
