"""What operators watch of messengers: how much waits, and what was given up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from smartcity.gateway.channels.tables import dead_letters, incoming, outgoing


@dataclass(frozen=True)
class Figures:
    """Messages without an answer, parts of answers that are not sent, the age of the oldest message, dead letters."""

    waiting: int = 0
    sending: int = 0
    oldest_seconds: float = 0.0
    dead_letters: int = 0


def look(engine: Any, at: float) -> Figures:
    """The figures at this time."""
    number = sa.func.count()
    with engine.connect() as connection:
        waiting, oldest = connection.execute(sa.select(number, sa.func.min(incoming.c.at))).one()
        sending = connection.execute(sa.select(number).select_from(outgoing)).scalar()
        dead = connection.execute(sa.select(number).select_from(dead_letters)).scalar()
    return Figures(waiting, sending, 0.0 if oldest is None else max(at - oldest, 0.0), dead)
