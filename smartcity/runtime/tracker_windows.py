"""What a turn needs of a conversation: its last turns, and what the turns before have left behind.

Rules look at a few states, the actions at slots, the form at work and the message before this one. So a
long conversation is cut: events before the last turns give way to events that lead to the same slots and
the same form, as Rasa itself does where a new session takes over slots.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, Sequence, Tuple

KEPT_TURNS = 6
"""Turns that are left after a cut; the longest rule and the actions look back at two."""
MOST_TURNS = 12
"""Turns at which a conversation is cut: not at every turn, since a cut replays what it takes away."""


MOST_TURNS_OF_FORM = 60
"""The same while a form is at work."""


@dataclass(frozen=True)
class Window:
    """The last events of a conversation, and events that stand for all before them but are stored nowhere as such."""

    before: List[Any]
    events: List[Any]


def session_start(events: Sequence[Any], first: int) -> int:
    """The place from `first` on of the event that a new session begins with, 0 where none does."""
    from rasa.shared.core.events import SessionStarted

    places = range(len(events) - 1, first - 1, -1)
    return next((place for place in places if isinstance(events[place], SessionStarted)), 0)


def place_of_cut(events: Sequence[Any], forming: bool = False) -> int:
    """Where to cut, 0 for not yet: before the listening at which the first of the last turns began.

    While a form is at work (`forming`) there is room for more: it may ask whether the office may read what was said
    before it.
    """
    from rasa.shared.core.events import ActionExecuted, UserUttered

    said = [place for place, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(said) <= (MOST_TURNS_OF_FORM if forming else MOST_TURNS):
        return 0
    place = said[-KEPT_TURNS]
    while place and not isinstance(events[place], ActionExecuted):
        place -= 1
    return place


def left_behind(events: Sequence[Any], sender_id: str, slots: Any) -> List[Any]:
    """Events that lead from nothing to the slots and the form that these events lead to."""
    from rasa.shared.core.events import ActiveLoop, ConversationPaused, SlotSet
    from rasa.shared.core.trackers import DialogueStateTracker

    before = DialogueStateTracker.from_events(sender_id, list(events), slots)
    time = events[-1].timestamp if events else None
    left: List[Any] = [
        SlotSet(slot.name, slot.value, timestamp=time) for slot in before.slots.values() if slot.has_been_set
    ]
    if before.active_loop_name:
        trigger, begun = _begin_of_loop(events, before.active_loop_name)
        left += [*trigger, ActiveLoop(before.active_loop_name, timestamp=begun)]
        left += _state_of_loop(before.active_loop, time)
    if before.is_paused():
        left.append(ConversationPaused(timestamp=time))
    return left


def _begin_of_loop(events: Sequence[Any], name: str) -> Tuple[List[Any], Any]:
    """The message that the form began with and the form's first run, and when that was."""
    from rasa.shared.core.events import ActionExecuted, ActiveLoop, UserUttered

    place = max(i for i, event in enumerate(events) if isinstance(event, ActiveLoop) and event.name == name)
    said = next((event for event in reversed(events[:place]) if isinstance(event, UserUttered)), None)
    time = events[place].timestamp
    return [*([said] if said else []), ActionExecuted(name, timestamp=time)], time


def _state_of_loop(loop: Any, time: Any) -> List[Any]:
    from rasa.shared.core.events import ActionExecutionRejected, LoopInterrupted

    rejected = [ActionExecutionRejected(loop.name, timestamp=time)] if loop.rejected else []
    return [*rejected, *([LoopInterrupted(True, timestamp=time)] if loop.is_interrupted else [])]
