from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message

from smartcity.nlu.context import TALKED_OF
from smartcity.nlu.doubt import (
    BESIDE,
    COSTS,
    DOUBT,
    SHARES,
    UNCLEAR,
    UNKNOWN,
    DoubtClassifier,
    beside,
    decide,
)
from smartcity.nlu.intents import FAMILIARITY, URGENT
from smartcity.nlu.mentions import PARTS

from .workshop import Workshop

SETTINGS: dict[str, Any] = {
    **DoubtClassifier.get_default_config(),
    "false_statement": 5.0,
    "wrong_turn": 2.1,
    "vain_question": 0.5,
    "min_familiarity": 0.5,
}


def _ranking(*readings: tuple[str, float]) -> list[dict[str, Any]]:
    return [{"name": name, "confidence": confidence} for name, confidence in readings]


@pytest.mark.parametrize(
    ("readings", "familiarity", "verdict"),
    [
        ([("ask_cost", 0.9), ("ask_place", 0.05)], 1.0, None),
        ([("ask_cost", 0.9)], 1.0, None),
        ([], 1.0, UNKNOWN),
        ([("ask_cost", 0.9)], 0.4, UNKNOWN),
        ([("ask_cost", 0.9)], 0.5, None),
        ([("ask_cost", 0.45), ("ask_place", 0.43)], 1.0, UNCLEAR),
        ([("ask_cost", 0.7), ("ask_place", 0.25)], 1.0, None),
        ([("ask_cost", 0.55), ("out_of_scope", 0.42)], 1.0, UNCLEAR),
        ([("ask_cost", 0.24), ("ask_place", 0.05), ("out_of_scope", 0.04)], 1.0, UNKNOWN),
        ([("out_of_scope", 0.8), ("ask_cost", 0.1)], 1.0, None),
        ([("greet", 0.55), ("out_of_scope", 0.42)], 1.0, UNCLEAR),
        ([("greet", 0.7), ("out_of_scope", 0.2)], 1.0, None),
        ([("ask_cost", 0.7), ("out_of_scope", 0.2)], 1.0, UNCLEAR),
    ],
)
def test_the_least_expected_cost_decides(
    readings: list[tuple[str, float]], familiarity: float, verdict: str | None
) -> None:
    assert decide(_ranking(*readings), familiarity, SETTINGS) == verdict


def test_the_dearer_a_false_statement_the_more_is_asked() -> None:
    ranking = _ranking(("ask_cost", 0.8), ("out_of_scope", 0.15))
    assert decide(ranking, 1.0, {**SETTINGS, "false_statement": 2.0}) is None
    assert decide(ranking, 1.0, {**SETTINGS, "false_statement": 50.0}) is not None


SHARE = st.floats(0, 1)
NAMES = ["ask_cost", "ask_place", "greet", "out_of_scope"]


@given(
    st.lists(SHARE, min_size=4, max_size=4),
    st.permutations(NAMES),
    SHARE,
    st.fixed_dictionaries(dict.fromkeys(COSTS, st.floats(0, 100))),
)
def test_any_ranking_gets_a_verdict(
    weights: list[float], names: list[str], familiarity: float, costs: dict[str, float]
) -> None:
    total = sum(weights) or 1.0
    ranking = _ranking(*zip(names, sorted((weight / total for weight in weights), reverse=True), strict=True))
    assert decide(ranking, familiarity, {**SETTINGS, **costs}) in (None, UNCLEAR, UNKNOWN)


@pytest.mark.parametrize("key", ["stating", "follow_up_intents", "office_intents"])
def test_what_is_no_list_is_refused(workshop: Workshop, key: str) -> None:
    with pytest.raises(InvalidConfigException, match=f"{key}.* lists in config.yml"):
        workshop.create(DoubtClassifier, **{key: "ask_"})


def _judged(workshop: Workshop, *readings: tuple[str, float], familiarity: float = 1.0) -> Message:
    message = Message({"text": "was", "intent_ranking": _ranking(*readings), FAMILIARITY: familiarity})
    if readings:
        message.set("intent", _ranking(*readings)[0])
    workshop.create(DoubtClassifier, **SETTINGS).process([message])
    return message


def test_a_trusted_intent_stays(workshop: Workshop) -> None:
    judged = _judged(workshop, ("ask_cost", 0.9), ("ask_place", 0.05))
    assert judged.get("intent")["name"] == "ask_cost"
    assert judged.get(DOUBT) is None


@pytest.mark.parametrize(("readings", "verdict"), [([("ask_cost", 0.45), ("ask_place", 0.43)], UNCLEAR), ([], UNKNOWN)])
def test_a_doubted_intent_becomes_the_fallback(
    workshop: Workshop, readings: list[tuple[str, float]], verdict: str
) -> None:
    judged = _judged(workshop, *readings)
    best = max((confidence for _, confidence in readings), default=0.0)
    assert judged.get("intent") == {"name": "nlu_fallback", "confidence": 1 - best}
    assert judged.get(DOUBT) == verdict
    assert judged.get("intent_ranking") == _ranking(*readings)


def test_the_verdict_stands_in_the_parse_result(workshop: Workshop) -> None:
    message = Message({"text": "was"})
    workshop.create(DoubtClassifier).process([message])
    assert message.as_dict(only_output_properties=True)[DOUBT] == UNKNOWN


PART = {"negated": False, "asks": True}


def test_parts_that_are_not_clear_are_left_out(workshop: Workshop) -> None:
    parts = [
        {**PART, "start": 0, "end": 3, "masked_text": "a", "intent_ranking": _ranking(("ask_cost", 0.9))},
        {**PART, "start": 4, "end": 9, "masked_text": "b", "intent_ranking": _ranking(("ask_place", 0.1))},
    ]
    message = Message({"text": "was", "intent_ranking": _ranking(("ask_cost", 0.9)), PARTS: parts})
    workshop.create(DoubtClassifier).process([message])
    (kept,) = message.get(PARTS)
    assert kept == {**PART, "start": 0, "end": 3, "intent": "ask_cost", "confidence": 0.9}


def test_a_refusal_stays_although_it_is_not_clear_what_it_refuses(workshop: Workshop) -> None:
    refusal = {**PART, "start": 0, "end": 3, "negated": True}
    part = {**refusal, "intent_ranking": _ranking(("ask_cost", 0.1))}
    message = Message({"text": "was", "intent_ranking": _ranking(("ask_cost", 0.9)), PARTS: [part]})
    workshop.create(DoubtClassifier).process([message])
    assert message.get(PARTS) == [{**refusal, "intent": "nlu_fallback", "confidence": 0.1}]


@pytest.mark.parametrize(
    ("share", "familiarity", "intent"),
    [
        (0.3, 1.0, "emergency"),
        (0.25, 1.0, "emergency"),
        (0.24, 1.0, "out_of_scope"),
        (0.3, 0.1, "nlu_fallback"),
    ],
)
def test_an_emergency_goes_first_once_it_is_likely_enough(
    workshop: Workshop, share: float, familiarity: float, intent: str
) -> None:
    ranking = _ranking(("out_of_scope", 0.7), ("emergency", share))
    message = Message({"text": "x", "intent_ranking": ranking, "intent": ranking[0], FAMILIARITY: familiarity})
    workshop.create(DoubtClassifier).process([message])
    assert message.get("intent")["name"] == intent
    assert (message.get("intent_ranking")[0]["name"] == "emergency") == (intent == "emergency")


@pytest.mark.parametrize("key", [*COSTS, *SHARES])
@pytest.mark.parametrize("value", [-0.1, 1000.1, float("nan"), "0.3", None, True])
def test_a_number_out_of_its_range_is_refused(workshop: Workshop, key: str, value: object) -> None:
    most = 1 if key in SHARES else 1000
    sentence = f"DoubtClassifier: {key} must be between 0 and {most} in config.yml"
    with pytest.raises(InvalidConfigException, match=sentence):
        workshop.create(DoubtClassifier, **{key: value})


@pytest.mark.parametrize("value", [0, 1, 0.5])
def test_the_ends_are_allowed(workshop: Workshop, value: float) -> None:
    workshop.create(DoubtClassifier, **dict.fromkeys((*COSTS, *SHARES), value))


@pytest.mark.parametrize(
    ("readings", "familiarity", "second"),
    [
        ([("ask_operator", 0.5), ("ask_about", 0.47)], 1.0, "ask_about"),
        ([("ask_operator", 0.6), ("ask_about", 0.35)], 1.0, "ask_about"),
        ([("ask_operator", 0.9), ("ask_about", 0.05)], 1.0, None),  # a second answer would be read for nothing
        ([("ask_operator", 0.5), ("office_phone", 0.47)], 1.0, None),
        ([("office_email", 0.5), ("office_phone", 0.47)], 1.0, "office_phone"),
        ([("office_appointment", 0.5), ("office_phone", 0.47)], 1.0, None),  # that one begins a request
        ([("out_of_scope", 0.5), ("ask_about", 0.47)], 1.0, None),
        ([("ask_operator", 0.3), ("ask_about", 0.25), ("out_of_scope", 0.4)], 1.0, None),
        ([("ask_operator", 0.5), ("ask_about", 0.47)], 0.1, None),
        ([("ask_operator", 0.22), ("ask_about", 0.21)], 1.0, None),
        ([("ask_operator", 0.6)], 1.0, None),
        ([], 1.0, None),
    ],
)
def test_two_answers_where_they_cost_less_than_one_or_a_question(
    readings: list[tuple[str, float]], familiarity: float, second: str | None
) -> None:
    assert beside(_ranking(*readings), familiarity, SETTINGS) == second


def test_the_second_reading_is_told(workshop: Workshop) -> None:
    message = _judged(workshop, ("ask_operator", 0.5), ("ask_about", 0.47))
    assert message.as_dict(only_output_properties=True)[BESIDE] == "ask_about"


@pytest.mark.parametrize(("of_a_piece", "intent"), [(0.9, "emergency"), (0.7, "ask_cost")])
def test_an_emergency_in_one_piece_goes_first(workshop: Workshop, of_a_piece: float, intent: str) -> None:
    """'Es brennt! Und was kostet der KRuiser?'"""
    ranking = _ranking(("ask_cost", 0.9), ("emergency", 0.01))
    message = Message({"text": "x", "intent_ranking": ranking, "intent": ranking[0], FAMILIARITY: 1.0})
    message.set(URGENT, of_a_piece)
    workshop.create(DoubtClassifier).process([message])
    assert message.get("intent")["name"] == intent
    assert sum(reading["confidence"] for reading in message.get("intent_ranking")) <= 1 + 1e-9


@pytest.mark.parametrize(("talked_of", "verdict"), [("", UNCLEAR), ("initiative/saubere_flotte", None)])
def test_a_question_that_follows_another_is_trusted_sooner(
    workshop: Workshop, talked_of: str, verdict: str | None
) -> None:
    """'Wo wird sie errichtet?' looks foreign by itself."""
    ranking = _ranking(("ask_place", 0.85), ("out_of_scope", 0.1))
    told = {"text": "x", "intent_ranking": ranking, "intent": ranking[0], FAMILIARITY: 1.0}
    message = Message({**told, TALKED_OF: talked_of})
    workshop.create(DoubtClassifier).process([message])
    assert message.get(DOUBT) == verdict
