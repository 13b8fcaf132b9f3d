from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcity.knowledge.folding import forms_of
from smartcity.nlu.concepts import ConceptTable

from .workshop import training_data

TABLE = ConceptTable.from_lookups(
    [
        {"name": "cost", "elements": ["Gebühr", "kostet", "wie viel Geld", "zu zahlen"]},
        {"name": "place", "elements": ["wo", "Straße", "kostet", "🙂"]},
    ]
)


@pytest.mark.parametrize(
    ("text", "concepts"),
    [
        ("kostet", ["cost"]),
        ("KOSTET das", ["cost"]),
        ("Gebuehr", ["cost"]),
        ("Gebührenordnung", ["cost"]),
        ("Parkgebühr", ["cost"]),
        ("Bahnstraße", ["place"]),
        ("wie viel geld kostet das wo", ["cost", "cost", "place"]),
        ("wie-viel Geld", ["cost"]),
        ("wie viel", []),
        ("worauf", []),
        ("", []),
        ("🙂", []),
    ],
)
def test_places_of_a_text(text: str, concepts: list[str]) -> None:
    assert list(TABLE.find(forms_of(text))) == concepts


def test_the_first_table_keeps_a_repeated_entry() -> None:
    assert TABLE.entries["kostet"] == "cost"


def test_signs_are_no_entry() -> None:
    assert "" not in TABLE.entries


def test_lookup_tables_of_rasa_are_taken() -> None:
    table = ConceptTable.from_lookups(training_data().lookup_tables)
    assert list(table.find(forms_of("Was ist zu zahlen?"))) == ["concept_cost"]


def test_a_lookup_table_in_a_file_of_its_own_is_left_to_rasa() -> None:
    assert ConceptTable.from_lookups([{"name": "a", "elements": "names.txt"}]).entries == {}


def test_without_tables_nothing_is_found() -> None:
    assert list(ConceptTable({}).find(forms_of("Was kostet das?"))) == []


@given(st.text())
def test_any_text_can_be_searched(text: str) -> None:
    assert set(TABLE.find(forms_of(text))) <= {"cost", "place"}
