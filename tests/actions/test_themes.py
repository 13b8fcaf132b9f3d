"""Themes and lists."""

from __future__ import annotations

import pytest

from smartcity.knowledge.source import KnowledgeStore

from .conftest import Say


def test_every_theme_tells_what_it_is_and_offers_its_initiatives(say: Say, store: KnowledgeStore) -> None:
    for theme in store.knowledge.themes.values():
        said = say("action_answer_theme", f"theme_{theme.id}")
        assert said.answer == f"theme/{theme.id}/about"
        assert theme.facts["about"].text["de"] in said.text
        offered = store.knowledge.initiatives_of(theme.id)
        assert offered, theme.id
        assert f'/ask_about{{"initiative": "{offered[0].id}"}}' in said.buttons


def test_more_and_more_shows_every_initiative_once(say: Say, store: KnowledgeStore) -> None:
    listed = {i.id for i in store.knowledge.initiatives.values() if i.listed}
    said = say("action_list_initiatives", "list_initiatives")
    slots = dict(said.slots)
    for _ in range(len(listed)):
        said = say("action_list_more", "list_more", slots=slots)
        slots.update(said.slots)
        if said.text == store.knowledge.phrases["no_more"]["de"]:
            break
    assert len(slots["listed"]["shown"]) == len(set(slots["listed"]["shown"]))
    assert set(slots["listed"]["shown"]) == listed


def test_ended_initiatives_are_marked_in_lists(say: Say) -> None:
    said = say("action_list_initiatives", "list_initiatives", ("theme", "mobility"))
    assert "KRuiser (beendet)" in said.text


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Welche Projekte sind beendet?", "ended"),
        ("welche angebote gibt es nicht mehr", "ended"),
        ("Welche Projekte laufen nicht mehr?", "ended"),
        ("Which projects have been discontinued?", "ended"),
        ("Welche Projekte laufen gerade?", "active"),
        ("ongoing projects", "active"),
        ("Bei welchen ist es unklar?", "unclear"),
    ],
)
def test_a_list_of_one_state_holds_all_of_it_and_nothing_else(
    say: Say, store: KnowledgeStore, text: str, state: str
) -> None:
    wanted = {i.id for i in store.knowledge.initiatives.values() if i.listed and i.state == state}
    said = say("action_list_initiatives", "list_initiatives", text=text)
    assert said.answer == f"list/all/{state}"
    assert said.text.startswith(store.knowledge.phrases[f"list_{state}"]["de"])
    slots = dict(said.slots)
    while "/list_more" in said.buttons:
        said = say("action_list_more", "list_more", slots=slots)
        slots.update(said.slots)
    assert set(slots["listed"]["shown"]) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Welche Projekte laufen über die Hochschule?",
        "Welche Projekte gibt es noch?",
        "alle",
        "Welche Projekte sind noch nicht beendet?",
        "which projects are not active",
        "Welche laufen noch nicht?",
        "liste aller laufenden und beendeten projekte",
        "ich such ein projekt, weiß aber den namen nicht mehr, was gibts alles",
        "Was habt ihr aktuell im Angebot?",
    ],
)
def test_other_questions_ask_for_no_state(say: Say, text: str) -> None:
    assert say("action_list_initiatives", "list_initiatives", text=text).answer == "list/all"


def test_a_state_is_asked_of_all_unless_the_question_points_at_the_theme(say: Say) -> None:
    slots = {"topic": "theme/environment"}
    every = say("action_list_initiatives", "list_initiatives", text="Welche Projekte sind beendet?", slots=slots)
    assert every.answer == "list/all/ended"
    of_it = say("action_list_initiatives", "list_initiatives", text="Welche davon sind unklar?", slots=slots)
    assert of_it.answer == "list/environment/unclear"
    assert of_it.text.startswith("Energie & Umwelt:")


def test_of_a_theme_only_its_own_of_that_state_are_listed(say: Say) -> None:
    said = say(
        "action_list_initiatives", "list_initiatives", ("theme", "mobility"), text="beendete Projekte der Mobilität"
    )
    assert (said.answer, "KRuiser" in said.text) == ("list/mobility/ended", True)
    none = say(
        "action_list_initiatives",
        "list_initiatives",
        ("theme", "environment"),
        text="Was ist gescheitert?",
    )
    assert none.text == "Energie & Umwelt:\nSolche Angebote kenne ich nicht."


def test_the_list_of_all_tells_how_many_there_are(say: Say, store: KnowledgeStore) -> None:
    assert (
        f"Ich kenne {len(store.knowledge.listed)} Angebote" in say("action_list_initiatives", "list_initiatives").text
    )


def test_projects_that_belong_to_it_are_those_of_the_theme_talked_of(say: Say) -> None:
    slots = {"topic": "theme/environment"}
    said = say("action_list_initiatives", "list_initiatives", text="welche Projekte gehören dazu", slots=slots)
    assert said.answer == "list/environment"
    every = say("action_list_initiatives", "list_initiatives", text="zeig mir alle Projekte", slots=slots)
    assert every.answer == "list/all"


def test_an_everyday_word_for_one_initiative_goes_before_the_theme(say: Say) -> None:
    said = say("action_answer_theme", "theme_digital_infrastructure", ("initiative", "wlan"), generic=True)
    assert said.answer == "initiative/wlan/about"


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("welche sind schon gestorben", "/ended"),
        ("zeig mir nur, was heute noch wirklich läuft", "/active"),
        ("welche Projekte sind noch nicht gestorben", ""),
        ("welche laufen nicht mehr", "/ended"),
        ("welche Projekte gibt es", ""),
        ("welche habt ihr für Leute, die noch laufen können", ""),
        ("wo ist meine Oma begraben", ""),
    ],
)
def test_a_list_may_be_of_one_state(say: Say, text: str, state: str) -> None:
    assert say("action_list_initiatives", "list_initiatives", text=text).answer == f"list/all{state}"


@pytest.mark.parametrize(("described", "answer"), [("education", "list/education"), ("", "list/all")])
def test_the_smart_city_beside_a_field_means_the_field(say: Say, described: str, answer: str) -> None:
    fields = ({"kind": "theme", "name": described, "confidence": 0.9},) if described else ()
    said = say("action_list_initiatives", "list_initiatives", ("theme", "smart_city"), fields=fields)
    assert said.answer == answer


def test_what_else_has_ended_is_a_list_of_what_has_ended(say: Say) -> None:
    talked_of = {"topic": "initiative/kruiser", "aspect": "status"}
    said = say("action_list_more", "list_more", text="anything else that was shut down?", slots=talked_of)
    assert said.answer == "list/all/ended"
    listed = {"listed": {"theme": None, "state": "ended", "shown": ["kruiser"]}}
    more = say("action_list_more", "list_more", text="was wurde noch eingestellt?", slots={**talked_of, **listed})
    assert more.answer == "list/all/ended" and "/ask_about" in more.buttons[0] and "KRuiser" not in more.text


def test_more_of_what_runs_goes_on_with_the_list(say: Say) -> None:
    listed = {"listed": {"theme": "mobility", "state": "", "shown": ["swcar"]}}
    said = say("action_list_more", "list_more", text="Was läuft sonst noch?", slots=listed)
    assert said.answer == "list/mobility"
    told = {"topic": "initiative/codingschool", "listed": {"told": True, "shown": ["codingschool", "kremintec"]}}
    assert say("action_list_more", "list_more", text="was noch", slots=told).answer == "list/education"
