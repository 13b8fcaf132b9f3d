"""What citizens ask for in vain: facts that content lacks, and topics that it does not know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, Tuple

import sqlalchemy as sa

from smartcity.console.figures.period import Period
from smartcity.console.tables import proposals, turns

MOST = 50


@dataclass(frozen=True)
class Gap:
    """A fact that was asked for and that content does not hold, such as initiative/kruiser/cost."""

    answer: str
    times: int
    conversations: int
    last: int

    @property
    def parts(self) -> Tuple[str, str, str]:
        """Kind, record and aspect; what is not said is empty."""
        kind, record, aspect, *_ = [*self.answer.split("/"), "", ""]
        return kind, record, aspect


def gaps(connection: sa.engine.Connection, period: Period) -> List[Gap]:
    """The facts asked for in vain, the most frequent first."""
    times = sa.func.count()
    query = (
        sa.select(turns.c.answer, times, sa.func.count(turns.c.conversation_id.distinct()), sa.func.max(turns.c.at))
        .where(
            turns.c.at >= period.start,
            turns.c.at < period.end,
            turns.c.outcome == "unknown",
            turns.c.answer.is_not(None),
        )
        .group_by(turns.c.answer)
        .order_by(times.desc(), turns.c.answer)
        .limit(MOST)
    )
    return [Gap(str(answer), *numbers) for answer, *numbers in connection.execute(query)]


def topics(connection: sa.engine.Connection) -> List[Any]:
    """Proposals of new topics that nobody declined, the newest first."""
    query = (
        sa.select(proposals)
        .where(proposals.c.kind == "topic", proposals.c.state.in_(("proposed", "approved")))
        .order_by(proposals.c.id.desc())
        .limit(MOST)
    )
    return list(connection.execute(query).mappings())
