"""What is right, and how much of it: pure functions over held-out items and what came of them.

Shares are numbers of items; `percent` runs from 0 to 100, times are milliseconds.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Dict, Hashable, Iterable, List, Mapping, Optional, Sequence, Tuple

FACTUAL = ("initiative/", "theme/", "office/", "list/", "service/")
"""Beginnings of answers that state something."""
LOST = frozenset({"lost", "lost/again"})
DECLINED = LOST | {"decline"}
OUT_OF_SCOPE = "out_of_scope"
FALLBACK = "nlu_fallback"


@dataclass(frozen=True)
class Item:
    """A held-out utterance: its intent, the answers that are right, the kind of writing.

    With `both` it holds several questions, and all of the labels must come, in their order.
    """

    text: str
    intent: str
    labels: Tuple[str, ...]
    kind: str
    both: bool = False


@dataclass(frozen=True)
class Parse:
    """What a pipeline made of a text.

    `intent` is after its fallback, `ranking` before it, best first, without the fallback.
    """

    intent: Optional[str]
    ranking: Tuple[str, ...]
    milliseconds: float

    @property
    def top(self) -> Optional[str]:
        """The likeliest intent before the fallback."""
        return self.ranking[0] if self.ranking else None


@dataclass(frozen=True)
class Share:
    """`count` of `total` items."""

    count: int
    total: int

    @property
    def percent(self) -> float:
        return 100.0 * self.count / self.total if self.total else 0.0

    def __str__(self) -> str:
        return f"{self.percent:.1f} % ({self.count}/{self.total})"


@dataclass(frozen=True)
class Rates:
    """Recall and precision of one intent; precision is of nothing when it was never predicted."""

    recall: Share
    precision: Share


def read_items(entries: Iterable[Mapping[str, Any]]) -> List[Item]:
    """Items of tests/understanding/heldout.yml; `answer` is one id or a list, `all` a list of which each must come."""
    items = []
    for entry in entries:
        answer = entry["all"] if "all" in entry else entry["answer"]
        labels = tuple(answer) if isinstance(answer, list) else (answer,)
        items.append(Item(str(entry["text"]), entry["intent"], labels, entry["kind"], "all" in entry))
    return items


BETWEEN = " + "
"""Between the ids of several answers to one message."""


WHICH, AGAIN = "which", "talk/repeat"
GREETING = "talk/greet"
"""What every conversation begins with."""
NO_QUESTION_WHICH = ("ask/between", "ask/guess", "ask/initiative")
"""Questions back that do not ask which record of an everyday word is meant."""


def is_right(item: Item, answer: str, before: str = GREETING) -> bool:
    """Whether the answer is one of the labels, or as good as one; `before` are the answers of the turn before.

    Not having understood declines as well; the door to all services serves whoever asks for one; `ask/cost` asks
    which one is meant, as `which` does; who is told something again is told it under its own id; and a list may be
    of one state (`list/all/ended`).
    """
    if WHICH in item.labels and answer.startswith("ask/") and answer not in NO_QUESTION_WHICH:
        return True
    if AGAIN in item.labels and answer == before.split(BETWEEN)[-1]:
        return True
    if item.both:
        return answer.split(BETWEEN) == list(item.labels)
    answer, *more = answer.split(BETWEEN)
    if item.intent == OUT_OF_SCOPE and any(one.startswith(FACTUAL) for one in more):
        return False
    if answer in item.labels:
        return True
    if "decline" in item.labels and answer in LOST:
        return True
    if answer.startswith("list/") and answer.rpartition("/")[0] in item.labels:
        return True
    return answer == "service/any" and any(label.startswith("service/") for label in item.labels)


def is_served(item: Item, answer: str) -> bool:
    """Whether the answer is right, or a second one that was given beside it is."""
    _, *more = answer.split(BETWEEN)
    foreign = item.intent == OUT_OF_SCOPE
    return is_right(item, answer) or (not item.both and not foreign and any(one in item.labels for one in more[:1]))


def fault(item: Item, answer: str, before: str = GREETING) -> Optional[str]:
    """None for a right answer, else the sort of mistake."""
    if is_right(item, answer, before):
        return None
    if item.both and answer.split(BETWEEN)[0] in item.labels:
        return "one of several questions left out"
    if item.intent == OUT_OF_SCOPE and any(one.startswith(FACTUAL) for one in answer.split(BETWEEN)):
        return "answered instead of declined"
    answer = answer.split(BETWEEN)[0]
    if answer.startswith("ask/") or answer == "which":
        return "asked back"
    if answer in DECLINED:
        return "declined"
    labels = [label.split("/") for label in item.labels]
    parts = answer.split("/")
    if any(parts[:2] == label[:2] for label in labels if len(label) > 2):
        return "right topic, other aspect"
    if any(parts[0] == label[0] and parts[2:] == label[2:] for label in labels if len(label) > 2):
        return "right aspect, other topic"
    return "another answer"


def share(flags: Iterable[bool]) -> Share:
    """How many of the flags are set."""
    seen = list(flags)
    return Share(sum(seen), len(seen))


def by_group(groups: Sequence[str], flags: Sequence[bool]) -> Dict[str, Share]:
    """The share of set flags in each group, groups in alphabetical order."""
    members: Dict[str, List[bool]] = {}
    for group, flag in zip(groups, flags, strict=True):
        members.setdefault(group, []).append(flag)
    return {group: share(members[group]) for group in sorted(members)}


def intent_is_right(item: Item, intent: Optional[str]) -> bool:
    """Whether it is the item's intent; the fallback is right for what is out of scope."""
    return intent == item.intent or (intent == FALLBACK and item.intent == OUT_OF_SCOPE)


def rates(true: Sequence[str], predicted: Sequence[Optional[str]]) -> Dict[str, Rates]:
    """Recall and precision of every intent that occurs in `true`."""
    hits = Counter(t for t, p in zip(true, predicted, strict=True) if t == p)
    wanted, given = Counter(true), Counter(predicted)
    return {
        intent: Rates(Share(hits[intent], wanted[intent]), Share(hits[intent], given[intent]))
        for intent in sorted(wanted)
    }


def confusions(true: Sequence[str], predicted: Sequence[Optional[str]]) -> List[Tuple[Tuple[str, str], int]]:
    """(true, predicted) intents that differ, most frequent first."""
    return most_frequent((t, p or "none") for t, p in zip(true, predicted, strict=True) if t != p)


def most_frequent(values: Iterable[Hashable]) -> List[Tuple[Any, int]]:
    """Values with their number, most frequent first, then in alphabetical order."""
    return sorted(Counter(values).items(), key=lambda pair: (-pair[1], str(pair[0])))


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of the values do not exceed."""
    if not values:
        raise ValueError("A percentile needs at least one value.")
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(0, int(rank) - 1)]
