"""Every system on every data set, as written and with noise: side by side in one run."""

from __future__ import annotations

import os
import queue
import random
import signal
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Iterable, Iterator, List, Mapping, Optional, Sequence

from benchmarks.programs import ProgramError, tree
from benchmarks.understanding.datasets import Dataset, own_fold, own_held_out, public_sets
from benchmarks.understanding.kept import KeptRuns, key_of
from benchmarks.understanding.noise import AS_WRITTEN, NOISES
from benchmarks.understanding.systems import DIET, NAMES, OURS, Run, compete

VALIDATION = "validation"
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
    other_seeds: int = 0
    """Those of scikit-learn, logistic regression and nlp.js, whose seeds change next to nothing; 0 for `seeds`."""
    kept: Optional[KeptRuns] = None
    """Where runs are kept, and taken from."""


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
    seeds = {OURS: plan.seeds, DIET: plan.diet_seeds}.get(system, plan.other_seeds or plan.seeds)
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
                runs.append(_run(plan.kept, system, dataset, tests, seed, plan.diet_epochs, Path(place)))
            except ProgramError as error:
                print(f"  left out: {error}", flush=True)
                break
        truths.append([intent for _, intent in dataset.test])
        noisy.append(drawn)
        validations.append([intent for _, intent in dataset.validation])
    if not runs:
        return None
    return Outcome(system, datasets[0].name, datasets[0].foreign, truths, validations, noisy, runs)


def _run(
    kept: Optional[KeptRuns],
    system: str,
    dataset: Dataset,
    tests: Mapping[str, Sequence[str]],
    seed: int,
    epochs: int,
    place: Path,
) -> Run:
    """One run, from those that were kept or measured now."""
    if kept is None:
        return compete(system, dataset, tests, seed, epochs, place)
    key = key_of(system, dataset, tests, seed, epochs)
    found = kept.find(key)
    if found:
        print(f"  measured at {found.measured}", flush=True)
        return found
    run = compete(system, dataset, tests, seed, epochs, place)
    kept.keep(key, run)
    return run


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
