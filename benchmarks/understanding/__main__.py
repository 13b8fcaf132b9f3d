"""`make evaluate`: print targets and tables, write results/evaluation.txt and results/evaluation.png."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Optional

from benchmarks.default_assistant import EPOCHS, data_digest
from benchmarks.places import RESULTS, ROOT, check_stock
from benchmarks.programs import ProgramError, end_on_signals
from benchmarks.understanding.comparison import Outcome, Plan, compare, in_order
from benchmarks.understanding.comparison_report import comparison_report, draw_comparison
from benchmarks.understanding.evaluation import HELD_OUT, Evaluation, evaluate
from benchmarks.understanding.gate import failures
from benchmarks.understanding.kept import KeptRuns
from benchmarks.understanding.picture import draw
from benchmarks.understanding.report import report
from benchmarks.understanding.systems import AT_ONCE, DIET, NAMES, OURS
from benchmarks.understanding.targets import Measured, targets_report


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make evaluate OPTIONS=", description=__doc__)
    parser.add_argument("--gate", action="store_true", help="exit 1 when the targets are missed")
    parser.add_argument("--without-stock", action="store_true", help="leave Rasa's default pipeline out")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="of the default pipeline; fewer only for a trial")
    parser.add_argument("--datasets", type=Path, help="folder with xsid, nlu-evaluation-corpora and clinc-oos")
    parser.add_argument("--systems", default=",".join(NAMES), help="of the comparison, with commas; 'none' for none")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--diet-seeds", type=int, default=1, help="Rasa's default pipeline takes hours on our data")
    parser.add_argument("--other-seeds", type=int, default=0, help="of the systems beside these two; 0 for --seeds")
    parser.add_argument("--only", default="", help="data sets of the comparison: words of their names, with commas")
    parser.add_argument("--sample", type=int, default=0, help="compare on so many of our training examples; 0 for all")
    parser.add_argument(
        "--cores", type=int, default=0, help="so many learn at once, each on one core; 0: in turn, on all"
    )
    parser.add_argument("--go-on", action="store_true", help="take over what a run of the same code and data measured")
    parser.add_argument("--without-system", action="store_true", help="compare only; ask the running system nothing")
    errors = parser.add_mutually_exclusive_group()
    errors.add_argument("--quiet-errors", action="store_true", help="print no single utterance (the default)")
    errors.add_argument("--show-errors", action="store_true", help="print the utterances answered wrongly")
    arguments = parser.parse_args()
    if arguments.sample < 0:
        parser.error("--sample is a number of examples, or 0 for all")
    most = len(os.sched_getaffinity(0))
    if not 0 <= arguments.cores <= most:
        parser.error(f"--cores is at most {most} here, or 0 for one after another")
    return arguments


def main() -> int:
    """Evaluate; the exit code."""
    arguments = _arguments()
    end_on_signals()
    os.chdir(ROOT)
    if not arguments.without_stock:
        check_stock()
    data = data_digest()
    RESULTS.mkdir(exist_ok=True)
    systems = [name for name in arguments.systems.split(",") if name in NAMES]
    if arguments.without_stock:
        systems = [name for name in systems if name in (OURS, *AT_ONCE)]
    plan = Plan(
        systems,
        arguments.seeds,
        arguments.diet_seeds,
        arguments.epochs,
        arguments.datasets,
        HELD_OUT,
        [word for word in arguments.only.split(",") if word],
        arguments.sample,
        arguments.cores,
        arguments.other_seeds,
        KeptRuns(RESULTS / "comparison", arguments.go_on),
    )
    outcomes: list[Outcome] = []
    for outcome in compare(plan) if systems else ():
        outcomes = in_order([*outcomes, outcome])
        # It takes hours: what is there already can be read, and stays when the rest is cut off.
        compared = comparison_report(outcomes, arguments.sample, arguments.cores)
        (RESULTS / "evaluation.txt").write_text(compared + "\n", "utf-8")
    parts = []
    evaluation: Optional[Evaluation] = None
    if outcomes:
        draw_comparison(outcomes, RESULTS / "comparison.png")
        parts.append(compared)
    if not arguments.without_system:
        evaluation = evaluate(not arguments.without_stock and DIET not in systems, arguments.epochs)
        draw(evaluation, RESULTS / "evaluation.png")
        parts.insert(0, report(evaluation, arguments.show_errors))
    parts.insert(0, targets_report(Measured(outcomes, evaluation)))
    text = "\n\n".join(parts) + "\n"
    if data_digest() != data:
        text = "The training data changed during this run: both sides may have learnt different things.\n\n" + text
    (RESULTS / "evaluation.txt").write_text(text, "utf-8")
    print(text)
    if not arguments.gate or evaluation is None:
        return 0
    missed = failures(evaluation)
    for sentence in missed:
        print(f"Gate: {sentence}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (ProgramError, TimeoutError) as error:
        sys.exit(f"evaluate: {error}")
