"""`python -m benchmarks.rubbish`: hostile messages against the running assistant, without limits.

They are sent in rounds: the first ones fill every memory that is bounded, growth counts from there on.
Prints tables, writes results/rubbish.txt; exit code 1 for any 5xx, hang or growth.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
import time
from pathlib import Path
from typing import Dict, List, Mapping

from benchmarks.own_assistant import train_when_stale
from benchmarks.places import RESULTS
from benchmarks.programs import ProgramError, end_on_signals
from benchmarks.rubbish.messages import hostile
from benchmarks.rubbish.sending import Outcome, send
from benchmarks.stack.stack import DEFAULT, Stack
from benchmarks.tables import table
from benchmarks.understanding.scoring import percentile
from benchmarks.usage import Usage

GROWTH = 0.05
"""By what share a process may have grown from the end of the round that settles it to that of the last."""
SETTLING = 10_000
"""Messages after which what is bounded is full: a thousand conversations of ten, kept by Rasa."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rubbish", description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000, help="in each round")
    parser.add_argument("--rounds", type=int, default=4)
    return parser.parse_args()


def main() -> int:
    """Send them all; the exit code."""
    arguments = _arguments()
    end_on_signals()
    outcomes: Dict[str, Outcome] = {}
    used: List[Dict[str, Usage]] = []
    rates: List[float] = []
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        train_when_stale(scratch / "model")
        with Stack(DEFAULT, scratch / "stack") as stack:
            used.append(_usage(stack))
            for number in range(arguments.rounds):
                begun = time.perf_counter()
                for kind, outcome in send(stack.address, hostile(arguments.messages, seed=number + 1)).items():
                    whole = outcomes.setdefault(kind, Outcome())
                    whole.statuses += outcome.statuses
                    whole.times += outcome.times
                    whole.faults += outcome.faults
                rates.append(arguments.messages / (time.perf_counter() - begun))
                used.append(_usage(stack))
                print(f"round {number + 1}: {rates[-1]:.0f} messages a second, {_shown(used[-1])}", flush=True)
            restarts = [part.name for part in stack.parts.values() if not part.is_alive()]
    settled = min(arguments.rounds - 1, math.ceil(SETTLING / arguments.messages)) or 1
    growths = _growths(used, settled)
    text = _report(outcomes, used, growths, restarts, rates, settled)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "rubbish.txt").write_text(text, "utf-8")
    print(text)
    faults = [fault for outcome in outcomes.values() for fault in outcome.faults]
    return 1 if faults or restarts or any(share > GROWTH for share in growths.values()) else 0


def _usage(stack: Stack) -> Dict[str, Usage]:
    return {name: part.usage() for name, part in stack.parts.items()}


def _shown(used: Mapping[str, Usage]) -> str:
    return ", ".join(f"{name} {one.memory:.0f} MB {one.files} files" for name, one in used.items())


def _growths(used: List[Dict[str, Usage]], settled: int) -> Dict[str, float]:
    """By process, the share by which its memory grew after that round."""
    return {name: used[-1][name].memory / used[settled][name].memory - 1 for name in used[-1]}


def _report(
    outcomes: Mapping[str, Outcome],
    used: List[Dict[str, Usage]],
    growths: Mapping[str, float],
    ended: List[str],
    rates: List[float],
    settled: int,
) -> str:
    rows = [
        [
            kind, len(one.times), ", ".join(f"{count} x {status}" for status, count in one.statuses.most_common()),
            f"{percentile(one.times, 50):.0f}", f"{max(one.times):.0f}", len(one.faults),
        ]
        for kind, one in outcomes.items()
    ]  # fmt: skip
    first = table("Hostile messages by class", ["class", "sent", "answers", "median ms", "slowest ms", "faults"], rows)
    head = ["process", "at the start", *(f"round {n}" for n in range(1, len(used))), "growth", "open files at the end"]
    held = [
        [name, *(f"{one[name].memory:.0f}" for one in used), f"{growths[name] * 100:+.1f} %", used[-1][name].files]
        for name in growths
    ]
    second = table(f"Memory in MB (proportional) after each round; growth from round {settled} on", head, held)
    faults = [f"{kind}: {fault}" for kind, one in outcomes.items() for fault in one.faults]
    sent = sum(len(one.times) for one in outcomes.values())
    third = f"{sent:,} messages at {min(rates):.0f} to {max(rates):.0f} a second; "
    third += f"faults: {len(faults)}; processes that ended: {', '.join(ended) or 'none'}."
    return "\n\n".join([first, second, third, *faults[:10]]) + "\n"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (ProgramError, TimeoutError) as error:
        sys.exit(f"rubbish: {error}")
