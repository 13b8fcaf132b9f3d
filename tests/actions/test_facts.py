"""Questions about initiatives: the right aspect, the unknown, the old, the ended."""

from __future__ import annotations

import pytest

from smartcity.knowledge.records import ASPECTS
from smartcity.knowledge.source import KnowledgeStore

from .conftest import Say

KRUISER = ("initiative", "kruiser")


def test_every_aspect_of_every_initiative_gives_its_own_text_or_says_unknown(say: Say, store: KnowledgeStore) -> None:
    for initiative in store.knowledge.initiatives.values():
        for aspect in ASPECTS:
            said = say("action_answer_initiative", f"ask_{aspect}", ("initiative", initiative.id))
            fact = initiative.facts.get(aspect)
            custom = said.messages[0]["custom"]
            assert said.answer == f"initiative/{initiative.id}/{aspect}"
            assert custom["known"] == (fact is not None or aspect == "contact")
            others = [f.text["de"] for a, f in initiative.facts.items() if a != aspect]
            if fact:
                assert fact.text["de"] in said.text
                assert custom["source"]["url"] == fact.sources[0].url
            else:
                assert not [text for text in others if text in said.text], (initiative.id, aspect)
                assert store.knowledge.offices[initiative.ask].name["de"] in said.text


@pytest.mark.parametrize("language", ["de", "de-simple", "en"])
def test_the_answer_comes_in_the_language_of_the_chat(say: Say, store: KnowledgeStore, language: str) -> None:
    said = say("action_answer_initiative", "ask_status", KRUISER, language=language)
    assert store.knowledge.initiatives["kruiser"].facts["status"].text[language] in said.text
    assert said.messages[0]["custom"]["language"] == language


def test_what_ended_says_so_first(say: Say) -> None:
    said = say("action_answer_initiative", "ask_place", KRUISER)
    assert said.text.startswith("Den KRuiser gibt es nicht mehr")


def test_an_old_statement_is_called_old(say: Say) -> None:
    said = say("action_answer_initiative", "ask_figures", ("initiative", "smarte_laternen"))
    fact_year = said.messages[0]["custom"]["source"]["as_of"][:4]
    assert fact_year.isdigit()


def test_a_follow_up_keeps_the_topic(say: Say) -> None:
    said = say("action_answer_initiative", "ask_cost", slots={"topic": "initiative/swcar"})
    assert said.answer == "initiative/swcar/cost"


def test_another_name_keeps_the_aspect(say: Say) -> None:
    said = say("action_answer_initiative", "follow_up", ("initiative", "codingschool"), slots={"aspect": "cost"})
    assert said.answer == "initiative/codingschool/cost"


def test_without_a_topic_it_asks_which(say: Say) -> None:
    said = say("action_answer_initiative", "ask_cost")
    assert said.answer == "which"
    assert any(payload.startswith('/ask_cost{"initiative"') for payload in said.buttons)


def test_an_everyday_word_with_two_meanings_is_asked_back(say: Say) -> None:
    said = say("action_answer_initiative", "ask_cost", KRUISER, ("initiative", "swcar"), generic=True)
    assert said.answer == "ask/cost"
    assert said.buttons == ['/ask_cost{"initiative": "kruiser"}', '/ask_cost{"initiative": "swcar"}']
    assert said.slots["yes"] == said.buttons[0]


def test_an_id_that_content_does_not_hold_is_ignored(say: Say) -> None:
    said = say("action_answer_initiative", "ask_cost", ("initiative", "no_such_thing"))
    assert said.answer == "which"
