from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcity.knowledge.folding import words
from smartcity.nlu.segments import segments


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Was kostet das SWCAR?", ["Was kostet das SWCAR?"]),
        ("Noch mal zum SWCAR, wie bucht man das?", ["Noch mal zum SWCAR,", "wie bucht man das?"]),
        ("Was kostet es und ab wann fährt es", ["Was kostet es", "und ab wann fährt es"]),
        ("schade. wo war das?!", ["schade.", "wo war das?!"]),
        ("wann startet der KReathon nee sry meinte die Schule", None),
        ("nicht der Preis sondern der Ort", ["nicht der Preis", "sondern der Ort"]),
        ("Kurse – ab welchem Alter?", ["Kurse –", "ab welchem Alter?"]),
        ("um 3.30 Uhr", ["um 3.30 Uhr"]),
        ("Telefon & Mail", ["Telefon", "& Mail"]),
        ("KRuiser -> KReathon", ["KRuiser ->", "KReathon"]),
        ("und", ["und"]),
        ("🙂", ["🙂"]),
        ("", [""]),
    ],
)
def test_where_a_text_is_cut(text: str, cut: list[str] | None) -> None:
    found = [text[segment.start : segment.end].strip() for segment in segments(text)]
    if cut is None:
        assert found == ["wann startet der KReathon", "nee", "sry meinte die Schule"]
    else:
        assert found == cut


@given(
    st.text()
    | st.lists(st.sampled_from(["was", " und ", "?", ", ", "nee", "KRuiser", "...", "\n", "wo"])).map(" ".join)
)
def test_segments_are_the_whole_text_and_hold_a_word_each(text: str) -> None:
    found = segments(text)
    assert "".join(text[segment.start : segment.end] for segment in found) == text[found[0].start : found[-1].end]
    assert not words(text[: found[0].start]) and not words(text[found[-1].end :])
    assert all(words(text[segment.start : segment.end]) for segment in found) or not words(text)
