"""Companies, other offices and services: what is asked of them, and what is asked of our office beside them."""

from __future__ import annotations

import pytest

from actions import facts, several
from actions.turn import Named, Part, Turn, parse_payload
from smartcity.knowledge.source import read_once

from .conftest import NOW, Say


def test_a_service_by_name_is_not_asked_of_our_office(say: Say) -> None:
    said = say("action_answer_office", "office_email", ("service", "car_registration"))
    assert said.answer == "service/car_registration"


@pytest.mark.parametrize(
    ("intent", "of_one", "of_several"),
    [
        ("ask_figures", "initiative/glasfaser/figures", "which"),
        ("ask_cost", "initiative/glasfaser/cost", "which"),
        ("ask_operator", "initiative/glasfaser/operator", "office/swk"),
        ("ask_contact", "office/oxg", "office/swk"),
        ("ask_about", "office/oxg", "office/swk"),
    ],
)
def test_a_company_is_asked_about_its_initiatives(say: Say, intent: str, of_one: str, of_several: str) -> None:
    assert say("action_answer_initiative", intent, ("office", "oxg")).answer == of_one
    assert say("action_answer_initiative", intent, ("office", "swk")).answer == of_several


@pytest.mark.parametrize(
    ("text", "intent", "answer"),
    [
        ("Wie lange fährt das Taxi der", "ask_time", "initiative/swcar/time"),
        ("brauche ich einen Helm für den Roller der", "ask_requirements", "initiative/kruiser/requirements"),
        ("Was kostet das bei der", "ask_cost", "which"),
    ],
)
def test_the_words_beside_a_company_tell_which_of_its_initiatives_is_meant(
    say: Say, text: str, intent: str, answer: str
) -> None:
    named = ("office", "swk")
    said = say("action_answer_initiative", intent, named, text=f"{text} SWK")
    assert said.answer == answer
    if answer == "which":
        pressed = [parse_payload(payload) for payload in said.buttons[:-1]]
        assert pressed and all(intent == "ask_cost" for intent, _ in pressed)
        content = read_once("content")
        assert {content.initiatives[entities["initiative"]].ask for _, entities in pressed} == {"swk"}


def test_of_a_company_the_initiative_just_talked_of_is_meant(say: Say) -> None:
    """'Kostet der Ferienkurs an der Hochschule was, und muss man schon was können?'"""
    slots = {"topic": "initiative/codingschool"}
    said = say("action_answer_initiative", "ask_requirements", ("office", "hochschule"), slots=slots)
    assert said.answer == "initiative/codingschool/requirements"
    of_another = say("action_answer_initiative", "ask_requirements", ("office", "swk"), slots=slots)
    assert of_another.answer == "which"


def test_a_company_and_nothing_else_is_not_an_initiative_of_it(say: Say) -> None:
    """'stadtwerke krefeld'"""
    assert say("action_answer_initiative", "ask_cost", ("office", "swk"), text="SWK").answer == "office/swk"


def test_the_offer_is_asked_about_rather_than_the_company_named_after_it() -> None:
    """'Mit dem SWCAR der Stadtwerke fuhr ich heim. Das Handy ist neu. Wie bestellt man da?'"""
    named = (Named((("initiative", "swcar"),), start=0, end=5), Named((("office", "swk"),), start=6, end=9))
    parts = (Part(12, 20, "ask_joining", asks=True), Part(21, 30, "ask_cost", asks=True))
    turn = Turn(read_once("content"), "x" * 30, "ask_joining", named, "de", "de", NOW.date(), parts=parts)
    said = [reply.card.answer for reply in several.answers(turn, facts.answer)]
    assert said == ["initiative/swcar/joining", "initiative/swcar/cost"]


@pytest.mark.parametrize(
    ("text", "answer"), [("und ein Termin dafür", "service/passport"), ("ein Termin im Büro", "office/appointment")]
)
def test_what_points_back_at_a_service_is_about_it(say: Say, text: str, answer: str) -> None:
    slots = {"last_answer": {"answer": "service/passport"}}
    assert say("action_answer_office", "office_appointment", text=text, slots=slots).answer == answer
    unnamed = {"last_answer": {"answer": "service/any"}}
    again = say("action_answer_office", "office_appointment", text=text, slots=unnamed).answer
    assert again == ("service/any" if answer.startswith("service/") else answer)


@pytest.mark.parametrize("text", ["und wann dort", "und ihre Adresse?", "Ihre Adresse", "wann sind sie da"])
@pytest.mark.parametrize("aspect", ["address", "hours", "appointment"])
def test_of_another_office_that_is_talked_of_ours_is_not_told(say: Say, aspect: str, text: str) -> None:
    """A small 'ihre' may be theirs; so may be the first word, whose capital letter says nothing."""
    slots = {"topic": "office/swk"}
    said = say("action_answer_office", f"office_{aspect}", text=text, slots=slots)
    assert said.answer == "office/swk" and "Von-der-Leyen-Platz" not in said.text
    ours = say("action_answer_office", f"office_{aspect}", text="und bei Ihnen im Haus", slots=slots)
    assert ours.answer == f"office/{aspect}"


@pytest.mark.parametrize("text", ["Ich habe eine Idee für die Müllabfuhr", "eine Beschwerde über die Müllabfuhr"])
@pytest.mark.parametrize("aspect", ["idea", "complaint"])
def test_ideas_and_complaints_are_the_office_s_whatever_service_is_named(say: Say, text: str, aspect: str) -> None:
    assert say("action_answer_office", f"office_{aspect}", ("service", "waste"), text=text).answer == f"office/{aspect}"


def test_who_speaks_to_this_office_means_it_although_a_service_is_named(say: Say) -> None:
    text = "Von der Müllabfuhr falsch verbunden, was ist Ihre Nummer?"
    assert say("action_answer_office", "office_phone", ("service", "waste"), text=text).answer == "office/phone"


def test_hours_are_not_answered_with_the_age_of_a_project(say: Say) -> None:
    slots = {"topic": "initiative/maak_et"}
    assert say("action_answer_office", "office_hours", text="Sprechzeiten?", points_back=True, slots=slots).answer == (
        "office/hours"
    )
