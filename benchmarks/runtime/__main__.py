"""`make benchmark`: print the comparison with Rasa's default assistant, write results/benchmark.txt."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Dict, List, Sequence

from benchmarks import default_assistant, own_assistant
from benchmarks.places import OWN_PYTHON, RESULTS, ROOT, check_stock
from benchmarks.programs import ProgramError, end_on_signals, run
from benchmarks.runtime.contestants import Contestant, DefaultAssistant, OurAssistant
from benchmarks.runtime.measuring import Measured, VoidError, measure, middle
from benchmarks.runtime.report import Benchmark, report, verdicts


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make benchmark OPTIONS=", description=__doc__)
    parser.add_argument("--gate", action="store_true", help="exit 1 when a target is missed")
    parser.add_argument(
        "--epochs",
        type=int,
        default=default_assistant.EPOCHS,
        help="1 is enough for all but training: speed and memory do not depend on it",
    )
    parser.add_argument(
        "--sample",
        type=int,
        default=0,
        help="the default assistant learns from so many examples: minutes instead of twenty, and nothing is against it "
        "but that its training says nothing",
    )
    parser.add_argument(
        "--rounds", type=int, default=3, help="how often each is started and measured, in turn; the medians count"
    )
    parser.add_argument(
        "--reuse-training", action="store_true", help="the default assistant as an earlier run trained it"
    )
    return parser.parse_args()


def _measured(contestant: Contestant) -> Measured:
    print(f"Measuring {contestant.name} ...", end=" ", flush=True)
    found = measure(contestant)
    told = f"start {found.start:.1f} s, {found.memory:.0f} MB, {found.median:.1f} ms, {found.throughput:.0f} messages/s"
    print(told, flush=True)
    return found


def _repairs(scratch: Path) -> Dict[str, float]:
    log = scratch / "repairs.log"
    run([str(OWN_PYTHON), "-m", "benchmarks.runtime.repairs"], log, {})
    found: Dict[str, float] = json.loads(log.read_text("utf-8").splitlines()[-1])
    return found


def main() -> int:
    """Measure everything one after another; the exit code."""
    arguments = _arguments()
    if arguments.rounds < 1:
        sys.exit("benchmark: --rounds is at least 1")
    end_on_signals()
    os.chdir(ROOT)
    check_stock()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        print(f"Training the default assistant, {arguments.epochs} epochs ...", flush=True)
        trained = default_assistant.train(
            RESULTS / "stock", arguments.epochs, arguments.reuse_training, arguments.sample
        )
        print("Training ours ...", flush=True)
        own_training = own_assistant.train(scratch / "training")
        own_assistant.train_when_stale(scratch / "ready")
        measured: List[List[Measured]] = [[], [], []]
        for number in range(arguments.rounds):
            place = scratch / str(number)
            place.mkdir()
            contestants: Sequence[Contestant] = (
                DefaultAssistant(trained.model, place / "default"),
                OurAssistant("ours", place / "own", "inprocess"),
                OurAssistant("ours, actions over HTTP", place / "http", "http"),
            )
            for found, contestant in zip(measured, contestants, strict=True):
                found.append(_measured(contestant))
        default, own, own_http = (middle(found) for found in measured)
        benchmark = Benchmark(
            default_training=trained.seconds,
            own_training=own_training,
            default=default,
            own=own,
            own_http=own_http,
            repairs=_repairs(scratch),
            epochs=arguments.epochs,
            sample=arguments.sample,
            rounds=arguments.rounds,
        )
    text = report(benchmark)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "benchmark.txt").write_text(text, "utf-8")
    print(text)
    return 1 if arguments.gate and not all(verdicts(benchmark).values()) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (ProgramError, TimeoutError, VoidError) as error:
        sys.exit(f"benchmark: {error}")
