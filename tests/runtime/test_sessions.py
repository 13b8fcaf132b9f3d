"""A new session begins with the last values of slots, and with nothing else of the session before."""

from __future__ import annotations

from typing import Any

from rasa.core.actions.action import ActionSessionStart
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

DOMAIN = Domain.load("domain.yml")


async def _next_session(*said: tuple[str, Any]) -> DialogueStateTracker:
    """The tracker after these slots were set and another session has begun."""
    tracker = DialogueStateTracker.from_events("web:1", [SlotSet(*pair) for pair in said], slots=DOMAIN.slots)
    events = await ActionSessionStart().run(
        CollectingOutputChannel(), TemplatedNaturalLanguageGenerator({}), tracker, DOMAIN
    )
    tracker.update_with_events(events, DOMAIN)
    assert events[0].type_name == "session_started"
    return tracker


def _set(tracker: DialogueStateTracker) -> list[tuple[str, Any]]:
    events = list(tracker.events)
    start = max(number for number, event in enumerate(events) if event.type_name == "session_started")
    return [(event.key, event.value) for event in events[start:] if isinstance(event, SlotSet)]


async def test_the_last_value_of_each_slot_is_carried_over_once() -> None:
    tracker = await _next_session(("topic", "a/b"), ("lost", 1.0), ("topic", "c/d"), ("lost", 2.0))
    assert sorted(_set(tracker)) == [("lost", 2.0), ("topic", "c/d")]
    assert (tracker.get_slot("topic"), tracker.get_slot("lost")) == ("c/d", 2.0)


async def test_feedback_is_not_carried_over() -> None:
    rated = {"message": "m-1", "rating": "down", "comment": "stimmt nicht"}
    tracker = await _next_session(("feedback", rated), ("feedback", None), ("topic", "a/b"))
    assert _set(tracker) == [("topic", "a/b")]


async def test_a_value_that_is_empty_again_stays_empty() -> None:
    tracker = await _next_session(("topic", "a/b"), ("topic", None), ("lost", 3.0), ("lost", 0.0))
    assert _set(tracker) == []
    assert (tracker.get_slot("topic"), tracker.get_slot("lost")) == (None, 0.0)


async def test_a_third_session_is_no_longer_than_the_second() -> None:
    tracker = await _next_session(*[("topic", str(number)) for number in range(10)])
    again = await ActionSessionStart().run(
        CollectingOutputChannel(), TemplatedNaturalLanguageGenerator({}), tracker, DOMAIN
    )
    assert [(event.key, event.value) for event in again if isinstance(event, SlotSet)] == [("topic", "9")]
