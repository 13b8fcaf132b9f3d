"""Filters on both databases, against rows that are counted by hand."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl

import pytest
from sqlalchemy.engine import Engine

from smartcity.console import clock
from smartcity.console.filters import COLUMNS, FIELDS, PERIODS, Filters
from smartcity.console.turn_list import choices, page_of

from ...databases import KINDS
from .conftest import A, B, C, D, console_database, count, four_turns, said


# All tests here only read, so one database of each kind is enough.
@pytest.fixture(scope="module", params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with console_database(request.param, tmp_path_factory.mktemp("filters")) as engine:
        yield engine


@pytest.fixture(scope="module")
def four(engine: Engine) -> dict[str, int]:
    return four_turns(engine)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [D, C, B, A]),
        ("channel=telegram", [C]),
        ("language=en", [B]),
        ("intent=ask_place", [B]),
        ("theme=mobility", [A]),
        ("initiative=codingschool", [B]),
        ("action=action_contact", [D]),
        ("least=45&most=90", [B, A]),
        ("least=90,5 %", [D]),
        ("most=45", [B]),
        ("outcome=handed_over", [D]),
        ("outcome=failed", []),
        ("feedback=up", [A]),
        ("feedback=down", [C]),
        ("feedback=none", [D, B]),
        ("verdict=partly", [A]),
        ("verdict=wrong", []),
        ("verdict=none", [D, C, B]),
        ("reviewed=yes", [A]),
        ("reviewed=no", [D, C, B]),
        ("tag=Fahrplan", [A]),
        ("tag=fehlt", []),
        ("assigned=none", [C, B, A]),
        ("assigned=999999", []),
        ("from=2026-11-11", [D, C, B]),
        ("to=2026-11-11", [B, A]),
        ("from=2026-11-10T12:30&to=2026-11-10T12:30", [A]),
        ("from=2026-11-10T12:31&to=2026-11-12T12:29", [B]),
        ("from=2026-11-12 12:30&to=2026-11-12 12:30", [C]),
        ("hour=12&to=2026-11-13", [C, B, A]),
        ("hour=11&to=2026-11-13", []),
        ("period=1d", [D]),
        ("period=1d&from=2026-11-12", [D, C]),
        ("text=hüls", [A]),
        ("text=Straßenb", [A]),
        ("text=automat", [C]),
        ("text=anruf", [D]),
        ("text=codingschool where", [B]),
        ("text=fehlt", []),
        ("text=!!!", []),
        ("text=hüls&language=en", []),
        ("queue=not_understood", [C]),
        ("queue=low_confidence", [B]),
        ("queue=asked_back", []),
        ("queue=down", [C]),
        ("queue=handed_over", [D]),
        ("queue=repeated", [D]),
        ("queue=unknown", [B]),
        ("queue=failed", []),
        ("queue=unreviewed", [D, C, B]),
        ("queue=unreviewed&channel=telegram&feedback=down&from=2026-11-01&text=kaputt", [C]),
    ],
)
def test_each_filter(query: str, found: list[str], engine: Engine, four: dict[str, int]) -> None:
    assert said(engine, query) == found


def test_assigned_to_me(engine: Engine, four: dict[str, int]) -> None:
    assert said(engine, "assigned=me", four["reviewer"]) == [D]
    assert said(engine, f"assigned={four['reviewer']}") == [D]
    assert said(engine, "assigned=me", four["reviewer"] + 1) == []


def test_every_field_is_tried_above() -> None:
    tried = {name for mark in test_each_filter.pytestmark for query, _ in mark.args[1] for name, _ in parse_qsl(query)}
    assert tried == set(FIELDS)


TEXTS = [
    '"',
    "'",
    '" OR "',
    "a*",
    "*",
    "NEAR(a b)",
    "said: x",
    "a AND",
    "NOT",
    "-a",
    "(",
    "a\0b",
    "^a",
    "{a}",
    "🙂",
    "%",
    "_",
    "\\",
    "a" * 5000,
    "; DROP TABLE turns; --",
    "x:*",
    "a & | !",
    "<->",
    "\ud800",
    "ＡＢ",
    "٣",
]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_no_text_is_a_fault(text: str, engine: Engine, four: dict[str, int]) -> None:
    for name in FIELDS:
        filters = Filters.of({name: text})
        page_of(engine, filters)
    assert count(engine, Filters()) == 4


def test_what_cannot_be_read_is_told_and_filters_nothing(engine: Engine, four: dict[str, int]) -> None:
    query = {
        "from": "yesterday",
        "to": "31.12.2026",
        "least": "-1",
        "most": "viel",
        "queue": "x",
        "period": "3d",
        "outcome": "x",
        "feedback": "x",
        "verdict": "x",
        "reviewed": "x",
        "assigned": "0",
    }
    filters = Filters.of(query)
    assert set(filters.wrong) == set(query)
    assert count(engine, filters) == 4


def test_a_period_begins_at_midnight_in_krefeld() -> None:
    for name, days in PERIODS.items():
        start, end = Filters.of({"period": name}).span()
        assert start is not None and end is None
        first = clock.in_krefeld(start)
        assert (first.hour, first.minute) == (0, 0)
        assert (clock.today() - first.date()).days == (days or 0) - 1


def test_filters_make_the_same_address_again() -> None:
    query = {"text": "a & b", "from": "2026-11-10T12:30", "intent": "x", "page": "older.1.1", "evil": "1"}
    filters = Filters.of(query)
    assert dict(parse_qsl(filters.query)) == {"from": "2026-11-10T12:30", "text": "a & b", "intent": "x"}
    assert filters.path(intent=None, queue="down").startswith("/search?from=")
    assert Filters.of(dict(parse_qsl(filters.query))) == filters
    assert Filters().path() == "/search"


def test_choices_are_the_values_that_there_are(engine: Engine, four: dict[str, int]) -> None:
    found = choices(engine)
    assert set(found) == {*COLUMNS, "tag"}
    assert found["intent"] == ["ask_person", "ask_place", "ask_time"]
    assert found["channel"] == ["telegram", "web"]
    assert found["tag"] == ["Bus, Bahn", "Fahrplan"]
