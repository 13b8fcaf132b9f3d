"""The systems that are compared: how each is trained on a data set, and what its model takes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Dict, List, Mapping, Sequence, Tuple

import yaml

from benchmarks import default_assistant
from benchmarks.own_assistant import SMARTCITY, settings
from benchmarks.places import OWN_PYTHON, ROOT, STOCK_PYTHON
from benchmarks.programs import ProgramError, run
from benchmarks.understanding.datasets import Dataset, Pair, plain
from benchmarks.understanding.measures import Prediction

OURS, DIET, SPARSE, PLAIN, NLPJS = "ours", "diet", "lr", "sklearn", "nlpjs"
NAMES = {
    OURS: "ours",
    DIET: "Rasa default (DIET)",
    SPARSE: "Rasa sparse logistic regression",
    PLAIN: "scikit-learn tf-idf + logistic regression",
    NLPJS: "nlp.js",
}
AT_ONCE = (PLAIN, NLPJS)
"""Those that learn and parse in one process, without a model's file between."""
NLPJS_PLACE = Path(__file__).parent / "nlpjs"


@dataclass(frozen=True)
class Run:
    """What one system with one seed gave: predictions and milliseconds by name of the test.

    `training` and `ready` (load, and one parse) are seconds, `memory` and `size` MB (10^6 bytes);
    for scikit-learn and nlp.js `ready` holds the training. `measured` is the UTC time in ISO format; `earlier` says
    that it was taken over from another run, so that its seconds compare with no others.
    """

    predictions: Mapping[str, Sequence[Prediction]]
    milliseconds: Sequence[float]
    training: float
    ready: float
    memory: float
    size: float
    measured: str = ""
    earlier: bool = False


def compete(
    system: str, dataset: Dataset, tests: Mapping[str, Sequence[str]], seed: int, epochs: int, place: Path
) -> Run:
    """Train `system` on the data set in a process of its own and let it parse the tests in another."""
    place.mkdir(parents=True, exist_ok=True)
    job: Dict[str, Any] = {"tests": {name: list(texts) for name, texts in tests.items()}, "seed": seed}
    training, size = 0.0, 0.0
    if system in AT_ONCE:
        job["train"] = [(plain(text), intent) for text, intent in dataset.train]
        job["language"] = dataset.language
    else:
        job["model"], training = _train(system, dataset, seed, epochs, place)
        size = Path(job["model"]).stat().st_size / 1e6
    given, found = place / "job.json", place / "result.json"
    given.write_text(json.dumps(job), "utf-8")
    run([*_contestant(system), str(given), str(found)], place / "parsing.log",
        settings(place / "var") if system == OURS else {})  # fmt: skip
    answer = json.loads(found.read_text("utf-8"))
    rows = answer["results"]
    return Run(
        {name: [Prediction(intent, confidence) for intent, confidence, _ in found] for name, found in rows.items()},
        [milliseconds for found in rows.values() for _, _, milliseconds in found],
        training or answer["ready"],
        answer["ready"],
        answer["memory"],
        size or answer["size"] / 1e6,
        datetime.now(timezone.utc).isoformat(timespec="minutes"),
    )


def _contestant(system: str) -> List[str]:
    """The command that reads a job and writes its result. Raises ProgramError when nlp.js is not installed."""
    if system == NLPJS:
        if not (NLPJS_PLACE / "node_modules").is_dir():
            raise ProgramError(
                f"nlp.js is not installed: run 'npm ci' in {NLPJS_PLACE.relative_to(ROOT)} (needs Node.js)"
            )
        return ["node", str(NLPJS_PLACE / "contestant.mjs")]
    python, whose = {
        OURS: (OWN_PYTHON, "own"),
        PLAIN: (OWN_PYTHON, "plain"),
    }.get(system, (STOCK_PYTHON, "stock"))
    return [str(python), "-m", "benchmarks.understanding.contestant", whose]


def _train(system: str, dataset: Dataset, seed: int, epochs: int, place: Path) -> Tuple[str, float]:
    """The model's file and the seconds of the whole command."""
    data, config = place / "data", place / "config.yml"
    data.mkdir(exist_ok=True)
    (data / "examples.yml").write_text(_as_rasa(dataset.train), "utf-8")
    if dataset.own:
        for path in sorted((ROOT / "data" / "nlu").glob("lookups*.yml")):
            (data / path.name).write_bytes(path.read_bytes())
    config.write_text(yaml.safe_dump(configuration(system, dataset, seed, epochs), sort_keys=False), "utf-8")
    begin = [*SMARTCITY, "rasa"] if system == OURS else [str(STOCK_PYTHON), "-m", "rasa"]
    options = ["--nlu", str(data), "--config", str(config), "--out", str(place), "--fixed-model-name", "model"]
    changes = {"RASA_CACHE_DIRECTORY": str(place / "cache"), "RASA_MAX_CACHE_SIZE": "0"}
    if system == OURS:
        changes.update(settings(place / "var"))
    seconds = run([*begin, "train", "nlu", *options], place / "training.log", changes)
    return str(place / "model.tar.gz"), seconds


def configuration(system: str, dataset: Dataset, seed: int, epochs: int) -> Dict[str, Any]:
    """Ours is config.yml as it ships; on foreign data without names, places and languages of ours.

    Nothing for those that are no Rasa.
    """
    if system in AT_ONCE:
        return {}
    if system == OURS:
        config: Dict[str, Any] = yaml.safe_load((ROOT / "config.yml").read_text("utf-8"))
        config.pop("policies")
        if not dataset.own:
            config["pipeline"] = [
                part for part in config["pipeline"] if part["name"].endswith("VotingIntentClassifier")
            ]
        for part in config["pipeline"]:
            if part["name"].endswith("VotingIntentClassifier"):
                part["random_state"] = seed
                if not dataset.own:
                    part["foreign_intent"] = dataset.foreign or "out_of_scope"
        return config
    pipeline: List[Dict[str, Any]] = default_assistant.configuration(epochs, policies=False)["pipeline"]
    if system == SPARSE:
        kept = [part for part in pipeline if "Tokenizer" in part["name"] or "CountVectors" in part["name"]]
        pipeline = [*kept, {"name": "LogisticRegressionClassifier", "random_state": seed}]
    else:
        pipeline = [{**part, "random_seed": seed} if part["name"] == "DIETClassifier" else part for part in pipeline
                    if part["name"] != "ResponseSelector"]  # fmt: skip
    return {"recipe": "default.v1", "assistant_id": "contestant", "language": "de", "pipeline": pipeline}


def _as_rasa(pairs: Sequence[Pair]) -> str:
    """Rasa's training data format; intents keep their names."""
    by_intent: Dict[str, List[str]] = {}
    for text, intent in pairs:
        by_intent.setdefault(intent, []).append(text)
    entries = [
        {"intent": intent, "examples": "".join(f"- {text}\n" for text in texts)} for intent, texts in by_intent.items()
    ]
    return yaml.safe_dump({"version": "3.1", "nlu": entries}, allow_unicode=True, sort_keys=False, width=10_000)
