"""One fault: citizens talk, it comes, it goes, and what was left of it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Callable, List, Optional, Sequence

from benchmarks.faults.citizen import Citizens, Talk
from benchmarks.faults.judging import Judgement, console_lacks, judge
from benchmarks.load.recording import Recorded
from benchmarks.stack.stack import Stack

CITIZENS = 4
BEFORE_SECONDS = 3.0
AFTER_SECONDS = 6.0
RECOVERY_SECONDS = 60.0
"""Whoever is not answered then has to call somebody."""


@dataclass(frozen=True)
class Fault:
    """`begin` and `end` are called with the time between them; a kill has no end."""

    part: str
    kind: str
    begin: Callable[[], None]
    end: Callable[[], None] = lambda: None
    seconds: float = 0.0


@dataclass
class Trial:
    """What happened: refusals by kind, seconds until all was well again, and the judgement."""

    fault: Fault
    recovered: Optional[float]
    refusals: Counter[str] = field(default_factory=Counter)
    dishonest: List[str] = field(default_factory=list)
    judgement: Judgement = field(default_factory=Judgement)
    console: Optional[str] = None
    restarts: int = 0

    @property
    def is_fine(self) -> bool:
        found = self.judgement
        return self.recovered is not None and not (
            self.dishonest or found.twice or found.missing or found.wrong or self.console
        )


def run(fault: Fault, stack: Stack, scripts: Sequence[Recorded]) -> Trial:
    """Let it come and go while citizens talk."""
    starts = sum(part.starts for part in stack.parts.values())
    citizens = Citizens(stack.address, scripts, CITIZENS)
    recovered = asyncio.run(_run(fault, citizens))
    trial = Trial(fault, recovered, citizens.refusals, citizens.dishonest)
    stack.wait_until_ready()
    talks: List[Talk] = citizens.talks
    trial.judgement = judge(talks, scripts, stack.secret, stack.tracker)
    if stack.layout.console:
        trial.console = console_lacks(talks, stack.secret, stack.tracker, stack.console_database)
    trial.restarts = sum(part.starts for part in stack.parts.values()) - starts
    return trial


async def _run(fault: Fault, citizens: Citizens) -> Optional[float]:
    """Seconds from the fault's end until every citizen was answered again; None when that did not come."""
    talking = asyncio.create_task(citizens.run())
    await asyncio.sleep(BEFORE_SECONDS)
    await asyncio.to_thread(fault.begin)
    await asyncio.sleep(fault.seconds)
    await asyncio.to_thread(fault.end)
    ended = time.monotonic()
    # What was answered meanwhile may have been on its way before: so wait until each has been answered anew.
    recovered = None
    while time.monotonic() - ended < RECOVERY_SECONDS and recovered is None:
        await asyncio.sleep(0.1)
        answered = sorted(citizens.answered_since(ended))
        if len(answered) >= CITIZENS * 2:
            recovered = answered[CITIZENS - 1] - ended
    await asyncio.sleep(AFTER_SECONDS)
    citizens.stop()
    await talking
    return recovered
