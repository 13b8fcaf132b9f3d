"""The compiled check accepts and refuses what Rasa's own check does."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.core.actions.action import RemoteAction

from smartcity.runtime import action_results

GOOD = {
    "events": [{"event": "slot", "name": "topic", "value": "initiative/kruiser", "timestamp": None}],
    "responses": [{"text": "Guten Tag", "buttons": []}],
}
BAD: list[Any] = [
    {"events": [{"event": "no_such_event"}]},
    {"events": [{"event": "slot"}]},
    {"events": [{"name": "topic"}]},
    {"events": "slot"},
    {"responses": ["text"]},
    [],
]


def _rasa(result: Any) -> bool:
    try:
        jsonschema.validate(result, RemoteAction.action_response_format_spec())
        return True
    except jsonschema.ValidationError:
        return False


def _ours(result: Any) -> bool:
    try:
        return action_results.validate(result)
    except jsonschema.ValidationError:
        return False


def test_a_good_result_is_accepted() -> None:
    assert _ours(GOOD) and _rasa(GOOD)


@pytest.mark.parametrize("result", BAD)
def test_a_bad_result_is_refused_as_rasa_does(result: Any) -> None:
    assert not _rasa(result)
    assert not _ours(result)


_events = st.dictionaries(
    st.sampled_from(["event", "name", "value", "timestamp", "entities"]),
    st.one_of(st.sampled_from(["slot", "action", "user", "bot", "restart", "form", "x"]), st.none(), st.integers()),
)


@given(st.fixed_dictionaries({"events": st.lists(_events, max_size=3), "responses": st.lists(st.just({}), max_size=2)}))
def test_both_checks_agree(result: dict[str, Any]) -> None:
    assert _ours(result) == _rasa(result)


def test_rasa_uses_the_compiled_check() -> None:
    assert RemoteAction._validate_action_result is action_results.validate
    before = action_results._validators()
    RemoteAction("action_x", None)._validate_action_result(GOOD)
    assert action_results._validators() is before
