"""The same questions to small and large in turn, in one run, so that whatever else the machine does meets both."""

from __future__ import annotations

import random
import statistics
import time
from dataclasses import dataclass, field
from typing import List, Sequence

from benchmarks.load.recording import written
from benchmarks.stack.stack import Stack
from benchmarks.understanding.scoring import percentile
from tests.system import ApiClient

RATIO = 1.3
OF_CONVERSATION = 5


def questions(number: int, seed: int = 11) -> List[str]:
    """Texts of the recorded conversations, in an order of chance; from the first again where more are wanted."""
    texts = sorted({turn["text"] for one in written() if one.language == "de" for turn in one.turns if "text" in turn})
    random.Random(seed).shuffle(texts)
    return [texts[place % len(texts)] for place in range(number)]


@dataclass
class Times:
    """Milliseconds of each answer, and of processors for all answers together, of one size."""

    name: str
    answers: List[float] = field(default_factory=list)
    processor: float = 0.0

    @property
    def median(self) -> float:
        return statistics.median(self.answers)

    @property
    def p95(self) -> float:
        return percentile(self.answers, 95)

    @property
    def processor_each(self) -> float:
        return self.processor / max(1, len(self.answers))


class Asker:
    """Holds conversations of a few turns with one assistant and notes the times of the answers."""

    def __init__(self, name: str, stack: Stack, renew: int = OF_CONVERSATION) -> None:
        self.times = Times(name)
        self.stack = stack
        self._client = ApiClient(stack.address)
        self._renew = renew
        self._asked = 0

    def ask(self, text: str, count: bool = True) -> None:
        if self._asked % self._renew == 0:
            self._client.open()
        self._asked += 1
        begun = time.perf_counter()
        self._client.say(text)
        if count:
            self.times.answers.append((time.perf_counter() - begun) * 1000)

    def close(self) -> None:
        self._client.close()


def alternate(askers: Sequence[Asker], texts: Sequence[str], warm: int = 30, seed: int = 2) -> List[Times]:
    """Ask each text of all, in an order of chance; the first texts only warm up."""
    chance = random.Random(seed)
    for text in texts[:warm]:
        for asker in askers:
            asker.ask(text, count=False)
    before = {id(asker.stack): _processor(asker.stack) for asker in askers}
    for text in texts[warm:]:
        for asker in chance.sample(list(askers), len(askers)):
            asker.ask(text)
    for asker in askers:
        asker.times.processor = (_processor(asker.stack) - before[id(asker.stack)]) * 1000
        asker.close()
    return [asker.times for asker in askers]


def _processor(stack: Stack) -> float:
    return sum(part.usage().processor for part in stack.parts.values())
