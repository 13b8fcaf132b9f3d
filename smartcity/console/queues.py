"""The queues: turns that wait for somebody to look at them. Reviewed turns leave every queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from smartcity.console.tables import turns

LOW = 0.5
"""A confidence below this is low. It stands in an index, too."""
MOST = 1_000
"""Counted exactly up to here."""

OPEN = turns.c.reviewed_at.is_(None)


def _outcome(value: str) -> Any:
    return turns.c.outcome == value


# Literals, not parameters: SQLite uses a partial index only where the condition stands in the query letter by letter.
QUEUES: Mapping[str, Any] = {
    "not_understood": _outcome("not_understood"),
    "low_confidence": turns.c.confidence < sa.literal_column(str(LOW)),
    "asked_back": _outcome("asked_back"),
    "down": turns.c.feedback == "down",
    "handed_over": _outcome("handed_over"),
    "repeated": sa.literal_column("turns.repeated"),
    "unknown": _outcome("unknown"),
    "failed": _outcome("failed"),
    "unreviewed": sa.true(),
}
"""What belongs into each, besides not being reviewed."""
FAILURES = tuple(name for name in QUEUES if name != "unreviewed")


def condition(name: str) -> Any:
    """The condition on `turns` for a queue."""
    return sa.and_(QUEUES[name], OPEN)


def failures_of(turn: Mapping[str, Any]) -> list[str]:
    """The queues that a turn belongs to by what happened, reviewed or not."""
    confidence = turn["confidence"]
    found = {
        str(turn["outcome"]),
        "down" if turn["feedback"] == "down" else "",
        "repeated" if turn["repeated"] else "",
        "low_confidence" if isinstance(confidence, (int, float)) and confidence < LOW else "",
    }
    return [name for name in FAILURES if name in found]


def counts(engine: Engine, start: int | None, end: int | None) -> dict[str, int]:
    """How many turns wait in each queue within the period, up to one more than MOST."""
    with engine.connect() as connection:
        return {
            name: connection.execute(
                sa.select(sa.func.count()).select_from(
                    sa.select(turns.c.id).where(condition(name), *within(start, end)).limit(MOST + 1).subquery()
                )
            ).scalar_one()
            for name in QUEUES
        }


def within(start: int | None, end: int | None) -> list[Any]:
    """Conditions for a period: from `start`, before `end`."""
    return [
        *([turns.c.at >= start] if start is not None else []),
        *([turns.c.at < end] if end is not None else []),
    ]


def next_failure(engine: Engine, at: int, number: int, conversation: int) -> tuple[int, int] | None:
    """Conversation and id of the newest open failure that is older than this turn and in another conversation."""
    older = sa.tuple_(turns.c.at, turns.c.id) < sa.tuple_(at, number)
    found = []
    with engine.connect() as connection:
        for name in FAILURES:
            row = connection.execute(
                sa.select(turns.c.at, turns.c.id, turns.c.conversation_id)
                .where(condition(name), older, turns.c.at <= at, turns.c.conversation_id != conversation)
                .order_by(turns.c.at.desc(), turns.c.id.desc())
                .limit(1)
            ).first()
            if row:
                found.append(tuple(row))
    if not found:
        return None
    _, turn, other = max(found)
    return other, turn
