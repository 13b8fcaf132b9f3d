"""The knowledge as data for programs: whole, in one language, every statement with its sources and dates."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from smartcity.knowledge.catalogue import catalogue
from smartcity.knowledge.records import LANGUAGES, Knowledge


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_there_in_each_language(city: Knowledge, language: str) -> None:
    told = catalogue(city, language)
    assert (told["language"], told["version"]) == (language, city.version)
    for shelf, records in (("themes", city.themes), ("initiatives", city.initiatives), ("offices", city.offices)):
        assert {record["id"] for record in told[shelf]} == set(records)
        for record in told[shelf]:
            known = records[record["id"]]  # type: ignore[index]
            assert record["name"] == known.name[language]
            assert {fact["aspect"]: fact["text"] for fact in record["facts"]} == {
                aspect: fact.text[language] for aspect, fact in known.facts.items()
            }


def _facts(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for shelf in ("themes", "initiatives", "offices"):
        for record in told[shelf]:
            yield from record["facts"]
            if record.get("notice"):
                yield record["notice"]


def test_every_statement_has_a_source_with_a_date(city: Knowledge) -> None:
    facts = list(_facts(catalogue(city, "de")))
    assert facts
    for fact in facts:
        assert fact["sources"], fact
        for source in fact["sources"]:
            assert set(source) == {"title", "url", "as_of", "dated", "read"}
            assert re.fullmatch(r"\d{4}(-\d\d){0,2}", source["as_of"])


def test_what_ended_says_so(city: Knowledge) -> None:
    for initiative in catalogue(city, "de")["initiatives"]:
        assert initiative["state"] == "active" or initiative["notice"], initiative["id"]


def test_ids_that_are_named_exist(city: Knowledge) -> None:
    told = catalogue(city, "de")
    ids = {shelf: {record["id"] for record in told[shelf]} for shelf in ("themes", "initiatives", "offices")}
    for initiative in told["initiatives"]:
        assert set(initiative["themes"]) <= ids["themes"] and initiative["ask"] in ids["offices"]
    for theme in told["themes"]:
        assert set(theme["initiatives"]) <= ids["initiatives"]


def test_it_is_json_and_the_same_each_time(city: Knowledge) -> None:
    assert json.loads(json.dumps(catalogue(city, "en"))) == catalogue(city, "en")


def test_nothing_that_only_helps_to_understand_is_told(city: Knowledge) -> None:
    keys = {
        key
        for shelf in ("themes", "initiatives", "offices")
        for record in catalogue(city, "de")[shelf]
        for key in record
    }
    assert not keys & {"aliases", "generic", "misspellings", "evidence"}
