"""A long conversation costs what a short one does, and what was cut away still counts. On SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    BotUttered,
    LoopInterrupted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from smartcity.privacy.tracker_store import EVENTS, STATES, delete_sender, purge
from smartcity.runtime import conversations
from smartcity.runtime.tracker_rows import Overtaken
from smartcity.runtime.tracker_windows import KEPT_TURNS, MOST_TURNS

from ..databases import KINDS, database_url

DOMAIN = Domain.load("domain.yml")
FORM = "inquiry_form"
EVENTS_OF_A_TURN = 6


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with database_url(request.param, tmp_path, "conversations.db") as url:
        yield url


@pytest.fixture
def store(url: str) -> Iterator[SQLTrackerStore]:
    made = SQLTrackerStore(DOMAIN, host=url)
    yield made
    made.engine.dispose()


@pytest.fixture
def other(url: str) -> Iterator[SQLTrackerStore]:
    """The same database in another process: nothing is kept there."""
    made = SQLTrackerStore(DOMAIN, host=url)
    yield made
    made.engine.dispose()


async def _turn(store: SQLTrackerStore, text: str, *events: Any, sender: str = "web:1") -> DialogueStateTracker:
    tracker = await store.get_or_create_tracker(sender, append_action_listen=False)
    if not tracker.events:
        for event in (ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")):
            tracker.update(event)
    told = (UserUttered(text), SlotSet("aspect", text), *events, ActionExecuted("action_answer"), BotUttered(text))
    for event in (*told, ActionExecuted("action_listen")):
        tracker.update(event)
    await store.save(tracker)
    return tracker


def _said(tracker: DialogueStateTracker) -> list[str]:
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


async def _whole(store: SQLTrackerStore, sender: str = "web:1") -> DialogueStateTracker:
    whole = await store.retrieve_full_tracker(sender)
    assert whole is not None
    return whole


async def test_neither_the_kept_tracker_nor_what_is_read_grows(store: SQLTrackerStore, other: SQLTrackerStore) -> None:
    first = SlotSet("topic", "initiative/kruiser")
    most = 0
    for number in range(60):
        tracker = await _turn(store, f"Frage {number}", *([first] if number == 0 else []))
        most = max(most, len(tracker.events))
    assert most <= MOST_TURNS * EVENTS_OF_A_TURN + len(DOMAIN.slots) + 4
    read = await other.retrieve("web:1")
    assert read is not None
    assert KEPT_TURNS <= len(_said(read)) <= MOST_TURNS
    assert _said(read) == [f"Frage {number}" for number in range(60)][-len(_said(read)) :]
    whole = await _whole(other)
    assert len(_said(whole)) == 60, "everything is stored"
    assert read.current_slot_values() == whole.current_slot_values() == tracker.current_slot_values()
    assert read.get_slot("topic") == "initiative/kruiser"
    assert read.past_states(DOMAIN)[-4:] == whole.past_states(DOMAIN)[-4:] == tracker.past_states(DOMAIN)[-4:]


async def test_a_form_that_began_before_the_cut_is_still_at_work(
    store: SQLTrackerStore, other: SQLTrackerStore
) -> None:
    begun = (ActionExecuted(FORM), ActiveLoop(FORM), SlotSet("requested_slot", "inquiry_wishes"))
    await _turn(store, "Ich möchte einen Termin", *begun)
    for number in range(80):
        asked_between = [ActionExecutionRejected(FORM), LoopInterrupted(True)] if number % 2 else [ActionExecuted(FORM)]
        await _turn(store, f"Angabe {number}", *asked_between)
    read, whole = await other.retrieve("web:1"), await _whole(other)
    assert read is not None and len(_said(read)) < 60
    assert read.active_loop_name == whole.active_loop_name == FORM
    assert read.active_loop.is_interrupted == whole.active_loop.is_interrupted
    assert read.active_loop.rejected == whole.active_loop.rejected
    assert read.active_loop.trigger_message["text"] == whole.active_loop.trigger_message["text"]
    assert read.get_slot("requested_slot") == "inquiry_wishes"
    assert read.past_states(DOMAIN)[-3:] == whole.past_states(DOMAIN)[-3:]


async def test_a_new_session_begins_the_window_anew(store: SQLTrackerStore, other: SQLTrackerStore) -> None:
    for number in range(20):
        await _turn(store, f"Frage {number}")
    tracker = await store.retrieve("web:1")
    assert tracker is not None
    for event in (ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")):
        tracker.update(event)
    await store.save(tracker)
    for reader in (store, other):
        read = await reader.retrieve("web:1")
        assert read is not None and not _said(read)
        assert read.get_slot("aspect") is None
    await _turn(store, "Wieder da")
    read = await other.retrieve("web:1")
    assert read is not None and _said(read) == ["Wieder da"]


async def test_a_conversation_whose_state_is_lost_is_read_whole(store: SQLTrackerStore, other: SQLTrackerStore) -> None:
    for number in range(20):
        await _turn(store, f"Frage {number}")
    with store.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM conversation_states"))
    read = await other.retrieve("web:1")
    assert read is not None and len(_said(read)) == 20


async def test_a_state_of_rows_that_are_gone_is_not_taken(store: SQLTrackerStore, other: SQLTrackerStore) -> None:
    for number in range(20):
        await _turn(store, f"Frage {number}")
    with store.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM events"))
    assert await other.retrieve("web:1") is None
    await _turn(other, "Ganz neu")
    read = await SQLTrackerStore(DOMAIN, host=str(other.engine.url)).retrieve("web:1")
    assert read is not None and _said(read) == ["Ganz neu"]


async def test_who_was_overtaken_stores_nothing(store: SQLTrackerStore, other: SQLTrackerStore) -> None:
    await _turn(store, "eins")
    late = await store.retrieve("web:1")
    assert late is not None
    await _turn(other, "zwei")
    late.update(UserUttered("zu spät"))
    with pytest.raises(Overtaken):
        await store.save(late)
    assert _said(await _whole(store)) == ["eins", "zwei"]
    await _turn(store, "drei")
    assert _said(await _whole(store)) == ["eins", "zwei", "drei"]


async def test_two_that_begin_the_same_conversation_do_not_both_store(
    store: SQLTrackerStore, other: SQLTrackerStore
) -> None:
    begun = await store.get_or_create_tracker("web:1", append_action_listen=False)
    await _turn(other, "eins")
    begun.update(UserUttered("auch eins"))
    with pytest.raises(Overtaken):
        await store.save(begun)


def _rows(store: SQLTrackerStore) -> list[int]:
    with store.engine.connect() as connection:
        return [
            int(connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar() or 0)
            for table in (EVENTS.name, STATES.name)
        ]


async def test_deletion_leaves_no_state_behind(store: SQLTrackerStore) -> None:
    for sender in ("web:1", "web:2", "web:3"):
        for number in range(15):
            await _turn(store, f"Frage {number}", sender=sender)
    assert _rows(store)[1] == 3
    await conversations._delete_rows(store, "web:1")
    assert _rows(store)[1] == 2
    delete_sender(store.engine, "web:2")
    assert _rows(store)[1] == 1
    purge(store.engine, 1, now=4e9)
    assert _rows(store) == [0, 0]
