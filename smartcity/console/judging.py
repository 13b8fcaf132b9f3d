"""Judgements on turns: verdict, tags, note, who looks after it, reviewed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from smartcity.console import clock
from smartcity.console.database import write
from smartcity.console.tables import VERDICTS, accounts, conversations, tags, turn_tags, turns

MOST_AT_ONCE = 500
LONGEST_NOTE = 4000
LONGEST_TAG = 64
NOTHING = "none"
"""Takes a verdict or an assignment back."""


class JudgementError(ValueError):
    """A judgement that cannot be; the message is the key of the reason's text."""


@dataclass(frozen=True)
class Judgement:
    """What is to be changed; None changes nothing. A verdict makes a turn reviewed, too."""

    verdict: str | None = None
    reviewed: bool | None = None
    assigned: str | None = None
    note: str | None = None
    tags: tuple[str, ...] | None = None
    """All tags of the turn."""
    more_tags: tuple[str, ...] = ()
    """Tags besides those that it has."""


def tags_in(text: str) -> tuple[str, ...]:
    """Tags divided by commas, in the order typed and each once."""
    named = (" ".join(part.split())[:LONGEST_TAG].strip() for part in text.split(","))
    return tuple(dict.fromkeys(name for name in named if name))


def judge(engine: Engine, ids: Sequence[int], judgement: Judgement, account_id: int) -> list[int]:
    """Judge these turns; the ids of those that there are. Raises JudgementError."""
    if not ids or len(ids) > MOST_AT_ONCE:
        raise JudgementError("judge.how_many")
    if judgement.verdict not in (None, NOTHING, *VERDICTS):
        raise JudgementError("judge.no_verdict")
    with write(engine) as connection:
        values = _values(connection, judgement, account_id)
        there = list(connection.execute(sa.select(turns.c.id).where(turns.c.id.in_(ids))).scalars())
        if values and there:
            connection.execute(sa.update(turns).where(turns.c.id.in_(there)).values(values))
        if judgement.tags is not None:
            connection.execute(sa.delete(turn_tags).where(turn_tags.c.turn_id.in_(there)))
        for number in _tag_ids(connection, (*(judgement.tags or ()), *judgement.more_tags)):
            has = set(connection.execute(sa.select(turn_tags.c.turn_id).where(turn_tags.c.tag_id == number)).scalars())
            missing = [{"turn_id": turn, "tag_id": number} for turn in there if turn not in has]
            if missing:
                connection.execute(sa.insert(turn_tags), missing)
        connection.execute(sa.delete(tags).where(tags.c.id.not_in(sa.select(turn_tags.c.tag_id))))
    return there


def keep(engine: Engine, conversation: int, kept: bool) -> bool:
    """Keep a conversation beyond its time, or no longer; False where there is none."""
    with write(engine) as connection:
        query = sa.update(conversations).where(conversations.c.id == conversation).values(kept=kept)
        return bool(connection.execute(query).rowcount)


def _values(connection: Any, judgement: Judgement, account_id: int) -> dict[str, Any]:
    values: dict[str, Any] = {}
    reviewed = judgement.reviewed
    if judgement.verdict is not None:
        values["verdict"] = None if judgement.verdict == NOTHING else judgement.verdict
        reviewed = True if reviewed is None and values["verdict"] else reviewed
    if reviewed is not None:
        values |= (
            {"reviewed_by": account_id, "reviewed_at": clock.now()}
            if reviewed
            else dict.fromkeys(("reviewed_by", "reviewed_at"))
        )
    if judgement.assigned is not None:
        values["assigned_to"] = _assignee(connection, judgement.assigned)
    if judgement.note is not None:
        values["note"] = judgement.note.strip()[:LONGEST_NOTE] or None
    return values


def _assignee(connection: Any, assigned: str) -> int | None:
    if assigned == NOTHING:
        return None
    if assigned.isascii() and assigned.isdigit() and len(assigned) < 19:
        query = sa.select(accounts.c.id).where(accounts.c.id == int(assigned), sa.not_(accounts.c.disabled))
        if (found := connection.execute(query).scalar()) is not None:
            return int(found)
    raise JudgementError("judge.no_account")


def _tag_ids(connection: Any, names: Iterable[str]) -> list[int]:
    found = []
    for name in dict.fromkeys(names):
        number = connection.execute(sa.select(tags.c.id).where(tags.c.name == name)).scalar()
        found.append(number or connection.execute(sa.insert(tags).values(name=name)).inserted_primary_key[0])
    return found
