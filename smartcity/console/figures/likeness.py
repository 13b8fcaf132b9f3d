"""Questions that stayed without an answer, grouped by likeness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Sequence, Tuple

import sqlalchemy as sa

from smartcity.console.corrections.examples import folded
from smartcity.console.figures.counting import conditions
from smartcity.console.figures.period import Period
from smartcity.console.tables import turns

UNANSWERED = ("unknown", "not_understood")
MOST_TURNS = 5000
"""Latest turns that are looked at, so that the cost stays bounded."""
MOST_TEXTS = 800
"""Different texts that are compared with each other: the most frequent ones."""
LIKENESS = 0.35
"""Cosine from which on two texts belong together."""
SHOWN = 5


@dataclass(frozen=True)
class Question:
    """One text that was said, the latest turn that says it, and how often it was said."""

    text: str
    turn: int
    conversation: int
    times: int
    outcome: str
    initiative: str | None = None


@dataclass(frozen=True)
class Group:
    """Questions that are alike, the most frequent first."""

    questions: Tuple[Question, ...]

    @property
    def times(self) -> int:
        return sum(question.times for question in self.questions)


def unanswered(
    connection: sa.engine.Connection, period: Period, filters: Mapping[str, str], most: int = 30
) -> List[Group]:
    """The groups of unanswered questions of a period, the largest first."""
    query = (
        sa.select(turns.c.said, turns.c.id, turns.c.conversation_id, turns.c.outcome, turns.c.initiative)
        .where(*conditions(period, filters), turns.c.outcome.in_(UNANSWERED), turns.c.pressed.is_(False))
        .order_by(turns.c.at.desc(), turns.c.id.desc())
        .limit(MOST_TURNS)
    )
    found: Dict[str, List[Any]] = {}
    for said, turn, conversation, outcome, initiative in connection.execute(query):
        form = folded(said)
        if form in found:
            found[form][3] += 1
        elif form:
            found[form] = [said, turn, conversation, 1, outcome, initiative]
    often = sorted(found.items(), key=lambda pair: -pair[1][3])[:MOST_TEXTS]
    questions = [Question(*values) for _, values in often]
    groups = [Group(tuple(questions[index] for index in members)) for members in alike([form for form, _ in often])]
    return sorted(groups, key=lambda group: (-group.times, group.questions[0].text))[:most]


def alike(texts: Sequence[str]) -> List[List[int]]:
    """Indexes of texts that are alike: each joins the first text before it that it resembles enough.

    Texts are compared by runs of letters within words; rare ones weigh more (tf-idf).
    """
    if len(texts) < 2:
        return [[index] for index in range(len(texts))]
    vectors = _vectorizer()(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True).fit_transform(texts)
    likeness = vectors @ vectors.T
    groups: Dict[int, List[int]] = {}
    for index in range(len(texts)):
        row = slice(likeness.indptr[index], likeness.indptr[index + 1])
        found = zip(likeness.indices[row].tolist(), likeness.data[row].tolist())
        near = [(value, other) for other, value in found if value >= LIKENESS and other in groups]
        if near:
            groups[max(near)[1]].append(index)
        else:
            groups[index] = [index]
    return list(groups.values())


def prepare() -> None:
    """Load what `alike` needs, so that nobody waits for it: about a second at its first use."""
    _vectorizer()


def _vectorizer() -> Any:
    # Only pages with questions need it.
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer
