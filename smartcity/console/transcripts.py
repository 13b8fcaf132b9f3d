"""One conversation as it was, read so that no stored row can break the page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from smartcity.console.queues import failures_of
from smartcity.console.tables import accounts, conversations, turns
from smartcity.console.turn_list import tags_of

PAGE = 50
"""Turns on one page of a long conversation."""

_JSON = ("entities", "answers")


@dataclass(frozen=True)
class Transcript:
    conversation: Mapping[str, Any]
    turns: list[dict[str, Any]]
    first: int
    """Number of the first turn of this page."""
    earlier: int | None
    """Number of the first turn of the page before."""
    later: int | None


def read(engine: Engine, number: int, first: int = 1, turn: int | None = None) -> Transcript | None:
    """The conversation from its turn `first` on, or the page with the turn of this id; None if there is none."""
    with engine.connect() as connection:
        found = connection.execute(sa.select(conversations).where(conversations.c.id == number)).mappings().first()
        if found is None:
            return None
        if turn is not None:
            place = connection.execute(
                sa.select(turns.c.number).where(turns.c.id == turn, turns.c.conversation_id == number)
            ).scalar()
            first = (place - 1) // PAGE * PAGE + 1 if isinstance(place, int) else first
        # As text: a column that holds no JSON any more must not keep the others from being read.
        columns = [sa.type_coerce(column, sa.Text).label(column.name) if column.name in _JSON else column
                   for column in turns.c]  # fmt: skip
        rows = connection.execute(
            sa.select(*columns, accounts.c.shown.label("reviewer"))
            .select_from(turns.outerjoin(accounts, accounts.c.id == turns.c.reviewed_by))
            .where(turns.c.conversation_id == number, turns.c.number >= first)
            .order_by(turns.c.number)
            .limit(PAGE + 1)
        ).mappings()
        read = [_turn(row) for row in rows]
    later = first + PAGE if len(read) > PAGE else None
    read = read[:PAGE]
    named = tags_of(engine, [row["id"] for row in read])
    for row in read:
        row["tags"] = named.get(row["id"], [])
    return Transcript(dict(found), read, first, max(1, first - PAGE) if first > 1 else None, later)


def _turn(row: Mapping[str, Any]) -> dict[str, Any]:
    turn = dict(row)
    turn["said"] = str(turn["said"])
    damaged = False
    for name in _JSON:
        turn[name], sound = _list(turn[name])
        damaged = damaged or not sound
    turn["answers"] = [_answer(one) for one in turn["answers"]]
    turn["pieces"] = _pieces(turn["said"], turn["entities"])
    turn["damaged"] = damaged
    turn["failures"] = failures_of(turn)
    return turn


def _list(text: Any) -> tuple[list[dict[str, Any]], bool]:
    """The objects of a stored list, and whether all of it was as it should be."""
    try:
        value = json.loads(text) if isinstance(text, (str, bytes)) else text
    except (ValueError, RecursionError):
        return [], False
    if not isinstance(value, list):
        return [], value is None
    kept = [one for one in value if isinstance(one, dict)]
    return kept, len(kept) == len(value)


def _answer(stored: Mapping[str, Any]) -> dict[str, Any]:
    """One message of the assistant; whatever is missing or of another kind is left out."""
    source = stored.get("source")
    return {
        "text": _text(stored.get("text")),
        "kind": _text(stored.get("kind")),
        "language": _text(stored.get("language")),
        "answer": _text(stored.get("answer")),
        "known": stored.get("known") is not False,
        "source": {name: _text(source.get(name)) for name in ("title", "url", "as_of")}
        if isinstance(source, dict)
        else None,
        "links": [{"title": _text(link.get("title") or link.get("url")), "url": _text(link.get("url"))}
                  for link in _list(stored.get("links"))[0]],
        "buttons": [_text(button.get("title")) for button in _list(stored.get("buttons"))[0]],
    }  # fmt: skip


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _pieces(said: str, entities: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any] | None]]:
    """What was said, cut where entities begin and end."""
    pieces: list[tuple[str, dict[str, Any] | None]] = []
    end = 0
    for entity in sorted(
        (one for one in entities if isinstance(one.get("start"), int) and isinstance(one.get("end"), int)),
        key=lambda one: (one["start"], one["end"]),
    ):
        if not end <= entity["start"] < entity["end"] <= len(said):
            continue
        pieces += [(said[end : entity["start"]], None), (said[entity["start"] : entity["end"]], entity)]
        end = entity["end"]
    return [*((text, entity) for text, entity in pieces if text), *([(said[end:], None)] if said[end:] else [])]
