"""What the conversation adds to a message that says little by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from actions import facts, several
from actions.turn import Named, Part, Turn, parse_payload
from smartcity.knowledge.source import read_once

from .conftest import NOW, Say

INTENTS = [
    name if isinstance(name, str) else next(iter(name))
    for name in yaml.safe_load(Path("domain.yml").read_text("utf-8"))["intents"]
]

OPERATOR: dict[str, Any] = {
    "intent": "ask_operator",
    "doubt": None,
    "ranking": [{"name": "ask_operator", "confidence": 0.7}, {"name": "out_of_scope", "confidence": 0.2}],
}
ABOUT_BIN = {"topic": "initiative/smarte_muelltonne", "aspect": "about"}


def test_a_question_that_fits_the_topic_is_about_it(say: Say) -> None:
    said = say("action_decline", "out_of_scope", text="wer hat ihn gebaut", following=OPERATOR, slots=ABOUT_BIN)
    assert said.answer == "initiative/smarte_muelltonne/operator"


def test_without_a_topic_or_with_a_name_the_words_alone_count(say: Say) -> None:
    assert say("action_decline", "out_of_scope", following=OPERATOR).answer == "decline"
    theme = {"topic": "theme/mobility"}
    assert say("action_decline", "out_of_scope", following=OPERATOR, slots=theme).answer == "decline"
    named = say("action_decline", "out_of_scope", ("service", "passport"), following=OPERATOR, slots=ABOUT_BIN)
    assert named.answer == "decline"


def test_two_close_readings_in_the_conversation_ask_back(say: Say) -> None:
    unclear = {**OPERATOR, "doubt": "unclear"}
    said = say("action_decline", "out_of_scope", following=unclear, slots=ABOUT_BIN)
    assert said.answer == "ask/between"
    assert said.buttons[0] == '/ask_operator{"initiative": "smarte_muelltonne"}'


MAYOR = ("initiative", "oberbuergermeister")
CLOSE: dict[str, Any] = {"ranking": (("ask_operator", 0.5), ("ask_about", 0.47)), "beside": "ask_about"}


@pytest.mark.parametrize(
    ("action", "intent", "doubt"),
    [("action_answer_initiative", "ask_operator", None), ("action_resolve_doubt", "nlu_fallback", "unclear")],
)
def test_two_close_questions_about_one_initiative_are_both_answered(
    say: Say, action: str, intent: str, doubt: str | None
) -> None:
    said = say(action, intent, MAYOR, doubt=doubt, **CLOSE)
    assert said.answer == "initiative/oberbuergermeister/operator"
    assert said.beside == ["initiative/oberbuergermeister/about"]
    assert said.messages[1]["text"].startswith("Vielleicht meinten Sie auch: Was ist das?\n")
    assert said.slots["aspect"] == "operator", "the conversation goes on from the likelier one"


def test_two_close_questions_about_the_office_are_both_answered(say: Say) -> None:
    ranking = (("office_email", 0.5), ("office_phone", 0.47))
    said = say("action_answer_office", "office_email", ranking=ranking, beside="office_phone")
    assert [said.answer, *said.beside] == ["office/email", "office/phone"]
    assert said.messages[1]["text"].startswith("Vielleicht meinten Sie auch: Telefonnummer\n")
    other = ("office", "swk")
    of_another = say("action_answer_office", "office_email", other, ranking=ranking, beside="office_phone")
    assert [of_another.answer, *of_another.beside] == ["office/swk"]


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


def test_the_reading_of_what_is_talked_of_goes_first(say: Say) -> None:
    usual = {"intent": "ask_function", "doubt": None, "beside": None, "ranking": []}
    about = {"smarte_muelltonne": {**usual, "intent": "ask_operator"}, "kruiser": {**usual, "intent": "ask_cost"}}
    said = say("action_decline", "out_of_scope", following={**usual, "about": about}, slots=ABOUT_BIN)
    assert said.answer == "initiative/smarte_muelltonne/operator"


def test_a_second_answer_does_not_say_again_what_the_first_said(say: Say) -> None:
    ranking = (("ask_cost", 0.5), ("ask_joining", 0.47))
    said = say("action_answer_initiative", "ask_cost", ("initiative", "kruiser"), ranking=ranking, beside="ask_joining")
    ended = "Den KRuiser gibt es nicht mehr"
    assert ended in said.text and said.beside == ["initiative/kruiser/joining"]
    assert ended not in said.messages[1]["text"]


def test_there_is_no_second_answer_where_content_has_none(say: Say) -> None:
    ranking = (("ask_operator", 0.5), ("ask_cost", 0.47))
    said = say("action_answer_initiative", "ask_operator", MAYOR, ranking=ranking, beside="ask_cost")
    assert said.answer == "initiative/oberbuergermeister/operator" and not said.beside
    unclear = say("action_resolve_doubt", "nlu_fallback", MAYOR, ranking=ranking, beside="ask_cost", doubt="unclear")
    assert unclear.answer == "ask/between"
    assert unclear.slots["topic"] == "initiative/oberbuergermeister", "what follows is about what was named"


@pytest.mark.parametrize("other", [("office", "smart_city_office"), ("theme", "mobility")])
def test_there_is_no_second_answer_where_the_first_is_about_something_else(other: tuple[str, str]) -> None:
    """An exact name beside an everyday word for an initiative is what the question is about."""
    named = (Named((MAYOR,), generic=True, start=0, end=3), Named((other,), start=5, end=8))
    knowledge = read_once("content")
    turn = Turn(knowledge, "wer ist das", "ask_operator", named, "de", "de", NOW.date(), **CLOSE)
    (reply,) = several.answers(turn, facts.answer)
    assert not reply.card.answer.startswith("initiative/")


def test_a_second_answer_in_a_conversation(say: Say) -> None:
    ranking = [{"name": "ask_operator", "confidence": 0.5}, {"name": "ask_about", "confidence": 0.47}]
    following = {"intent": "ask_operator", "doubt": "unclear", "beside": "ask_about", "ranking": ranking}
    said = say("action_decline", "out_of_scope", following=following, slots=ABOUT_BIN)
    assert [said.answer, *said.beside] == [f"initiative/smarte_muelltonne/{aspect}" for aspect in ("operator", "about")]


def test_a_question_about_the_office_that_points_at_the_topic_is_about_it(say: Say) -> None:
    ranking = [{"name": "office_address", "confidence": 0.9}]
    following = {"intent": "office_address", "doubt": None, "beside": None, "ranking": ranking, "points": True}
    slots = {"topic": "initiative/oberbuergermeister", "aspect": "about"}
    said = say("action_answer_office", "office_address", following=following, slots=slots)
    assert said.answer == "initiative/oberbuergermeister/place"
    unpointed = {**following, "points": False}
    plain = say("action_answer_office", "office_address", text="wo sitzt das Büro", following=unpointed, slots=slots)
    assert plain.answer == "office/address"
    short = say("action_answer_office", "office_address", text="Adresse?", following=unpointed, slots=slots)
    assert short.answer == "initiative/oberbuergermeister/place", "it says little, so it is about what is talked of"


@pytest.mark.parametrize(
    ("topic", "answer"), [("office/smart_city_office", "office/phone"), ("office/switchboard", "office/switchboard")]
)
def test_where_the_office_is_talked_of_a_question_about_it_is_likelier(say: Say, topic: str, answer: str) -> None:
    reading = {"intent": "office_phone", "doubt": None, "beside": None, "ranking": []}
    following = {**reading, "intent": "out_of_scope", "office": reading}
    said = say("action_decline", "out_of_scope", text="hat der ne Nummer", following=following, slots={"topic": topic})
    assert said.answer == answer
    elsewhere = say("action_decline", "out_of_scope", following=following, slots={"topic": "theme/mobility"})
    assert elsewhere.answer == "decline"


def test_close_questions_that_name_nothing_ask_which_is_meant(say: Say) -> None:
    ranking = (("ask_operator", 0.5), ("ask_time", 0.3))
    said = say("action_resolve_doubt", "nlu_fallback", text="hm", ranking=ranking, doubt="unclear")
    assert said.answer == "which"


def test_small_talk_about_somebody_is_what_is_talked_of(say: Say) -> None:
    assert say("action_converse", "small_talk", MAYOR).slots["topic"] == "initiative/oberbuergermeister"


PARKING = {
    "aspect": "cost",
    "offered": ['/ask_cost{"initiative": "citypilot"}', '/ask_cost{"initiative": "handyparken"}'],
    "last_answer": {"answer": "ask/cost"},
}


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


def test_what_is_refused_is_not_answered(say: Say) -> None:
    refused = {"start": 0, "end": 20, "intent": "office_email", "negated": True}
    ranking = (("office_email", 0.6), ("office_phone", 0.38))
    text = "Ich brauche keine Mail, die Nummer reicht mir völlig aus"
    said = say("action_answer_office", "office_email", text=text, ranking=ranking, parts=(refused,))
    assert said.answer == "office/phone"


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


def _part(intent: str, start: int = 0, end: int = 20) -> dict[str, Any]:
    return {"start": start, "end": end, "intent": intent, "negated": False, "asks": True, "confidence": 0.9}


@pytest.mark.parametrize(("share", "answers"), [(0.9, ["decline"]), (0.6, ["office/hours", "list/themes"])])
def test_of_a_message_that_is_none_of_our_business_no_part_is_answered(
    say: Say, share: float, answers: list[str]
) -> None:
    """'Mein Birnbaum hat braune Blätter. Womit soll ich spritzen, und wann schneiden?'"""
    parts = (_part("office_hours"), _part("list_themes", 20, 40))
    said = say("action_decline", "out_of_scope", ranking=(("out_of_scope", share),), parts=parts)
    assert [said.answer, *said.beside] == answers


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
    reading = {"intent": "office_hours", "doubt": None, "beside": None, "ranking": [], "points": True}
    slots = {"topic": "initiative/maak_et"}
    assert say("action_answer_office", "office_hours", text="Sprechzeiten?", following=reading, slots=slots).answer == (
        "office/hours"
    )
