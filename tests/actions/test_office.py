"""The Smart City office."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from smartcity.knowledge.records import OFFICE_ASPECTS
from smartcity.knowledge.source import KnowledgeStore

from .conftest import Say

DOMAIN = Path(__file__).parent.parent.parent / "domain.yml"
INTENTS = yaml.safe_load(DOMAIN.read_text("utf-8"))["intents"]
QUESTIONS = [intent.removeprefix("office_") for intent in INTENTS if intent.startswith("office_")]


def test_the_questions_are_those_that_content_may_answer_and_how_accessible_it_is() -> None:
    assert sorted([*QUESTIONS, "accessibility"]) == sorted(OFFICE_ASPECTS)


@pytest.mark.parametrize("aspect", QUESTIONS)
def test_every_office_question_has_its_answer(say: Say, store: KnowledgeStore, aspect: str) -> None:
    said = say("action_answer_office", f"office_{aspect}")
    assert said.answer == f"office/{aspect}"
    assert store.knowledge.offices["smart_city_office"].facts[aspect].text["de"] in said.text
    assert said.messages[0]["custom"]["source"] is not None


def test_asked_of_an_initiative_its_own_contact_is_meant(say: Say) -> None:
    assert say("action_answer_office", "office_phone", ("initiative", "kruiser")).answer == "initiative/kruiser/contact"


def test_opening_hours_are_said_to_be_unknown(say: Say) -> None:
    text = say("action_answer_office", "office_hours").text
    assert "nicht" in text and "86-1085" in text


def test_another_office_by_name_is_that_office(say: Say) -> None:
    said = say("action_answer_office", "office_phone", ("office", "switchboard"))
    assert said.answer == "office/switchboard"
