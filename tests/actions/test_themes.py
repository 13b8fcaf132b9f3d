"""Themes and lists."""

from __future__ import annotations

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


def test_projects_that_belong_to_it_are_those_of_the_theme_talked_of(say: Say) -> None:
    slots = {"topic": "theme/environment"}
    said = say("action_list_initiatives", "list_initiatives", text="welche Projekte gehören dazu", slots=slots)
    assert said.answer == "list/environment"
    every = say("action_list_initiatives", "list_initiatives", text="zeig mir alle Projekte", slots=slots)
    assert every.answer == "list/all"


def test_an_everyday_word_for_one_initiative_goes_before_the_theme(say: Say) -> None:
    said = say("action_answer_theme", "theme_digital_infrastructure", ("initiative", "wlan"), generic=True)
    assert said.answer == "initiative/wlan/about"
