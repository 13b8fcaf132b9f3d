"""Every figure against conversations that were counted by hand, on Krefeld's clock."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from smartcity.console import clock
from smartcity.console.figures import days
from smartcity.console.figures.counting import Count, Figures, count
from smartcity.console.figures.period import Period
from smartcity.console.tables import turns

from ..both import engine as engine
from ..rows import a_conversation


def at(text: str) -> int:
    """A moment on Krefeld's clock."""
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=clock.KREFELD).timestamp() * 1000)


def turn(moment: str, outcome: str = "answered", **values: Any) -> dict[str, Any]:
    row = {"at": at(moment), "outcome": outcome, "theme": None, "initiative": None, "milliseconds": None, **values}
    return row


@pytest.fixture
def counted(engine: Engine) -> Engine:
    """Four conversations in March 2026, one before and one after. The 29th has 23 hours."""
    a_conversation(engine, [turn("2026-02-28 23:59:59.999")], rating=1)
    # A: web, three turns over midnight of the last winter night
    a_conversation(
        engine,
        [
            turn("2026-03-28 23:30", "talk"),
            turn("2026-03-28 23:59:59.999", theme="mobility", initiative="kruiser", milliseconds=10, feedback="up"),
            turn("2026-03-29 00:00", "unknown", theme="mobility", initiative="kruiser", milliseconds=20),
        ],
        rating=5,
    )
    # B: telegram, English; 03:10 is the first hour of summer time after 01:59
    a_conversation(
        engine,
        [
            turn("2026-03-29 01:50", "not_understood", milliseconds=30, feedback="down"),
            turn("2026-03-29 03:10", "asked_back", milliseconds=40),
            turn("2026-03-29 03:20", theme="education", milliseconds=1000, feedback="up"),
        ],
        channel="telegram",
        language="en",
        rating=2,
    )
    # C: one turn on the first millisecond of the month, one handed over on the last
    a_conversation(engine, [turn("2026-03-01 00:00", "failed", milliseconds=5)])
    a_conversation(engine, [turn("2026-03-31 23:59:59.999", "handed_over", milliseconds=50)])
    a_conversation(engine, [turn("2026-04-01 00:00")], rating=1)
    return engine


def figures(engine: Engine, first: str, last: str, unit: str = "day", **filters: str) -> Figures:
    """Counted from the turns, and the same once more from what is kept of them."""
    period = Period.of(first, last, unit)
    found = count(engine, period, filters)
    days.refresh(engine)
    assert count(engine, period, filters) == found
    return found


def test_totals(counted: Engine) -> None:
    march = figures(counted, "2026-03-01", "2026-03-31")
    assert march.conversations == 4
    assert march.outcomes == {
        "answered": 2,
        "unknown": 1,
        "asked_back": 1,
        "not_understood": 1,
        "handed_over": 1,
        "talk": 1,
        "failed": 1,
    }
    assert (march.turns, march.asked) == (8, 7)
    assert march.share("answered") == pytest.approx(2 / 7)
    assert march.share("not_understood") == pytest.approx(1 / 7)
    assert march.share("handed_over") == pytest.approx(1 / 7)


def test_satisfaction(counted: Engine) -> None:
    march = figures(counted, "2026-03-01", "2026-03-31")
    assert (march.up, march.down) == (2, 1)
    assert march.satisfaction == pytest.approx(2 / 3)
    assert (march.ratings, march.rating) == (2, 3.5)


def test_response_times(counted: Engine) -> None:
    # 5 10 20 30 40 50 1000: the fourth of seven, and the seventh
    march = figures(counted, "2026-03-01", "2026-03-31")
    assert (march.median, march.p95) == (30, 1000)


def test_days(counted: Engine) -> None:
    steps = figures(counted, "2026-03-28", "2026-03-30").steps
    assert [(s.bucket.first.day, s.conversations, s.turns, s.asked) for s in steps] == [
        (28, 1, 2, 1),
        (29, 2, 4, 4),
        (30, 0, 0, 0),
    ]
    assert steps[1].outcomes["not_understood"] == 1


def test_weeks(counted: Engine) -> None:
    # Weeks begin on Mondays: 23 to 29 March, 30 March to 5 April; the period cuts them.
    steps = figures(counted, "2026-03-27", "2026-04-01", "week").steps
    assert [(s.bucket.first.isoformat(), s.bucket.last.isoformat(), s.conversations, s.turns) for s in steps] == [
        ("2026-03-27", "2026-03-29", 2, 6),
        ("2026-03-30", "2026-04-01", 2, 2),
    ]


def test_months(counted: Engine) -> None:
    steps = figures(counted, "2026-02-01", "2026-04-30", "month").steps
    assert [(s.bucket.first.isoformat(), s.conversations, s.turns) for s in steps] == [
        ("2026-02-01", 1, 1),
        ("2026-03-01", 4, 8),
        ("2026-04-01", 1, 1),
    ]


def test_one_month(counted: Engine) -> None:
    (step,) = figures(counted, "2026-03-01", "2026-03-31", "month").steps
    assert (step.conversations, step.turns) == (4, 8)


def test_hours_are_krefelds(counted: Engine) -> None:
    hours = figures(counted, "2026-03-01", "2026-03-31").hours
    assert {hour: number for hour, number in enumerate(hours) if number} == {0: 2, 1: 1, 3: 2, 23: 3}


def test_lists(counted: Engine) -> None:
    march = figures(counted, "2026-03-01", "2026-03-31")
    assert march.themes == [Count("mobility", 1, 2, 1), Count("education", 1, 1, 1)]
    assert march.initiatives == [Count("kruiser", 1, 2, 1)]
    assert march.channels == [Count("web", 3, 5, 1), Count("telegram", 1, 3, 1)]
    assert march.languages == [Count("de", 3, 5, 1), Count("en", 1, 3, 1)]


@pytest.mark.parametrize(
    ("filters", "conversations", "turns", "rating"),
    [
        ({"channel": "telegram"}, 1, 3, 2.0),
        ({"language": "de"}, 3, 5, 5.0),
        ({"theme": "mobility"}, 1, 2, 5.0),
        ({"initiative": "kruiser", "channel": "web"}, 1, 2, 5.0),
        ({"initiative": "kruiser", "channel": "telegram"}, 0, 0, None),
    ],
)
def test_filters(
    counted: Engine, filters: dict[str, str], conversations: int, turns: int, rating: float | None
) -> None:
    march = figures(counted, "2026-03-01", "2026-03-31", **filters)
    assert (march.conversations, march.turns, march.rating) == (conversations, turns, rating)


def test_nothing_is_no_fault(engine: Engine) -> None:
    nothing = figures(engine, "2026-03-01", "2026-03-31")
    assert (nothing.conversations, nothing.turns, nothing.median, nothing.p95) == (0, 0, None, None)
    assert (nothing.share("answered"), nothing.satisfaction, nothing.rating) == (None, None, None)
    assert len(nothing.steps) == 31


def test_what_can_be_chosen(counted: Engine) -> None:
    assert figures(counted, "2026-03-01", "2026-03-31", theme="education").choices == {
        "channel": ["telegram", "web"],
        "language": ["de", "en"],
        "theme": ["education", "mobility"],
        "initiative": ["kruiser"],
    }


def test_a_tampered_row_breaks_nothing(counted: Engine) -> None:
    a_conversation(counted, [turn("2026-03-10 10:00", theme="<script>")])
    # SQLite takes anything in any column.
    soon = "'soon'" if counted.dialect.name == "sqlite" else "1"
    with counted.begin() as connection:
        connection.execute(sa.text(f"UPDATE turns SET outcome='new', milliseconds={soon} WHERE theme='<script>'"))
    march = figures(counted, "2026-03-01", "2026-03-31")
    assert march.turns == 8
    assert march.p95 == 1000


MOMENTS = st.lists(
    st.datetimes(dt.datetime(2025, 10, 20), dt.datetime(2026, 11, 2)).map(lambda found: found.replace(microsecond=0)),
    min_size=1,
    max_size=40,
)


@settings(max_examples=30)
@given(MOMENTS, st.sampled_from(["day", "week", "month"]))
def test_buckets_and_hours_are_those_of_the_calendar(moments: list[dt.datetime], unit: str) -> None:
    """Against Python's own calendar, over both changes of the clock."""
    engine = sa.create_engine("sqlite://", future=True)
    stamps = [int(moment.replace(tzinfo=dt.timezone.utc).timestamp() * 1000) for moment in moments]
    period = Period(dt.date(2025, 10, 19), dt.date(2026, 11, 3), unit)
    with engine.connect() as connection:
        connection.execute(sa.text("CREATE TABLE turns (at INTEGER)"))
        connection.execute(sa.text("INSERT INTO turns VALUES (:at)"), [{"at": stamp} for stamp in stamps])
        rows = connection.execute(sa.select(turns.c.at, period.hour())).all()
    assert Counter(row[0] for row in rows) == Counter(stamps)
    buckets = period.buckets()
    found = np.array([stamp for stamp, _ in rows])
    for (stamp, hour), bucket, same in zip(rows, period.bucket_of(found), period.hour_of(found)):
        local = clock.in_krefeld(stamp)
        assert buckets[bucket].first <= local.date() <= buckets[bucket].last
        assert hour == same == local.hour


@pytest.mark.parametrize(
    ("first", "last", "unit", "wanted"),
    [
        ("2026-03-05", "2026-03-01", "day", ("2026-03-01", "2026-03-05", "day")),
        ("nonsense", "2026-03-31", "x", ("2026-03-02", "2026-03-31", "day")),
        ("2026-01-01", "2026-12-31", "day", ("2026-01-01", "2026-12-31", "week")),
        ("2001-01-01", "2026-12-31", "day", ("2023-12-30", "2026-12-31", "week")),
    ],
)
def test_what_stands_in_an_address_is_put_right(first: str, last: str, unit: str, wanted: tuple[str, str, str]) -> None:
    period = Period.of(first, last, unit)
    assert (period.first.isoformat(), period.last.isoformat(), period.unit) == wanted


def test_without_an_address_the_last_thirty_days() -> None:
    period = Period.of("", "", "")
    assert (period.last, (period.last - period.first).days) == (clock.today(), 29)


def test_the_period_before() -> None:
    assert Period.month("2026-03").before() == Period(dt.date(2026, 2, 1), dt.date(2026, 2, 28))
    week = Period.of("2026-03-09", "2026-03-15", "day").before()
    assert (week.first, week.last) == (dt.date(2026, 3, 2), dt.date(2026, 3, 8))
    assert Period.month("nonsense").first.day == 1
