"""The schema files and the records tell the same story."""

from __future__ import annotations

import dataclasses
import json
from importlib import resources
from typing import Any

import pytest
from jsonschema import Draft7Validator

from smartcity.knowledge.documents import parse
from smartcity.knowledge.records import (
    ASPECTS,
    LANGUAGES,
    OFFICE_ASPECTS,
    STATES,
    Initiative,
    Notice,
    Office,
    Service,
    Theme,
)
from smartcity.knowledge.schemas import KINDS, shape_problems


def _schema(name: str) -> dict[str, Any]:
    text = resources.files("smartcity.knowledge").joinpath("schema", f"{name}.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


COMMON = _schema("common")["definitions"]


@pytest.mark.parametrize("name", [*KINDS, "common"])
def test_each_schema_is_one(name: str) -> None:
    Draft7Validator.check_schema(_schema(name))
    assert _schema(name)["title"]


@pytest.mark.parametrize(("kind", "aspects"), [("initiative", ASPECTS), ("theme", ASPECTS), ("office", OFFICE_ASPECTS)])
def test_the_facts_are_the_aspects(kind: str, aspects: tuple[str, ...]) -> None:
    assert tuple(_schema(kind)["properties"]["facts"]["properties"]) == aspects


@pytest.mark.parametrize(("kind", "record"), [("initiative", Initiative), ("theme", Theme), ("office", Office)])
def test_every_field_of_a_record_has_an_entry(kind: str, record: type) -> None:
    fields = {field.name for field in dataclasses.fields(record)} - {"kind"}
    properties = set(_schema(kind)["properties"])
    # misspellings become aliases; sources go into the facts that they support
    assert properties - {"misspellings", "sources"} <= fields
    # every kind shares Topic's field; only initiatives have everyday words
    assert fields - properties <= {"generic"}


def test_every_field_of_a_service_has_an_entry() -> None:
    properties = set(_schema("services")["additionalProperties"]["properties"])
    assert properties - {"misspellings"} == {field.name for field in dataclasses.fields(Service)} - {"id"}


def test_every_field_of_a_notice_has_an_entry() -> None:
    fields = {field.name.rstrip("_") for field in dataclasses.fields(Notice)}
    assert fields == set(_schema("notice")["properties"])


def test_languages_and_states_are_those_of_the_records() -> None:
    assert tuple(COMMON["text"]["properties"]) == tuple(COMMON["text"]["required"]) == LANGUAGES
    assert tuple(_schema("initiative")["properties"]["state"]["enum"]) == STATES


def test_no_schema_takes_fields_that_it_does_not_name() -> None:
    def objects(node: Any) -> Any:
        if isinstance(node, dict):
            if "properties" in node and node.get("type") == "object":
                yield node
            for value in node.values():
                yield from objects(value)

    for name in (*KINDS, "common"):
        assert all(found["additionalProperties"] is False for found in objects(_schema(name)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "text", ["", "1", "[]", "a", "{a: b}", "{x: 3, y: 4}", "{'no': {}, '1': []}", "&a {a: *a, id: *a}"]
)
def test_any_data_gets_problems_not_errors(kind: str, text: str) -> None:
    problems = list(shape_problems(parse(text, "a.yml"), kind))
    assert problems
    assert all(problem.message and problem.remedy for problem in problems)
