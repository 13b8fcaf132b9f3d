"""`python -m benchmarks.soak`: recorded conversations at a steady rate for an hour, every answer checked.

Prints a table, writes results/soak.txt, .png and .json, anew after each minute.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import List

from benchmarks.load.checking import Verdict, shown
from benchmarks.load.recording import record
from benchmarks.load.step import Pace, Step, hold
from benchmarks.own_assistant import train_when_stale
from benchmarks.places import RESULTS
from benchmarks.programs import ProgramError, end_on_signals
from benchmarks.soak.watching import Watcher, draw, slopes
from benchmarks.stack.stack import Layout, Stack
from benchmarks.tables import table

GROWTH = 0.05
"""By what share a process may have grown after settling."""
FILES = 3


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--rate", type=float, required=True, help="turns a second: half of what benchmarks.load found")
    parser.add_argument("--rasas", type=int, default=1)
    parser.add_argument("--shared", action="store_true", help="PostgreSQL and Redis instead of SQLite")
    return parser.parse_args()


def main() -> int:
    """Let them talk; the exit code is 1 for growth or a wrong answer."""
    arguments = _arguments()
    end_on_signals()
    kind = "PostgreSQL, Redis" if arguments.shared else "SQLite"
    layout = Layout(f"{kind}, {arguments.rasas} rasa, console, reader", arguments.rasas, arguments.shared, console=True)
    steps: List[Step] = []
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        train_when_stale(scratch / "model")
        with Stack(layout, scratch / "stack") as stack:
            recorded, _ = record(stack.address)
            with Watcher(stack) as watcher:
                end = time.monotonic() + arguments.minutes * 60
                while time.monotonic() < end:
                    pace = Pace(warm=5.0, seconds=min(60.0, max(5.0, end - time.monotonic())))
                    steps.append(hold(stack, recorded, arguments.rate, pace, seed=len(steps) + 1))
                    fine = _write(layout, arguments, steps, watcher)
    print((RESULTS / "soak.txt").read_text("utf-8"))
    return 0 if fine else 1


def _write(layout: Layout, arguments: argparse.Namespace, steps: List[Step], watcher: Watcher) -> bool:
    """What is known so far; whether it is fine."""
    samples = list(watcher.samples)
    found = slopes(samples)
    verdict = Verdict()
    for step in steps:
        verdict.add(step.verdict)
    rows = [
        [
            name, f"{one.first:.0f}", f"{one.settled:.0f}", f"{one.last:.0f}", f"{one.megabytes_an_hour:+.1f}",
            f"{one.growth * 100:+.1f} %", one.files_first, one.files_last, f"{one.files_an_hour:+.1f}",
            f"{one.processor / samples[-1][0]:.2f}",
        ]
        for name, one in found.items()
    ]  # fmt: skip
    head = ["process", "MB at first", "settled", "at last", "MB/h", "growth", "files at first", "at last", "files/h",
            "processors"]  # fmt: skip
    minutes = samples[-1][0] / 60
    title = f"{layout.name}: {minutes:.0f} minutes at {arguments.rate:g} turns a second"
    slowest = max(step.p95 for step in steps)
    text = [
        table(title, head, rows),
        f"Growth and slopes count from {0.35 * minutes:.0f} minutes on.",
        f"{verdict.turns:,} turns of {verdict.conversations:,} conversations; p95 of the slowest minute "
        f"{slowest:.0f} ms; {verdict.refused} refused; {len(verdict.faults)} wrong against recording and log.",
        *([shown(verdict.faults)] if verdict.faults else []),
    ]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "soak.txt").write_text("\n\n".join(text) + "\n", "utf-8")
    data = [[at, {name: vars(one) for name, one in used.items()}] for at, used in samples]
    (RESULTS / "soak.json").write_text(json.dumps(data), "utf-8")
    draw(samples, RESULTS / "soak.png", title)
    files = all(one.files_last - one.files_first <= FILES or one.files_an_hour <= 1 for one in found.values())
    return not verdict.faults and files and all(one.growth <= GROWTH for one in found.values())


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (ProgramError, TimeoutError) as error:
        sys.exit(f"soak: {error}")
