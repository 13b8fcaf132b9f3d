"""One step of load: a rate held for some seconds, and what came of it."""

from __future__ import annotations

import json
import os
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Mapping, Sequence

from benchmarks.load.checking import Verdict, check
from benchmarks.load.recording import Recorded
from benchmarks.places import OWN_PYTHON
from benchmarks.programs import Process, Program
from benchmarks.stack.part import Part
from benchmarks.stack.stack import Stack
from benchmarks.understanding.scoring import percentile
from benchmarks.usage import machine_seconds, usage

LIMIT_MS = 1000.0
GENERATOR = "load generator"


@dataclass(frozen=True)
class Pace:
    """Seconds to warm up, to measure, and the mean that a citizen thinks between turns."""

    warm: float = 6.0
    seconds: float = 20.0
    think: float = 2.0


@dataclass
class Step:
    """Turns a second wanted and answered; milliseconds; share of a processor by process; what was wrong."""

    rate: float
    answered: float
    median: float
    p95: float
    p99: float
    refusals: Dict[str, int]
    given_up: int
    lag: float
    shares: Dict[str, float] = field(default_factory=dict)
    machine: float = 0.0
    verdict: Verdict = field(default_factory=Verdict)

    @property
    def is_borne(self) -> bool:
        """95 of 100 turns within a second, and none refused. Who waits is counted from when a turn was due."""
        return self.p95 <= LIMIT_MS and not self.refusals and not self.given_up

    @property
    def milliseconds(self) -> Dict[str, float]:
        """Processor time of a turn, by process."""
        return {name: share * 1000 / self.answered for name, share in self.shares.items() if self.answered}


def hold(stack: Stack, recorded: Sequence[Recorded], rate: float, pace: Pace, seed: int) -> Step:
    """Play the recorded conversations at so many turns a second, then check every answer."""
    with tempfile.TemporaryDirectory() as name:
        found, shares, machine = _play(Path(name), stack.address, recorded, rate, pace, seed, stack.parts)
    step = _summed(found, rate, pace)
    step.shares, step.machine = shares, machine
    step.verdict = check(found["conversations"], recorded, stack.secret, stack.trackers)
    return step


def bare(address: str, recorded: Sequence[Recorded], rate: float, pace: Pace) -> Step:
    """The same against any server, unchecked: the conversations have turns without buttons only."""
    typed = [one for one in recorded if all("text" in turn for turn in one.turns)]
    with tempfile.TemporaryDirectory() as name:
        found, shares, machine = _play(Path(name), address, typed, rate, pace, 1, {})
    step = _summed(found, rate, pace)
    step.shares, step.machine = shares, machine
    return step


def _play(
    folder: Path,
    address: str,
    recorded: Sequence[Recorded],
    rate: float,
    pace: Pace,
    seed: int,
    watched: Mapping[str, Part],
) -> tuple[Dict[str, Any], Dict[str, float], float]:
    plan, result = folder / "plan.json", folder / "result.json"
    conversations = [one.plan() for one in recorded]
    content = {"address": address, "rate": rate, "seed": seed, "conversations": conversations}
    plan.write_text(json.dumps({**content, **vars(pace)}), "utf-8")
    command = [str(OWN_PYTHON), "-m", "benchmarks.load.generator", str(plan), str(result)]
    with Program(command, folder / "generator.log", {}) as generator:
        time.sleep(pace.warm)
        before, all_before, begun = _seconds(watched, generator.tree()), machine_seconds(), time.perf_counter()
        time.sleep(pace.seconds)
        after, all_after, lasted = _seconds(watched, generator.tree()), machine_seconds(), time.perf_counter() - begun
        if generator.wait():
            generator.check_running()
    shares = {name: (after[name] - before[name]) / lasted for name in before}
    machine = (all_after[0] - all_before[0]) / lasted
    return json.loads(result.read_text("utf-8")), shares, machine


def _seconds(parts: Mapping[str, Part], generator: List[Process]) -> Dict[str, float]:
    found = {name: part.usage().processor for name, part in parts.items()}
    found[GENERATOR] = usage(generator).processor
    return found


def _summed(found: Mapping[str, Any], rate: float, pace: Pace) -> Step:
    turns = [turn for one in found["conversations"] for turn in one["turns"]]
    counted = [turn for turn in turns if pace.warm <= turn["due"] < pace.warm + pace.seconds]
    times = [turn["took"] * 1000 for turn in counted if "answers" in turn] or [float("inf")]
    refusals: Dict[str, int] = {}
    for turn in counted:
        if "answers" not in turn:
            refusals[str(turn["status"])] = refusals.get(str(turn["status"]), 0) + 1
    lags = [lag * 1000 for lag in found["lags"]] or [0.0]
    answered = sum("answers" in turn for turn in counted) / pace.seconds
    return Step(
        rate, answered, percentile(times, 50), percentile(times, 95), percentile(times, 99),
        refusals, found["given_up"], percentile(lags, 95),
    )  # fmt: skip


def processors() -> int:
    return len(os.sched_getaffinity(0))


__all__ = ["GENERATOR", "LIMIT_MS", "Pace", "Step", "bare", "hold", "processors"]
