"""What the figures are: counted by the database, in a fixed number of queries whatever the number of turns."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import sqlalchemy as sa

from smartcity.console.figures.period import Bucket, Period
from smartcity.console.tables import OUTCOMES, conversations, turns

FILTERS = ("channel", "language", "theme", "initiative")
"""What the figures can be narrowed to; names of columns of `turns` and of fields of addresses."""
MOST_ROWS = 50
"""Rows of a list of themes, initiatives, channels or languages."""


@dataclass(frozen=True)
class Count:
    """How often something came: in how many conversations, in how many turns, how many of these were answered."""

    value: str
    conversations: int
    turns: int
    answered: int


@dataclass(frozen=True)
class Step:
    """One day, week or month."""

    bucket: Bucket
    conversations: int
    outcomes: Mapping[str, int]

    @property
    def turns(self) -> int:
        return sum(self.outcomes.values())

    @property
    def asked(self) -> int:
        return asked(self.outcomes)


@dataclass(frozen=True)
class Figures:
    """All figures of a period. Shares are of `asked`: turns that want something, all but talk."""

    period: Period
    conversations: int
    outcomes: Mapping[str, int]
    up: int
    down: int
    ratings: int
    rating: Optional[float]
    median: Optional[int]
    p95: Optional[int]
    steps: Sequence[Step]
    hours: Sequence[int]
    """Turns by hour of the day in Krefeld, from 0."""
    themes: Sequence[Count]
    initiatives: Sequence[Count]
    channels: Sequence[Count]
    languages: Sequence[Count]

    @property
    def turns(self) -> int:
        return sum(self.outcomes.values())

    @property
    def asked(self) -> int:
        return asked(self.outcomes)

    def share(self, outcome: str) -> Optional[float]:
        """The share of an outcome, 0 to 1; None where nothing was asked."""
        return self.outcomes[outcome] / self.asked if self.asked else None

    @property
    def satisfaction(self) -> Optional[float]:
        """Thumbs up among all thumbs, 0 to 1."""
        thumbs = self.up + self.down
        return self.up / thumbs if thumbs else None


def asked(outcomes: Mapping[str, int]) -> int:
    return sum(count for outcome, count in outcomes.items() if outcome != "talk")


def conditions(period: Period, filters: Mapping[str, str]) -> List[Any]:
    """Which turns are counted."""
    found = [turns.c.at >= period.start, turns.c.at < period.end]
    return found + [turns.c[name] == filters[name] for name in FILTERS if filters.get(name)]


def count(connection: sa.engine.Connection, period: Period, filters: Mapping[str, str]) -> Figures:
    """The figures of a period, narrowed by `filters` (names of FILTERS)."""
    where = conditions(period, filters)
    steps = _steps(connection, period, where)
    feedback = dict(_grouped(connection, turns.c.feedback, where))
    median, p95 = _times(connection, where)
    ratings, rating = _ratings(connection, period, filters)
    return Figures(
        period=period,
        conversations=connection.execute(
            sa.select(sa.func.count(turns.c.conversation_id.distinct())).where(*where)
        ).scalar_one(),
        outcomes={name: sum(step.outcomes[name] for step in steps) for name in OUTCOMES},
        up=feedback.get("up", 0),
        down=feedback.get("down", 0),
        ratings=ratings,
        rating=rating,
        median=median,
        p95=p95,
        steps=steps,
        hours=_hours(connection, period, where),
        themes=_counts(connection, turns.c.theme, where),
        initiatives=_counts(connection, turns.c.initiative, where),
        channels=_counts(connection, turns.c.channel, where),
        languages=_counts(connection, turns.c.language, where),
    )


def _grouped(connection: sa.engine.Connection, column: Any, where: Sequence[Any]) -> List[Tuple[Any, int]]:
    rows = connection.execute(sa.select(column, sa.func.count()).where(*where).group_by(column))
    return [(value, number) for value, number in rows]


def _steps(connection: sa.engine.Connection, period: Period, where: Sequence[Any]) -> List[Step]:
    buckets = period.buckets()
    number = period.bucket_number().label("bucket")
    outcomes: List[Dict[str, int]] = [dict.fromkeys(OUTCOMES, 0) for _ in buckets]
    found = sa.select(number, turns.c.outcome, sa.func.count()).where(*where).group_by("bucket", turns.c.outcome)
    for bucket, outcome, turns_ in connection.execute(found):
        # A row may hold an outcome that a later version knows.
        if outcome in OUTCOMES:
            outcomes[bucket][outcome] += turns_
    talks = [0] * len(buckets)
    found = sa.select(number, sa.func.count(turns.c.conversation_id.distinct())).where(*where).group_by("bucket")
    for bucket, conversations_ in connection.execute(found):
        talks[bucket] = conversations_
    return [Step(*one) for one in zip(buckets, talks, outcomes)]


def _hours(connection: sa.engine.Connection, period: Period, where: Sequence[Any]) -> List[int]:
    hour = period.hour().label("hour")
    found = {
        int(value): number
        for value, number in connection.execute(sa.select(hour, sa.func.count()).where(*where).group_by("hour"))
    }
    return [found.get(value, 0) for value in range(24)]


def _counts(connection: sa.engine.Connection, column: Any, where: Sequence[Any]) -> List[Count]:
    answered = sa.func.sum(sa.case((turns.c.outcome == "answered", 1), else_=0))
    number = sa.func.count()
    query = (
        sa.select(column, sa.func.count(turns.c.conversation_id.distinct()), number, answered)
        .where(*where, column.is_not(None))
        .group_by(column)
        .order_by(number.desc(), column)
        .limit(MOST_ROWS)
    )
    return [Count(str(value), talks, said, int(right)) for value, talks, said, right in connection.execute(query)]


def _times(connection: sa.engine.Connection, where: Sequence[Any]) -> Tuple[Optional[int], Optional[int]]:
    """Median and 95th percentile (nearest rank) of the response times, from how often each time occurs."""
    query = (
        sa.select(turns.c.milliseconds, sa.func.count())
        .where(*where, turns.c.milliseconds.is_not(None))
        .group_by(turns.c.milliseconds)
        .order_by(turns.c.milliseconds)
    )
    # SQLite keeps whatever a row was given: a text is no time.
    found = [(time, number) for time, number in connection.execute(query) if isinstance(time, int)]
    total = sum(number for _, number in found)
    return _nearest_rank(found, total, 50), _nearest_rank(found, total, 95)


def _nearest_rank(found: Sequence[Tuple[int, int]], total: int, percent: int) -> Optional[int]:
    rank, behind = -(-total * percent // 100), 0
    for time, number in found:
        behind += number
        if behind >= rank:
            return time
    return None


def _ratings(
    connection: sa.engine.Connection, period: Period, filters: Mapping[str, str]
) -> Tuple[int, Optional[float]]:
    """Ratings of whole conversations that ended in the period. Theme and initiative belong to turns."""
    query = sa.select(sa.func.count(conversations.c.rating), sa.func.avg(conversations.c.rating)).where(
        conversations.c.ended >= period.start,
        conversations.c.ended < period.end,
        *(conversations.c[name] == filters[name] for name in ("channel", "language") if filters.get(name)),
        *(
            conversations.c.id.in_(
                sa.select(turns.c.conversation_id).where(turns.c[name] == filters[name], turns.c.at >= period.start)
            )
            for name in ("theme", "initiative")
            if filters.get(name)
        ),
    )
    number, mean = connection.execute(query).one()
    return number, None if mean is None else float(mean)


def choices(connection: sa.engine.Connection, period: Period) -> Dict[str, List[str]]:
    """What each filter can be set to in the period."""
    return {
        name: sorted(
            str(value)
            for value in connection.execute(
                sa.select(turns.c[name]).where(*conditions(period, {})).distinct().limit(200)
            ).scalars()
            if value
        )
        for name in FILTERS
    }


def days_of(bucket: Bucket) -> Dict[str, str]:
    """The fields of an address that leads to the conversations of a bucket."""
    return {"from": bucket.first.isoformat(), "to": bucket.last.isoformat()}


def month_of(day: dt.date) -> str:
    return f"{day:%Y-%m}"
