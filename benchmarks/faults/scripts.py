"""What citizens say meanwhile: questions that stand alone, from the recorded conversations, many to a conversation."""

from __future__ import annotations

import random
from typing import List

from benchmarks.load.recording import Recorded, written

LENGTH = 12
SCRIPTS = 12


def scripts(seed: int = 5) -> List[Recorded]:
    """Conversations of different questions; no question comes twice in one of them, so the log tells them apart."""
    firsts = sorted({
        one.turns[0]["text"]
        for one in written()
        if one.language == "de" and "text" in one.turns[0] and 8 <= len(one.turns[0]["text"]) <= 90
        and one.turns[0]["text"].isprintable() and not one.name.startswith(("injection", "languages", "several"))
    })  # fmt: skip
    chance = random.Random(seed)
    return [
        Recorded(f"script {number}", "de", [{"text": text} for text in chance.sample(firsts, LENGTH)])
        for number in range(1, SCRIPTS + 1)
    ]
