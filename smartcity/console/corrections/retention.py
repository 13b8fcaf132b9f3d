"""What goes from proposals and trials: with the conversation that they came from, and by their age.

A trial keeps no text of a citizen, but it tells what the assistant would answer to one: that goes with the text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from smartcity import deletions
from smartcity.console import clock
from smartcity.console.database import empty_log, write
from smartcity.console.tables import conversations, proposals, trials, turns

UNDECIDED = ("proposed", "declined")
CLOSED = ("declined", "exported")
"""States in which a proposal's days are counted."""
OPEN = ("waiting", "running")
"""States of a trial that has not ended."""


def forget(connection: Any, of_them: Any, states: Sequence[str] | None = None) -> int:
    """Remove the proposals made from these turns (a query of ids), in all states or in some; how many.

    A trial of such a proposal that still runs is ended, and trials lose what they tell of both.
    """
    gone = [proposals.c.turn_id.in_(of_them)]
    if states is not None:
        gone.append(proposals.c.state.in_(states))
    numbers = set(connection.execute(sa.select(proposals.c.id).where(*gone)).scalars())
    if numbers:
        connection.execute(proposals.delete().where(*gone))
    _forget_in_trials(connection, set(connection.execute(of_them).scalars()), numbers)
    return len(numbers)


def purge(engine: Any, days: int, now: int | None = None) -> dict[str, int]:
    """Remove proposals that were declined or handed over, and trials that ended, longer ago than that.

    {"proposals", "trials"}; `now` is in milliseconds.
    """
    limit = (clock.now() if now is None else now) - days * clock.DAY
    with write(engine) as connection:
        old = sa.and_(proposals.c.state.in_(CLOSED), proposals.c.closed_at < limit)
        numbers = set(connection.execute(sa.select(proposals.c.id).where(old)).scalars())
        if numbers:
            connection.execute(proposals.delete().where(old))
        ended = sa.and_(trials.c.state.not_in(OPEN), trials.c.ended_at < limit)
        gone: int = connection.execute(trials.delete().where(ended)).rowcount
        gone += _forget_in_trials(connection, set(), numbers)
        counts = {"proposals": len(numbers), "trials": gone}
        deletions.note(connection, "retention", counts)
    if any(counts.values()):
        empty_log(engine)
    return counts


def handed_over(connection: Any, pseudonym: str) -> list[tuple[str, str]]:
    """Kind and text of what came from this conversation and went into the project: no database reaches it there."""
    query = (
        sa.select(proposals.c.kind, proposals.c.text)
        .join(turns, turns.c.id == proposals.c.turn_id)
        .join(conversations, conversations.c.id == turns.c.conversation_id)
        .where(conversations.c.pseudonym == pseudonym, proposals.c.state == "exported")
    )
    return [(row.kind, row.text) for row in connection.execute(query)]


def without_gone(connection: Any, result: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a trial without what it tells of turns and proposals that went while it ran."""
    flips = [flip for flip in result.get("flips") or () if isinstance(flip, Mapping)]
    there = {
        "turn": _there(connection, turns.c.id, (flip["turn"] for flip in flips if "turn" in flip)),
        "proposal": _there(connection, proposals.c.id, (flip["proposal"] for flip in flips if "proposal" in flip)),
    }
    kept = [flip for flip in flips if all(flip[name] in ids for name, ids in there.items() if name in flip)]
    return {**result, "flips": kept}


def _there(connection: Any, column: Any, ids: Iterable[int]) -> set[int]:
    return set(connection.execute(sa.select(column).where(column.in_(list(ids)))).scalars())


def _forget_in_trials(connection: Any, turn_ids: set[int], proposal_ids: set[int]) -> int:
    """Take both out of every trial; how many trials went because nothing was left of them."""
    if not turn_ids and not proposal_ids:
        return 0
    # As texts: a row that is no JSON any more must not stop the deletion of everything else.
    columns = (sa.type_coerce(column, sa.Text).label(column.name) for column in (trials.c.proposals, trials.c.result))
    deleted = 0
    for row in list(connection.execute(sa.select(trials.c.id, trials.c.state, *columns))):
        this = trials.c.id == row.id
        tried, result = _read(row.proposals, list), _read(row.result, dict)
        if tried is None or (result is None and row.result not in (None, "null")):
            deleted += connection.execute(trials.delete().where(this)).rowcount
            continue
        left = [number for number in tried if number not in proposal_ids]
        values: dict[str, Any] = {}
        if len(left) < len(tried):
            values["proposals"] = left
        if row.state in OPEN and values:
            # Its process is ended by the console that watches it.
            values |= {"state": "failed", "step": None, "ended_at": clock.now(), "result": {"error": "erased"}}
        elif result is not None:
            kept = _without(result, turn_ids, proposal_ids)
            if values:
                # The last words of a training that failed may repeat an example.
                kept.pop("detail", None)
            if kept != result:
                values["result"] = kept
        if not left and values and row.state not in OPEN:
            deleted += connection.execute(trials.delete().where(this)).rowcount
        elif values:
            connection.execute(trials.update().where(this).values(**values))
    return deleted


def _without(result: Mapping[str, Any], turn_ids: set[int], proposal_ids: set[int]) -> dict[str, Any]:
    if not isinstance(result.get("flips"), list):
        return dict(result)
    told = (flip for flip in result["flips"] if isinstance(flip, Mapping))
    gone = {"turn": turn_ids, "proposal": proposal_ids}
    flips = [flip for flip in told if not any(_in(flip.get(name), ids) for name, ids in gone.items())]
    return {**result, "flips": flips}


def _in(number: object, numbers: set[int]) -> bool:
    return isinstance(number, int) and number in numbers


def _read(text: str | None, kind: type) -> Any:
    """The JSON value; None where it is not of this kind. PostgreSQL's driver has read it already."""
    value: Any = text
    if isinstance(text, str | bytes):
        with suppress(ValueError, RecursionError):
            value = json.loads(text)
    return value if isinstance(value, kind) else None
