"""Event classes are found by name as Rasa finds them, and once."""

from __future__ import annotations

import pytest
from rasa.shared.core.events import Event, SlotSet


def test_known_unknown_and_default() -> None:
    assert Event.resolve_by_type("slot") is SlotSet
    assert Event.resolve_by_type("topic") is None
    assert Event.resolve_by_type("x", SlotSet) is SlotSet
    with pytest.raises(ValueError, match="Unknown event name 'x'"):
        Event.resolve_by_type("x")


def test_the_second_look_up_walks_no_subclasses() -> None:
    Event.resolve_by_type("slot")
    hits = Event.resolve_by_type.cache_info().hits
    Event.resolve_by_type("slot")
    assert Event.resolve_by_type.cache_info().hits == hits + 1
