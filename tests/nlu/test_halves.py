"""Two questions that 'und' joins and the pieces hear as one."""

from __future__ import annotations

import pytest

from smartcity.nlu.halves import Half, Readings, divided

PAIR = (Half(0, 9, "wann ist das"), Half(9, 20, "und muss man eintritt zahlen"))
OTHER = (Half(0, 4, "wann"), Half(4, 20, "ist das und muss man eintritt zahlen"))
WHOLE: Readings = (("ask_time", 0.5), ("ask_cost", 0.4), ("ask_place", 0.1))
FOREIGN = ("out_of_scope", "emergency")


def _reader(**readings: tuple[str, float]) -> dict[str, Readings]:
    return {text.replace("_", " "): [reading] for text, reading in readings.items()}


BOTH = _reader(wann_ist_das=("ask_time", 0.9), und_muss_man_eintritt_zahlen=("ask_cost", 0.8))


def _divided(halves: list[tuple[Half, Half]], whole: Readings, read: dict[str, Readings]) -> list[Half] | None:
    return divided(halves, whole, read.__getitem__, FOREIGN)


def test_halves_that_ask_what_the_whole_seems_to_ask_are_two_questions() -> None:
    assert _divided([PAIR], WHOLE, BOTH) == list(PAIR)
    assert PAIR[1].part() == {
        "start": 9,
        "end": 20,
        "negated": False,
        "asks": True,
        "masked_text": "und muss man eintritt zahlen",
    }


def test_of_several_cuts_the_surest_counts() -> None:
    cut = _reader(wann=("ask_time", 0.7), ist_das_und_muss_man_eintritt_zahlen=("ask_cost", 0.65))
    assert _divided([OTHER, PAIR], WHOLE, {**BOTH, **cut}) == list(PAIR)
    assert _divided([PAIR, OTHER], WHOLE, {**BOTH, **cut}) == list(PAIR)


@pytest.mark.parametrize(
    "whole",
    [
        (("ask_time", 0.95), ("ask_cost", 0.04)),
        (("ask_time", 0.5), ("ask_place", 0.4)),
        (("ask_time", 0.5), ("out_of_scope", 0.4)),
        (("emergency", 0.5), ("ask_cost", 0.4)),
        (("ask_time", 1.0),),
        (),
    ],
)
def test_the_whole_must_seem_to_ask_both(whole: Readings) -> None:
    assert _divided([PAIR], whole, BOTH) is None


@pytest.mark.parametrize("second", [("ask_cost", 0.5), ("ask_place", 0.9), ("ask_time", 0.9)])
def test_both_halves_must_be_clear_and_ask_the_one_and_the_other(second: tuple[str, float]) -> None:
    read = {**BOTH, "und muss man eintritt zahlen": [second]}
    assert _divided([PAIR], WHOLE, read) is None
    assert _divided([], WHOLE, BOTH) is None
