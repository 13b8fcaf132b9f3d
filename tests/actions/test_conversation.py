"""Yes, no, the second one, again, where from, another language, lost twice."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Say

TWO = ['/ask_cost{"initiative": "kruiser"}', '/ask_cost{"initiative": "swcar"}']


def test_yes_takes_what_was_offered(say: Say) -> None:
    assert say("action_affirm", "affirm", slots={"yes": TWO[0], "offered": TWO}).answer == "initiative/kruiser/cost"


def test_yes_to_nothing_asks_what_is_wanted(say: Say) -> None:
    assert say("action_affirm", "affirm").answer == "talk/affirm"


@pytest.mark.parametrize(
    ("text", "answer"),
    [("nein, das andere", "initiative/swcar/cost"), ("die zweite", "initiative/swcar/cost"),
     ("das erste", "initiative/kruiser/cost"), ("the last one", "initiative/swcar/cost")],
)  # fmt: skip
def test_another_of_the_choices(say: Say, text: str, answer: str) -> None:
    assert say("action_choose_other", "other_one", text=text, slots={"offered": TWO}).answer == answer


@pytest.mark.parametrize("text", ["das letzte", "die zweite", "the last one"])
def test_an_item_of_no_list_means_nothing_special(say: Say, text: str) -> None:
    assert say("action_decline", "out_of_scope", text=text).answer == "decline"


def test_a_number_chooses(say: Say) -> None:
    said = say("action_resolve_doubt", "nlu_fallback", text="2", doubt="unknown", slots={"offered": TWO})
    assert said.answer == "initiative/swcar/cost"


def test_the_source_of_the_last_answer(say: Say) -> None:
    first = say("action_answer_initiative", "ask_status", ("initiative", "kruiser"))
    said = say("action_tell_source", "ask_source", slots=first.slots)
    assert "Extra-Tipp am Sonntag" in said.text and "Dezember 2025" in said.text
    again = say("action_tell_source", "ask_source", slots={**first.slots, **said.slots})
    assert again.text == said.text


def test_no_source_without_a_statement(say: Say) -> None:
    assert say("action_tell_source", "ask_source").messages[0]["custom"]["source"] is None


def test_the_last_answer_again_with_its_source_and_buttons(say: Say) -> None:
    first = say("action_answer_initiative", "ask_cost", ("initiative", "kruiser"))
    again = say("action_repeat", "repeat", slots=first.slots)
    assert first.text in again.text
    assert again.buttons == first.buttons
    assert again.messages[0]["custom"]["source"] == first.messages[0]["custom"]["source"]


@pytest.mark.parametrize(
    ("intent", "language"), [("switch_english", "en"), ("switch_easy", "de-simple"), ("switch_german", "de")]
)
def test_another_language_stays(say: Say, intent: str, language: str) -> None:
    switched = say("action_switch_language", intent, slots={"chosen_language": "de", "language": "en"})
    assert switched.messages[0]["custom"]["language"] == language
    later = say("action_converse", "thank", slots={"language": "en", "chosen_language": "de", **switched.slots})
    assert later.messages[0]["custom"]["language"] == language


def test_an_english_question_in_a_german_chat(say: Say) -> None:
    said = say("action_converse", "thank", language="de", detected="en")
    assert said.messages[0]["custom"]["language"] == "en"
    back = say("action_converse", "thank", language="de", detected="de", slots=said.slots)
    assert back.messages[0]["custom"]["language"] == "de"


def test_a_german_question_in_a_chat_in_leichte_sprache(say: Say) -> None:
    said = say("action_converse", "thank", language="de-simple", detected="de")
    assert said.messages[0]["custom"]["language"] == "de-simple"


def test_lost_twice_offers_the_office(say: Say) -> None:
    first = say("action_resolve_doubt", "nlu_fallback", doubt="unknown")
    assert first.answer == "lost"
    second = say("action_resolve_doubt", "nlu_fallback", doubt="unknown", slots=first.slots)
    assert second.answer == "lost/again"
    assert "/office_phone" in second.buttons


def test_an_answer_ends_being_lost(say: Say) -> None:
    said = say("action_converse", "thank", slots={"lost": 1.0})
    assert said.slots["lost"] == 0.0


def test_two_close_readings_are_asked_back(say: Say) -> None:
    said = say(
        "action_resolve_doubt", "nlu_fallback", ("initiative", "kreathon"),
        doubt="unclear", ranking=(("ask_time", 0.4), ("ask_place", 0.39)),
    )  # fmt: skip
    assert said.buttons == ['/ask_time{"initiative": "kreathon"}', '/ask_place{"initiative": "kreathon"}']


def test_the_first_greeting_tells_that_this_is_a_machine(say: Say) -> None:
    said = say("action_converse", "greet", text="/greet")
    assert "Maschine" in said.text
    assert "persönlichen Daten" in said.text


def test_an_everyday_word_means_the_one_that_was_listed(say: Say) -> None:
    """'Das mit der Umfrage, worum ging es da?' after a list that holds one of two surveys."""
    surveys = (("initiative", "beteiligungsportal"), ("initiative", "krefeld_im_spiegel"))
    asked: dict[str, Any] = {"text": "das mit der Umfrage", "generic": True}
    assert say("action_answer_initiative", "ask_about", *surveys, **asked).answer in ("which", "ask/about")
    listed = {"listed": {"theme": None, "state": "ended", "shown": ["krefeld_im_spiegel", "kruiser"]}}
    said = say("action_answer_initiative", "ask_about", *surveys, **asked, slots=listed)
    assert said.answer == "initiative/krefeld_im_spiegel/about"
    described = ({"name": "beteiligungsportal", "confidence": 0.9},)
    other = say("action_answer_initiative", "ask_about", *surveys, **asked, slots=listed, topics=described)
    assert other.answer == "initiative/beteiligungsportal/about", "what the message describes comes first"


@pytest.mark.parametrize(
    ("meant", "answer"), [("klimasensoren", "initiative/klimasensoren/place"), ("swcar", "decline")]
)
def test_a_description_chooses_among_what_was_offered(say: Say, meant: str, answer: str) -> None:
    offered = [f'/ask_place{{"initiative": "{one}"}}' for one in ("klimasensoren", "citypilot")]
    slots = {
        "offered": offered,
        "aspect": "place",
        "last_answer": {"answer": "ask/place", "text": "", "language": "de"},
    }
    topics = ({"name": meant, "confidence": 0.6},)
    said = say("action_decline", "out_of_scope", text="die anderen da oben", topics=topics, slots=slots)
    assert said.answer == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("und das erste, gibt es das eigentlich immer noch", "citypilot"),
        ("gibt es das erste Mal eigentlich noch heute", "swcar"),
        ("Gibt es noch den Ersten, der da mitgemacht hat?", "swcar"),
    ],
)
def test_the_first_one_is_what_was_talked_of_first(say: Say, text: str, answer: str) -> None:
    last = {"answer": "initiative/swcar/time", "text": "", "language": "de"}
    slots = {"topic": "initiative/swcar", "aspect": "time", "last_answer": last}
    before = ("initiative/citypilot", "initiative/swcar")
    said = say("action_answer_initiative", "ask_status", text=text, slots=slots, before=before)
    assert said.answer == f"initiative/{answer}/status"


@pytest.mark.parametrize(
    ("text", "answer"),
    [("Drucker und so Sachen im Haus", "ask/guess"), ("Drucker und so Sachen im Haus?", "ask/between")],
)
def test_what_content_says_near_to_a_statement_comes_before_one_weak_reading(say: Say, text: str, answer: str) -> None:
    ranking = (("list_initiatives", 0.55), ("out_of_scope", 0.1))
    assert say("action_resolve_doubt", "nlu_fallback", text=text, doubt="unclear", ranking=ranking).answer == answer
