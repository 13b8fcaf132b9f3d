"""What every process used over time, and how steeply it grows."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Dict, List, Optional, Tuple

import numpy as np

from benchmarks.stack.stack import Stack
from benchmarks.usage import Usage

EVERY_SECONDS = 10.0
SETTLED = 0.35
"""The share of the run after which growth counts: before, memories that are bounded fill."""


@dataclass(frozen=True)
class Slope:
    """Of one process: memory at the start, after settling and at the end in MB, MB and open files an hour."""

    first: float
    settled: float
    last: float
    megabytes_an_hour: float
    files_first: int
    files_last: int
    files_an_hour: float
    processor: float

    @property
    def growth(self) -> float:
        return self.last / self.settled - 1 if self.settled else 0.0


class Watcher:
    """A context manager that notes the use of all processes of a stack."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watcher", daemon=True)
        self.samples: List[Tuple[float, Dict[str, Usage]]] = []

    def __enter__(self) -> Watcher:
        self._begun = time.monotonic()
        self._thread.start()
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            used = {name: part.usage() for name, part in self._stack.parts.items()}
            self.samples.append((time.monotonic() - self._begun, used))
            if self._stop.wait(EVERY_SECONDS):
                return


def slopes(samples: List[Tuple[float, Dict[str, Usage]]]) -> Dict[str, Slope]:
    """By process, from the settled part of the run."""
    end = samples[-1][0]
    settled = [sample for sample in samples if sample[0] >= SETTLED * end]
    hours = [at / 3600 for at, _ in settled]
    found = {}
    for name in samples[-1][1]:
        memory = [used[name].memory for _, used in settled]
        files = [used[name].files for _, used in settled]
        found[name] = Slope(
            samples[0][1][name].memory, memory[0], memory[-1], _slope(hours, memory), samples[0][1][name].files,
            files[-1], _slope(hours, files), samples[-1][1][name].processor - samples[0][1][name].processor,
        )  # fmt: skip
    return found


def _slope(hours: List[float], values: List[float] | List[int]) -> float:
    return float(np.polyfit(hours, values, 1)[0]) if len(hours) > 2 else 0.0


def draw(samples: List[Tuple[float, Dict[str, Usage]]], path: Path, title: str) -> None:
    """Memory and open files over time, as PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (upper, lower) = pyplot.subplots(2, 1, figsize=(12, 9), sharex=True, layout="constrained")
    minutes = [at / 60 for at, _ in samples]
    for name in samples[-1][1]:
        upper.plot(minutes, [used[name].memory for _, used in samples], label=name)
        lower.plot(minutes, [used[name].files for _, used in samples], label=name)
    upper.set_ylabel("memory, MB (proportional set)")
    upper.set_title(title)
    lower.set_ylabel("open files")
    lower.set_xlabel("minutes")
    for axis in (upper, lower):
        axis.set_ylim(bottom=0)
        axis.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=90)
    pyplot.close(figure)
