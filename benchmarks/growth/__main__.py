"""`python -m benchmarks.growth`: answers' times at small and large content, conversations and tables, in turn.

Prints tables, writes results/growth.txt; exit code 1 where the largest takes more than 1.3 times the smallest.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Callable, Dict, List

from benchmarks.growth import sizes
from benchmarks.growth.alternating import RATIO, Times
from benchmarks.own_assistant import train_when_stale
from benchmarks.places import RESULTS
from benchmarks.programs import ProgramError, end_on_signals
from benchmarks.tables import table


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("what", nargs="*", metavar="WHAT", help="of content, turns, cold-turns, events; all otherwise")
    parser.add_argument("--messages", type=int, default=400, help="to each size")
    parser.add_argument("--initiatives", type=int, nargs="+", default=[10, 1_000, 10_000])
    parser.add_argument("--turns", type=int, nargs=2, default=[10, 500])
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--sqlite", action="store_true", help="turns on SQLite instead of PostgreSQL")
    return parser.parse_args()


def main() -> int:
    """Measure what is asked for; the exit code."""
    arguments = _arguments()
    end_on_signals()
    found: Dict[str, List[Times]] = {}
    with sizes.scratch() as name:
        scratch = Path(name)
        train_when_stale(scratch / "model")
        few, many = arguments.turns
        shared = not arguments.sqlite
        measures: Dict[str, Callable[[], List[Times]]] = {
            "content": lambda: sizes.of_content(arguments.initiatives, arguments.messages, scratch),
            "turns": lambda: sizes.of_turns(few, many, arguments.messages, scratch / "turns", shared),
            "cold-turns": lambda: sizes.of_cold_turns(few, many, 5, scratch / "cold", shared),
            "events": lambda: sizes.of_events(arguments.events, arguments.messages, scratch),
        }
        for what in arguments.what or list(measures):
            print(f"{what} ...", flush=True)
            found[what] = measures[what]()
            print(_table(what, found[what]) + "\n", flush=True)
    text = "\n\n".join(_table(what, times) for what, times in found.items()) + "\n"
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "growth.txt").write_text(text, "utf-8")
    return 0 if all(times[-1].median <= RATIO * times[0].median for times in found.values()) else 1


def _table(what: str, times: List[Times]) -> str:
    rows = [
        [
            one.name, len(one.answers), f"{one.median:.1f}", f"{one.p95:.1f}",
            f"{one.processor_each:.1f}" if one.processor else "",
            f"{one.median / times[0].median:.2f}",
            f"{one.processor_each / times[0].processor_each:.2f}" if one.processor else "",
            "" if one is times[0] else "met" if one.median <= RATIO * times[0].median else "MISSED",
        ]
        for one in times
    ]  # fmt: skip
    head = ["size", "answers", "median ms", "p95 ms", "processor ms", "median, ratio", "processor, ratio", f"{RATIO:g}"]
    return table(f"Growth of {what}: the same questions in turn", head, rows)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (ProgramError, TimeoutError) as error:
        sys.exit(f"growth: {error}")
