"""`make evaluate`: print the tables, write results/evaluation.txt and results/evaluation.png."""

from __future__ import annotations

import argparse
import os
import sys

from benchmarks.default_assistant import EPOCHS, data_digest
from benchmarks.places import RESULTS, ROOT, check_stock
from benchmarks.programs import ProgramError, end_on_signals
from benchmarks.understanding.evaluation import evaluate
from benchmarks.understanding.gate import failures
from benchmarks.understanding.picture import draw
from benchmarks.understanding.report import report


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make evaluate OPTIONS=", description=__doc__)
    parser.add_argument("--gate", action="store_true", help="exit 1 when the targets are missed")
    parser.add_argument("--without-stock", action="store_true", help="leave Rasa's default pipeline out")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="of the default pipeline; fewer only for a trial")
    errors = parser.add_mutually_exclusive_group()
    errors.add_argument("--quiet-errors", action="store_true", help="print no single utterance (the default)")
    errors.add_argument("--show-errors", action="store_true", help="print the utterances answered wrongly")
    return parser.parse_args()


def main() -> int:
    """Evaluate; the exit code."""
    arguments = _arguments()
    end_on_signals()
    os.chdir(ROOT)
    if not arguments.without_stock:
        check_stock()
    data = data_digest()
    evaluation = evaluate(not arguments.without_stock, arguments.epochs)
    RESULTS.mkdir(exist_ok=True)
    text = report(evaluation, arguments.show_errors)
    if data_digest() != data:
        text = "The training data changed during this run: both sides may have learnt different things.\n\n" + text
    (RESULTS / "evaluation.txt").write_text(text, "utf-8")
    print(text)
    draw(evaluation, RESULTS / "evaluation.png")
    if not arguments.gate:
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
