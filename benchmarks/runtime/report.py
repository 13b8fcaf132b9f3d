"""The benchmark as text tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Dict, List, Mapping

from benchmarks.default_assistant import EPOCHS
from benchmarks.runtime.measuring import CLIENTS, LATENCY_MESSAGES, LOAD_SECONDS, WARM_MESSAGES, Measured
from benchmarks.tables import table


@dataclass(frozen=True)
class Benchmark:
    """Training in seconds and the measurements of each assistant; `epochs` are the default pipeline's.

    `sample` is how many examples it learnt from, 0 for all of them.
    """

    default_training: float
    own_training: float
    default: Measured
    own: Measured
    own_http: Measured
    repairs: Mapping[str, float]
    epochs: int
    sample: int = 0
    rounds: int = 1


@dataclass(frozen=True)
class Target:
    """What `value` must be of ours, as a factor of the default assistant's."""

    name: str
    unit: str
    factor: float
    value: Callable[[Measured], float]
    more_is_better: bool = False

    def is_met(self, default: float, own: float) -> bool:
        return own >= self.factor * default if self.more_is_better else own <= self.factor * default

    def shown(self) -> str:
        return f"at least {self.factor:g} times" if self.more_is_better else f"at most 1/{1 / self.factor:g}"


START = Target("start to the first answer", "s", 1 / 10, lambda m: m.start)
MEMORY = Target(f"memory of all processes after {WARM_MESSAGES} messages", "MB", 1 / 2.5, lambda m: m.memory)
MEDIAN = Target("answer, median of one client", "ms", 1 / 8, lambda m: m.median)
THROUGHPUT = Target(f"throughput at {CLIENTS} clients", "messages/s", 10, lambda m: m.throughput, more_is_better=True)
TRAINING = Target("training", "s", 1 / 5, lambda m: 0.0)
HEAD = ["", "default", "ours", "ours, actions over HTTP", "unit", "default/ours", "target", ""]


def verdicts(benchmark: Benchmark) -> Dict[str, bool]:
    """Whether each target is met; training that was cut short and still is the quicker one says nothing."""
    trained = TRAINING.is_met(benchmark.default_training, benchmark.own_training)
    whole = benchmark.epochs >= EPOCHS and not benchmark.sample
    found = {TRAINING.name: trained} if trained or whole else {}
    for target in (START, MEMORY, MEDIAN, THROUGHPUT):
        found[target.name] = target.is_met(target.value(benchmark.default), target.value(benchmark.own))
    return found


def report(benchmark: Benchmark) -> str:
    """The comparison and the single repairs."""
    met = verdicts(benchmark)
    rows = [_row(TRAINING, benchmark.default_training, benchmark.own_training, "", met)]
    for target in (START, MEMORY, MEDIAN, THROUGHPUT):
        default, own, http = (target.value(m) for m in (benchmark.default, benchmark.own, benchmark.own_http))
        rows.append(_row(target, default, own, f"{http:.1f}", met))
        if target is MEDIAN:
            p95 = [f"{m.p95:.1f}" for m in (benchmark.default, benchmark.own, benchmark.own_http)]
            rows.append(
                ["answer, p95 of one client", *p95, "ms", f"{benchmark.default.p95 / benchmark.own.p95:.1f}", "", ""]
            )
    for name, value in (("processes", lambda m: m.processes), ("messages without an answer", lambda m: m.unanswered)):
        counts = [str(value(m)) for m in (benchmark.default, benchmark.own, benchmark.own_http)]
        rows.append([name, *counts, "", "", "", ""])
    learnt = f", {benchmark.sample} examples" if benchmark.sample else ""
    stock = f"stock, {benchmark.epochs} epochs{learnt}"
    title = f"Rasa's default assistant ({stock}) and ours (through the gateway), in one run"
    note = (
        f"Medians of {benchmark.rounds} rounds, in turn. "
        f"Latency over {LATENCY_MESSAGES} messages, load for {LOAD_SECONDS:g} s; the clients run on the same machine.\n"
        "The data holds rules and no stories, so TEDPolicy and UnexpecTEDIntentPolicy have nothing to learn.\n"
        "Speed, start and memory do not depend on the epochs, only training does: a network is as large, as quick to "
        "load and as quick to ask after one epoch as after a hundred, it only knows less.\n"
        "From a sample of the examples it is smaller, and so no slower than from all of them."
    )
    return "\n\n".join([table(title, HEAD, rows), note, _repairs(benchmark)]) + "\n"


def _row(target: Target, default: float, own: float, http: str, met: Mapping[str, bool]) -> List[str]:
    ratio = own / default if target.more_is_better else default / own
    shown = f"{ratio:.1f}" + (" (ours/default)" if target.more_is_better else "")
    verdict = {True: "met", False: "MISSED", None: "not judged: cut short"}[met.get(target.name)]
    return [target.name, f"{default:.1f}", f"{own:.1f}", http, target.unit, shown, target.shown(), verdict]


def _repairs(benchmark: Benchmark) -> str:
    rows = [[f"action result, {name}", f"{value:.2f}"] for name, value in benchmark.repairs.items()]
    rows.append(["answer, median, actions over HTTP", f"{benchmark.own_http.median:.2f}"])
    rows.append(["answer, median, actions in Rasa's process", f"{benchmark.own.median:.2f}"])
    return table("Single repairs", ["", "ms"], rows)
