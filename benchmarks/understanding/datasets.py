"""Data on which understanding is compared: our own, and public sets whose folder is given on the command line.

Nothing of the public sets is in this project. Their expected folders and sources: docs/understanding.md.
"""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

import yaml

from benchmarks.places import ROOT

Pair = Tuple[str, str]
"""Text and intent."""
FOLDS = 5
_ANNOTATION = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")


@dataclass(frozen=True)
class Dataset:
    """Sentences to learn from and to be tested on.

    `train` texts may carry Rasa's annotations. `validation` chooses the operating point; `foreign`
    is the intent of what is out of scope, '' where there is none. `language` (ISO 639-1) is what most
    of it is written in. `own` marks our data, for which
    our whole pipeline is used, with its look-up tables.
    """

    name: str
    train: Sequence[Pair]
    test: Sequence[Pair]
    validation: Sequence[Pair] = ()
    foreign: str = ""
    own: bool = False
    language: str = "de"


def plain(text: str) -> str:
    """A training text without Rasa's annotations."""
    return _ANNOTATION.sub(r"\1", text)


def own_examples() -> List[Pair]:
    """All examples of data/nlu, with annotations."""
    found: List[Pair] = []
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for entry in yaml.safe_load(path.read_text("utf-8"))["nlu"]:
            if "intent" in entry:
                lines = entry["examples"].splitlines()
                found += [(line.removeprefix("- ").strip(), entry["intent"]) for line in lines if line.strip()]
    return list(dict.fromkeys(found))


def sampled(examples: Sequence[Pair], size: int) -> List[Pair]:
    """So many of the examples, the same ones each time, each intent by its share but with two at least.

    All of them when `size` is 0 or more than there are; the order is that of `examples`.
    """
    if not 0 < size < len(examples):
        return list(examples)
    of_intent: Dict[str, List[int]] = {}
    for place, (_, intent) in enumerate(examples):
        of_intent.setdefault(intent, []).append(place)
    rng = random.Random(0)
    chosen: List[int] = []
    for _, places in sorted(of_intent.items()):
        wanted = max(2, round(size * len(places) / len(examples)))
        chosen += rng.sample(places, min(wanted, len(places)))
    return [examples[place] for place in sorted(chosen)]


def own_fold(number: int, sample: int = 0) -> Dataset:
    """One of `FOLDS` folds of the training data, or of a sample: a tenth of the rest chooses the operating point."""
    examples = sampled(own_examples(), sample)
    random.Random(0).shuffle(examples)
    test = [(plain(text), intent) for n, (text, intent) in enumerate(examples) if n % FOLDS == number % FOLDS]
    rest = [pair for n, pair in enumerate(examples) if n % FOLDS != number % FOLDS]
    chosen = [(plain(text), intent) for text, intent in rest[::10]]
    train = [pair for n, pair in enumerate(rest) if n % 10]
    return Dataset(_of_sample("own, cross-validation", sample), train, test, chosen, "out_of_scope", own=True)


def own_held_out(held_out: Path, sample: int = 0) -> Dataset:
    """The held-out set, learnt from all training data or from a sample of them."""
    items = yaml.safe_load(held_out.read_text("utf-8"))
    pairs = [(str(item["text"]), item["intent"]) for item in items if "all" not in item]
    train = sampled(own_examples(), sample)
    return Dataset(_of_sample("own, held-out", sample), train, pairs, (), "out_of_scope", own=True)


def _of_sample(name: str, sample: int) -> str:
    return f"{name}, sample of {sample}" if sample else name


def public_sets(folder: Path) -> List[Dataset]:
    """Those of the public sets that lie in `folder`."""
    readers: Mapping[str, Callable[[Path], List[Dataset]]] = {
        "xsid": _xsid,
        "nlu-evaluation-corpora": _munich,
        "clinc-oos": _clinc,
    }
    return [dataset for name, read in readers.items() if (folder / name).is_dir() for dataset in read(folder / name)]


def _xsid(folder: Path) -> List[Dataset]:
    train = list(_sentences(folder / "de.valid.conll"))
    return [
        Dataset(name, train, list(_sentences(folder / f"{part}.test.conll")))
        for name, part in (("xSID German", "de"), ("xSID Bavarian", "de-ba"))
    ]


def _sentences(path: Path) -> Iterator[Pair]:
    """Sentences of a CoNLL file with `# text = ` and the intent in its own comment or third column."""
    for block in path.read_text("utf-8").strip().split("\n\n"):
        text: Optional[str] = None
        intent: Optional[str] = None
        tokens: List[str] = []
        for line in block.splitlines():
            if line.startswith("# text = "):
                text = line[len("# text = ") :].strip()
            elif line.startswith("# intent"):
                intent = line.partition("=")[2].strip()
            elif line and not line.startswith("#"):
                cells = line.split("\t")
                tokens.append(cells[1])
                intent = intent or cells[2]
        if tokens and intent:
            # In Rasa a slash divides an intent from a response.
            yield text or " ".join(tokens), intent.replace("/", ".")


def _munich(folder: Path) -> List[Dataset]:
    sentences = json.loads((folder / "ChatbotCorpus.json").read_text("utf-8"))["sentences"]
    parts: Dict[bool, List[Pair]] = {True: [], False: []}
    for sentence in sentences:
        parts[bool(sentence["training"])].append((sentence["text"], sentence["intent"]))
    return [Dataset("Munich chatbot corpus", parts[True], parts[False], language="en")]


def _clinc(folder: Path) -> List[Dataset]:
    data = json.loads((folder / "data_small.json").read_text("utf-8"))

    def pairs(*names: str) -> List[Pair]:
        return [(text, intent) for name in names for text, intent in data[name]]

    return [
        Dataset(
            "CLINC-150 small",
            pairs("train", "oos_train"),
            pairs("test", "oos_test"),
            pairs("val", "oos_val"),
            "oos",
            language="en",
        )
    ]
