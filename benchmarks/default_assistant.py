"""Rasa's default assistant: what `rasa init` of 3.6 gives, trained on this project's data."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List

import yaml

from benchmarks.places import ROOT, STOCK_PYTHON
from benchmarks.programs import run
from benchmarks.understanding.datasets import own_examples, sampled

EPOCHS = 100
MODEL = "default"


@dataclass(frozen=True)
class Trained:
    """A model and how long its training took, in seconds."""

    model: Path
    seconds: float


def configuration(epochs: int = EPOCHS, policies: bool = True) -> Dict[str, Any]:
    """rasa/engine/recipes/config_files/default_config.yml with our language; `epochs` is 100 there."""
    neural = {"epochs": epochs, "constrain_similarities": True}
    config: Dict[str, Any] = {
        "recipe": "default.v1",
        "assistant_id": "default-assistant",
        "language": "de",
        "pipeline": [
            {"name": "WhitespaceTokenizer"},
            {"name": "RegexFeaturizer"},
            {"name": "LexicalSyntacticFeaturizer"},
            {"name": "CountVectorsFeaturizer"},
            {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
            {"name": "DIETClassifier", **neural},
            {"name": "EntitySynonymMapper"},
            {"name": "ResponseSelector", **neural},
            {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
        ],
    }
    if policies:
        config["policies"] = [
            {"name": "MemoizationPolicy"},
            {"name": "RulePolicy"},
            {"name": "UnexpecTEDIntentPolicy", "max_history": 5, "epochs": epochs},
            {"name": "TEDPolicy", "max_history": 5, **neural},
        ]
    return config


def train(folder: Path, epochs: int = EPOCHS, reuse: bool = False, sample: int = 0) -> Trained:
    """Understanding and dialogue trained with stock Rasa; with `reuse`, from an earlier run on the same data.

    `sample` is how many examples it learns from, 0 for all of them: with fewer it is smaller, and no slower.
    """
    data = [str(_sampled(folder, sample)), "data/rules"] if sample else ["data"]
    return _train(folder, configuration(epochs), ["train", "--force", "--data", *data], reuse)


def _sampled(folder: Path, sample: int) -> Path:
    """A file with so many of the examples, each intent by its share."""
    of_intent: Dict[str, List[str]] = {}
    for text, intent in sampled(own_examples(), sample):
        of_intent.setdefault(intent, []).append(f"- {text}\n")
    entries = [{"intent": intent, "examples": "".join(texts)} for intent, texts in sorted(of_intent.items())]
    path = folder / f"sample-{sample}" / "nlu.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({"version": "3.1", "nlu": entries}, allow_unicode=True), "utf-8")
    return path.parent


def data_digest() -> str:
    """Changes when domain.yml or the training data change."""
    digest = hashlib.sha256()
    for path in [ROOT / "domain.yml", *sorted((ROOT / "data").rglob("*.yml"))]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _train(folder: Path, config: Dict[str, Any], command: List[str], reuse: bool) -> Trained:
    key = hashlib.sha256(f"{config}{command}{data_digest()}".encode()).hexdigest()[:12]
    place = folder / key
    model, took = place / f"{MODEL}.tar.gz", place / "seconds"
    if reuse and model.exists() and took.exists():
        return Trained(model, float(took.read_text("ascii")))
    place.mkdir(parents=True, exist_ok=True)
    took.unlink(missing_ok=True)
    written = place / "config.yml"
    written.write_text(yaml.safe_dump(config, sort_keys=False), "utf-8")
    options = ["--config", str(written), "--domain", "domain.yml", "--out", str(place), "--fixed-model-name", MODEL]
    changes = {"RASA_CACHE_DIRECTORY": str(place / "cache"), "RASA_MAX_CACHE_SIZE": "0"}
    seconds = run([str(STOCK_PYTHON), "-m", "rasa", *command, *options], place / "training.log", changes)
    took.write_text(f"{seconds:.1f}", "ascii")
    return Trained(model, seconds)
