"""Messages that ask more than one thing, and second answers to one question."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from actions import elsewhere, facts, several, themes
from actions.turn import Named, Part, Turn
from smartcity.knowledge.source import FolderSource, KnowledgeStore, read_once

from .conftest import NOW, Say, sayer

ABOUT_BIN = {"topic": "initiative/smarte_muelltonne", "aspect": "about"}
MAYOR = ("initiative", "oberbuergermeister")
CLOSE: dict[str, Any] = {"ranking": (("ask_operator", 0.5), ("ask_about", 0.47)), "beside": "ask_about"}


def _part(intent: str, start: int = 0, end: int = 20) -> dict[str, Any]:
    return {"start": start, "end": end, "intent": intent, "negated": False, "asks": True, "confidence": 0.9}


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


def test_what_is_refused_is_not_answered(say: Say) -> None:
    refused = {"start": 0, "end": 20, "intent": "office_email", "negated": True}
    ranking = (("office_email", 0.6), ("office_phone", 0.38))
    text = "Ich brauche keine Mail, die Nummer reicht mir völlig aus"
    said = say("action_answer_office", "office_email", text=text, ranking=ranking, parts=(refused,))
    assert said.answer == "office/phone"


@pytest.mark.parametrize(("share", "answers"), [(0.9, ["decline"]), (0.6, ["office/hours", "list/themes"])])
def test_of_a_message_that_is_none_of_our_business_no_part_is_answered(
    say: Say, share: float, answers: list[str]
) -> None:
    """'Mein Birnbaum hat braune Blätter. Womit soll ich spritzen, und wann schneiden?'"""
    parts = (_part("office_hours"), _part("list_themes", 20, 40))
    said = say("action_decline", "out_of_scope", ranking=(("out_of_scope", share),), parts=parts)
    assert [said.answer, *said.beside] == answers


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


def test_a_question_that_only_looks_like_two_is_one() -> None:
    text = "Wie hoch waren die Zuwendungen von Bund und Land für die zehn Wasserstoffbusse?"
    cut = text.index("und Land")
    parts = (Part(0, cut, "ask_cost", asks=True, share=0.99), Part(cut, len(text), "ask_cost", asks=True, share=0.99))
    named = (Named((("initiative", "saubere_flotte"),), start=text.index("Wasser"), end=len(text) - 1),)
    turn = Turn(read_once("content"), text, "ask_cost", named, "de", "de", NOW.date(), parts=parts)
    assert [r.card.answer for r in several.answers(turn, facts.answer)] == ["initiative/saubere_flotte/cost"]


@pytest.mark.parametrize(("share", "answer"), [(0.8, "decline"), (0.5, "service/dog_tax")])
def test_what_is_meant_instead_may_be_none_of_our_business(say: Say, share: float, answer: str) -> None:
    """'Ich frag nicht nach der Hundesteuer, ich frag, was ein Welpe kostet.'"""
    refused = {"start": 0, "end": 20, "intent": "city_service", "negated": True}
    foreign = {**_part("out_of_scope", 20, 40), "confidence": share}
    dog_tax = ("service", "dog_tax")
    ranking = (("city_service", 0.66), ("out_of_scope", 0.33))
    text = "Ich frag nicht nach der Hundesteuer, ich frag, was ein Welpe heute kostet."
    said = say("action_point_to_service", "city_service", dog_tax, text=text, ranking=ranking, parts=(refused, foreign))
    assert said.answer == answer


@pytest.mark.parametrize(("share", "answer"), [(0.98, "decline"), (0.9, "initiative/oberbuergermeister/about")])
def test_what_is_surely_foreign_is_declined_although_it_names_something_of_ours(
    say: Say, share: float, answer: str
) -> None:
    """'Bürgermeister von Moers, nicht unserer, wie heißt der?'"""
    refused = {"start": 0, "end": 20, "intent": "out_of_scope", "negated": True}
    parts = (refused, _part("ask_about", 20, 40))
    said = say("action_decline", "out_of_scope", MAYOR, ranking=(("out_of_scope", share),), parts=parts)
    assert said.answer == answer


def test_a_question_that_has_ended_is_one_of_its_own() -> None:
    text = "Können die Leute in Uerdingen immer noch damit fahren? Läuft das SWCAR noch?"
    cut = text.index("Läuft")
    parts = (Part(0, cut, "ask_status", asks=True, share=0.9), Part(cut, len(text), "ask_status", asks=True, share=0.9))
    named = (Named((("initiative", "swcar"),), start=text.index("SWCAR"), end=text.index("SWCAR") + 5),)
    turn = Turn(
        read_once("content"), text, "ask_status", named, "de", "de", NOW.date(), parts=parts, topic="initiative/kruiser"
    )
    answers = [reply.card.answer for reply in several.answers(turn, facts.answer)]
    assert len(answers) == 2 and answers[1] == "initiative/swcar/status"


@pytest.mark.parametrize(("meaning", "answer"), [("ich meine die", "figures"), ("meine Tochter will zur", "joining")])
def test_ich_meine_says_which_one_and_meine_tochter_does_not(meaning: str, answer: str) -> None:
    text = f"Wie viele KRuiser gibt es, nein, {meaning} SWCAR"
    cut = text.index(meaning)
    parts = (
        Part(0, cut, "ask_figures", negated=True, share=0.9),
        Part(cut, len(text), "ask_joining", asks=True, share=0.9),
    )
    named = (Named((("initiative", "swcar"),), start=text.index("SWCAR"), end=len(text)),)
    ranking = (("ask_figures", 0.9),)
    turn = Turn(read_once("content"), text, "ask_figures", named, "de", "de", NOW.date(), parts=parts, ranking=ranking)
    assert [reply.card.answer for reply in several.answers(turn, facts.answer)] == [f"initiative/swcar/{answer}"]


@pytest.mark.parametrize(
    ("text", "intent", "answer"),
    [
        ("ICH WILL JETZT JEMAND RICHTIGES SPRECHEN KEINE MASCHINE", "want_person", "talk/want_person"),
        ("sind sie etwa gar kein richtiger mensch", "bot_human", "talk/bot_human"),
        ("Ich will keinen Mitarbeiter sprechen", "want_person", "talk/deny"),
        ("I don't need any help", "help", "talk/deny"),
    ],
)
def test_who_wants_no_machine_refuses_nothing(say: Say, text: str, intent: str, answer: str) -> None:
    action = "action_offer_person" if intent == "want_person" else "action_converse"
    part = {**_part(intent, 0, len(text)), "negated": True}
    assert say(action, intent, text=text, ranking=((intent, 0.97),), parts=(part,)).answer == answer


def test_after_a_second_question_about_a_service_what_was_told_of_is_talked_of() -> None:
    text = "Was ist der KRuiser? Und wo beantrage ich einen Reisepass?"
    cut = text.index("Und")
    parts = (Part(0, cut, "ask_about", asks=True), Part(cut, len(text), "city_service", asks=True))
    named = (
        Named((("initiative", "kruiser"),), start=text.index("KRuiser"), end=cut - 2),
        Named((("service", "passport"),), start=text.index("Reisepass"), end=len(text) - 1),
    )
    turn = Turn(read_once("content"), text, "ask_about", named, "de", "de", NOW.date(), parts=parts)
    replies = several.answers(turn, facts.answer)
    main = several.main_reply(replies)
    assert [reply.card.answer for reply in replies] == ["initiative/kruiser/about", "service/passport"]
    assert (main.card.answer, main.topic, main.aspect) == ("service/passport", "initiative/kruiser", "about")


@pytest.mark.parametrize(("described", "answer"), [("residence_registration", 0), ("parking_permit", 1)])
def test_what_the_whole_describes_is_what_a_part_is_about_that_tells_no_service(described: str, answer: int) -> None:
    text = "I moved here last week: where do I register, and where do I get a parking permit?"
    cut, begin = text.index("and"), text.index("where")
    parts = (
        Part(begin, cut, "city_service", asks=True),
        Part(cut, len(text), "city_service", asks=True, fields={"service": "parking_permit"}),
    )
    fields = {"service": described}
    turn = Turn(read_once("content"), text, "city_service", (), "de", "de", NOW.date(), parts=parts, fields=fields)
    answers = [reply.card.answer for reply in several.answers(turn, elsewhere.point_to_service)]
    assert answers == [("service/residence_registration", "service/any")[answer], "service/parking_permit"]


@pytest.mark.parametrize(
    ("field", "share", "answers"),
    [
        ("und Lernen?", 0.95, ["list/education"]),
        ("und Lernen?", 0.6, ["list/all", "theme/education/about"]),
        ("und was läuft bei Bildung?", 0.95, ["list/all", "theme/education/about"]),
        ("und Telefonnummer?", 0.95, ["list/all", "office/phone"]),
    ],
)
def test_one_more_word_of_a_field_is_no_question_of_its_own(field: str, share: float, answers: list[str]) -> None:
    text = f"Welche Projekte habt ihr zu Schule {field}"
    cut = text.index("und")
    second = "office_phone" if "Telefon" in field else "theme_education"
    parts = (Part(0, cut, "list_initiatives", asks=True), Part(cut, len(text), second, asks=True))
    ranking, fields = (("list_initiatives", share),), {"theme": "education"}
    turn = Turn(
        read_once("content"), text, "list_initiatives", (), "de", "de", NOW.date(), parts=parts, ranking=ranking,
        fields=fields,
    )  # fmt: skip
    assert [reply.card.answer for reply in several.answers(turn, themes.list_initiatives)] == answers


@pytest.mark.parametrize(
    ("second", "answer"),
    [("wann ist das büro von euch offen", "office/hours"), ("wann haben die offen", ""), ("wo finde ich Sie da", "")],
)
def test_beside_a_service_this_office_is_meant_where_it_is_spoken_to(second: str, answer: str) -> None:
    text = f"Reisepass verlängern und {second}"
    cut = text.index("und")
    intent = "ask_place" if second.startswith("wo") else "office_hours"
    parts = (Part(0, cut, "city_service", asks=True), Part(cut, len(text), intent, asks=True))
    named = (Named((("service", "passport"),), start=0, end=len("Reisepass")),)
    turn = Turn(read_once("content"), text, "city_service", named, "de", "de", NOW.date(), parts=parts)
    answers = [reply.card.answer for reply in several.answers(turn, elsewhere.point_to_service)]
    assert answers == ["service/passport", *([answer] if answer else [])]


def _two(text: str, first: str, second: str, *named: Named, **more: Any) -> Turn:
    """A message whose second question begins with 'und' or 'Und'."""
    cut = text.lower().index(" und ") + 1
    parts = (Part(0, cut, first, asks=True), Part(cut, len(text), second, asks=True, topic=more.pop("topic", "")))
    return Turn(read_once("content"), text, first, named, "de", "de", NOW.date(), parts=parts, **more)


def test_what_is_named_again_is_what_the_later_question_is_about() -> None:
    """'Ich will Photovoltaik. Wer erteilt die Baugenehmigung? Und wie beantrage ich den Solarzuschuss?'"""
    text = "Photovoltaik: Wer erteilt die Baugenehmigung? Und wie beantrage ich den Solarzuschuss?"
    grant = Named((("initiative", "klimafreundliches_wohnen"),), start=0, end=12)
    permit = Named((("service", "building_permit"),), start=text.index("Bau"), end=text.index("? Und"))
    again = Named(grant.references, start=text.index("Solar"), end=len(text) - 1)
    asked = _two(text, "city_service", "ask_joining", permit, grant, mentions=(grant, permit, again))
    answers = [reply.card.answer for reply in several.answers(asked, elsewhere.point_to_service)]
    assert answers[-1] == "initiative/klimafreundliches_wohnen/joining"


@pytest.mark.parametrize(
    ("meanings", "answer"),
    [
        (("klimasensoren", "citypilot"), "initiative/klimasensoren/place"),
        (("citypilot", "lorawan"), "ask/place"),
    ],
)
def test_an_everyday_word_means_what_the_question_before_it_is_about(meanings: tuple[str, ...], answer: str) -> None:
    text = "Was ist das Klimamessnetz und wo hängen die Sensoren?"
    network = Named((("initiative", "klimasensoren"),), start=text.index("Klima"), end=text.index(" und"))
    sensors = Named(tuple(("initiative", one) for one in meanings), generic=True, start=text.index("Sensoren"), end=52)
    asked = _two(text, "ask_about", "ask_place", network, sensors)
    answers = [reply.card.answer for reply in several.answers(asked, facts.answer)]
    assert answers == ["initiative/klimasensoren/about", answer]


@pytest.mark.parametrize(("topic", "answer"), [("smarte_muelltonne", "initiative/smarte_muelltonne/joining"), ("", "")])
def test_a_part_that_describes_an_initiative_is_not_about_a_service_of_that_name(topic: str, answer: str) -> None:
    text = "Kann ich so eine rollende Mülltonne bestellen und wer leert meine graue?"
    bin_ = Named((("service", "waste"),), start=text.index("Müll"), end=text.index(" und"))
    cut = text.index("und")
    parts = (
        Part(0, cut, "ask_joining", asks=True, topic=topic),
        Part(cut, len(text), "city_service", asks=True, fields={"service": "waste"}),
    )
    asked = Turn(read_once("content"), text, "city_service", (bin_,), "de", "de", NOW.date(), parts=parts)
    answers = [reply.card.answer for reply in several.answers(asked, elsewhere.point_to_service)]
    assert answers == [*([answer] if answer else []), "service/waste"]


def test_after_two_initiatives_the_first_and_the_second_are_what_was_told() -> None:
    text = "Was ist die CodingSchool und was ist KReMINTec?"
    school = Named((("initiative", "codingschool"),), start=text.index("Coding"), end=text.index(" und"))
    centre = Named((("initiative", "kremintec"),), start=text.index("KReMINTec"), end=len(text) - 1)
    main = several.main_reply(several.answers(_two(text, "ask_about", "ask_about", school, centre), facts.answer))
    assert main.listed == {"told": True, "shown": ["codingschool", "kremintec"]}
    slots = {"topic": main.topic, "aspect": "audience", "listed": main.listed}
    last = {"answer": "initiative/kremintec/audience", "text": "", "language": "de"}
    said = sayer(KnowledgeStore(FolderSource(Path("content"))))(
        "action_answer_initiative", "ask_audience", text="und beim ersten", slots={**slots, "last_answer": last}
    )
    assert said.answer == "initiative/codingschool/audience"
