"""Rules are matched until nothing is left to match.

Where: rasa.core.policies.rule_policy.RulePolicy._get_possible_keys reverses and compares every
rule with every state of the whole conversation, although no rule is longer than a few states.
Effect: benchmarks/runtime.
"""

from __future__ import annotations

from typing import Any, Dict, List, Set


def match_rules_once() -> None:
    """Put the repair into RulePolicy; again does nothing."""
    from rasa.core.policies.rule_policy import RulePolicy

    if getattr(RulePolicy, "matches_once", False):
        return
    applicable = RulePolicy._is_rule_applicable

    def get_possible_keys(policy: Any, lookup: Dict[str, str], states: List[Any]) -> Set[str]:
        keys = set(lookup)
        longest = _longest(policy, lookup)
        for index, state in enumerate(reversed(states[-longest:] if longest else [])):
            keys = {key for key in keys if applicable(policy, key, index, state)}
            if not keys:
                break
        return keys

    setattr(RulePolicy, "_get_possible_keys", get_possible_keys)
    setattr(RulePolicy, "matches_once", True)


def _longest(policy: Any, lookup: Dict[str, str]) -> int:
    """States in the longest rule; beyond it every rule is applicable."""
    known: Dict[int, Any] = policy.__dict__.setdefault("_longest_rules", {})
    kept = known.get(id(lookup))
    if kept is None or kept[0] is not lookup or kept[1] != len(lookup):
        longest = max((len(policy._rule_key_to_state(key)) for key in lookup), default=0)
        kept = known[id(lookup)] = (lookup, len(lookup), longest)
    found: int = kept[2]
    return found
