"""Run the held-out set through our system and the default pipeline."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import List, Mapping, Optional, Sequence, Tuple

import httpx
import yaml

from benchmarks import default_assistant
from benchmarks.own_assistant import OwnAssistant, settings, train, train_when_stale
from benchmarks.places import OWN_PYTHON, RESULTS, ROOT, STOCK_PYTHON
from benchmarks.programs import run
from benchmarks.understanding import measures
from benchmarks.understanding.dialogues import NO_ANSWER, Held, answer_ids, hold_all, read_dialogues
from benchmarks.understanding.meaningless import HARMLESS, meaningless
from benchmarks.understanding.scoring import Item, Parse, read_items

HELD_OUT = ROOT / "tests" / "understanding" / "heldout.yml"
DIALOGUES = ROOT / "tests" / "understanding" / "dialogues.yml"


@dataclass(frozen=True)
class Evaluation:
    """What came of each item, in the order of `items`; `default` is None where it was left out."""

    items: Tuple[Item, ...]
    answers: Tuple[str, ...]
    """Ids of the answers to each item, with `BETWEEN` between several."""
    own: Tuple[Parse, ...]
    default: Optional[Tuple[Parse, ...]]
    default_epochs: int = default_assistant.EPOCHS
    dialogues: Tuple[Held, ...] = ()
    given_a_meaning: Tuple[bool, ...] = ()
    """Of the messages that say nothing (meaningless.py)."""
    training_seconds: float = 0.0
    """Of the whole command that trains our model anew, on all cores."""
    model_megabytes: float = 0.0
    """10^6 bytes."""
    calibration_error: float = 0.0
    """Of the likeliest intent, of items with one question."""


def evaluate(with_stock: bool = True, epochs: int = default_assistant.EPOCHS) -> Evaluation:
    """Answers through the gateway and parse results; the default pipeline trains when its data changed."""
    items = read_items(yaml.safe_load(HELD_OUT.read_text("utf-8")))
    texts = [item.text for item in items]
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        print("Our model trains ...", flush=True)
        seconds = train(scratch / "trained")
        model = train_when_stale(scratch)
        print("The running assistant is asked ...", flush=True)
        with OwnAssistant(scratch / "var") as assistant:
            assistant.wait_until_ready()
            answers = ask_all(texts, assistant.address)
            dialogues = hold_all(read_dialogues(DIALOGUES), assistant.address)
            nothing = ask_all(list(meaningless()), assistant.address)
        own = parse_all(OWN_PYTHON, "own", ROOT / model, texts, scratch, settings(scratch / "own"))
        error = _calibration_error([item for item in items if not item.both], ROOT / model, scratch)
        default = None
        if with_stock:
            print(f"Rasa's default pipeline, {epochs} epochs (trains when the data changed) ...", flush=True)
            trained = default_assistant.train(RESULTS / "stock", epochs, reuse=True)
            default = parse_all(STOCK_PYTHON, "stock", trained.model, texts, scratch, {})
    return Evaluation(
        tuple(items),
        tuple(answers),
        own,
        default,
        epochs,
        dialogues,
        tuple(not answer.startswith(HARMLESS) for answer in nothing),
        seconds,
        (ROOT / model).stat().st_size / 1e6,
        error,
    )


def ask_all(texts: Sequence[str], address: str) -> List[str]:
    """The answer ids that each text gets, said first in a session of its own."""
    with httpx.Client(base_url=address, timeout=30, trust_env=False) as client:
        return [_ask(client, text) for text in texts]


def _ask(client: httpx.Client, text: str) -> str:
    begun = client.post("/chat/sessions", json={"language": "de"})
    begun.raise_for_status()
    token = {"Authorization": f"Bearer {begun.json()['session']}"}
    said = client.post("/chat/messages", json={"text": text}, headers=token)
    return answer_ids(said.json()["messages"]) if said.status_code == 200 else f"{NO_ANSWER}/{said.status_code}"


def _calibration_error(items: Sequence[Item], model: Path, scratch: Path) -> float:
    """Of our model on these items."""
    given, found = scratch / "sure.json", scratch / "sureness.json"
    job = {"model": str(model), "seed": 0, "tests": {"items": [item.text for item in items]}}
    given.write_text(json.dumps(job), "utf-8")
    command = [str(OWN_PYTHON), "-m", "benchmarks.understanding.contestant", "own", str(given), str(found)]
    run(command, scratch / "sureness.log", settings(scratch / "sure"))
    rows = json.loads(found.read_text("utf-8"))["results"]["items"]
    predictions = [measures.Prediction(intent, confidence) for intent, confidence, _ in rows]
    return measures.calibration_error([item.intent for item in items], predictions)


def parse_all(
    python: Path, whose: str, model: Path, texts: Sequence[str], scratch: Path, changes: Mapping[str, str]
) -> Tuple[Parse, ...]:
    """Parse results from a process of the environment that `python` belongs to."""
    given, found = scratch / f"{whose}-texts.json", scratch / f"{whose}-parses.json"
    given.write_text(json.dumps(list(texts)), "utf-8")
    command = [str(python), "-m", "benchmarks.understanding.parsing", whose, str(model), str(given), str(found)]
    run(command, scratch / f"{whose}-parsing.log", changes)
    parses = json.loads(found.read_text("utf-8"))
    return tuple(Parse(p["intent"], tuple(p["ranking"]), p["milliseconds"]) for p in parses)
