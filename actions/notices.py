"""What offices announce for some days, such as that they are closed: said beside an answer."""

from __future__ import annotations

from typing import Optional, Tuple

from actions.reply import Card
from actions.turn import Turn
from smartcity.knowledge.records import Office


def notices(turn: Turn, office: Optional[Office] = None) -> Tuple[Card, ...]:
    """Today's notices, those of one office when it is given, each with its own source."""
    return tuple(
        Card(notice.text[turn.language], f"notice/{notice.id}", turn.language, sources=notice.sources, kind="notice")
        for notice in turn.knowledge.notices_on(turn.today, office.id if office else None)
    )
