"""The comparison as tables and a picture: figures of each system on each data set, mean and deviation of the seeds."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List, Sequence, Tuple

from benchmarks.tables import table
from benchmarks.understanding import measures
from benchmarks.understanding.comparison import VALIDATION, Outcome
from benchmarks.understanding.measures import Prediction
from benchmarks.understanding.noise import AS_WRITTEN, NOISES
from benchmarks.understanding.scoring import percentile
from benchmarks.understanding.systems import AT_ONCE, NAMES, OURS

DASH = "-"
MINUTES = len("2026-11-28T06:30")


@dataclass(frozen=True)
class Figures:
    """Those of one system on one data set, one of each seed, of sentences as written; shares in %.

    `answered` (in scope) and `recognised` (out of scope) are those at the operating point; empty where nothing is out
    of scope. `area` is that under the risk-coverage curve, `error` the expected calibration error.
    """

    accuracy: List[float] = field(default_factory=list)
    macro_f1: List[float] = field(default_factory=list)
    answered: List[float] = field(default_factory=list)
    recognised: List[float] = field(default_factory=list)
    area: List[float] = field(default_factory=list)
    error: List[float] = field(default_factory=list)


def figures(outcome: Outcome) -> Figures:
    """The figures of all seeds."""
    told = Figures()
    for truth, validation, run in zip(outcome.truths, outcome.validations, outcome.runs, strict=True):
        found = run.predictions[AS_WRITTEN]
        if outcome.foreign:
            chosen = run.predictions[VALIDATION]
            point = measures.operating_point(validation, chosen, outcome.foreign) if validation else 0.0
            answered, recognised = measures.at_point(truth, found, outcome.foreign, point)
            told.answered.extend([] if answered is None else [100 * answered])
            told.recognised.extend([] if recognised is None else [100 * recognised])
        inside = _in_scope(truth, found, outcome.foreign)
        told.accuracy.append(100 * measures.accuracy(*inside))
        told.macro_f1.append(100 * measures.macro_f1(*inside))
        told.area.append(measures.risk_coverage_area(truth, found))
        told.error.append(measures.calibration_error(truth, found))
    return told


def noisy_accuracy(outcome: Outcome) -> Dict[str, List[float]]:
    """Right intents in % of the sentences that were read with noise, by the noise, one of each seed."""
    told: Dict[str, List[float]] = {name: [] for name in NOISES}
    for truth, drawn, run in zip(outcome.truths, outcome.noisy, outcome.runs, strict=True):
        true = [truth[n] for n in drawn]
        for name, values in told.items():
            found = run.predictions[name]
            if name == AS_WRITTEN:
                found = [found[n] for n in drawn]
            values.append(100 * measures.accuracy(*_in_scope(true, found, outcome.foreign)))
    return told


def milliseconds(outcome: Outcome, percent: float) -> float:
    """A percentile of the time of one parse, over all seeds."""
    return percentile([value for run in outcome.runs for value in run.milliseconds], percent)


def taken_over(outcome: Outcome) -> bool:
    """Whether a run of it was measured before this comparison, maybe beside other work."""
    return any(run.earlier for run in outcome.runs)


def _in_scope(truth: Sequence[str], found: Sequence[Prediction], foreign: str) -> Tuple[List[str], List[Prediction]]:
    """What CLINC's authors count as accuracy: sentences in scope; everything where nothing is out of it."""
    if foreign != "oos":
        return list(truth), list(found)
    kept = [n for n, intent in enumerate(truth) if intent != foreign]
    return [truth[n] for n in kept], [found[n] for n in kept]


def comparison_report(outcomes: Sequence[Outcome], sample: int = 0, cores: int = 0) -> str:
    """One table of figures and one of noise for each data set, mean and deviation over the seeds."""
    parts = []
    if cores:
        parts.append(
            f"{cores} systems learnt and were asked at the same time, each on one core: seconds and milliseconds are "
            "those of one core with the others busy, and compare only with each other."
        )
    if sample:
        parts.append(
            f"Of our own training data all systems got the same sample of about {sample} examples, drawn by seed, each "
            "intent by its share. So figures on our own data are lower than with all of them."
        )
    if any(taken_over(outcome) for outcome in outcomes):
        parts.append(
            "What was measured 'earlier' was taken over (--go-on) from a run of the same sentences, options and "
            "program: its seconds and milliseconds may be those of a busier machine and compare with no others."
        )
    for name in dict.fromkeys(outcome.dataset for outcome in outcomes):
        chosen = [outcome for outcome in outcomes if outcome.dataset == name]
        sentences = len(chosen[0].truths[0])
        parts.append(_figures(f"{name}: {sentences} sentences", chosen))
        parts.append(_noise(f"{name}: accuracy with noise, in %", chosen))
    return "\n\n".join(parts)


def _figures(title: str, outcomes: Sequence[Outcome]) -> str:
    head = ["", "seeds", "accuracy", "macro-F1", "in scope", "oos found", "AURC", "ECE",
            "median ms", "p95 ms", "train s", "load s", "MB memory", "MB model", "measured (UTC)"]  # fmt: skip
    return table(title, head, [[NAMES[o.system], len(o.runs), *_cells(o)] for o in outcomes])


def _cells(outcome: Outcome) -> List[str]:
    told = figures(outcome)
    return [
        _mean(told.accuracy, 1),
        _mean(told.macro_f1, 1),
        _mean(told.answered, 1),
        _mean(told.recognised, 1),
        _mean(told.area, 3),
        _mean(told.error, 3),
        f"{milliseconds(outcome, 50):.2f}",
        f"{milliseconds(outcome, 95):.2f}",
        _mean([run.training for run in outcome.runs], 1),
        DASH if outcome.system in AT_ONCE else _mean([run.ready for run in outcome.runs], 1),
        _mean([run.memory for run in outcome.runs], 0),
        _mean([run.size for run in outcome.runs], 1),
        ("earlier, " if taken_over(outcome) else "")
        + min(run.measured for run in outcome.runs)[: len("2026-11-28T06:30")],
    ]


def _noise(title: str, outcomes: Sequence[Outcome]) -> str:
    rows = [[NAMES[o.system], *[_mean(values, 1) for values in noisy_accuracy(o).values()]] for o in outcomes]
    return table(title, ["", *NOISES], rows)


def _mean(values: Sequence[float], digits: int) -> str:
    """Mean and, of several, their standard deviation."""
    if not values:
        return DASH
    mean = f"{statistics.fmean(values):.{digits}f}"
    return mean if len(values) < 2 else f"{mean} ±{statistics.stdev(values):.{digits}f}"


def draw_comparison(outcomes: Sequence[Outcome], path: Path) -> None:
    """Reliability and risk against coverage of each data set, first seed, as PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    names = list(dict.fromkeys(outcome.dataset for outcome in outcomes))
    figure, axes = pyplot.subplots(2, len(names), figsize=(5 * len(names), 9), layout="constrained", squeeze=False)
    for column, name in enumerate(names):
        top, below = axes[0][column], axes[1][column]
        top.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
        for outcome in (o for o in outcomes if o.dataset == name):
            truth, found = outcome.truths[0], outcome.runs[0].predictions[AS_WRITTEN]
            bins = measures.reliability(truth, found)
            width = 2.5 if outcome.system == OURS else 1.2
            top.plot([mean for mean, _, _ in bins], [right for _, right, _ in bins], "o-", ms=3, lw=width)
            curve = measures.risk_coverage(truth, found)
            below.plot([(n + 1) / len(curve) for n in range(len(curve))], curve, lw=width, label=NAMES[outcome.system])
        top.set_title(name)
        top.set_xlabel("probability said")
        top.set_ylabel("share right")
        below.set_xlabel("coverage: share answered, surest first")
        below.set_ylabel("risk: share of these wrong")
        below.legend(fontsize=7)
    figure.savefig(path, dpi=80)
    pyplot.close(figure)
