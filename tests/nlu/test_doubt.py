from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message

from smartcity.nlu.doubt import DOUBT, UNCLEAR, UNKNOWN, DoubtClassifier, decide
from smartcity.nlu.intents import FAMILIARITY

from .workshop import Workshop

SETTINGS = {"min_confidence": 0.3, "min_margin": 0.1, "sure": 0.6, "min_familiarity": 0.5}


def _ranking(*confidences: float) -> list[dict[str, Any]]:
    return [{"name": f"intent{n}", "confidence": confidence} for n, confidence in enumerate(confidences)]


@pytest.mark.parametrize(
    ("confidences", "familiarity", "verdict"),
    [
        ((0.9, 0.05), 1.0, None),
        ((0.9,), 1.0, None),
        ((), 1.0, UNKNOWN),
        ((0.9, 0.05), 0.4, UNKNOWN),
        ((0.9, 0.05), 0.5, None),
        ((0.29, 0.1), 1.0, UNKNOWN),
        ((0.3, 0.1), 1.0, None),
        ((0.45, 0.4), 1.0, UNCLEAR),
        ((0.5, 0.375), 1.0, None),
        ((0.59, 0.55), 1.0, UNCLEAR),
        ((0.6, 0.55), 1.0, None),
    ],
)
def test_when_the_first_reading_is_trusted(
    confidences: tuple[float, ...], familiarity: float, verdict: str | None
) -> None:
    assert decide(_ranking(*confidences), familiarity, SETTINGS) == verdict


SHARES = st.floats(0, 1)


@given(st.lists(SHARES, max_size=4), SHARES, st.fixed_dictionaries(dict.fromkeys(SETTINGS, SHARES)))
def test_any_ranking_gets_a_verdict(confidences: list[float], familiarity: float, settings: dict[str, float]) -> None:
    ranking = _ranking(*sorted(confidences, reverse=True))
    assert decide(ranking, familiarity, settings) in (None, UNCLEAR, UNKNOWN)


def _judged(workshop: Workshop, *confidences: float, familiarity: float = 1.0) -> Message:
    message = Message({"text": "was", "intent_ranking": _ranking(*confidences), FAMILIARITY: familiarity})
    if confidences:
        message.set("intent", _ranking(*confidences)[0])
    workshop.create(DoubtClassifier, **SETTINGS).process([message])
    return message


def test_a_trusted_intent_stays(workshop: Workshop) -> None:
    judged = _judged(workshop, 0.9, 0.05)
    assert judged.get("intent")["name"] == "intent0"
    assert judged.get(DOUBT) is None


@pytest.mark.parametrize(("confidences", "verdict"), [((0.45, 0.4), UNCLEAR), ((0.2, 0.1), UNKNOWN), ((), UNKNOWN)])
def test_a_doubted_intent_becomes_the_fallback(
    workshop: Workshop, confidences: tuple[float, ...], verdict: str
) -> None:
    judged = _judged(workshop, *confidences)
    best = max(confidences, default=0.0)
    assert judged.get("intent") == {"name": "nlu_fallback", "confidence": 1 - best}
    assert judged.get(DOUBT) == verdict
    assert judged.get("intent_ranking") == _ranking(*confidences)


def test_the_verdict_stands_in_the_parse_result(workshop: Workshop) -> None:
    message = Message({"text": "was"})
    workshop.create(DoubtClassifier).process([message])
    assert message.as_dict(only_output_properties=True)[DOUBT] == UNKNOWN


@pytest.mark.parametrize("key", list(SETTINGS))
@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), "0.3", None, True])
def test_a_threshold_outside_0_to_1_is_refused(workshop: Workshop, key: str, value: object) -> None:
    with pytest.raises(InvalidConfigException, match=f"DoubtClassifier: {key} must be between 0 and 1 in config.yml"):
        workshop.create(DoubtClassifier, **{key: value})


@pytest.mark.parametrize("value", [0, 1, 0.5])
def test_the_ends_are_allowed(workshop: Workshop, value: float) -> None:
    workshop.create(DoubtClassifier, **dict.fromkeys(SETTINGS, value))
