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
from benchmarks.own_assistant import OwnAssistant, settings, train_when_stale
from benchmarks.places import OWN_PYTHON, RESULTS, ROOT, STOCK_PYTHON
from benchmarks.programs import run
from benchmarks.understanding.dialogues import NO_ANSWER, Held, answer_ids, hold_all, read_dialogues
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


def evaluate(with_stock: bool = True, epochs: int = default_assistant.EPOCHS) -> Evaluation:
    """Answers through the gateway and parse results; the default pipeline trains when its data changed."""
    items = read_items(yaml.safe_load(HELD_OUT.read_text("utf-8")))
    texts = [item.text for item in items]
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        model = train_when_stale(scratch)
        with OwnAssistant(scratch / "var") as assistant:
            assistant.wait_until_ready()
            answers = ask_all(texts, assistant.address)
            dialogues = hold_all(read_dialogues(DIALOGUES), assistant.address)
        own = parse_all(OWN_PYTHON, "own", ROOT / model, texts, scratch, settings(scratch / "own"))
        default = None
        if with_stock:
            print(f"Rasa's default pipeline, {epochs} epochs (trains when the data changed) ...", flush=True)
            trained = default_assistant.train(RESULTS / "stock", epochs, reuse=True)
            default = parse_all(STOCK_PYTHON, "stock", trained.model, texts, scratch, {})
    return Evaluation(tuple(items), tuple(answers), own, default, epochs, dialogues)


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
