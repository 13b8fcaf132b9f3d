"""States that are followed are those that Rasa makes anew, whatever happens to a conversation."""

from __future__ import annotations

from collections import deque
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.shared.core import events as e
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from smartcity.runtime.states import follow_no_more, last_states

DOMAIN = Domain.from_yaml("""
version: "3.1"
intents: [greet, ask_cost, affirm]
entities: [initiative]
slots:
  topic: {type: text, influence_conversation: true, mappings: [{type: custom}]}
forms: {inquiry_form: {required_slots: [topic]}}
actions: [action_answer, action_other]
""")

_EVENTS = st.sampled_from((
    lambda: e.UserUttered("Guten Tag", {"name": "greet"}),
    lambda: e.UserUttered("Was kostet das?", {"name": "ask_cost"}, [{"entity": "initiative", "value": "kruiser"}]),
    lambda: e.DefinePrevUserUtteredFeaturization(False),
    lambda: e.ActionExecuted("action_listen"),
    lambda: e.ActionExecuted("action_answer"),
    lambda: e.ActionExecuted("inquiry_form"),
    lambda: e.BotUttered("Guten Tag."),
    lambda: e.SlotSet("topic", "initiative/kruiser"),
    lambda: e.SlotSet("topic", None),
    lambda: e.ActiveLoop("inquiry_form"),
    lambda: e.ActiveLoop(None),
    lambda: e.LoopInterrupted(True),
    lambda: e.ActionReverted(),
    lambda: e.UserUtteranceReverted(),
    lambda: e.SessionStarted(),
    lambda: e.Restarted(),
    lambda: e.AllSlotsReset(),
    lambda: None,
))  # fmt: skip
"""None cuts the conversation, as a window does."""


@settings(max_examples=300)
@given(st.lists(st.tuples(_EVENTS, st.booleans()), max_size=40), st.integers(1, 4))
def test_followed_states_are_those_made_anew(steps: list[tuple[Any, bool]], most: int) -> None:
    tracker = DialogueStateTracker("web:1", DOMAIN.slots)
    for make, looks in steps:
        event = make()
        if event is None:
            tracker.events = deque(list(tracker.events)[-4:])
        else:
            tracker.update(event, DOMAIN)
        assert tracker.applied_events() == DialogueStateTracker.applied_events.__wrapped__(tracker)
        if looks:
            assert last_states(tracker, DOMAIN, most) == tracker.past_states(DOMAIN)[-most:]


def test_a_message_that_is_read_otherwise_later_changes_the_states_before() -> None:
    tracker = DialogueStateTracker("web:1", DOMAIN.slots)
    for event in (e.UserUttered("Guten Tag", {"name": "greet"}), e.ActionExecuted("action_listen")):
        tracker.update(event, DOMAIN)
    assert last_states(tracker, DOMAIN, 2) == tracker.past_states(DOMAIN)[-2:]
    tracker.update(e.DefinePrevUserUtteredFeaturization(False), DOMAIN)
    assert last_states(tracker, DOMAIN, 2) == tracker.past_states(DOMAIN)[-2:]


def test_who_gets_states_may_change_what_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = DialogueStateTracker("web:1", DOMAIN.slots)
    for event in (e.ActionExecuted("action_listen"), e.UserUttered("Guten Tag", {"name": "greet"})):
        tracker.update(event, DOMAIN)
    tracker.update(e.ActionExecuted("action_answer"), DOMAIN)
    for _ in range(2):
        states = last_states(tracker, DOMAIN, 3)
        assert [state.get("user", {}).get("text") for state in states] == [None, "Guten Tag", "Guten Tag"]
        for state in states:
            state.get("user", {}).pop("text", None)


def test_events_that_came_alone_are_replayed(monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = DialogueStateTracker("web:1", DOMAIN.slots)
    for _ in range(50):
        tracker.update(e.ActionExecuted("action_listen"), DOMAIN)
        tracker.update(e.UserUttered("Guten Tag", {"name": "greet"}), DOMAIN)
    last_states(tracker, DOMAIN, 2)
    made: list[int] = []
    make = Domain.get_active_state
    monkeypatch.setattr(Domain, "get_active_state", lambda *args, **more: made.append(1) or make(*args, **more))
    tracker.update(e.ActionExecuted("action_answer"), DOMAIN)
    last_states(tracker, DOMAIN, 2)
    assert len(made) == 2
    follow_no_more(tracker)
    last_states(tracker, DOMAIN, 2)
    assert len(made) > 50
