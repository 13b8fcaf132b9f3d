"""A new session takes over the last value of each slot, not every value that it ever had.

Where: rasa.core.actions.action.ActionSessionStart._slot_set_events_from_tracker copies each SlotSet
of the session before. Why: a citizen's feedback is such an event (`runtime/conversations.py`): it
would be stored, and counted, once more in every session; and each session would begin longer than
the one before. Remedy: one event for each slot that is not as the domain begins it.
"""

from __future__ import annotations

from typing import Any, List


def carry_over_last_values() -> None:
    """Put the repair into ActionSessionStart."""
    from rasa.core.actions.action import ActionSessionStart
    from rasa.shared.core.events import SlotSet

    def slot_set_events(tracker: Any) -> List[Any]:
        last = {event.key: event for event in tracker.applied_events() if isinstance(event, SlotSet)}
        return [
            SlotSet(key=event.key, value=event.value, metadata=event.metadata)
            for event in last.values()
            if event.key not in tracker.slots or event.value != tracker.slots[event.key].initial_value
        ]

    setattr(ActionSessionStart, "_slot_set_events_from_tracker", staticmethod(slot_set_events))
