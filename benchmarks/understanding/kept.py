"""Runs that were measured already, so that a comparison that was cut off can go on where it was.

One JSON file a run, in results/comparison; its name is a hash of all that decides the run: the sentences, the seed, the
configuration, and the files of the system. So nothing is taken over from other code or data.
"""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence

from benchmarks.places import ROOT
from benchmarks.understanding.datasets import Dataset
from benchmarks.understanding.measures import Prediction
from benchmarks.understanding.systems import DIET, NAMES, NLPJS, OURS, PLAIN, Run, configuration

MEASURING = ("benchmarks/understanding/contestant.py", "benchmarks/understanding/parsing.py")
LOOKUPS = "data/nlu/lookups*.yml"
FILES: Mapping[str, Sequence[str]] = {
    OURS: ("smartcity/**/*.py", "content/**/*.yml", "requirements/*.lock"),
    PLAIN: ("requirements/main.lock",),
    NLPJS: ("benchmarks/understanding/nlpjs/contestant.mjs", "benchmarks/understanding/nlpjs/package-lock.json"),
}
"""What a system is made of, as patterns below ROOT; the others are stock Rasa."""
STOCK_FILES = ("requirements/stock.lock",)


class KeptRuns:
    """The runs in `folder`; `reading` takes them over, else each is measured anew and kept."""

    def __init__(self, folder: Path, reading: bool) -> None:
        self._folder = folder
        self._reading = reading

    def find(self, key: str) -> Optional[Run]:
        """The run of that key; None where there is none that can be read."""
        path = self._folder / f"{key}.json"
        if not self._reading or not path.is_file():
            return None
        try:
            held: Dict[str, Any] = json.loads(path.read_text("utf-8"))
            held["predictions"] = {
                name: [Prediction(intent, confidence) for intent, confidence in rows]
                for name, rows in held["predictions"].items()
            }
            return Run(**{**held, "earlier": True})
        except (ValueError, TypeError, KeyError, AttributeError):
            return None

    def keep(self, key: str, run: Run) -> None:
        """Write the run; a reader never sees half of it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        held = asdict(run)
        held["predictions"] = {
            name: [(found.intent, found.confidence) for found in rows] for name, rows in run.predictions.items()
        }
        unfinished = self._folder / f"{key}.{time.monotonic_ns()}.part"
        unfinished.write_text(json.dumps(held), "utf-8")
        unfinished.replace(self._folder / f"{key}.json")


def key_of(system: str, dataset: Dataset, tests: Mapping[str, Sequence[str]], seed: int, epochs: int) -> str:
    """Hash of all that decides a run: of what a system learns, is asked, and is made of."""
    patterns: List[str] = [*MEASURING, *FILES.get(system, STOCK_FILES)]
    if dataset.own:
        patterns.append(LOOKUPS)
    told = {
        "system": NAMES[system],
        "dataset": [dataset.name, dataset.language, dataset.foreign, dataset.own],
        "train": [list(pair) for pair in dataset.train],
        "tests": {name: list(texts) for name, texts in tests.items()},
        "seed": seed,
        "epochs": epochs if system == DIET else 0,
        "configuration": configuration(system, dataset, seed, epochs),
        "files": _digests(patterns),
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:24]


def _digests(patterns: Iterable[str]) -> Dict[str, str]:
    """The hash of each file, by its path below ROOT."""
    paths = sorted({path for pattern in patterns for path in ROOT.glob(pattern)})
    return {str(path.relative_to(ROOT)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
