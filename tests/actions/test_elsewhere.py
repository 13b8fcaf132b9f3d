"""Other services, defects, emergencies, everything else."""

from __future__ import annotations

import pytest

from actions import elsewhere
from actions.turn import Named, Turn
from smartcity.knowledge.source import KnowledgeStore, read_once

from .conftest import NOW, Say


def test_every_service_names_its_doors(say: Say, store: KnowledgeStore) -> None:
    for service in store.knowledge.services.values():
        said = say("action_point_to_service", "city_service", ("service", service.id))
        assert said.answer == f"service/{service.id}"
        for door in service.doors:
            assert store.knowledge.offices[door].name["de"] in said.text


def test_an_unnamed_service_gets_the_general_doors(say: Say) -> None:
    said = say("action_point_to_service", "city_service")
    assert said.answer == "service/any"
    assert "115" in said.text and "02151 86-0" in said.text
    assert "Dazu weiß ich selbst nichts" in said.text, "whether the city offers it is not known"


def test_emergencies_begin_with_the_numbers(say: Say) -> None:
    said = say("action_emergency", "emergency")
    assert "112" in said.text[:60] and "110" in said.text[:90]
    assert said.messages[0]["custom"]["links"][0]["url"] == "tel:112"


def test_defects_lead_to_maak_et(say: Say) -> None:
    assert "maak-et.de" in say("action_point_to_defects", "report_defect").text


def test_everything_else_is_declined_with_what_it_can_do(say: Say) -> None:
    said = say("action_decline", "out_of_scope")
    assert said.answer == "decline"
    assert said.messages[0]["custom"]["source"] is None
    assert "/theme_mobility" in said.buttons


@pytest.mark.parametrize(
    ("text", "names", "described", "service"),
    [
        ("Was zahl ich für den Hund an Hundesteuer?", {"Hund ": "pets", "Hundesteuer": "dog_tax"}, "", "dog_tax"),
        (
            "Was muss ich da ummelden, Gewerbe?",
            {"ummelden": "residence_registration", "Gewerbe": "trade_registration"},
            "trade_registration",
            "trade_registration",
        ),
        ("Wo ummelden?", {"ummelden": "residence_registration"}, "trade_registration", "residence_registration"),
        ("Wo geht das?", {}, "trade_registration", "trade_registration"),
    ],
)
def test_of_several_services_the_described_one_or_the_longest_name_counts(
    text: str, names: dict[str, str], described: str, service: str
) -> None:
    named = tuple(
        Named((("service", value),), start=text.index(word), end=text.index(word) + len(word))
        for word, value in names.items()
    )
    fields = {"service": described} if described else {}
    turn = Turn(read_once("content"), text, "city_service", named, "de", "de", NOW.date(), fields=fields)
    assert elsewhere.point_to_service(turn).card.answer == f"service/{service}"


@pytest.mark.parametrize(
    ("ranking", "names", "field", "answer"),
    [
        ((("ask_function", 0.5), ("out_of_scope", 0.2), ("city_service", 0.1)), True, 0.0, "lost"),
        ((("city_service", 0.5), ("out_of_scope", 0.3)), True, 0.0, "service/taxes"),
        ((("city_service", 0.12), ("ask_cost", 0.1)), True, 0.0, "service/taxes"),
        ((("city_service", 0.12), ("ask_cost", 0.1)), False, 0.0, "lost"),
        ((("city_service", 0.5), ("out_of_scope", 0.2)), False, 0.9, "service/taxes"),
        ((("city_service", 0.5), ("out_of_scope", 0.3)), False, 0.9, "lost"),
        ((("city_service", 0.5), ("out_of_scope", 0.2)), False, 0.3, "service/any"),
    ],
)
def test_a_service_in_doubt_must_be_likely(
    say: Say, ranking: tuple[tuple[str, float], ...], names: bool, field: float, answer: str
) -> None:
    """'Ohne Mensch am Steuer' names no taxes."""
    fields = ({"kind": "service", "name": "taxes", "confidence": field},)
    named = [("service", "taxes")] if names else []
    said = say("action_resolve_doubt", "nlu_fallback", *named, ranking=ranking, fields=fields, doubt="unknown")
    assert said.answer == answer
