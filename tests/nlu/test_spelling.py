from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcity.nlu.concepts import ConceptTable
from smartcity.nlu.spelling import Spelling

SEEN = {"kostet": 90, "kosten": 40, "wann": 60, "veranstalter": 5, "raum": 20, "ab": 99, "selten": 1}
SPELLING = Spelling(SEEN, ConceptTable({"gebuhr": "cost", "zu zahlen": "cost"}))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("kotset", "kostet"),
        ("kosttet", "kostet"),
        ("koste", "kostet"),  # the more frequent of two that are as near
        ("lostet", "kostet"),
        ("wnan", "wann"),
        ("wan", "wann"),
        ("veranswaltr", "veranstalter"),
        ("gebur", "gebuhr"),
        ("seltn", "selten"),
    ],
)
def test_a_slip_is_put_right(said: str, meant: str) -> None:
    assert SPELLING.repaired([said]) == (meant,)


@pytest.mark.parametrize("said", ["kostet", "a", "ac", "marmelade", "12345", "qwrtz", "xinitiativex", "kostet1"])
def test_other_words_stay(said: str) -> None:
    assert SPELLING.repaired([said]) == (said,)


@given(st.lists(st.text(max_size=40), max_size=20))
def test_any_words_can_be_repaired(forms: list[str]) -> None:
    repaired = SPELLING.repaired(forms)
    assert len(repaired) == len(forms)
    assert SPELLING.repaired(repaired) == SPELLING.repaired(SPELLING.repaired(repaired))


@given(st.sampled_from(["kostet", "veranstalter", "wann"]), st.integers(0, 11), st.sampled_from("qxyz"))
def test_one_slip_is_found_wherever_it_is(word: str, place: int, letter: str) -> None:
    place %= len(word)
    slips = {word[:place] + letter + word[place + 1 :], word[:place] + letter + word[place:], word + letter}
    if len(word) > 4:
        slips |= {
            word[:place] + word[place + 1 :],
            *([word[: place - 1] + word[place] + word[place - 1] + word[place + 1 :]] if place else []),
        }
    for slip in slips - {word, "kosten"}:
        assert SPELLING.repaired([slip]) == (word,), slip
