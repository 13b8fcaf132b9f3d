"""What is right in a comparison is what is right in `make evaluate`; the comparison itself runs in tests/console."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.understanding import scoring
from smartcity.runtime.comparison import is_right

ENTRIES: list[dict[str, Any]] = [
    {"text": "a", "intent": "ask_cost", "kind": "plain", "answer": ["initiative/kruiser/cost", "which"]},
    {"text": "b", "intent": "out_of_scope", "kind": "plain", "answer": "decline"},
    {"text": "c", "intent": "city_service", "kind": "plain", "answer": "service/passport"},
    {"text": "d", "intent": "ask_cost", "kind": "plain", "all": ["initiative/kruiser/cost", "initiative/swcar/place"]},
]
ANSWERS = [
    ["initiative/kruiser/cost"],
    ["which"],
    ["decline"],
    ["lost"],
    ["lost/again"],
    ["service/passport"],
    ["service/any"],
    ["service/waste"],
    ["decline", "initiative/kruiser/cost"],
    ["decline", "talk/greet"],
    ["initiative/kruiser/cost", "initiative/swcar/place"],
    ["initiative/swcar/place", "initiative/kruiser/cost"],
    ["initiative/kruiser/place"],
]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["text"])
@pytest.mark.parametrize("answers", ANSWERS, ids=" ".join)
def test_it_agrees_with_the_evaluation(entry: dict[str, Any], answers: list[str]) -> None:
    (item,) = scoring.read_items([entry])
    assert is_right(entry, answers) == scoring.is_right(item, scoring.BETWEEN.join(answers))


def test_no_answer_is_never_right() -> None:
    assert not any(is_right(entry, []) for entry in ENTRIES)
