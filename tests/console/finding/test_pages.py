"""Paging on both databases: each turn once, there and back."""

from __future__ import annotations

import itertools
from urllib.parse import parse_qsl

import pytest
from sqlalchemy.engine import Engine

from smartcity.console.filters import Filters
from smartcity.console.judging import Judgement, judge
from smartcity.console.tables import turns
from smartcity.console.turn_list import PAGE, page_of

from ..rows import a_conversation, an_account, stored, turn_ids
from .conftest import NOW

PAGED = [
    "",
    "text=kruiser",
    "text=kru&channel=web",
    "intent=ask_status",
    "tag=t",
    "tag=t&language=de",
    "text=krui&tag=t",
]
BOUNDS: list[dict[str, int]] = [
    {},
    {"MOST": 2, "NEWEST": 60},
    {"MOST": 2, "NEWEST": 20, "FURTHEST": 90},
    {"MOST": 60, "NEWEST": 20, "FURTHEST": 90},
    {"MOST": 9, "NEWEST": 5, "COMMON": 1000},
]
"""What counts as few, and as common: every way of finding is gone."""


def test_pages_show_each_turn_once_there_and_back(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    # Several turns of one moment: the time alone is no key.
    rows = [{"at": NOW - number // 33 * 1000} for number in range(132)]
    made = turn_ids(engine, a_conversation(engine, rows, ended=NOW))
    judge(engine, made, Judgement(more_tags=("t",)), an_account(engine))
    others = [{"said": "anders", "intent": "x", "channel": "api", "at": NOW - number * 99} for number in range(20)]
    a_conversation(engine, others, ended=NOW)
    for bounds, query in itertools.product(BOUNDS, PAGED):
        with monkeypatch.context() as patch:
            for name, value in bounds.items():
                patch.setattr(f"smartcity.console.turn_ids.{name}", value)
            wanted = made if query else [row["id"] for row in stored(engine, turns)]
            _walk(engine, Filters.of(dict(parse_qsl(query))), wanted, bounds.get("MOST", 250))


def _walk(engine: Engine, filters: Filters, wanted: list[int], most: int) -> None:
    """To the last page and back."""
    pages = [page_of(engine, filters)]
    assert pages[0].newer is None, filters
    while pages[-1].older:
        pages.append(page_of(engine, filters, pages[-1].older))
    assert {page.count for page in pages} == {min(len(wanted), most + 1)}, filters
    seen = [row["id"] for page in pages for row in page.turns]
    assert sorted(seen) == sorted(wanted), filters
    assert {len(page.turns) for page in pages[:-1]} == {PAGE}, filters
    back = [pages[-1]]
    while back[-1].newer:
        back.append(page_of(engine, filters, back[-1].newer))
    assert [row["id"] for page in reversed(back) for row in page.turns] == seen, filters


def test_a_new_turn_moves_no_page(engine: Engine) -> None:
    a_conversation(engine, [{}] * (PAGE + 5), ended=NOW)
    older = page_of(engine, Filters()).older
    assert older
    before = [row["id"] for row in page_of(engine, Filters(), older).turns]
    a_conversation(engine, [{}] * 3, ended=NOW + 1000)
    assert [row["id"] for row in page_of(engine, Filters(), older).turns] == before


@pytest.mark.parametrize(
    "cursor", ["x", "older.a.b", "older.1", "older.1.99999999999999999999", "sideways.1.1", "older.-1.1"]
)
def test_a_key_that_is_none_shows_the_first_page(cursor: str, engine: Engine) -> None:
    a_conversation(engine)
    assert len(page_of(engine, Filters(), cursor).turns) == 1
