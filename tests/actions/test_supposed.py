"""An initiative that a message means in all likelihood, though it names none."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk import Tracker

from actions import facts, several
from actions.reading import read_turn
from smartcity.knowledge.source import KnowledgeStore

from .conftest import NOW, SLOTS, Say

KRUISER = {"topic": "initiative/kruiser", "aspect": "about"}
ANSWER = "action_answer_initiative"


def _topics(confidence: float, name: str = "swcar") -> tuple[dict[str, Any], ...]:
    return ({"name": name, "confidence": confidence}, {"name": "kreathon", "confidence": 0.01})


@pytest.mark.parametrize(("confidence", "answer"), [(0.6, "initiative/swcar/cost"), (0.4, "which")])
def test_a_question_without_a_name_is_about_what_it_means(say: Say, confidence: float, answer: str) -> None:
    said = say(ANSWER, "ask_cost", text="Was zahlt man da?", topics=_topics(confidence))
    assert said.answer == answer


@pytest.mark.parametrize(("confidence", "answer"), [(0.9, "initiative/swcar/cost"), (0.6, "initiative/kruiser/cost")])
def test_while_another_is_talked_of_it_must_be_clear(say: Say, confidence: float, answer: str) -> None:
    said = say(ANSWER, "ask_cost", text="Was zahlt man da?", topics=_topics(confidence), slots=KRUISER)
    assert said.answer == answer
    pointing = say(ANSWER, "ask_cost", text="und dafür", topics=_topics(0.9), slots=KRUISER, points_back=True)
    assert pointing.answer == "initiative/kruiser/cost"


def test_what_is_named_or_asked_otherwise_is_not_supposed(say: Say) -> None:
    likely = _topics(0.95)
    assert say(ANSWER, "ask_cost", ("initiative", "kruiser"), topics=likely).answer == "initiative/kruiser/cost"
    assert say("action_decline", "out_of_scope", topics=likely).answer == "decline"
    assert say("action_answer_office", "office_phone", topics=likely).answer == "office/phone"
    assert say(ANSWER, "ask_cost", topics=_topics(0.95, "gone")).answer == "which", "content has it no longer"
    theme = say(ANSWER, "ask_goals", ("theme", "smart_city"), topics=likely)
    assert theme.answer == "theme/smart_city/goals"


def test_a_choice_that_is_offered_comes_first(say: Say) -> None:
    slots = {
        "last_answer": {"answer": "which"},
        "offered": ['/ask_cost{"initiative": "kreathon"}', '/ask_cost{"initiative": "citypilot"}'],
        "aspect": "cost",
    }
    said = say(ANSWER, "ask_cost", text="das zweite", topics=_topics(0.95), slots=slots)
    assert said.answer == "initiative/citypilot/cost"


def test_what_is_not_understood_is_offered_and_not_stated(say: Say) -> None:
    ranking = (("ask_about", 0.3), ("out_of_scope", 0.28))
    said = say("action_resolve_doubt", "nlu_fallback", doubt="unknown", ranking=ranking, topics=_topics(0.9))
    assert said.answer == "ask/initiative"
    assert all('"swcar"' in button for button in said.buttons)
    unclear = say("action_resolve_doubt", "nlu_fallback", doubt="unclear", ranking=ranking, topics=_topics(0.9))
    assert unclear.answer == "ask/between" and '"swcar"' in unclear.buttons[0]


@pytest.mark.parametrize(
    ("elsewhere", "intent", "answer"),
    [
        (0.9, "ask_cost", "decline"),
        (0.5, "ask_cost", "which"),
        (0.9, "ask_data", "decline"),
        (0.5, "ask_data", "talk/bot_privacy"),
        (0.9, "ask_contact", "office/responsible"),
    ],
)
def test_a_question_about_none_of_them_is_declined(say: Say, elsewhere: float, intent: str, answer: str) -> None:
    assert say(ANSWER, intent, elsewhere=elsewhere).answer == answer
    assert say(ANSWER, intent, elsewhere=elsewhere, points_back=True).answer == answer
    slots = {"last_answer": {"answer": "which"}}
    pointing = say(ANSWER, intent, elsewhere=elsewhere, points_back=True, slots=slots).answer
    assert pointing == say(ANSWER, intent, elsewhere=0.0).answer, "'und wer bezahlt den Quatsch'"
    talked_of = say(ANSWER, intent, elsewhere=elsewhere, slots=KRUISER).answer
    assert talked_of == f"initiative/kruiser/{intent[len('ask_') :]}"


def test_two_parts_without_a_name_are_both_about_it(say: Say) -> None:
    parts = (
        {"start": 0, "end": 10, "intent": "ask_cost", "negated": False, "asks": True},
        {"start": 11, "end": 30, "intent": "ask_place", "negated": False, "asks": True},
    )
    text = "Was kostet es und wo fährt es?"
    said = say(ANSWER, "ask_cost", text=text, topics=_topics(0.9), parts=parts)
    assert [said.answer, *said.beside] == ["initiative/swcar/cost", "initiative/swcar/place"]


def test_a_word_with_several_meanings_means_the_likely_one(say: Say) -> None:
    either = (("initiative", "kruiser"), ("initiative", "swcar"))
    assert say(ANSWER, "ask_cost", *either, generic=True, text="xxx").answer == "ask/cost"
    said = say(ANSWER, "ask_cost", *either, generic=True, text="xxx", topics=_topics(0.6))
    assert said.answer == "initiative/swcar/cost"


FIELDS = (
    {"kind": "service", "name": "dog_tax", "confidence": 0.7},
    {"kind": "theme", "name": "environment", "confidence": 0.6},
)


def test_a_service_and_the_theme_of_a_list_are_supposed_too(say: Say) -> None:
    assert say("action_point_to_service", "city_service", fields=FIELDS).answer == "service/dog_tax"
    assert say("action_point_to_service", "city_service", ("service", "passport"), fields=FIELDS).answer == (
        "service/passport"
    )
    assert say("action_list_initiatives", "list_initiatives", fields=FIELDS).answer == "list/environment"
    unsure = ({**FIELDS[0], "confidence": 0.4}, {**FIELDS[1], "confidence": 0.4})
    assert say("action_point_to_service", "city_service", fields=unsure).answer == "service/any"
    assert say("action_list_initiatives", "list_initiatives", fields=unsure).answer == "list/all"


def test_an_everyday_word_gives_way_to_what_is_clearly_meant(say: Say) -> None:
    """'Das Kästchen an der Laterne, das die Hitze misst' is a sensor and no lamp."""
    lamp = ("initiative", "smarte_laternen")
    sensor = _topics(0.9, "klimasensoren")
    said = say(ANSWER, "ask_data", lamp, generic=True, topics=sensor)
    assert said.answer == "initiative/klimasensoren/data"
    assert say(ANSWER, "ask_data", lamp, generic=True, topics=_topics(0.7, "klimasensoren")).answer == (
        "initiative/smarte_laternen/data"
    )
    assert say(ANSWER, "ask_data", lamp, topics=sensor).answer == "initiative/smarte_laternen/data", "a name is a name"


@pytest.mark.parametrize(
    ("text", "confidence", "about"),
    [
        ("An der Laterne vor der Kita hängt ein Kästchen. Ist da eine Kamera drin?", 0.9, "klimasensoren"),
        ("An der Laterne vor der Kita hängt ein Kästchen. Ist da eine Kamera drin?", 0.7, "smarte_laternen"),
        ("Haben die Laterne und das Kästchen eine Kamera?", 0.9, "smarte_laternen"),
    ],
)
def test_of_several_everyday_words_the_described_one_counts(
    store: KnowledgeStore, text: str, confidence: float, about: str
) -> None:
    names = (("smarte_laternen", "Laterne"), ("klimasensoren", "Kästchen"))
    message = {
        "text": text,
        "intent": {"name": "ask_data", "confidence": 0.9},
        "topics": _topics(confidence, "klimasensoren"),
        "entities": [
            {
                "entity": "initiative",
                "value": value,
                "start": text.index(word),
                "end": text.index(word) + len(word),
                "generic": True,
                "extractor": "MentionExtractor",
            }
            for value, word in names
        ],
    }
    tracker = Tracker("test", dict.fromkeys(SLOTS), message, [], False, None, {}, "")
    turn = read_turn(tracker, store.knowledge, NOW)
    assert several.answers(turn, facts.answer)[0].card.answer == f"initiative/{about}/data"


@pytest.mark.parametrize(
    ("text", "share", "answer"),
    [
        ("Bürgerinnen konnten mit dem Rad messen", 0.3, "ask/initiative"),
        ("Bürgerinnen konnten mit dem Rad messen", 0.6, "initiative/klimasensoren/function"),
        ("Was konnten die mit dem Rad messen", 0.3, "initiative/klimasensoren/function"),
        ("Konnten die mit dem Rad messen?", 0.3, "initiative/klimasensoren/function"),
        ("kann man da mit dem Rad messen", 0.3, "initiative/klimasensoren/function"),
    ],
)
def test_a_description_that_asks_nothing_clearly_is_asked_back(say: Say, text: str, share: float, answer: str) -> None:
    topics = _topics(0.9, "klimasensoren")
    said = say(ANSWER, "ask_function", text=text, ranking=(("ask_function", share),), topics=topics)
    assert said.answer == answer
