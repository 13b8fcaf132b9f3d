"""What the conversation adds to a message that says little by itself."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa_sdk import Tracker

from actions import facts, several
from actions.naming import of_another
from actions.reading import asks_the_same, read_turn
from actions.turn import Named, Turn
from smartcity.knowledge.source import read_once

from .conftest import NOW, Say

INTENTS = [
    name if isinstance(name, str) else next(iter(name))
    for name in yaml.safe_load(Path("domain.yml").read_text("utf-8"))["intents"]
]
ABOUT_BIN = {"topic": "initiative/smarte_muelltonne", "aspect": "about"}
GONE = {"topic": "initiative/kruiser", "aspect": "status"}
SUBSIDY = ("initiative", "klimafreundliches_wohnen")
CARS = {"topic": "initiative/e_dienstfahrzeuge", "aspect": "about"}
OF_BOTH = ("initiative/saubere_flotte", "initiative/e_dienstfahrzeuge")
MAYOR = ("initiative", "oberbuergermeister")
PARKING = {
    "aspect": "cost",
    "offered": ['/ask_cost{"initiative": "citypilot"}', '/ask_cost{"initiative": "handyparken"}'],
    "last_answer": {"answer": "ask/cost"},
}


def test_a_question_without_a_name_is_about_the_topic(say: Say) -> None:
    said = say("action_answer_initiative", "ask_operator", text="wer hat ihn gebaut", points_back=True, slots=ABOUT_BIN)
    assert said.answer == "initiative/smarte_muelltonne/operator"


def test_two_close_readings_in_the_conversation_ask_back(say: Say) -> None:
    ranking = (("ask_operator", 0.5), ("out_of_scope", 0.4))
    said = say("action_resolve_doubt", "nlu_fallback", doubt="unclear", ranking=ranking, slots=ABOUT_BIN)
    assert said.answer == "ask/between"
    assert said.buttons[0] == '/ask_operator{"initiative": "smarte_muelltonne"}'


def test_why_something_ended_is_told_with_its_state(say: Say) -> None:
    said = say("action_answer_initiative", "ask_goals", text="och, warum denn", slots=GONE)
    assert said.answer == "initiative/kruiser/status"
    running = say("action_answer_initiative", "ask_goals", text="warum", slots={"topic": "initiative/glasfaser"})
    assert running.answer == "initiative/glasfaser/goals"


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("Gab es dafür Fördergeld?", "e_dienstfahrzeuge"),
        ("Wie hoch ist die Förderung?", "e_dienstfahrzeuge"),  # its costs speak of one
        ("Was kostet das Balkonkraftwerk?", "klimafreundliches_wohnen"),
    ],
)
def test_an_everyday_word_of_another_may_be_said_of_the_one_talked_of(text: str, about: str) -> None:
    knowledge = read_once("content")
    word = re.search(r"Fördergeld|Förderung|Balkonkraftwerk", text)
    assert word is not None
    named = (Named((SUBSIDY,), generic=True, start=word.start(), end=word.end()),)
    turn = Turn(knowledge, text, "ask_cost", named, "de", "de", NOW.date(), **CARS)
    left = of_another(turn)
    assert ("klimafreundliches_wohnen" if left else "e_dienstfahrzeuge") == about


def test_an_everyday_word_means_what_was_talked_of_before(say: Say) -> None:
    """'Noch mal zu den Bussen', after the cars of the town hall."""
    fleets = (("initiative", "saubere_flotte"), ("initiative", "swcar"))
    said = say("action_answer_initiative", "ask_place", *fleets, generic=True, slots=CARS, before=OF_BOTH)
    assert said.answer == "initiative/saubere_flotte/place"


def test_the_first_means_what_was_talked_of_first(say: Say) -> None:
    said = say("action_answer_initiative", "ask_cost", text="und das erste?", slots=CARS, before=OF_BOTH)
    assert said.answer == "initiative/saubere_flotte/cost"


@pytest.mark.parametrize(
    ("text", "aspect"), [("Krefeld im Spiegel hieß sie", "data"), ("Was ist Krefeld im Spiegel?", "about")]
)
def test_who_says_which_one_is_meant_gets_what_was_asked(say: Say, text: str, aspect: str) -> None:
    slots = {"aspect": "data", "last_answer": {"answer": "ask/data"}}
    said = say("action_answer_initiative", "ask_about", ("initiative", "krefeld_im_spiegel"), text=text, slots=slots)
    assert said.answer == f"initiative/krefeld_im_spiegel/{aspect}"


def test_what_follows_a_defect_is_about_where_it_is_reported(say: Say) -> None:
    said = say("action_point_to_defects", "report_defect", text="Scherben auf dem Spielplatz")
    assert said.slots["topic"] == "initiative/maak_et"


@pytest.mark.parametrize(
    ("text", "share", "aspect"),
    [("bin", 0.4, "about"), ("bin bitte", 0.4, "about"), ("bin", 0.6, "figures"), ("bin teuer", 0.4, "figures")],
)
def test_a_bare_name_asks_what_it_is_unless_another_question_is_clear(
    say: Say, text: str, share: float, aspect: str
) -> None:
    ranking = (("ask_figures", share), ("ask_about", 0.2))
    bin_ = ("initiative", "smarte_muelltonne")
    said = say("action_answer_initiative", "ask_figures", bin_, text=text, ranking=ranking)
    assert said.answer == f"initiative/smarte_muelltonne/{aspect}"


def test_a_question_about_the_office_that_points_at_the_topic_is_about_it(say: Say) -> None:
    slots = {"topic": "initiative/oberbuergermeister", "aspect": "about"}
    said = say("action_answer_office", "office_address", points_back=True, slots=slots)
    assert said.answer == "initiative/oberbuergermeister/place"
    plain = say("action_answer_office", "office_address", text="wo sitzt das Büro", slots=slots)
    assert plain.answer == "office/address"
    short = say("action_answer_office", "office_address", text="Adresse?", slots=slots)
    assert short.answer == "initiative/oberbuergermeister/place", "it says little, so it is about what is talked of"


def test_close_questions_that_name_nothing_ask_which_is_meant(say: Say) -> None:
    ranking = (("ask_operator", 0.5), ("ask_time", 0.3))
    said = say("action_resolve_doubt", "nlu_fallback", text="hm", ranking=ranking, doubt="unclear")
    assert said.answer == "which"


def test_small_talk_about_somebody_is_what_is_talked_of(say: Say) -> None:
    assert say("action_converse", "small_talk", MAYOR).slots["topic"] == "initiative/oberbuergermeister"


def test_a_description_chooses_among_what_was_offered(say: Say) -> None:
    said = say("action_resolve_doubt", "nlu_fallback", text="das mit dem Handy bezahlen", slots=PARKING)
    assert said.answer == "initiative/handyparken/cost"
    unclear = say("action_resolve_doubt", "nlu_fallback", text="hm", slots=PARKING)
    assert not unclear.answer.startswith("initiative/")


def test_what_describes_another_one_better_chooses_nothing(say: Say) -> None:
    slots = {
        "aspect": "place",
        "offered": ['/ask_place{"initiative": "saubere_flotte"}', '/ask_place{"initiative": "beteiligungsportal"}'],
        "last_answer": {"answer": "which"},
    }
    said = say("action_answer_initiative", "ask_figures", text="wieviel strom spart ihr damit", slots=slots)
    assert said.answer == "which"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Lampen, die nachts selber angehen, wenn wer vorbeigeht", "ask/guess"),
        ("Wasserrohrbruch bei uns", "lost"),
        ("mein Handy ist geklaut", "lost"),
        ("Bin bei Meyer gewesen", "lost"),
    ],
)
def test_two_words_of_a_description_offer_a_guess_and_one_is_chance(say: Say, text: str, answer: str) -> None:
    assert say("action_resolve_doubt", "nlu_fallback", text=text, doubt="unknown").answer == answer


def test_a_description_means_nothing_after_an_answer(say: Say) -> None:
    slots = {**PARKING, "last_answer": {"answer": "initiative/citypilot/cost"}}
    said = say("action_resolve_doubt", "nlu_fallback", text="das mit dem Handy bezahlen", slots=slots)
    assert not said.answer.startswith("initiative/")


def test_a_question_without_a_name_is_about_what_its_words_say(say: Say) -> None:
    text = "Was kostet die Leitung mit Glasfaser bis ins Haus?"
    assert say("action_answer_initiative", "ask_cost", text=text).answer == "initiative/glasfaser/cost"
    assert say("action_answer_initiative", "ask_cost", text="Was kostet das?").answer == "which"


def test_two_readings_with_one_answer_need_no_question(say: Say) -> None:
    ranking = (("office_phone", 0.4), ("ask_contact", 0.35))
    slots = {"topic": "initiative/handyparken", "aspect": "about"}
    said = say("action_resolve_doubt", "nlu_fallback", ranking=ranking, doubt="unclear", slots=slots)
    assert said.answer == "initiative/handyparken/contact"


@pytest.mark.parametrize("intent", INTENTS)
def test_every_reading_of_an_unclear_message_can_be_answered(intent: str, say: Say) -> None:
    ranking = ((intent, 0.4), ("ask_cost", 0.35))
    said = say("action_resolve_doubt", "nlu_fallback", ("initiative", "kruiser"), ranking=ranking, doubt="unclear")
    assert said.answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [("Ich meine nicht CityPilot", "talk/deny"), ("nein, CityPilot nicht", "talk/deny"), ("CityPilot", "citypilot")],
)
def test_who_says_which_one_is_not_meant_gets_no_answer_about_it(text: str, answer: str) -> None:
    place = text.index("CityPilot")
    entity = {"entity": "initiative", "value": "citypilot", "extractor": "MentionExtractor"}
    message = {
        "text": text,
        "intent": {"name": "ask_about"},
        "entities": [{**entity, "start": place, "end": place + 9, "generic": False}],
        "intent_ranking": [{"name": "ask_about", "confidence": 0.4}],
    }
    slots = {"last_answer": {"answer": "which"}, "aspect": "cost", "offered": ['/ask_cost{"initiative": "citypilot"}']}
    tracker = Tracker("somebody", slots, message, [], False, None, {}, "")
    (reply, *_) = several.answers(read_turn(tracker, read_once("content"), NOW), facts.answer)
    assert answer in reply.card.answer


@pytest.mark.parametrize(
    ("text", "intent", "answer"),
    [
        ("\u2215restart", "ask_time", "lost"),
        ("\u2215affirm", "city_service", "lost"),
        ("\u2215help", "help", "talk/help"),
        ("\u2215notruf", "emergency", "talk/emergency"),
        ("restart", "ask_time", "initiative/kruiser/time"),
        ("\u2215 wann war das", "ask_time", "initiative/kruiser/time"),
    ],
)
def test_a_typed_command_asks_nothing(say: Say, text: str, intent: str, answer: str) -> None:
    action = {
        "ask_time": "action_answer_initiative",
        "city_service": "action_point_to_service",
        "emergency": "action_emergency",
    }.get(intent, "action_converse")
    said = say(action, intent, text=text, slots={"topic": "initiative/kruiser", "aspect": "about"})
    assert said.answer == answer


TOLD_COST: dict[str, Any] = {
    "topic": "initiative/kruiser",
    "aspect": "cost",
    "last_answer": {"answer": "initiative/kruiser/cost"},
}
AFTER_PASSPORT = {"last_answer": {"answer": "service/passport", "text": ""}}


@pytest.mark.parametrize(
    ("text", "intent", "slots", "answer"),
    [
        ("nee ich mein das SWCAR", "ask_about", TOLD_COST, "cost"),
        ("meine Tochter mag das SWCAR", "ask_about", TOLD_COST, "about"),
        ("Erzähl vom SWCAR, ich wollte immer mehr darüber erfahren", "ask_about", TOLD_COST, "about"),
        ("das SWCAR meine ich nicht", "ask_about", TOLD_COST, "about"),
        ("wo fährt denn, ich mein das SWCAR", "ask_place", TOLD_COST, "place"),
        ("ich mein das SWCAR", "ask_about", {}, "about"),
    ],
)
def test_ich_mein_another_one_asks_of_it_what_was_asked(
    say: Say, text: str, intent: str, slots: dict[str, object], answer: str
) -> None:
    ranking = ((intent, 0.95),)
    said = say(
        "action_answer_initiative", intent, ("initiative", "swcar"), text=text, ranking=ranking, slots=dict(slots)
    )
    assert said.answer == f"initiative/swcar/{answer}"


@pytest.mark.parametrize(
    ("text", "share", "answer"),
    [
        ("Und bei dem kleinen schwarzen, dem SWCAR?", 0.45, "cost"),
        ("Und bei dem kleinen schwarzen, dem SWCAR?", 0.6, "function"),
        ("Und wie funktioniert das SWCAR?", 0.45, "function"),
        ("Bei dem kleinen schwarzen, dem SWCAR?", 0.45, "function"),
        ("Und nicht das SWCAR?", 0.45, "function"),
    ],
)
def test_und_and_another_name_ask_of_it_what_was_asked(say: Say, text: str, share: float, answer: str) -> None:
    start = text.index("SWCAR")
    named = (Named((("initiative", "swcar"),), start=start, end=start + 5),)
    turn = Turn(read_once("content"), text, "ask_function", named, "de", "de", NOW.date())
    told = {"aspect": "cost", "last_answer": TOLD_COST["last_answer"], "topic": TOLD_COST["topic"]}
    turn = replace(turn, ranking=(("ask_function", share),), **told)
    assert asks_the_same(turn) == (answer == "cost")
    assert not asks_the_same(replace(turn, topic="initiative/swcar")), "the same one again"
    assert not asks_the_same(replace(turn, intent="emergency"))
    assert not asks_the_same(replace(turn, ranking=(*turn.ranking, ("emergency", 0.2))))


@pytest.mark.parametrize("aspect", ["cost", "requirements", "contact", "place"])
def test_after_a_service_a_question_without_a_name_is_for_its_door(say: Say, aspect: str) -> None:
    said = say("action_answer_initiative", f"ask_{aspect}", text="und das?", slots=dict(AFTER_PASSPORT))
    assert said.answer == "service/passport"
    any_one = say("action_answer_initiative", "ask_place", slots={"last_answer": {"answer": "service/any"}})
    assert any_one.answer == "service/any"


@pytest.mark.parametrize(
    ("text", "answer"), [("Und was kostet das?", "service/passport"), ("Was kostet das für Achtjährige aus Hüls?", "")]
)
def test_what_was_told_before_the_service_is_meant_by_more_words(say: Say, text: str, answer: str) -> None:
    slots = {**AFTER_PASSPORT, "topic": "initiative/kremintec", "aspect": "about"}
    said = say("action_answer_initiative", "ask_cost", text=text, slots=slots)
    assert said.answer == (answer or "initiative/kremintec/cost")


def test_after_a_service_what_no_door_tells_or_another_service_is_asked_for_is_not_its(say: Say) -> None:
    def answer(intent: str, *names: tuple[str, str], **told: Any) -> str:
        return say("action_answer_initiative", intent, *names, slots=dict(AFTER_PASSPORT), **told).answer

    assert answer("ask_audience") == "which"
    assert answer("ask_cost", ("service", "dog_tax")) != "service/passport"
    fields = ({"kind": "service", "name": "dog_tax", "confidence": 0.9},)
    assert answer("ask_cost", fields=fields, elsewhere=0.9) == "service/dog_tax"
