from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcity.knowledge.folding import fold, joined, words


@pytest.mark.parametrize(
    "spellings",
    [
        ("für", "fuer", "FÜR", "fur", "Fu\u0308r"),
        ("Grüße", "Gruesse", "GRÜSSE", "grüsse"),
        ("Mülltonne", "Muelltonne", "MUELLTONNE"),
        ("Straße", "STRASSE", "strasse"),
        ("Café", "cafe"),
        ("kostet", "kooostet", "KOSTET"),
        ("Ｋｒｕｉｓｅｒ", "KRuiser"),
    ],
)
def test_spellings_meet(spellings: tuple[str, ...]) -> None:
    assert len({fold(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("Neue", "Nue"), ("Schall", "Schal"), ("2000", "20"), ("Treue", "True"), ("115", "15")]
)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize("word", ["noee", "laeaa", "ℌaus", "ϒ", "㎭", "aaaeee", "𝛓"])
def test_folding_again_changes_nothing_for_the_odd(word: str) -> None:
    assert fold(fold(word)) == fold(word)


@given(st.text())
def test_case_does_not_matter(text: str) -> None:
    assert fold(text.upper()) == fold(text.upper().lower())


@given(st.text())
def test_offsets_point_at_the_text(text: str) -> None:
    end = 0
    for word in words(text):
        assert end <= word.start < word.end <= len(text)
        assert fold(text[word.start : word.end]) == word.form
        end = word.end


@pytest.mark.parametrize("text", ["", "   ", "🙂👍", "-_-", "?!…", "\n\t"])
def test_signs_are_no_words(text: str) -> None:
    assert words(text) == ()


def test_hyphens_blanks_and_signs_do_not_matter_to_names() -> None:
    assert joined("Coding-School") == joined("coding school") == joined("Coding@School!") == "codingschool"
