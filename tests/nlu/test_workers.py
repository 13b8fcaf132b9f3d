"""Work in several processes gives what one process gives, and fails as it does."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool

import pytest

from smartcity.nlu import workers
from smartcity.nlu.workers import SIZE, in_pieces


def _sum_and_process(numbers: Sequence[int]) -> tuple[int, int, int]:
    return len(numbers), sum(numbers), os.getpid()


@pytest.mark.parametrize("cores", [{0}, {0, 1}])
@pytest.mark.parametrize("count", [0, 1, SIZE, SIZE + 1, 3 * SIZE])
def test_every_item_is_worked_on_once_and_in_order(
    count: int, cores: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers.os, "sched_getaffinity", lambda _: cores)
    found = in_pieces(_sum_and_process, range(count))
    pieces = [range(start, min(start + SIZE, count)) for start in range(0, count, SIZE)]
    assert [(length, total) for length, total, _ in found] == [(len(piece), sum(piece)) for piece in pieces]


def test_many_items_are_worked_on_by_other_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers.os, "sched_getaffinity", lambda _: {0, 1})
    assert os.getpid() not in {process for _, _, process in in_pieces(_sum_and_process, range(2 * SIZE))}
    assert {process for _, _, process in in_pieces(_sum_and_process, range(SIZE))} == {os.getpid()}


def test_work_may_be_a_closure_and_its_errors_arrive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers.os, "sched_getaffinity", lambda _: {0, 1})
    wrong = SIZE + 3

    def work(numbers: Sequence[int]) -> int:
        if wrong in numbers:
            raise ValueError(f"{wrong} is no word")
        return len(numbers)

    with pytest.raises(ValueError, match=f"{wrong} is no word"):
        in_pieces(work, range(2 * SIZE))


def test_a_process_that_is_killed_ends_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers.os, "sched_getaffinity", lambda _: {0, 1})

    def work(numbers: Sequence[int]) -> int:
        os.kill(os.getpid(), signal.SIGKILL)
        return len(numbers)

    with pytest.raises(BrokenProcessPool):
        in_pieces(work, range(3 * SIZE))
