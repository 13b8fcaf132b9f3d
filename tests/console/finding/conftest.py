"""A database of each kind, and four turns that differ in everything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from smartcity.console import clock
from smartcity.console.database import migrate, open_database
from smartcity.console.filters import Filters
from smartcity.console.judging import Judgement, judge
from smartcity.console.turn_list import page_of

from ...databases import KINDS, database_url
from ..rows import a_conversation, an_account, turn_ids

NOW = clock.now()


@contextmanager
def console_database(kind: str, folder: Path) -> Iterator[Engine]:
    """A database with the console's tables."""
    with database_url(kind, folder) as url:
        engine = open_database(sa.engine.make_url(url))
        migrate(engine)
        yield engine
        engine.dispose()


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with console_database(request.param, tmp_path) as engine:
        yield engine


@pytest.fixture
def four(engine: Engine) -> dict[str, int]:
    return four_turns(engine)


def said(engine: Engine, query: str, account: int | None = None) -> list[str]:
    """What was said in the turns that an address finds; the count agrees."""
    filters = Filters.of(dict(parse_qsl(query, keep_blank_values=True)))
    page = page_of(engine, filters, "", account)
    assert page.count == len(page.turns)
    return [row["said"] for row in page.turns]


def count(engine: Engine, filters: Filters) -> int:
    return page_of(engine, filters).count


def four_turns(engine: Engine) -> dict[str, int]:
    """Four turns that differ in everything."""
    reviewer = an_account(engine, "reviewer")
    day = 24 * 60 * 60 * 1000
    noon = int(dt.datetime(2026, 11, 10, 12, 30, tzinfo=clock.KREFELD).timestamp() * 1000)
    rows: list[dict[str, Any]] = [
        {
            "said": "Straßenbahn nach Hüls",
            "intent": "ask_time",
            "theme": "mobility",
            "initiative": "tram",
            "at": noon,
            "action": "action_answer",
            "confidence": 0.9,
            "outcome": "answered",
            "feedback": "up",
        },
        {
            "said": "Where is the CodingSchool?",
            "intent": "ask_place",
            "theme": "education",
            "initiative": "codingschool",
            "action": "action_place",
            "confidence": 0.45,
            "outcome": "unknown",
            "language": "en",
            "at": noon + day,
        },
        {
            "said": "100% kaputt_",
            "intent": None,
            "confidence": None,
            "theme": None,
            "initiative": None,
            "at": noon + 2 * day,
            "action": "action_resolve_doubt",
            "outcome": "not_understood",
            "feedback": "down",
            "channel": "telegram",
            "comment": "Der Automat war grün",
        },
        {
            "said": "Ein Mensch bitte",
            "intent": "ask_person",
            "confidence": 1.0,
            "outcome": "handed_over",
            "at": clock.now(),
            "repeated": True,
            "note": "anrufen",
            "theme": "office",
            "initiative": None,
            "action": "action_contact",
        },
    ]
    ids = {}
    for name, row in zip("abcd", rows):
        ids[name] = turn_ids(engine, a_conversation(engine, [row], ended=row["at"]))[0]
    judge(engine, [ids["a"]], Judgement(verdict="partly", more_tags=("Fahrplan", "Bus, Bahn")), reviewer)
    judge(engine, [ids["d"]], Judgement(assigned=str(reviewer)), reviewer)
    return {**ids, "reviewer": reviewer}


A, B, C, D = "Straßenbahn nach Hüls", "Where is the CodingSchool?", "100% kaputt_", "Ein Mensch bitte"
