"""A period on Krefeld's clock, its days, weeks or months, and its hours."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Iterator, List, Tuple

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from smartcity.console import clock
from smartcity.console.tables import turns

UNITS = ("day", "week", "month")
MOST_DAYS = 3 * 366
MOST_BUCKETS = 200
"""More bars than these are drawn as larger units."""
_HOUR = 60 * 60 * 1000
_FIRST = dt.date(2000, 1, 1)
_LAST = dt.date(9000, 1, 1)

Numbers = npt.NDArray[Any]


@dataclass(frozen=True)
class Bucket:
    """One day, week or month, within the period."""

    first: dt.date
    last: dt.date


@dataclass(frozen=True)
class Period:
    """From the first to the last day, both of them in."""

    first: dt.date
    last: dt.date
    unit: str = "day"

    @classmethod
    def of(cls, first: str, last: str, unit: str, days: int = 30) -> Period:
        """From what stands in an address; what is missing or makes no sense is put right."""
        end = _day(last) or clock.today()
        start = _day(first) or min(end, clock.today()) - dt.timedelta(days=days - 1)
        if start > end:
            start, end = end, start
        start = max(start, end - dt.timedelta(days=MOST_DAYS - 1))
        period = cls(start, end, unit if unit in UNITS else "day")
        while len(period.buckets()) > MOST_BUCKETS:
            period = cls(start, end, UNITS[UNITS.index(period.unit) + 1])
        return period

    @classmethod
    def month(cls, text: str) -> Period:
        """The month YYYY-MM by days; last month where that makes no sense."""
        first = _day(f"{text}-01")
        if first is None:
            first = (clock.today().replace(day=1) - dt.timedelta(days=1)).replace(day=1)
        return cls(first, _next_month(first) - dt.timedelta(days=1))

    @property
    def start(self) -> int:
        """The first millisecond."""
        return clock.start_of(self.first)

    @property
    def end(self) -> int:
        """The first millisecond after it."""
        return clock.start_of(self.last + dt.timedelta(days=1))

    def before(self) -> Period:
        """As many days just before it; of a whole month the month before."""
        if self.first.day == 1 and self.last == _next_month(self.first) - dt.timedelta(days=1):
            last = self.first - dt.timedelta(days=1)
            return Period(last.replace(day=1), last, self.unit)
        days = (self.last - self.first).days + 1
        return Period(self.first - dt.timedelta(days=days), self.first - dt.timedelta(days=1), self.unit)

    def buckets(self) -> List[Bucket]:
        """Its days, weeks or months in order, without gaps."""
        return list(self._buckets())

    def _buckets(self) -> Iterator[Bucket]:
        day = self.first
        while day <= self.last:
            if self.unit == "day":
                following = day + dt.timedelta(days=1)
            elif self.unit == "week":
                following = day + dt.timedelta(days=7 - day.weekday())
            else:
                following = _next_month(day)
            yield Bucket(day, min(following - dt.timedelta(days=1), self.last))
            day = following

    def bucket_of(self, at: Numbers) -> Numbers:
        """The number of each moment's bucket, from 0."""
        starts = [clock.start_of(bucket.first) for bucket in self.buckets()]
        return np.searchsorted(starts, at, side="right") - 1

    def hour_of(self, at: Numbers) -> Numbers:
        """The hour of the day in Krefeld of each moment."""
        until, shifts = zip(*self._shifts())
        local: Numbers = at + np.array(shifts)[np.searchsorted(until[:-1], at, side="right")]
        return local // _HOUR % 24

    def hour(self) -> Any:
        """An expression on `turns` that gives the hour of the day in Krefeld."""
        # Whole-number division is what both databases mean by `/` between whole numbers.
        hours = self._local().op("/", precedence=8, return_type=sa.BigInteger())(_HOUR)
        return hours % 24

    def _local(self) -> Any:
        """Milliseconds of Krefeld's clock: changes of summer time within the period become cases."""
        shifts = list(self._shifts())
        if len(shifts) == 1:
            return turns.c.at + shifts[0][1]
        return turns.c.at + sa.case(*((turns.c.at < until, shift) for until, shift in shifts[:-1]), else_=shifts[-1][1])

    def _shifts(self) -> Iterator[Tuple[int, int]]:
        """(until, milliseconds ahead of UTC) for each stretch of the period."""
        moment, shift = self.start, _ahead(self.start)
        while moment < self.end:
            following = min(moment + 24 * _HOUR, self.end)
            if _ahead(following) != shift:
                change = next(at for at in range(moment, following + 1, _HOUR) if _ahead(at) != shift)
                yield change, shift
                shift = _ahead(change)
            moment = following
        yield self.end, shift


def _ahead(moment: int) -> int:
    offset = clock.in_krefeld(moment).utcoffset()
    assert offset is not None
    return int(offset.total_seconds() * 1000)


def _next_month(day: dt.date) -> dt.date:
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if _FIRST <= day <= _LAST else None
