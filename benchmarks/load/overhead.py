"""`python -m benchmarks.load.overhead`: what shared stores cost, beside as many Rasa processes that share nothing.

Both run at once and are loaded in turn with the same conversations, so that whatever else the machine does meets both.
Prints a table of processor time and writes it to results/overhead.txt. Every answer is checked.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Dict, List, Sequence

from benchmarks.load.checking import shown
from benchmarks.load.recording import Recorded, record
from benchmarks.load.step import GENERATOR, Pace, Step, hold
from benchmarks.own_assistant import train_when_stale
from benchmarks.places import RESULTS
from benchmarks.programs import ProgramError, end_on_signals
from benchmarks.stack.stack import Layout, Stack
from benchmarks.tables import table

WANTED = 0.2
KINDS = ("rasa", "gateway", "postgresql", "redis")
HEAD = ["rasa", "stores", "turns", "ms of a processor a turn", *KINDS, "p95 ms", "overhead"]


class Side:
    """One of the two, and what its steps took."""

    def __init__(self, name: str, stack: Stack) -> None:
        self.name = name
        self.stack = stack
        self.steps: List[Step] = []

    @property
    def turns(self) -> float:
        return sum(step.answered for step in self.steps)

    def milliseconds(self) -> Dict[str, float]:
        """Processor time of a turn by kind of process, without the generator."""
        kinds = dict.fromkeys(KINDS, 0.0)
        for step in self.steps:
            for name, share in step.shares.items():
                if name != GENERATOR:
                    kinds[name.partition("-")[0]] += share * 1000 / (self.turns or float("inf"))
        return kinds

    def row(self, rasas: int, seconds: float, overhead: str) -> List[str]:
        kinds = self.milliseconds()
        cells = [f"{kinds[kind]:.2f}" for kind in KINDS]
        p95 = statistics.median(step.p95 for step in self.steps)
        head = [str(rasas), self.name, f"{self.turns * seconds:.0f}", f"{sum(kinds.values()):.2f}"]
        return [*head, *cells, f"{p95:.0f}", overhead]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load.overhead", description=__doc__)
    parser.add_argument("--rasas", default="1,2,4", help="how many Rasa processes, with commas")
    parser.add_argument("--rate", type=float, default=60.0, help="turns a second")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each step is measured")
    parser.add_argument("--rounds", type=int, default=5, help="steps of each side")
    parser.add_argument("--gate", action="store_true", help="exit 1 when an answer is wrong or the overhead too high")
    return parser.parse_args()


def _of_a_turn(step: Step) -> float:
    """Processor time of a turn; infinite where none was answered."""
    return sum(cost for name, cost in step.milliseconds.items() if name != GENERATOR) or float("inf")


def main() -> int:
    """Measure each number of processes; the exit code."""
    arguments = _arguments()
    end_on_signals()
    pace = Pace(warm=3.0, seconds=arguments.seconds, think=1.0)
    rows: List[List[str]] = []
    faults: List[str] = []
    missed = False
    recorded: Sequence[Recorded] = ()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        train_when_stale(scratch / "model")
        for rasas in (int(number) for number in arguments.rasas.split(",")):
            alone, together = Layout("own", rasas), Layout("shared", rasas, shared=True)
            with Stack(alone, scratch / f"own-{rasas}") as one, Stack(together, scratch / f"shared-{rasas}") as other:
                recorded = recorded or record(one.address)[0]
                sides = (Side("SQLite for each", one), Side("PostgreSQL, Redis", other))
                for number in range(arguments.rounds):
                    for side in sides if number % 2 else sides[::-1]:
                        side.steps.append(hold(side.stack, recorded, arguments.rate, pace, seed=number + 1))
            ratios = [_of_a_turn(b) / _of_a_turn(a) - 1 for a, b in zip(*(side.steps for side in sides), strict=True)]
            median = statistics.median(ratios)
            missed = missed or median >= WANTED
            told = f"{median * 100:+.0f} % ({min(ratios) * 100:+.0f} to {max(ratios) * 100:+.0f})"
            rows += [sides[0].row(rasas, pace.seconds, ""), sides[1].row(rasas, pace.seconds, told)]
            faults += [fault for side in sides for step in side.steps for fault in step.verdict.faults]
            print(table(f"{rasas} rasa", HEAD, rows[-2:]), flush=True)
    steps = f"{arguments.rounds} steps of {arguments.seconds:g} s each"
    title = f"Shared stores at {arguments.rate:g} turns a second, {steps}"
    note = (
        "Overhead: the median of the rounds, beside as many Rasa processes that share nothing; wanted below "
        f"{WANTED * 100:.0f} %.\nChecked against the recording and Rasa's log: {len(faults)} wrong."
    )
    text = "\n".join([table(title, HEAD, rows), note, *([shown(faults)] if faults else [])])
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "overhead.txt").write_text(text + "\n", "utf-8")
    print(text)
    return 1 if arguments.gate and (faults or missed) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (ProgramError, TimeoutError) as error:
        sys.exit(f"overhead: {error}")
