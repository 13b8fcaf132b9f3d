"""Every system on every data set, as written and with noise: side by side in one run."""

from __future__ import annotations

import os
import queue
import random
import signal
import statistics
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

from benchmarks.programs import ProgramError, tree
from benchmarks.tables import table
from benchmarks.understanding import measures
from benchmarks.understanding.datasets import Dataset, own_fold, own_held_out, public_sets
from benchmarks.understanding.measures import Prediction
from benchmarks.understanding.noise import NOISES
from benchmarks.understanding.scoring import percentile
from benchmarks.understanding.systems import AT_ONCE, DIET, NAMES, OURS, Run, compete

VALIDATION = "validation"
AS_WRITTEN = "as written"
DASH = "-"
MOST_NOISY = 1000
"""Sentences of a test part that are read with noise too, drawn by seed."""


@dataclass(frozen=True)
class Plan:
    """What is compared; `seeds` and `epochs` of DIET are its own, since it is slow."""

    systems: Sequence[str]
    seeds: int
    diet_seeds: int
    diet_epochs: int
    public: Optional[Path]
    held_out: Path
    only: Sequence[str] = ()
    sample: int = 0
    """How many of our own training examples all systems get; 0 for all."""
    cores: int = 0
    """How many systems learn at the same time, each on one core of its own; 0 for one after another on all cores."""


@dataclass(frozen=True)
class Outcome:
    """One system on one data set: a run for each seed, with the texts' true intents."""

    system: str
    dataset: str
    foreign: str
    truths: Sequence[Sequence[str]]
    validations: Sequence[Sequence[str]]
    noisy: Sequence[Sequence[int]]
    """The sentences, by number, that were read with noise too."""
    runs: Sequence[Run]


def compare(plan: Plan) -> Iterator[Outcome]:
    """Train and test everything; each outcome when it is there."""
    tasks = [(datasets, system) for datasets in _datasets(plan) for system in plan.systems]
    if not plan.cores:
        found = (_outcome(plan, datasets, system) for datasets, system in tasks)
        yield from (outcome for outcome in found if outcome)
        return
    # The slowest first, so that no core waits at the end.
    tasks.sort(key=lambda task: (task[1] != DIET, -len(task[0][0].train)))
    cores: queue.SimpleQueue[int] = queue.SimpleQueue()
    for core in sorted(os.sched_getaffinity(0))[: plan.cores]:
        cores.put(core)
    ended = threading.Event()
    with ThreadPoolExecutor(cores.qsize(), initializer=lambda: os.sched_setaffinity(0, {cores.get()})) as pool:
        futures = [pool.submit(_outcome, plan, *task, ended) for task in tasks]
        try:
            for future in as_completed(futures):
                outcome = future.result()
                if outcome:
                    yield outcome
        except BaseException:
            ended.set()
            pool.shutdown(wait=False, cancel_futures=True)
            # Again and again: a thread may be about to start its next program.
            while not all(future.done() for future in futures):
                for number, _ in tree(os.getpid())[1:]:
                    with suppress(ProcessLookupError):
                        os.kill(number, signal.SIGKILL)
                time.sleep(0.2)
            raise


def _outcome(
    plan: Plan, datasets: Sequence[Dataset], system: str, ended: Optional[threading.Event] = None
) -> Optional[Outcome]:
    """One system on one data set with all its seeds; None when it cannot run."""
    seeds = plan.diet_seeds if system == DIET else plan.seeds
    runs, truths, validations, noisy = [], [], [], []
    for seed, dataset in enumerate(datasets[:seeds] if len(datasets) > 1 else list(datasets) * seeds):
        if ended and ended.is_set():
            return None
        rng = random.Random(seed)
        drawn = sorted(random.Random(0).sample(range(len(dataset.test)), min(MOST_NOISY, len(dataset.test))))
        texts = [text for text, _ in dataset.test]
        tests = {name: [noise(texts[n], rng) for n in drawn] for name, noise in NOISES.items()}
        tests[AS_WRITTEN] = texts
        tests[VALIDATION] = [text for text, _ in dataset.validation]
        print(f"{dataset.name}: {NAMES[system]}, seed {seed} ...", flush=True)
        with tempfile.TemporaryDirectory() as place:
            try:
                runs.append(compete(system, dataset, tests, seed, plan.diet_epochs, Path(place)))
            except ProgramError as error:
                print(f"  left out: {error}", flush=True)
                break
        truths.append([intent for _, intent in dataset.test])
        noisy.append(drawn)
        validations.append([intent for _, intent in dataset.validation])
    if not runs:
        return None
    return Outcome(system, datasets[0].name, datasets[0].foreign, truths, validations, noisy, runs)


def _datasets(plan: Plan) -> Iterator[List[Dataset]]:
    """Each data set, or the folds of one, a seed each."""
    found = [[own_fold(seed, plan.sample) for seed in range(plan.seeds)], [own_held_out(plan.held_out, plan.sample)]]
    if plan.public is not None:
        found += [[dataset] for dataset in public_sets(plan.public)]
    for datasets in found:
        if not plan.only or any(word.lower() in datasets[0].name.lower() for word in plan.only):
            yield datasets


def in_order(outcomes: Iterable[Outcome]) -> List[Outcome]:
    """By the names of data sets and the order of systems, whichever was ready first."""
    return sorted(outcomes, key=lambda outcome: (outcome.dataset, list(NAMES).index(outcome.system)))


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
    for name in dict.fromkeys(outcome.dataset for outcome in outcomes):
        chosen = [outcome for outcome in outcomes if outcome.dataset == name]
        sentences = len(chosen[0].truths[0])
        parts.append(_figures(f"{name}: {sentences} sentences", chosen))
        parts.append(_noise(f"{name}: accuracy with noise, in %", chosen))
    return "\n\n".join(parts)


def _figures(title: str, outcomes: Sequence[Outcome]) -> str:
    head = ["", "seeds", "accuracy", "macro-F1", "in scope", "oos found", "AURC", "ECE",
            "median ms", "p95 ms", "train s", "load s", "MB memory", "MB model"]  # fmt: skip
    return table(title, head, [[NAMES[o.system], len(o.runs), *_cells(o)] for o in outcomes])


def _cells(outcome: Outcome) -> List[str]:
    rows: List[Tuple[float, ...]] = []
    scopes: List[Tuple[Optional[float], Optional[float]]] = []
    for truth, validation, run in zip(outcome.truths, outcome.validations, outcome.runs, strict=True):
        found = run.predictions[AS_WRITTEN]
        point = (
            measures.operating_point(validation, run.predictions[VALIDATION], outcome.foreign) if validation else 0.0
        )
        if outcome.foreign:
            scopes.append(measures.at_point(truth, found, outcome.foreign, point))
        inside = _in_scope(truth, found, outcome.foreign)
        rows.append(
            (
                100 * measures.accuracy(*inside),
                100 * measures.macro_f1(*inside),
                measures.risk_coverage_area(truth, found),
                measures.calibration_error(truth, found),
            )
        )
    columns = list(zip(*rows, strict=True))
    answered = [100 * inside for inside, _ in scopes if inside is not None]
    recognised = [100 * outside for _, outside in scopes if outside is not None]
    milliseconds = [value for run in outcome.runs for value in run.milliseconds]
    ready = DASH if outcome.system in AT_ONCE else _mean([run.ready for run in outcome.runs], 1)
    return [
        _mean(columns[0], 1),
        _mean(columns[1], 1),
        _mean(answered, 1),
        _mean(recognised, 1),
        _mean(columns[2], 3),
        _mean(columns[3], 3),
        f"{percentile(milliseconds, 50):.2f}",
        f"{percentile(milliseconds, 95):.2f}",
        _mean([run.training for run in outcome.runs], 1),
        ready,
        _mean([run.memory for run in outcome.runs], 0),
        _mean([run.size for run in outcome.runs], 1),
    ]


def _in_scope(truth: Sequence[str], found: Sequence[Prediction], foreign: str) -> Tuple[List[str], List[Prediction]]:
    """What CLINC's authors count as accuracy: sentences in scope; everything where nothing is out of it."""
    if foreign != "oos":
        return list(truth), list(found)
    kept = [n for n, intent in enumerate(truth) if intent != foreign]
    return [truth[n] for n in kept], [found[n] for n in kept]


def _noise(title: str, outcomes: Sequence[Outcome]) -> str:
    rows: List[List[object]] = []
    for outcome in outcomes:
        cells: Dict[str, List[float]] = {name: [] for name in NOISES}
        for truth, drawn, run in zip(outcome.truths, outcome.noisy, outcome.runs, strict=True):
            true = [truth[n] for n in drawn]
            for name, values in cells.items():
                found = run.predictions[name]
                if name == AS_WRITTEN:
                    found = [found[n] for n in drawn]
                values.append(100 * measures.accuracy(*_in_scope(true, found, outcome.foreign)))
        rows.append([NAMES[outcome.system], *[_mean(values, 1) for values in cells.values()]])
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
