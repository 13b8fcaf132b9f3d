"""What Rasa makes anew at every message although nothing changed is made once, and copies are made without a detour.

Where and what:
- `DialogueStateTracker.copy`, before each action, replays all events of the conversation; now its state is copied.
- `DialogueStateTracker.applied_events`, asked for several times a turn, asks of each event whether it is of one of
  six kinds; where none undoes anything, those since the session's begin are meant.
- `Slot` is copied through Python's protocol of pickling, for every tracker; now its fields are.
- `Domain.is_empty` builds an empty domain to compare with; `action.default_actions` makes a dozen actions to find one;
  `ActionExtractSlots.run` checks the mappings of all slots, of which none may be filled by Rasa itself. Remembered.
- `core/processor.py` and policies copy deeply what debug lines would show; now only where debug lines are written.

Effect: benchmarks/runtime.
"""

from __future__ import annotations

import copy
import functools
import logging
from collections import deque
from types import SimpleNamespace
from typing import Any, Dict, List, Optional

from smartcity.runtime.states import follow_no_more

_RASA = logging.getLogger("rasa")
_IS_EMPTY = "smartcity_is_empty"
_FILLS = "smartcity_fills_slots"
_DEFAULTS = "smartcity_default_actions"


def copy_less() -> None:
    """Put the repairs in place; again does nothing."""
    from rasa.core import processor
    from rasa.core.actions import action
    from rasa.core.policies import rule_policy
    from rasa.shared.core.domain import Domain
    from rasa.shared.core.slots import Slot
    from rasa.shared.core.trackers import DialogueStateTracker

    if getattr(DialogueStateTracker, "is_copied_straight", False):
        return
    setattr(Slot, "__copy__", _copied_slot)
    setattr(DialogueStateTracker, "copy", _copier(DialogueStateTracker.copy))
    setattr(DialogueStateTracker, "applied_events", _applier(DialogueStateTracker.applied_events))
    setattr(DialogueStateTracker, "is_copied_straight", True)
    setattr(Domain, "is_empty", _remembered(Domain.is_empty))
    setattr(action, "default_actions", _made_once(action.default_actions))
    setattr(action.ActionExtractSlots, "run", _extractor(action.ActionExtractSlots.run))
    for module in (processor, rule_policy):
        setattr(module, "copy", SimpleNamespace(deepcopy=_for_debug_lines, copy=copy.copy))
        setattr(module, "structlogger", _DebugLines(module.structlogger))
    setattr(rule_policy.RulePolicy, "format_tracker_states", staticmethod(_formatter(rule_policy.RulePolicy)))


def _copied_slot(slot: Any) -> Any:
    made = object.__new__(type(slot))
    made.__dict__.update(slot.__dict__)
    return made


def _copier(replayed: Any) -> Any:
    @functools.wraps(replayed)
    def copied(tracker: Any) -> Any:
        """A tracker in the same state, which may go on by itself."""
        if type(tracker.slots) is not dict:
            return replayed(tracker)
        made = object.__new__(type(tracker))
        made.__dict__.update(tracker.__dict__)
        follow_no_more(made)
        made.events = deque(tracker.events, tracker.events.maxlen)
        made.slots = {name: _copied_slot(slot) for name, slot in tracker.slots.items()}
        made.active_loop = copy.copy(tracker.active_loop)
        made.latest_action = copy.copy(tracker.latest_action)
        # As in a replay: events get these where they are added to the conversation itself.
        made.model_id = made.assistant_id = None
        return made

    return copied


def _applier(applied_events: Any) -> Any:
    from rasa.shared.core import events as kinds

    undoing = (kinds.Restarted, kinds.ActionReverted, kinds.UserUtteranceReverted, kinds.ActiveLoop)
    known: Dict[type, Optional[bool]] = {}

    def part_of(kind: type) -> Optional[bool]:
        """True for what is applied, False for a session's begin, None for what may undo."""
        found = None if issubclass(kind, undoing) else not issubclass(kind, kinds.SessionStarted)
        return known.setdefault(kind, found)

    @functools.wraps(applied_events)
    def applied(tracker: Any) -> List[Any]:
        found: List[Any] = []
        for event in tracker.events:
            kind = type(event)
            is_applied = known[kind] if kind in known else part_of(kind)
            if is_applied:
                found.append(event)
            elif is_applied is None:
                undone: List[Any] = applied_events(tracker)
                return undone
            else:
                found.clear()
        return found

    return applied


def _remembered(is_empty: Any) -> Any:
    def remembered(domain: Any) -> bool:
        found = domain.__dict__.get(_IS_EMPTY)
        if found is None:
            found = domain.__dict__[_IS_EMPTY] = bool(is_empty(domain))
        return bool(found)

    return remembered


def _made_once(default_actions: Any) -> Any:
    def made(action_endpoint: Any = None) -> List[Any]:
        if action_endpoint is None:
            return list(default_actions())
        found: List[Any] = action_endpoint.__dict__.get(_DEFAULTS)
        if found is None:
            found = action_endpoint.__dict__[_DEFAULTS] = default_actions(action_endpoint)
        return found

    return made


def _extractor(extract: Any) -> Any:
    async def run(action: Any, channel: Any, nlg: Any, tracker: Any, domain: Any) -> List[Any]:
        fills = domain.__dict__.get(_FILLS)
        if fills is None:
            fills = domain.__dict__[_FILLS] = _fills_slots(domain)
        if not fills:
            return []
        events: List[Any] = await extract(action, channel, nlg, tracker, domain)
        return events

    return run


def _fills_slots(domain: Any) -> bool:
    """Whether there is a slot that Rasa fills from messages, or an action that it asks about slots."""
    from rasa.shared.core.constants import ACTION_VALIDATE_SLOT_MAPPINGS, DEFAULT_SLOT_NAMES

    mappings = [one for slot in domain.slots if slot.name not in DEFAULT_SLOT_NAMES for one in slot.mappings]
    by_actions_alone = all(one.get("type") == "custom" and not one.get("action") for one in mappings)
    return not by_actions_alone or ACTION_VALIDATE_SLOT_MAPPINGS in domain.user_actions


def _writes_debug() -> bool:
    return _RASA.isEnabledFor(logging.DEBUG)


def _for_debug_lines(value: Any) -> Any:
    return copy.deepcopy(value) if _writes_debug() else value


def _formatter(policy: Any) -> Any:
    formatted = policy.format_tracker_states

    def format_tracker_states(states: List[Any]) -> Any:
        return formatted(states) if _writes_debug() else ""

    return format_tracker_states


class _DebugLines:
    """A logger that is asked for debug lines only where they are written."""

    def __init__(self, logger: Any) -> None:
        self._logger = logger

    def debug(self, *args: Any, **fields: Any) -> None:
        if _writes_debug():
            self._logger.debug(*args, **fields)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._logger, name)
