"""Other services, defects, emergencies, everything else."""

from __future__ import annotations

from smartcity.knowledge.source import KnowledgeStore

from .conftest import Say


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
