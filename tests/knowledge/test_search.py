"""The search over content's facts, which guesses and states nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcity.knowledge.records import Knowledge
from smartcity.knowledge.search import FactSearch
from smartcity.knowledge.source import read_once

CITY = read_once("content")
SEARCH = FactSearch(CITY)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Wasserstoffbusse der Stadtwerke", ("initiative", "saubere_flotte")),
        ("Elektro-Motorroller zum Sitzen", ("initiative", "kruiser")),
        ("stromsparendes Funknetz", ("initiative", "lorawan")),
    ],
)
def test_the_topic_whose_facts_say_it_comes_first(text: str, topic: tuple[str, str]) -> None:
    found = SEARCH.closest(text)
    assert found[0] == topic
    assert len(found) <= 3


@pytest.mark.parametrize("text", ["", "🙂", "02151 863 999", "xkcjv qpwoe", "Zahnpasta Kamelhöcker", "der die das"])
def test_what_shares_too_little_is_near_to_nothing(text: str) -> None:
    assert SEARCH.closest(text) == []


@given(st.text(max_size=60))
def test_any_text_can_be_searched(text: str) -> None:
    for kind, topic_id in SEARCH.closest(text):
        assert CITY.topic(kind, topic_id) is not None


def test_without_content_nothing_is_found() -> None:
    assert FactSearch(Knowledge()).closest("Was kostet das?") == []
