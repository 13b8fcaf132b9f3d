"""Rules match as in Rasa's own code, without walking the whole conversation."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from rasa.core.policies.rule_policy import RulePolicy

from smartcity.runtime import rules

INTENTS = ("greet", "ask_cost", "affirm")
ACTIONS = ("action_listen", "action_answer", "...")

_state = st.fixed_dictionaries(
    {},
    optional={
        "user": st.fixed_dictionaries({"intent": st.sampled_from(INTENTS)}),
        "prev_action": st.fixed_dictionaries({"action_name": st.sampled_from(ACTIONS)}),
    },
)
_states = st.lists(_state, max_size=8)
_rules = st.lists(st.lists(_state, min_size=1, max_size=3).map(lambda s: json.dumps(s, sort_keys=True)), max_size=6)


def _policy() -> Any:
    return object.__new__(RulePolicy)


def _as_rasa(lookup: dict[str, str], states: list[Any]) -> set[str]:
    """RulePolicy._get_possible_keys of Rasa 3.6.21."""
    keys = set(lookup)
    for index, state in enumerate(reversed(states)):
        keys = {key for key in keys if _policy()._is_rule_applicable(key, index, state)}
    return keys


@given(_rules, _states)
def test_the_same_rules_match(rules: list[str], states: list[Any]) -> None:
    lookup = dict.fromkeys(rules, "action_answer")
    assert _policy()._get_possible_keys(lookup, states) == _as_rasa(lookup, states)


def test_states_beyond_the_longest_rule_are_not_looked_at() -> None:
    looked: list[int] = []

    class Counting(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            looked.append(1)
            return super().get(key, default)

    rule = json.dumps([{"prev_action": {"action_name": "action_listen"}, "user": {"intent": "greet"}}])
    states = [Counting(prev_action={"action_name": "action_listen"}, user={"intent": "greet"}) for _ in range(50)]
    assert _policy()._get_possible_keys({rule: "action_answer"}, states) == {rule}
    assert len(looked) < 10


def test_lookups_of_earlier_turns_are_not_kept() -> None:
    policy = _policy()
    rule = json.dumps([{"user": {"intent": "greet"}}])
    for number in range(100):
        assert policy._get_possible_keys({}, [{}]) == set()
        assert policy._get_possible_keys({rule: f"action_{number}"}, [{"user": {"intent": "greet"}}]) == {rule}
    assert len(policy.__dict__["_rules_by_needs"]) <= rules.MOST_LOOKUPS
