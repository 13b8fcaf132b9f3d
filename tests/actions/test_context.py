"""What the conversation adds to a message that says little by itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa_sdk import Tracker

from actions import elsewhere, facts, several
from actions.naming import of_another
from actions.reading import read_turn
from actions.turn import Named, Part, Turn, parse_payload
from smartcity.knowledge.source import read_once

from .conftest import NOW, Say

INTENTS = [
    name if isinstance(name, str) else next(iter(name))
    for name in yaml.safe_load(Path("domain.yml").read_text("utf-8"))["intents"]
]

ABOUT_BIN = {"topic": "initiative/smarte_muelltonne", "aspect": "about"}


def test_a_question_without_a_name_is_about_the_topic(say: Say) -> None:
    said = say("action_answer_initiative", "ask_operator", text="wer hat ihn gebaut", points_back=True, slots=ABOUT_BIN)
    assert said.answer == "initiative/smarte_muelltonne/operator"


def test_two_close_readings_in_the_conversation_ask_back(say: Say) -> None:
    ranking = (("ask_operator", 0.5), ("out_of_scope", 0.4))
    said = say("action_resolve_doubt", "nlu_fallback", doubt="unclear", ranking=ranking, slots=ABOUT_BIN)
    assert said.answer == "ask/between"
    assert said.buttons[0] == '/ask_operator{"initiative": "smarte_muelltonne"}'


GONE = {"topic": "initiative/kruiser", "aspect": "status"}


def test_why_something_ended_is_told_with_its_state(say: Say) -> None:
    said = say("action_answer_initiative", "ask_goals", text="och, warum denn", slots=GONE)
    assert said.answer == "initiative/kruiser/status"
    running = say("action_answer_initiative", "ask_goals", text="warum", slots={"topic": "initiative/glasfaser"})
    assert running.answer == "initiative/glasfaser/goals"


SUBSIDY = ("initiative", "klimafreundliches_wohnen")
CARS = {"topic": "initiative/e_dienstfahrzeuge", "aspect": "about"}


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


OF_BOTH = ("initiative/saubere_flotte", "initiative/e_dienstfahrzeuge")


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
    said = say("action_answer_initiative", "ask_operator", slots=ABOUT_BIN, **CLOSE)
    assert [said.answer, *said.beside] == [f"initiative/smarte_muelltonne/{aspect}" for aspect in ("operator", "about")]


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
    slots = {"topic": "initiative/maak_et"}
    assert say("action_answer_office", "office_hours", text="Sprechzeiten?", points_back=True, slots=slots).answer == (
        "office/hours"
    )


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


def test_beside_an_emergency_nothing_else_is_answered() -> None:
    parts = (Part(0, 10, "emergency", asks=True, share=1.0), Part(10, 30, "ask_cost", asks=True, share=1.0))
    turn = Turn(read_once("content"), "es brennt! was kostet das", "emergency", (), "de", "de", NOW.date(), parts=parts)
    (reply,) = several.answers(turn, elsewhere.emergency)
    assert reply.card.answer == "talk/emergency"


def test_three_names_in_one_question_get_an_answer_each() -> None:
    text = "Was kostet KRuiser, SWCAR, Handyparken"
    names = (("kruiser", "KRuiser"), ("swcar", "SWCAR"), ("handyparken", "Handyparken"))
    named = tuple(Named((("initiative", i),), start=text.index(w), end=text.index(w) + len(w)) for i, w in names)
    turn = Turn(read_once("content"), text, "ask_cost", named, "de", "de", NOW.date())
    replies = several.answers(turn, facts.answer)
    assert [reply.card.answer for reply in replies] == [f"initiative/{i}/cost" for i, _ in names]


def test_the_office_s_second_detail_is_not_the_service_s() -> None:
    text = "Adresse des Büros und die Mailadresse?"
    parts = (Part(0, 17, "office_address", asks=True), Part(18, len(text), "office_email", asks=True))
    last = {"answer": "service/passport", "text": ""}
    office = (Named((("office", "smart_city_office"),), start=12, end=17),)
    turn = Turn(
        read_once("content"), text, "office_address", office, "de", "de", NOW.date(), parts=parts, last_answer=last
    )
    assert [reply.card.answer for reply in several.answers(turn, facts.answer)] == ["office/address", "office/email"]
