"""What the figures are: counted from the columns of the period's days, see days.py."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from smartcity.console.figures.days import Numbers, Turns, turns_between
from smartcity.console.figures.period import Bucket, Period
from smartcity.console.tables import OUTCOMES, conversations, turns

FILTERS = ("channel", "language", "theme", "initiative")
"""What the figures can be narrowed to; names of columns of `turns` and of fields of addresses."""
MOST_ROWS = 50
"""Rows of a list of themes, initiatives, channels or languages."""
MOST_CHOICES = 200


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
    choices: Mapping[str, Sequence[str]]
    """What each of FILTERS can be set to in the period."""

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


def count(engine: Engine, period: Period, filters: Mapping[str, str]) -> Figures:
    """The figures of a period, narrowed by `filters` (names of FILTERS)."""
    everything = turns_between(engine, period.start, period.end)
    found = everything
    for name in FILTERS:
        if filters.get(name):
            found = found.where(found.having(name, filters[name]))
    # Conversations by number, from 0.
    talks, talk = np.unique(found.conversation, return_inverse=True)
    steps = _steps(period, found, talk)
    median, p95 = _times(found.milliseconds[found.milliseconds >= 0])
    ratings = _ratings(engine, period, filters, everything)
    return Figures(
        period=period,
        conversations=len(talks),
        outcomes={name: sum(step.outcomes[name] for step in steps) for name in OUTCOMES},
        up=int(found.having("feedback", "up").sum()),
        down=int(found.having("feedback", "down").sum()),
        ratings=len(ratings),
        rating=sum(ratings) / len(ratings) if ratings else None,
        median=median,
        p95=p95,
        steps=steps,
        hours=[int(number) for number in np.bincount(period.hour_of(found.at), minlength=24)],
        themes=_counts(found, "theme", talk),
        initiatives=_counts(found, "initiative", talk),
        channels=_counts(found, "channel", talk),
        languages=_counts(found, "language", talk),
        choices={name: _choices(everything, name) for name in FILTERS},
    )


def _different(talk: Numbers, groups: Numbers, number: int) -> Numbers:
    """In how many different conversations each of `number` groups occurs."""
    most = int(talk.max(initial=0)) + 1
    return np.bincount(np.unique(groups * most + talk) // most, minlength=number)


def _steps(period: Period, found: Turns, talk: Numbers) -> List[Step]:
    buckets = period.buckets()
    bucket = period.bucket_of(found.at)
    talks = _different(talk, bucket, len(buckets))
    # A row may hold an outcome that a later version knows: that one is left out.
    outcomes = {name: np.bincount(bucket[found.having("outcome", name)], minlength=len(buckets)) for name in OUTCOMES}
    return [
        Step(one, int(talks[place]), {name: int(numbers[place]) for name, numbers in outcomes.items()})
        for place, one in enumerate(buckets)
    ]


def _counts(found: Turns, name: str, talk: Numbers) -> List[Count]:
    values, codes = found.values[name], found.codes[name]
    said = np.bincount(codes, minlength=len(values))
    answered = np.bincount(codes[found.having("outcome", "answered")], minlength=len(values))
    talks = _different(talk, codes, len(values))
    counted = [
        Count(value, int(talks[place]), int(said[place]), int(answered[place]))
        for place, value in enumerate(values)
        if value is not None and said[place]
    ]
    return sorted(counted, key=lambda one: (-one.turns, one.value))[:MOST_ROWS]


def _times(milliseconds: Numbers) -> Tuple[Optional[int], Optional[int]]:
    """Median and 95th percentile (nearest rank) of the response times."""
    if not len(milliseconds):
        return None, None
    places = [-(-len(milliseconds) * percent // 100) - 1 for percent in (50, 95)]
    median, p95 = np.partition(milliseconds, places)[places]
    return int(median), int(p95)


def _ratings(engine: Engine, period: Period, filters: Mapping[str, str], everything: Turns) -> List[int]:
    """Ratings of whole conversations that ended in the period. Theme and initiative belong to turns."""
    query = sa.select(conversations.c.id, conversations.c.rating).where(
        conversations.c.rating.is_not(None),
        conversations.c.ended >= period.start,
        conversations.c.ended < period.end,
        *(conversations.c[name] == filters[name] for name in ("channel", "language") if filters.get(name)),
    )
    with engine.connect() as connection:
        rated = {number: rating for number, rating in connection.execute(query) if isinstance(rating, int)}
    for name in ("theme", "initiative"):
        if filters.get(name):
            about = set(everything.conversation[everything.having(name, filters[name])].tolist())
            rated = {number: rating for number, rating in rated.items() if number in about}
    return list(rated.values())


def _choices(found: Turns, name: str) -> List[str]:
    values, there = found.values[name], np.bincount(found.codes[name], minlength=len(found.values[name]))
    return sorted(value for place, value in enumerate(values) if value and there[place])[:MOST_CHOICES]


def days_of(bucket: Bucket) -> Dict[str, str]:
    """The fields of an address that leads to the conversations of a bucket."""
    return {"from": bucket.first.isoformat(), "to": bucket.last.isoformat()}


def month_of(day: dt.date) -> str:
    return f"{day:%Y-%m}"
