"""Of all rules only those are compared that may fit, and of a conversation only the states that a rule looks at.

Where: rasa.core.policies.rule_policy.RulePolicy. `_get_possible_keys` reverses and compares every rule with every
state of the whole conversation, although no rule is longer than a few states; `_prediction_states` makes all these
states anew from the conversation's begin, two or three times a turn. What: rules are found by the action and the
intent of their last state; the states are followed (`runtime/states.py`), and made of the conversation's end alone.
Training goes Rasa's way. Effect: benchmarks/runtime.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Set, Tuple

from smartcity.runtime.states import last_states

Needs = Tuple[Optional[str], Optional[str]]
"""The action before and the intent that a rule's last state asks for; None where it asks for none."""


@dataclass
class _Rules:
    """A lookup of rules, by what their last states need; `longest` in states."""

    lookup: Dict[str, str]
    count: int
    longest: int = 0
    by_needs: Dict[Needs, List[str]] = field(default_factory=lambda: defaultdict(list))

    def candidates(self, state: Any) -> Set[str]:
        """The rules that may fit this as the last state; what they ask for else is not looked at."""
        action = (state.get("prev_action") or {}).get("action_name")
        intent = (state.get("user") or {}).get("intent")
        found: Set[str] = set()
        for needs in {(action, intent), (action, None), (None, intent), (None, None)}:
            found.update(self.by_needs.get(needs, ()))
        return found


def match_rules_once() -> None:
    """Put the repair into RulePolicy; again does nothing."""
    from rasa.core.policies.rule_policy import RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RulePolicy
    from rasa.shared.core.trackers import DialogueStateTracker

    if getattr(RulePolicy, "matches_once", False):
        return
    applicable = RulePolicy._is_rule_applicable
    states_of = RulePolicy._prediction_states

    def get_possible_keys(policy: Any, lookup: Dict[str, str], states: List[Any]) -> Set[str]:
        rules = _rules(policy, lookup)
        if not states:
            return set(lookup)
        keys = rules.candidates(states[-1])
        for index, state in enumerate(reversed(states[-rules.longest :] if rules.longest else [])):
            keys = {key for key in keys if applicable(policy, key, index, state)}
            if not keys:
                break
        return keys

    def prediction_states(
        policy: Any, tracker: Any, domain: Any, use_text_for_last_user_input: bool = False, rule_only_data: Any = None
    ) -> List[Any]:
        # Trackers of training keep their states themselves; a bound of the history is Rasa's to heed.
        if type(tracker) is not DialogueStateTracker or policy.featurizer.max_history is not None:
            states: List[Any] = states_of(policy, tracker, domain, use_text_for_last_user_input, rule_only_data)
            return states
        lookups = [policy.lookup.get(name) or {} for name in (RULES, RULES_FOR_LOOP_UNHAPPY_PATH)]
        states = last_states(tracker, domain, max(1, *(_rules(policy, lookup).longest for lookup in lookups)))
        policy.featurizer._choose_last_user_input([states], use_text_for_last_user_input)
        return states

    setattr(RulePolicy, "_get_possible_keys", get_possible_keys)
    setattr(RulePolicy, "_prediction_states", prediction_states)
    setattr(RulePolicy, "matches_once", True)


_NO_RULES = _Rules({}, 0)
MOST_LOOKUPS = 8
"""A policy has two lookups of rules; what is more belongs to nobody any longer."""


def _rules(policy: Any, lookup: Dict[str, str]) -> _Rules:
    if not lookup:
        # Where there are no rules of a kind, each turn makes an empty lookup anew.
        return _NO_RULES
    known: Dict[int, _Rules] = policy.__dict__.setdefault("_rules_by_needs", {})
    kept = known.get(id(lookup))
    if kept is None or kept.lookup is not lookup or kept.count != len(lookup):
        if len(known) >= MOST_LOOKUPS:
            known.clear()
        kept = known[id(lookup)] = _Rules(lookup, len(lookup))
        for key in lookup:
            states = policy._rule_key_to_state(key)
            kept.longest = max(kept.longest, len(states))
            kept.by_needs[_needs(states[-1]) if states else (None, None)].append(key)
    return kept


def _needs(state: Any) -> Needs:
    action = _wanted(state, "prev_action", "action_name")
    # A rule that begins a conversation asks for nothing where a conversation begins.
    return (action, _wanted(state, "user", "intent") if action else None)


def _wanted(state: Any, kind: str, name: str) -> Optional[str]:
    from rasa.shared.core.constants import SHOULD_NOT_BE_SET

    value = (state.get(kind) or {}).get(name)
    return value if isinstance(value, str) and value and value != SHOULD_NOT_BE_SET else None
