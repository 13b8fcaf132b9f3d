"""Rows of events to add, and those that are stored."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from smartcity.runtime.tracker_rows import row_of

TEXTS = ("Guten Tag", "Ist's \\ 'so'? %s {} :a ? ∕ 🌧", "Danke")
_NAMES = ("timestamp", "intent_name", "action_name", "data")


def rows(*texts: str) -> list[dict[str, Any]]:
    """A row for each text said in the conversation 'web:1'."""
    events = [{"event": "user", "timestamp": 1795728167.0898073, "text": text} for text in texts]
    return [row_of("web:1", {**event, "parse_data": {"intent": {"name": "greet"}}}) for event in events]


def values(made: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What `stored` gives of such rows."""
    return [tuple(row[name] for name in _NAMES) for row in made]


def stored(engine: Any) -> list[tuple[Any, ...]]:
    """What is stored of each event, in the order of their ids."""
    with engine.connect() as connection:
        found = connection.execute(sa.text(f"SELECT {', '.join(_NAMES)} FROM events ORDER BY id"))
        return [tuple(row) for row in found.all()]
