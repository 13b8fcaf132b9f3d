"""The words of content's facts tell which question is asked; the city is the real one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message

from smartcity.nlu.clues import ClueClassifier, weighed
from smartcity.nlu.context import TALKED_OF
from smartcity.nlu.intents import RANKING
from smartcity.nlu.mentions import PARTS

from .workshop import Workshop

STRATEGY = {"entity": "initiative", "value": "smart_city_strategie", "start": 0, "end": 9}
CLOSE = (("ask_function", 0.5), ("ask_goals", 0.3), ("out_of_scope", 0.1))


def _ranking(*readings: tuple[str, float]) -> list[dict[str, Any]]:
    return [{"name": name, "confidence": confidence} for name, confidence in readings]


def _message(text: str, *readings: tuple[str, float], entities: tuple[dict[str, Any], ...] = ()) -> Message:
    ranking = _ranking(*readings)
    return Message({"text": text, RANKING: ranking, "intent": ranking[0], "entities": list(entities)})


def _weighed(workshop: Workshop, message: Message, **config: Any) -> Message:
    workshop.create(ClueClassifier, **config).process([message])
    return message


def test_a_word_of_one_fact_tells_what_is_asked(workshop: Workshop) -> None:
    """'Leitwort' stands in what content says of the goals."""
    told = _weighed(workshop, _message("SMARTKREFELD Leitwort", *CLOSE, entities=(STRATEGY,)))
    assert told.get("intent")["name"] == told.get(RANKING)[0]["name"] == "ask_goals"
    without = _weighed(workshop, _message("SMARTKREFELD Leitwort", *CLOSE, entities=(STRATEGY,)), weight=0)
    assert without.get("intent")["name"] == "ask_function"


@pytest.mark.parametrize(
    "entities",
    [
        ({**STRATEGY, "refused": True},),
        (STRATEGY, {**STRATEGY, "value": "kruiser"}),
        ({**STRATEGY, "entity": "theme", "value": "smart_city"},),
        (),
    ],
)
def test_it_tells_nothing_unless_one_initiative_is_named(
    workshop: Workshop, entities: tuple[dict[str, Any], ...]
) -> None:
    told = _weighed(workshop, _message("SMARTKREFELD Leitwort", *CLOSE, entities=entities))
    assert [reading["name"] for reading in told.get(RANKING)] == [name for name, _ in CLOSE]


def test_what_staff_taught_stays(workshop: Workshop) -> None:
    sure = _message("SMARTKREFELD Leitwort", ("ask_function", 0.95), ("ask_goals", 0.04), entities=(STRATEGY,))
    assert _weighed(workshop, sure).get("intent") == {"name": "ask_function", "confidence": 0.95}


@pytest.mark.parametrize("place", [0, 30])
def test_each_part_of_a_message_has_its_clues(workshop: Workshop, place: int) -> None:
    """The name stands before the part or after it."""
    message = _message("Leitwort", ("ask_figures", 0.8), entities=({**STRATEGY, "start": place, "end": place + 5},))
    message.set("text", "SMARTK, was ist das Leitwort?  SMARTK")
    message.set(PARTS, [{"start": 8, "end": 29, RANKING: _ranking(*CLOSE)}])
    _weighed(workshop, message)
    assert message.get(PARTS)[0][RANKING][0]["name"] == "ask_goals"


def test_where_nothing_is_named_the_conversation_decides(workshop: Workshop) -> None:
    """'Leitwort?' is about the goals where the strategy is talked of, and nothing of the kind about the scooters."""
    likeliest = {}
    for topic in ("", "initiative/smart_city_strategie", "initiative/kruiser", "theme/smart_city"):
        message = _message("und das Leitwort?", ("ask_function", 0.4), ("ask_goals", 0.3), ("out_of_scope", 0.2))
        message.set(TALKED_OF, topic)
        likeliest[topic] = _weighed(workshop, message).get("intent")["name"]
    assert likeliest.pop("initiative/smart_city_strategie") == "ask_goals"
    assert set(likeliest.values()) == {"ask_function"}, "alone it says too little"


@given(st.text(max_size=80))
def test_any_message_keeps_its_whole(text: str) -> None:
    message = _message(text, *CLOSE, entities=(STRATEGY,))
    component = ClueClassifier.create(ClueClassifier.get_default_config(), None, None, None)  # type: ignore[arg-type]
    component.process([message])
    shares = [reading["confidence"] for reading in message.get(RANKING)]
    assert shares == sorted(shares, reverse=True) and sum(shares) <= 1 + 1e-9


def test_a_message_without_words_stays_without_intent(workshop: Workshop) -> None:
    assert _weighed(workshop, Message({"text": "🙂", RANKING: []})).get("intent") is None


def test_odds_by_bayes_rule() -> None:
    found = weighed(_ranking(("a", 0.6), ("b", 0.2)), {"b": 5.0})
    # 0.6, 5 * 0.2, and 0.2 that the ranking leaves out
    assert [reading["name"] for reading in found] == ["b", "a"]
    assert [reading["confidence"] for reading in found] == pytest.approx([1 / 1.8, 0.6 / 1.8])


@pytest.mark.parametrize("key", ["weight", "most"])
@pytest.mark.parametrize("value", [-0.1, 1000, float("nan"), "0.3", None, True])
def test_a_number_out_of_its_range_is_refused(workshop: Workshop, key: str, value: object) -> None:
    with pytest.raises(InvalidConfigException, match=f"ClueClassifier: {key} must be between 0 and .* in config.yml"):
        workshop.create(ClueClassifier, **{key: value})
