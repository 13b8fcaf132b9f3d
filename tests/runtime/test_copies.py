"""A copy is what Rasa's replay gives, and what is left out is what nobody would have seen."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from rasa.core import processor
from rasa.core.actions import action
from rasa.shared.core import events as e
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

DOMAIN = """
version: "3.1"
intents: [greet]
slots:
  topic: {type: text, mappings: [{type: custom}]}
  count: {type: float, initial_value: 1.0, min_value: 0.0, max_value: 9.0, mappings: [{type: MAPPING}]}
forms: {inquiry_form: {required_slots: [topic]}}
actions: [action_answer]
"""
DOMAIN_OF_ACTIONS = Domain.from_yaml(DOMAIN.replace("MAPPING", "custom"))
DOMAIN_OF_RASA = Domain.from_yaml(DOMAIN.replace("MAPPING", "from_text"))


def _tracker() -> DialogueStateTracker:
    tracker = DialogueStateTracker("web:1", DOMAIN_OF_ACTIONS.slots)
    for event in (
        e.ActionExecuted("action_listen"),
        e.UserUttered("Guten Tag", {"name": "greet"}),
        e.SlotSet("topic", "initiative/kruiser"),
        e.ActiveLoop("inquiry_form"),
        e.BotUttered("Guten Tag."),
        e.ConversationPaused(),
    ):
        tracker.update(event)
    return tracker


def test_a_copy_is_what_a_replay_gives() -> None:
    tracker = _tracker()
    copied, replayed = tracker.copy(), DialogueStateTracker.copy.__wrapped__(tracker)
    for tracker_of_both in (copied, replayed):
        for slot in tracker_of_both.slots.values():
            tracker_of_both.slots[slot.name] = vars(slot)
    assert vars(copied) == vars(replayed)


def test_a_copy_goes_on_by_itself() -> None:
    tracker = _tracker()
    before = tracker.current_state()
    copied = tracker.copy()
    for event in (e.SlotSet("topic", None), e.ActiveLoop(None), e.ActionExecuted("action_answer")):
        copied.update(event)
    assert tracker.current_state() == before and len(tracker.events) == len(copied.events) - 3


def test_slots_that_rasa_fills_itself_are_filled() -> None:
    async def extracted(domain: Domain) -> list[Any]:
        tracker = DialogueStateTracker("web:1", domain.slots)
        tracker.update(e.UserUttered("2", {"name": "greet"}))
        return list(await action.ActionExtractSlots(None).run(None, None, tracker, domain))

    assert asyncio.run(extracted(DOMAIN_OF_ACTIONS)) == []
    assert asyncio.run(extracted(DOMAIN_OF_RASA)) == [e.SlotSet("count", "2")]


def test_an_empty_domain_is_told_from_others() -> None:
    assert Domain.empty().is_empty() and not DOMAIN_OF_ACTIONS.is_empty() and not DOMAIN_OF_ACTIONS.is_empty()


def test_default_actions_are_made_once_for_an_endpoint() -> None:
    endpoints = [EndpointConfig(url=url) for url in ("http://127.0.0.1:1", "http://127.0.0.1:2")]
    first, again, other = (
        action.action_for_name_or_text("action_extract_slots", DOMAIN_OF_ACTIONS, endpoint)
        for endpoint in (endpoints[0], endpoints[0], endpoints[1])
    )
    assert first is again and first is not other


def test_debug_lines_show_copies_where_they_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[Any] = []
    monkeypatch.setattr(processor.structlogger._logger, "debug", lambda *args, **fields: said.append(fields))
    rasa, value = logging.getLogger("rasa"), [{"text": "Guten Tag"}]
    for level in (logging.INFO, logging.DEBUG):
        monkeypatch.setattr(rasa, "level", level)
        rasa.manager._clear_cache()  # type: ignore[attr-defined]
        processor.structlogger.debug("line", value=processor.copy.deepcopy(value))
    monkeypatch.undo()
    rasa.manager._clear_cache()  # type: ignore[attr-defined]
    assert [fields["value"] for fields in said] == [value] and said[0]["value"] is not value
