"""The highest rate that an assistant bears: steps upward until one is not borne, then between the two."""

from __future__ import annotations

import time
from typing import Callable, List, Sequence

from benchmarks.load.recording import Recorded
from benchmarks.load.step import Pace, Step, hold
from benchmarks.stack.stack import Stack

FACTOR = 1.35
HALVINGS = 2
PAUSE_SECONDS = 2.0
TRIES = 2
"""A step counts as not borne when it fails twice; at once where nothing else was going on that could be the cause."""
QUIET = 0.1
"""Processors that other work may use on a machine that is called quiet."""


def climb(
    stack: Stack,
    recorded: Sequence[Recorded],
    first: float,
    most: float,
    pace: Pace,
    tell: Callable[[Step], None],
    until: float = float("inf"),
) -> List[Step]:
    """All steps that were held: one at least, and none that begins after `until`, by time.monotonic."""
    steps: List[Step] = []

    def is_borne(rate: float) -> bool:
        for _ in range(TRIES):
            step = hold(stack, recorded, rate, pace, seed=len(steps) + 1)
            steps.append(step)
            tell(step)
            if step.is_borne:
                return True
            time.sleep(PAUSE_SECONDS)
            if step.machine - sum(step.shares.values()) <= QUIET or time.monotonic() >= until:
                return False
        return False

    low, high, rate = 0.0, 0.0, first
    while rate <= most and (not steps or time.monotonic() < until):
        if not is_borne(rate):
            high = rate
            break
        low, rate = rate, rate * FACTOR
    for _ in range(HALVINGS):
        if high and low and time.monotonic() < until:
            middle = (low + high) / 2
            low, high = (middle, high) if is_borne(middle) else (low, middle)
    return steps


def best(steps: Sequence[Step]) -> Step | None:
    """The one with the most answers among those that were borne."""
    borne = [step for step in steps if step.is_borne]
    return max(borne, key=lambda step: step.answered) if borne else None
