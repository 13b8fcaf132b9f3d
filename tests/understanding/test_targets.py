"""The targets of a run: what is met, missed and not measured."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.understanding.comparison import VALIDATION, Outcome
from benchmarks.understanding.comparison_report import comparison_report
from benchmarks.understanding.evaluation import Evaluation
from benchmarks.understanding.measures import Prediction
from benchmarks.understanding.noise import NOISES
from benchmarks.understanding.scoring import read_items
from benchmarks.understanding.systems import DIET, OURS, Run
from benchmarks.understanding.targets import TARGETS, Measured, Target, targets_report


def _outcome(system: str, dataset: str, right: int, milliseconds: float) -> Outcome:
    """Ten sentences, of which so many are read rightly."""
    found = [Prediction("a" if number < right else "b", 1.0) for number in range(10)]
    predictions = dict.fromkeys(NOISES, found) | {VALIDATION: []}
    run = Run(predictions, [milliseconds], 1.0, 1.0, 1.0, 1.0, "2026-11-28T06:30+00:00")
    return Outcome(system, dataset, "", [["a"] * 10], [[]], [list(range(10))], [run])


def _evaluation(answers: list[str]) -> Evaluation:
    asked = {"intent": "ask_cost", "answer": "initiative/kruiser/cost", "kind": "plain"}
    items = read_items({"text": f"was kostet er {number}", **asked} for number in range(len(answers)))
    return Evaluation(tuple(items), tuple(answers), (), None)


def _row(report: str, what: str) -> list[str]:
    (line,) = [line for line in report.splitlines() if line.startswith(what)]
    return line.removeprefix(what).split("  ")


@pytest.mark.parametrize("reached, missed", [(94.0, 1.0), (94.94, 0.1), (94.96, 0.0), (95.0, 0.0), (99.0, 0.0)])
def test_a_least_value_is_missed_by_what_is_shown(reached: float, missed: float) -> None:
    assert Target("x", 95, lambda measured: None, "").missed_by(reached) == missed


@pytest.mark.parametrize("reached, missed", [(0.061, 0.011), (0.0504, 0.0), (0.02, 0.0)])
def test_a_greatest_value_too(reached: float, missed: float) -> None:
    assert Target("x", 0.05, lambda measured: None, "", at_most=True, digits=3).missed_by(reached) == missed


def test_what_was_not_measured_is_said_and_not_met() -> None:
    report = targets_report(Measured([], None))
    assert report.count("not measured") == len(TARGETS) and "What was tried" not in report


def test_the_distance_and_what_was_tried_stand_there() -> None:
    outcomes = [_outcome(OURS, "xSID German", 9, 1), _outcome(OURS, "xSID Bavarian", 9, 1)]
    report = targets_report(Measured(outcomes, _evaluation(["initiative/kruiser/cost"] * 9 + ["lost"])))
    assert [cell for cell in _row(report, "xSID German, right, %") if cell.strip()][-1].strip() == "4.5"
    assert [cell for cell in _row(report, "xSID Bavarian, right, %") if cell.strip()][-1].strip() == "-"
    tried = report.partition("What was tried")[2]
    assert "- xSID German, right, %, missed by 4.5: " in tried and "Bavarian, right" not in tried
    assert "right answers through the running system, %, missed by 5.0: " in tried


def test_errors_and_time_are_those_beside_the_default_pipeline() -> None:
    outcomes = [
        _outcome(OURS, "own, held-out", 8, 1.0),
        _outcome(DIET, "own, held-out", 6, 20.0),
        _outcome(OURS, "CLINC-150 small", 8, 3.0),
        _outcome(DIET, "CLINC-150 small", 6, 12.0),
    ]
    report = targets_report(Measured(outcomes, None))
    (errors,) = [line for line in report.splitlines() if line.startswith("errors on the held-out sentences")]
    (time,) = [line for line in report.splitlines() if line.startswith("one parse, in %")]
    assert errors.split()[-2:] == ["50.0", "-"] and time.split()[-2:] == ["25.0", "8.3"]
    before = [replace(o, runs=[replace(run, earlier=True) for run in o.runs]) for o in outcomes if o.system == DIET]
    report = targets_report(Measured([*outcomes[::2], *before], None))
    (time,) = [line for line in report.splitlines() if line.startswith("one parse, in %")]
    assert "not measured" in time, "times of two runs do not compare"
    assert "earlier, 2026-11-28T06:30" in comparison_report(before)


def test_every_target_that_can_be_missed_tells_what_was_tried() -> None:
    sure = {"Munich chatbot corpus, right, %", "messages that say nothing, given a meaning"}
    assert {target.what for target in TARGETS if not target.tried} == sure
