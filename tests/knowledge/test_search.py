"""The search over content's facts, which guesses and states nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcity.knowledge.records import FIRST, Knowledge
from smartcity.knowledge.search import MOST_LOOKED_AT, FactSearch, InitiativeSearch
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


@pytest.mark.parametrize(
    "text", ["/restart", "", "🙂", "02151 863 999", "xkcjv qpwoe", "Zahnpasta Kamelhöcker", "der die das"]
)
def test_what_shares_too_little_is_near_to_nothing(text: str) -> None:
    assert SEARCH.closest(text) == []


@given(st.text(max_size=60))
def test_any_text_can_be_searched(text: str) -> None:
    for kind, topic_id in SEARCH.closest(text):
        assert CITY.topic(kind, topic_id) is not None


def test_without_content_nothing_is_found() -> None:
    assert FactSearch(Knowledge()).closest("Was kostet das?") == []


def test_a_word_of_one_fact_is_a_clue_to_its_aspect() -> None:
    clues = SEARCH.clues("Nimmt der Automat auch eine EC-Karte?")["handyparken"]
    assert max(clues, key=clues.__getitem__) in ("joining", "figures")
    assert not SEARCH.clues("Was ist das denn?"), "words that tell nothing are no clue"
    named = SEARCH.clues("SMARTKREFELD")["smart_city_strategie"]
    assert max(named.values()) < 1, "a name stands in all facts"


@given(st.text(max_size=60))
def test_any_text_may_hold_clues(text: str) -> None:
    for topic_id, aspects in SEARCH.clues(text).items():
        assert aspects.keys() <= CITY.initiatives[topic_id].facts.keys()
        assert all(score >= 0 for score in aspects.values())


def _many(number: int) -> Knowledge:
    """The city with so many more initiatives that say the same as one of it, under names of their own."""
    model = CITY.initiatives["lorawan"]
    more = {f"more_{n}": replace(model, id=f"more_{n}", aliases=(f"Vorhaben {n}",)) for n in range(number)}
    return replace(CITY, initiatives={**CITY.initiatives, **more})


def test_a_large_city_is_searched_as_well_and_only_in_part() -> None:
    city = _many(2000)
    facts, names = FactSearch(city), InitiativeSearch(city.initiatives.values())
    assert facts.closest("Elektro-Motorroller zum Sitzen")[0] == ("initiative", "kruiser")
    assert names.rank("Elektro-Motorroller zum Sitzen")[0][0] == "kruiser"
    assert len(names.rank("stromsparendes Funknetz")) <= MOST_LOOKED_AT
    assert "kruiser" in facts.clues("Elektro-Motorroller")
    assert not facts.clues("stromsparendes Funknetz"), "what thousands say tells nothing"
    assert names.meant("Vorhaben 1777", ["more_1776", "more_1777"]) == "more_1777"
    assert [name for name, _ in names.rank("stromsparendes Funknetz", ["more_3", "more_3", "nobody"])] == ["more_3"]


def test_what_is_listed_comes_theme_by_theme_and_once() -> None:
    themed = [i.id for theme in CITY.themes for i in CITY.initiatives_of(theme)]
    assert [i.id for i in CITY.listed] == list(dict.fromkeys(themed))
    assert CITY.initiatives_of("nowhere") == ()
    ranked = sorted(CITY.listed, key=lambda i: ("cost" not in i.facts, i.state == "ended"))
    assert list(CITY.knowing("cost")) == ranked[:FIRST]


@pytest.mark.parametrize(
    "text", ["geht das auch sonntags", "wann macht ihr auf", "and how about that there", "Wie oft geht das?"]
)
def test_words_that_tell_nothing_find_nothing(text: str) -> None:
    assert InitiativeSearch(CITY.initiatives.values()).rank(text) == []
