"""The load runs as tables and as a picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Optional, Sequence, Set

from benchmarks.load.checking import shown
from benchmarks.load.searching import best
from benchmarks.load.step import GENERATOR, LIMIT_MS, Step, processors
from benchmarks.tables import table

KINDS = ("rasa", "gateway", "postgresql", "redis")


@dataclass(frozen=True)
class Run:
    """The steps of one layout."""

    name: str
    steps: List[Step]


def report(runs: Sequence[Run], generator_most: Optional[Step]) -> str:
    """One table: maxima, what limits, processor time of a turn; and whether every answer was right."""
    parts = [_summary(runs)]
    if generator_most:
        parts.append(
            f"The generator alone, against a server that answers at once: {generator_most.answered:.0f} turns a second "
            f"with p95 {generator_most.p95:.0f} ms, {generator_most.shares[GENERATOR]:.2f} of a processor."
        )
    faults = [f"{run.name}: {fault}" for run in runs for step in run.steps for fault in step.verdict.faults]
    checked = [step.verdict for run in runs for step in run.steps]
    parts.append(
        f"Checked: {sum(v.turns for v in checked):,} turns of {sum(v.conversations for v in checked):,} conversations "
        f"against the recording and Rasa's log: {len(faults)} wrong."
    )
    if faults:
        parts.append(shown(faults))
    return "\n\n".join(parts) + "\n"


def details(runs: Sequence[Run]) -> List[str]:
    """Every step of each layout, as a table."""
    return [_steps(run) for run in runs]


def _summary(runs: Sequence[Run]) -> str:
    rates = _common(runs)
    rows = []
    for run in runs:
        most, cost = best(run.steps), _cost(run, rates)
        if most is None or not cost:
            rows.append([run.name, "none", *[""] * 11])
            continue
        used = sum(share for name, share in most.shares.items() if name != GENERATOR)
        whole = sum(cost.values())
        rows.append([
            run.name, f"{most.answered:.0f}", f"{most.median:.0f}", f"{most.p95:.0f}", _limit(most),
            f"{max(0.0, most.machine - used - most.shares[GENERATOR]):.2f}", f"{whole:.2f}",
            *(f"{cost[kind]:.2f}" if kind in cost else "" for kind in KINDS),
            f"{_bound(run, cost):.0f}",
            f"{sum(len(step.verdict.faults) for step in run.steps)}",
        ])  # fmt: skip
    head = [
        "layout", "turns/s", "median ms", "p95", "nearest its limit", "other work", "ms of a processor a turn",
        *KINDS, "at most (computed)", "wrong",
    ]  # fmt: skip
    title = f"The most with p95 under {LIMIT_MS / 1000:g} s and nothing refused, on {processors()} processors"
    note = (
        "Processor time: the mean of the steps that every layout bore "
        f"({', '.join(f'{rate:.0f}' for rate in sorted(rates)) or 'none, so of its own'} turns a second), so that the "
        "same is compared.\nComputed: the rate at which the busiest process, or all processors, would have no time "
        "left. What shared stores cost: python -m benchmarks.load.overhead."
    )
    return f"{table(title, head, rows)}\n{note}"


def _common(runs: Sequence[Run]) -> Set[float]:
    """The rates that every layout bore; none where one bore none."""
    borne = [{step.rate for step in run.steps if step.is_borne} for run in runs]
    return set.intersection(*borne) if borne else set()


def _cost(run: Run, rates: Set[float]) -> Dict[str, float]:
    """Milliseconds of a processor that a turn takes, by kind of process, without the generator."""
    borne = [step for step in run.steps if step.is_borne and (not rates or step.rate in rates)]
    turns = sum(step.answered for step in borne)
    kinds: Dict[str, float] = {}
    for step in borne:
        for name, share in step.shares.items():
            if name != GENERATOR:
                kind = name.partition("-")[0]
                kinds[kind] = kinds.get(kind, 0.0) + share * 1000 / turns
    return kinds


def _bound(run: Run, cost: Dict[str, float]) -> float:
    """Turns a second at which the busiest kind of process, or the machine, is full."""
    busiest = max(cost, key=lambda kind: cost[kind] / _count(run, kind))
    return min(1000 * _count(run, busiest) / cost[busiest], 1000 * processors() / sum(cost.values()))


def _limit(step: Step) -> str:
    """The process that uses most of a processor, and whether any processor was left."""
    name, share = max(((n, s) for n, s in step.shares.items() if n != GENERATOR), key=lambda one: one[1])
    left = processors() - step.machine
    return f"{name} {share:.2f}, {left:.2f} idle"


def _steps(run: Run) -> str:
    names = list(run.steps[0].shares) if run.steps else []
    rows = [
        [
            f"{step.rate:.0f}", f"{step.answered:.1f}", f"{step.median:.0f}", f"{step.p95:.0f}", f"{step.p99:.0f}",
            f"{step.lag:.0f}", _refused(step), *(f"{step.shares[name]:.2f}" for name in names), f"{step.machine:.2f}",
            "borne" if step.is_borne else "not borne",
        ]
        for step in run.steps
    ]  # fmt: skip
    head = ["turns/s wanted", "answered", "median ms", "p95", "p99", "generator late ms (p95)", "refused", *names]
    return table(f"{run.name}: processors used by process", [*head, "machine", ""], rows)


def _refused(step: Step) -> str:
    counts: Dict[str, int] = {**step.refusals, **({"given up": step.given_up} if step.given_up else {})}
    return ", ".join(f"{count} x {status}" for status, count in counts.items()) or "0"


def _count(run: Run, kind: str) -> int:
    """How many processes of this kind there are, each with one thread that computes."""
    return sum(name.partition("-")[0] == kind for name in run.steps[0].shares)


def draw(runs: Sequence[Run], path: Path) -> None:
    """p95 and use of processors over the rate, as PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(14, 5), layout="constrained")
    for run in runs:
        steps = sorted((step for step in run.steps if step.p95 < float("inf")), key=lambda step: step.rate)
        rates = [step.rate for step in steps]
        left.plot(rates, [step.p95 for step in steps], marker="o", label=run.name)
        used = [sum(s for name, s in step.shares.items() if name != GENERATOR) for step in steps]
        right.plot(rates, used, marker="o", label=run.name)
    left.axhline(LIMIT_MS, color="grey", linestyle="--")
    left.set_yscale("log")
    left.set_ylabel("p95 of an answer, ms")
    right.axhline(processors(), color="grey", linestyle="--")
    right.set_ylabel("processors used by the assistant")
    for axis in (left, right):
        axis.set_xlabel("turns a second wanted")
        axis.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=90)
    pyplot.close(figure)
