from __future__ import annotations

import logging

import pytest

from smartcity.breaker import GONE_SECONDS, OPEN_SECONDS, TRIAL_SECONDS, Breaker


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_only_failures_in_a_row_open_it() -> None:
    breaker = Breaker("Rasa", most=3)
    for _ in range(5):
        breaker.failed()
        breaker.failed()
        breaker.succeeded()
    assert not breaker.is_open
    for _ in range(3):
        breaker.failed()
    assert breaker.is_open


def test_one_at_a_time_tries_when_the_pause_is_over(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    breaker = Breaker("Rasa", most=1, clock=clock)
    with caplog.at_level(logging.WARNING):
        breaker.failed()
        assert not breaker.begins_trial()
        clock.now = OPEN_SECONDS
        assert breaker.begins_trial()
        assert not breaker.begins_trial(), "one trial at a time"
        breaker.failed()
        assert not breaker.begins_trial(), "another pause"
        clock.now += OPEN_SECONDS
        assert breaker.begins_trial()
        clock.now += TRIAL_SECONDS
        assert breaker.begins_trial(), "a trial whose end nobody told is given up"
        breaker.succeeded()
    assert not breaker.is_open
    assert [record.getMessage().split(" ")[:2] for record in caplog.records] == [
        ["Rasa", "failed"],
        ["Rasa", "answers"],
    ]


def test_what_was_not_there_is_tried_again_soon() -> None:
    clock = Clock()
    breaker = Breaker("Rasa", most=1, clock=clock)
    breaker.failed(gone=True)
    assert not breaker.begins_trial()
    clock.now = GONE_SECONDS
    assert breaker.begins_trial()
    breaker.failed()
    clock.now += GONE_SECONDS
    assert not breaker.begins_trial(), "one that is there and says nothing has its time"
