"""What is said when nothing else works names the office as content/ does, in every place."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from smartcity.emergency import PAGE, REFUSAL, WIDGET, EmergencyError, files, stale
from smartcity.gateway.errors import GatewayError, error_body
from smartcity.gateway.texts import LANGUAGES, sentence
from smartcity.knowledge.source import read_once

PROJECT = Path(__file__).parent.parent


def test_the_files_are_as_the_content_says() -> None:
    changed = sorted(map(str, stale(read_once(str(PROJECT / "content")), PROJECT)))
    assert not changed, f"run 'smartcity content emergency': {changed}"


def test_another_number_changes_every_place() -> None:
    knowledge = read_once(str(PROJECT / "content"))
    office = replace(knowledge.offices["smart_city_office"], phone="02151 1234")
    other = replace(knowledge, offices={**knowledge.offices, office.id: office})
    assert len(stale(other, PROJECT)) == 4
    assert all("02151 1234" in text for text in files(other, PROJECT).values())
    assert files(other, PROJECT)[WIDGET].count("02151 1234") == len(LANGUAGES)
    assert 'href="tel:+4921511234"' in files(other, PROJECT)[PAGE]
    with pytest.raises(EmergencyError, match="phone"):
        files(replace(knowledge, offices={}), PROJECT)


@pytest.mark.parametrize("code", ["unavailable", "busy", "stopping", "switched_off", "internal"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_errors_that_leave_somebody_without_an_answer_name_the_office(code: str, language: str) -> None:
    office = read_once(str(PROJECT / "content")).offices["smart_city_office"]
    said = sentence(code, language, retry_after=5)
    assert str(office.phone) in said and str(office.email) in said and "www.krefeld.de" in said


def test_what_nginx_answers_programs_has_the_shape_of_our_errors() -> None:
    refusal = json.loads((PROJECT / REFUSAL).read_text("utf-8"))
    ours = error_body({"type": "http", "headers": []}, GatewayError("unavailable", retry_after=30))["error"]
    assert isinstance(ours, dict)
    assert refusal["error"].keys() == ours.keys()
    assert refusal["error"]["code"] == "unavailable"


def test_the_page_loads_nothing() -> None:
    page = (PROJECT / PAGE).read_text("utf-8")
    assert "src=" not in page and "<script" not in page and "url(" not in page
    assert page.count("<section lang=") == 3
