from __future__ import annotations

import pytest

from smartcity.nlu.segments import segments
from smartcity.nlu.unasked import without_refused


@pytest.mark.parametrize(
    ("text", "heard", "meant"),
    [
        ("Wann kommt die Tankstelle? Nicht wann. Wohin kommt sie?", "QN+Q", "NN+Q"),
        ("bitte wo antrag für solar geld, ah nicht wo, welche bedingung muss ich haben", "Q+N+Q", "N+N+Q"),
        ("where is kremintec? When was it founded, not where", "QQ+Q+", "NQ+N+"),
        # nothing is taken back
        ("Warum nicht? Wann fährt es?", "QQ", "QQ"),
        ("Wann fährt es, und warum nicht nachts?", "QQ", "QQ"),
        ("Ich weiß nicht wo. Wann fährt es?", "T+Q", "T+Q"),
        ("Wo ist das? Nicht wo.", "QN+", "QN+"),
        ("Ich wohne da, wo der KRuiser fuhr. Warum endete er? Nicht wo, wann!", "T+QN+Q", "T+QN+Q"),
        ("Wo hält es? Nicht wo, bitte. Wann fährt es?", "QN++Q", "NN++Q"),
        ("Wo fährt es?", "Q", "Q"),
        ("", "Q", "Q"),
    ],
)
def test_a_question_whose_word_is_refused_is_none(text: str, heard: str, meant: str) -> None:
    texts = [text[segment.start : segment.end] for segment in segments(text)]
    labels = list(heard[: len(texts)])
    assert len(labels) == len(texts), texts
    found = "".join(without_refused(texts, labels))
    assert found == meant
