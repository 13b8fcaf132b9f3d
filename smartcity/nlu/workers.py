"""Work on many training examples, spread over processes: Python itself uses one core only.

The processes are forked, so what they work on is theirs without being sent; only results are.
"""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from typing import Any, Callable, List, Sequence, TypeVar

SIZE = 4000
"""Items that are worked on at once; fewer in all are not worth a process."""

Item = TypeVar("Item")
Result = TypeVar("Result")

_work: Callable[[int], Any]


def in_pieces(work: Callable[[Sequence[Item]], Result], items: Sequence[Item]) -> List[Result]:
    """What `work` makes of each piece of the items, in order; results must be fit for pickle."""
    starts = range(0, len(items), SIZE)

    def of_piece(start: int) -> Result:
        return work(items[start : start + SIZE])

    processes = min(len(os.sched_getaffinity(0)), len(starts))
    if processes < 2:
        return [of_piece(start) for start in starts]
    forked = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(processes, forked, initializer=_begin, initargs=(of_piece,)) as pool:
        return list(pool.map(_of_piece, starts))  # raises BrokenProcessPool where one is killed


def _begin(work: Callable[[int], Any]) -> None:
    global _work
    _work = work


def _of_piece(start: int) -> Any:
    return _work(start)
