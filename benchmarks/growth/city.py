"""A city of any size: the first initiatives of content/, and as many invented ones as are wanted."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any, Dict, Iterator, List

from benchmarks.places import ROOT

REAL = ROOT / "content"
SMALLEST = 10
"""So many real initiatives are in every city; questions are about them, so that answers are the same."""
KEPT = (
    "kruiser", "maak_et", "codingschool", "lorawan", "kreathon", "handyparken", "glasfaser", "klimasensoren",
    "geoportal", "beteiligungsportal",
)  # fmt: skip
_SYLLABLES = (
    "ba be bi bo bu da de di do du fa fe fi fo ga ge gi go ha he hi ho ka ke ki ko ku la le li lo lu ma me mi mo mu na "
    "ne ni no nu pa pe pi po ra re ri ro ru sa se si so su ta te ti to tu va ve vi vo wa we wi wo za ze zi zo"
).split()
_ENDS = ("burg", "hof", "werk", "netz", "haus", "lab", "forum", "mobil", "garten", "kolleg", "portal", "labor")


def write(folder: Path, number: int, seed: int = 3) -> None:
    """Write content with `number` initiatives into a new folder."""
    folder.mkdir(parents=True)
    for kind in ("notices", "offices", "phrases", "themes"):
        shutil.copytree(REAL / kind, folder / kind)
    shutil.copy(REAL / "services.yml", folder)
    (folder / "initiatives").mkdir()
    for name in KEPT:
        shutil.copy(REAL / "initiatives" / f"{name}.yml", folder / "initiatives")
    themes = sorted(path.stem for path in (REAL / "themes").glob("*.yml"))
    offices = sorted(path.stem for path in (REAL / "offices").glob("*.yml"))
    for record in _invented(number - SMALLEST, random.Random(seed), themes, offices):
        # JSON is YAML, and quickly written.
        path = folder / "initiatives" / f"{record['id']}.yml"
        path.write_text(json.dumps(record, ensure_ascii=False, indent=1), "utf-8")


def _invented(number: int, chance: random.Random, themes: List[str], offices: List[str]) -> Iterator[Dict[str, Any]]:
    taken: set[str] = set()
    everyday = [_word(chance, taken, 2) for _ in range(max(20, number // 5))]
    for place in range(number):
        name, other, short = (_word(chance, taken, size) for size in (3, 4, 3))
        text = f"{name} ist ein Angebot in {_word(chance, set(), 2)} für {_word(chance, set(), 2)}. Es hilft Menschen."
        yield {
            "id": f"invented_{place:05d}",
            "name": {"de": name, "de-simple": name, "en": name},
            "themes": [chance.choice(themes)],
            "state": "active",
            "ask": chance.choice(offices),
            "aliases": {"de": [other, f"{short} {chance.choice(_ENDS)}", f"Projekt {name}"], "en": [f"{name} project"]},
            "misspellings": [_word(chance, taken, 4)],
            "generic": chance.sample(everyday, 2),
            "sources": {
                "page": {"title": f"Stadt Krefeld: {name}", "url": f"https://example.org/{place}", "date": "2025",
                         "read": "2026-11-23"}
            },
            "facts": {aspect: _fact(name, text) for aspect in ("about", "status", "cost", "place")},
        }  # fmt: skip


def _fact(name: str, text: str) -> Dict[str, Any]:
    words = {"de": text, "de-simple": "Das ist ein Angebot.\nEs hilft Menschen.", "en": f"{name} is a service. {text}"}
    return {"text": words, "sources": ["page"]}


def _word(chance: random.Random, taken: set[str], syllables: int) -> str:
    """A word that can be spoken and is not taken."""
    while True:
        word = ("".join(chance.choices(_SYLLABLES, k=syllables)) + chance.choice(_ENDS)).capitalize()
        if word not in taken:
            taken.add(word)
            return word
