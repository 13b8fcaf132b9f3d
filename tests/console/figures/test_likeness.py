"""Unanswered questions: what is alike stands together, and the cost stays bounded."""

from __future__ import annotations

import random
import time

from sqlalchemy.engine import Engine

from smartcity.console import clock
from smartcity.console.figures import likeness
from smartcity.console.figures.likeness import alike, unanswered
from smartcity.console.figures.period import Period

from ..both import engine as engine
from ..rows import a_conversation, turn_ids

LOST = {"outcome": "not_understood", "initiative": None}


def test_questions_that_are_alike_stand_together(engine: Engine) -> None:
    said = [
        "Gibt es in Krefeld ein Lastenrad zum Ausleihen?",
        "lastenrad ausleihen krefeld",
        "Kann ich ein Lastenrad leihen",
        "lastenrad ausleihen Krefeld?",
        "Wo ist das nächste Schwimmbad",
        "schwimmbad nächste",
        "Wann kommt die Müllabfuhr",
    ]
    a_conversation(engine, [{**LOST, "said": text} for text in said])
    a_conversation(engine, [{"said": "Wo ist das Schwimmbad am nächsten"}])  # was answered
    pressed = a_conversation(engine, [{**LOST, "said": "Schwimmbad", "pressed": True}])
    with engine.connect() as connection:
        groups = unanswered(connection, Period.of("", "", "day"), {})
    assert [(group.times, len(group.questions)) for group in groups] == [(4, 3), (2, 2), (1, 1)]
    assert all("astenrad" in question.text for question in groups[0].questions)
    assert groups[0].questions[0].times == 2  # the same words, whatever the signs
    assert turn_ids(engine, pressed)[0] not in {q.turn for group in groups for q in group.questions}


def test_a_period_narrows_them(engine: Engine) -> None:
    a_conversation(engine, [{**LOST, "said": "alt", "at": clock.start_of(Period.of("", "", "day").first) - 1}])
    with engine.connect() as connection:
        assert unanswered(connection, Period.of("", "", "day"), {}) == []


def test_nothing_and_one_are_no_fault() -> None:
    assert alike([]) == []
    assert alike(["x"]) == [[0]]
    assert alike(["a", "b"]) == [[0], [1]]


def test_the_most_that_is_compared_takes_seconds_at_most() -> None:
    chance = random.Random(1)
    words = ["".join(chance.choices("abcdefghij", k=8)) for _ in range(400)]
    texts = [" ".join(chance.choices(words, k=8)) for _ in range(likeness.MOST_TEXTS)]
    alike(texts[:2])  # the first use reads scikit-learn
    began = time.process_time()
    groups = alike(texts)
    assert sum(map(len, groups)) == len(texts)
    assert time.process_time() - began < 10
