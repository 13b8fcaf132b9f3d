"""`python -m benchmarks.load`: recorded conversations at rising rates, in one layout after another.

Prints one table; writes it and every step to results/load.txt, and results/load.png. Every answer is checked.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import List

from benchmarks.load.recording import Recorded, record
from benchmarks.load.report import Run, details, draw, report
from benchmarks.load.searching import best, climb
from benchmarks.load.step import GENERATOR, Pace, Step, bare
from benchmarks.own_assistant import train_when_stale
from benchmarks.places import OWN_PYTHON, RESULTS
from benchmarks.programs import Program, ProgramError, end_on_signals, free_port
from benchmarks.stack.stack import DEFAULT, Layout, Stack, wait_for_port

LAYOUTS = {
    "default": DEFAULT,
    "shared-1": Layout("PostgreSQL, Redis, 1 rasa", 1, shared=True),
    "shared-2": Layout("PostgreSQL, Redis, 2 rasa", 2, shared=True),
    "shared-4": Layout("PostgreSQL, Redis, 4 rasa", 4, shared=True),
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("layouts", nargs="*", metavar="LAYOUT", help=f"of {', '.join(LAYOUTS)}; all otherwise")
    parser.add_argument("--first", type=float, default=60.0, help="turns a second of the first step")
    parser.add_argument("--most", type=float, default=1000.0, help="no step beyond that")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each step is measured")
    parser.add_argument("--think", type=float, default=1.0, help="seconds between turns of a citizen, the mean")
    parser.add_argument("--minutes", type=float, default=5.7, help="no step begins after that; 0 for no such bound")
    parser.add_argument("--generator", action="store_true", help="measure the load generator itself, too")
    parser.add_argument("--gate", action="store_true", help="exit 1 when an answer is wrong")
    return parser.parse_args()


def _tell(step: Step) -> None:
    print(
        f"  {step.rate:6.0f} turns/s wanted, {step.answered:6.1f} answered, p95 {step.p95:6.0f} ms, "
        f"refused {sum(step.refusals.values())}, wrong {len(step.verdict.faults)}, "
        f"machine {step.machine:.2f}{'' if step.is_borne else ', not borne'}",
        flush=True,
    )


def _generator(recorded: List[Recorded], pace: Pace) -> Step | None:
    """What the generator does at most with a server that costs next to nothing."""
    port = free_port()
    found: List[Step] = []
    with tempfile.TemporaryDirectory() as name:
        command = [str(OWN_PYTHON), "-m", "benchmarks.load.canned", str(port)]
        with Program(command, Path(name) / "canned.log", {}):
            wait_for_port(port)
            for rate in (200.0, 400.0, 800.0):
                step = bare(f"http://127.0.0.1:{port}", recorded, rate, pace)
                _tell(step)
                found.append(step)
                if not step.is_borne or step.shares[GENERATOR] > 0.9:
                    break
    return best(found)


def _until(end: float, layouts: int) -> float:
    """When the first of these layouts has had its share of the time that is left."""
    now = time.monotonic()
    return now + (end - now) / layouts


def _write(runs: List[Run], generator: Step | None) -> str:
    """What is known so far, with all steps, into results/; the text without them."""
    text = report(runs, generator)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "load.txt").write_text("\n\n".join([text, *details(runs)]) + "\n", "utf-8")
    draw(runs, RESULTS / "load.png")
    return text


def main() -> int:
    """Run all layouts asked for; the exit code."""
    arguments = _arguments()
    end_on_signals()
    end = time.monotonic() + (arguments.minutes * 60 or float("inf"))
    pace = Pace(warm=3 * arguments.think, seconds=arguments.seconds, think=arguments.think)
    runs: List[Run] = []
    recorded: List[Recorded] = []
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        train_when_stale(scratch / "model")
        wanted = arguments.layouts or list(LAYOUTS)
        for number, key in enumerate(wanted):
            print(LAYOUTS[key].name, flush=True)
            until = _until(end, len(wanted) - number)
            with Stack(LAYOUTS[key], scratch / key) as stack:
                if not recorded:
                    recorded, unfit = record(stack.address)
                    print(
                        f"  {len(recorded)} conversations recorded; not the same twice: {unfit or 'none'}", flush=True
                    )
                steps = climb(stack, recorded, arguments.first, arguments.most, pace, _tell, until)
            runs.append(Run(LAYOUTS[key].name, steps))
            _write(runs, None)
        generator = _generator(recorded, pace) if arguments.generator else None
    print(_write(runs, generator))
    return 1 if arguments.gate and any(step.verdict.faults for run in runs for step in run.steps) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (ProgramError, TimeoutError) as error:
        sys.exit(f"load: {error}")
