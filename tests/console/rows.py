"""Rows for tests, by the contract of tables.py."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from smartcity.console import clock
from smartcity.console.database import write
from smartcity.console.tables import accounts, conversations, turns

_numbers = itertools.count(1)


def an_answer(text: str = "Den KRuiser gibt es nicht mehr.", **values: Any) -> dict[str, Any]:
    """One message of the assistant, as the citizen saw it."""
    return {
        "id": f"m{next(_numbers)}",
        "kind": "answer",
        "text": text,
        "language": "de",
        "source": {"title": "Smart City Themen", "url": "https://www.krefeld.de/smartcity", "as_of": "2025-12"},
        "links": [{"title": "Fahrplan", "url": "https://www.swk.de/fahrplan"}],
        "buttons": [{"title": "Was kostet das?"}],
        "answer": "initiative/kruiser/status",
        "known": True,
        **values,
    }


def a_conversation(engine: Engine, turns_: Iterable[Mapping[str, Any]] = ({},), /, **values: Any) -> int:
    """Insert a conversation with these turns (each a mapping of what differs from an answered one); its id.

    a_conversation(engine, [{"said": "xyz", "outcome": "not_understood"}], channel="telegram")
    """
    rows = [dict(turn) for turn in turns_]
    last = values.pop("ended", None) or max((row["at"] for row in rows if "at" in row), default=clock.now())
    number = next(_numbers)
    conversation = {
        "pseudonym": f"p{number}",
        "channel": "web",
        "language": "de",
        "started": last,
        "ended": last,
        "turns": len(rows),
        **values,
    }
    with write(engine) as connection:
        made: int = connection.execute(sa.insert(conversations).values(conversation)).inserted_primary_key[0]
        for place, row in enumerate(rows, 1):
            connection.execute(
                sa.insert(turns).values(
                    {
                        "conversation_id": made,
                        "number": place,
                        "source_id": f"s{number}-{place}",
                        "at": last - (len(rows) - place) * 1000,
                        "channel": conversation["channel"],
                        "language": conversation["language"],
                        "said": "Gibt es den KRuiser noch?",
                        "intent": "ask_status",
                        "confidence": 0.93,
                        "runner_up": "ask_description",
                        "runner_up_confidence": 0.04,
                        "entities": [{"entity": "initiative", "value": "kruiser", "start": 12, "end": 19}],
                        "theme": "mobility",
                        "initiative": "kruiser",
                        "action": "action_answer",
                        "policy": "RulePolicy",
                        "answers": [an_answer()],
                        "answer": "initiative/kruiser/status",
                        "outcome": "answered",
                        "milliseconds": 42,
                        **row,
                    }
                )
            )
    return made


def an_account(engine: Engine, role: str = "reader", **values: Any) -> int:
    """Insert an account without a password; its id."""
    number = next(_numbers)
    row = {"name": f"{role}{number}", "shown": f"{role.title()} {number}", "role": role, "made": clock.now(), **values}
    with write(engine) as connection:
        made: int = connection.execute(sa.insert(accounts).values(row)).inserted_primary_key[0]
    return made


def turn_ids(engine: Engine, conversation: int) -> list[int]:
    """The ids of a conversation's turns in their order."""
    with engine.connect() as connection:
        rows = connection.execute(
            sa.select(turns.c.id).where(turns.c.conversation_id == conversation).order_by(turns.c.number)
        )
        return [row.id for row in rows]


def stored(engine: Engine, table: sa.Table, **values: Any) -> list[dict[str, Any]]:
    """The rows of a table in which columns have these values."""
    with engine.connect() as connection:
        query = sa.select(table).where(*(table.c[name] == value for name, value in values.items()))
        return [dict(row) for row in connection.execute(query).mappings()]
