"""Kept days of the figures: right whatever happens to turns, whoever does it, and gone with what they count."""

from __future__ import annotations

import itertools
import random
import threading
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Engine

from smartcity import database
from smartcity.console import clock, retention
from smartcity.console.database import _MIGRATIONS, migrate, open_database, write
from smartcity.console.figures import days
from smartcity.console.figures.counting import Figures, count
from smartcity.console.figures.period import Period
from smartcity.console.ingest.follow import Ingest, one_pass
from smartcity.console.judging import Judgement, judge, keep
from smartcity.console.tables import OUTCOMES, conversations, figure_days, turns
from smartcity.privacy import erasures

from ...databases import KINDS, database_url
from ..both import engine as engine
from ..ingest.conftest import Place
from ..ingest.conftest import place as place
from ..rows import a_conversation, an_account, stored, turn_ids
from .test_counting import at, turn

MARCH = Period.month("2026-03")


def march(engine: Engine) -> Figures:
    return count(engine, MARCH, {})


def kept(engine: Engine) -> set[int]:
    """The days of March (of UTC) whose columns are kept."""
    return {clock.in_krefeld(row["day"] * clock.DAY).day for row in stored(engine, figure_days) if row["data"]}


@pytest.fixture
def three(engine: Engine) -> list[int]:
    """A turn on each of three days in March, kept."""
    made = [a_conversation(engine, [turn(f"2026-03-{day} 12:00")]) for day in (10, 11, 12)]
    days.refresh(engine)
    assert kept(engine) == {10, 11, 12}
    return made


def change(engine: Engine, conversation: int, **values: Any) -> None:
    with write(engine) as connection:
        connection.execute(sa.update(turns).where(turns.c.conversation_id == conversation).values(values))


@pytest.mark.parametrize(
    ("values", "left"),
    [
        ({"outcome": "failed"}, {10, 12}),
        ({"feedback": "down"}, {10, 12}),
        ({"theme": None}, {10, 11, 12}),
        ({"theme": "education", "initiative": "codingschool"}, {10, 12}),
        ({"channel": "telegram"}, {10, 12}),
        ({"language": "en"}, {10, 12}),
        ({"milliseconds": 7}, {10, 12}),
        ({"at": at("2026-03-11 13:00")}, {10, 12}),
        ({"at": at("2026-03-12 13:00")}, {10}),
        ({"at": at("2026-03-20 13:00")}, {10, 12}),
        ({"said": "anders", "note": "n", "verdict": "wrong", "repeated": True, "comment": "c"}, {10, 11, 12}),
    ],
)
def test_a_change_empties_the_days_that_it_touches(
    values: dict[str, Any], left: set[int], engine: Engine, three: list[int]
) -> None:
    change(engine, three[1], **values)
    assert kept(engine) == left
    assert march(engine).turns == 3
    # Asked for once, all is kept again.
    assert kept(engine) >= {10, 12}
    assert all(row["data"] for row in stored(engine, figure_days))


def test_what_comes_and_goes_empties_its_day(engine: Engine, three: list[int]) -> None:
    a_conversation(engine, [turn("2026-03-10 23:00")])
    with write(engine) as connection:
        connection.execute(sa.delete(conversations).where(conversations.c.id == three[2]))
    assert kept(engine) == {11}
    assert (march(engine).turns, march(engine).conversations) == (3, 3)


def test_judging_is_no_reason_to_count_again(engine: Engine, three: list[int]) -> None:
    wanted = Judgement("wrong", note="x", more_tags=("a",))
    judge(engine, [one for number in three for one in turn_ids(engine, number)], wanted, an_account(engine))
    assert kept(engine) == {10, 11, 12}


def test_the_present_day_is_not_kept(engine: Engine) -> None:
    a_conversation(engine, [{"at": clock.now()}])
    today = Period(clock.today(), clock.today())
    assert days.refresh(engine) == 0
    assert count(engine, today, {}).turns == 1
    assert [row["data"] for row in stored(engine, figure_days)] == [None]


def test_what_changes_while_it_is_counted_is_not_kept(engine: Engine, three: list[int]) -> None:
    """A turn comes after the version was read: those columns are old before they can be stored."""
    change(engine, three[0], outcome="unknown")
    come: list[int] = []

    def interfere(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not come and f"FROM {turns.name}" in statement:
            come.append(1)
            a_conversation(engine, [turn("2026-03-10 15:00")])

    sa.event.listen(engine, "after_cursor_execute", interfere)
    march(engine)
    sa.event.remove(engine, "after_cursor_execute", interfere)
    assert come and kept(engine) == {11, 12}
    assert march(engine).turns == 4


def test_whoever_holds_the_database_delays_no_figures(
    engine: Engine, three: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    change(engine, three[0], outcome="unknown")
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.01)
    impatient = open_database(engine.url)
    with write(engine) as connection:
        connection.execute(sa.update(figure_days).values(version=figure_days.c.version))
        assert march(impatient).outcomes["unknown"] == 1
    assert kept(engine) == {11, 12}
    impatient.dispose()


def test_what_a_citizen_deletes_is_gone_from_the_kept_days(engine: Engine, three: list[int]) -> None:
    (row,) = stored(engine, conversations, id=three[1])
    with write(engine) as connection:
        connection.execute(erasures.erasures.insert().values(pseudonym=row["pseudonym"], at=1))
    retention.apply_erasures(engine)
    assert kept(engine) == {10, 12}
    assert march(engine).turns == 2


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x",
        zlib.compress(b""),
        zlib.compress(b"[]\n"),
        zlib.compress(b'{"turns": 1, "values": {}}\n'),
        zlib.compress(b'{"turns": -1, "values": {}}\n'),
        zlib.compress(b'{"turns": 0, "values": {"outcome": 5}}\n'),
    ],
)
def test_kept_columns_that_somebody_broke_are_counted_anew(data: bytes, engine: Engine, three: list[int]) -> None:
    before = march(engine)
    with write(engine) as connection:
        connection.execute(sa.update(figure_days).values(data=data))
    assert march(engine) == before


def test_codes_without_a_value_are_broken_too(engine: Engine, three: list[int]) -> None:
    before = march(engine)
    (row,) = stored(engine, figure_days, day=at("2026-03-10 12:00") // clock.DAY)
    whole = zlib.decompress(row["data"])
    for wrong in (whole[:-2] + b"\xff\x7f", whole + b"x", whole[:-1], whole.replace(b'["web"]', b"[[1]]")):
        assert wrong != whole
        with write(engine) as connection:
            connection.execute(sa.update(figure_days).values(data=zlib.compress(wrong)))
        assert march(engine) == before


def test_an_old_database_counts_what_it_holds(tmp_path: Path) -> None:
    for kind in KINDS:
        with database_url(kind, tmp_path) as url:
            made = open_database(sa.engine.make_url(url))
            config = Config()
            config.set_main_option("script_location", str(_MIGRATIONS))
            with write(made) as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, "0004")
            a_conversation(made, [turn("2026-03-10 12:00"), turn("2026-03-11 12:00", "unknown")])
            migrate(made)
            assert days.refresh(made) == 2
            assert (march(made).turns, march(made).conversations, march(made).outcomes["unknown"]) == (2, 1, 1)
            made.dispose()


def test_the_reader_keeps_days_and_late_events_are_counted(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns of a day that counts as over, then an answer's feedback, an erasure, and the same log again."""
    monkeypatch.setattr(days, "_today", lambda: clock.now() // clock.DAY + 1)
    ingest = Ingest(place.settings, place.console, place.log.engine, place.reader)
    # The log is of some minutes ago.
    period = Period(clock.in_krefeld(clock.now() - 2_000_000).date(), clock.today())

    def read() -> Figures:
        one_pass(ingest, threading.Event())
        assert all(row["data"] for row in stored(place.console, figure_days))
        return count(place.console, period, {})

    _, ids = place.log.turn("web:1", "Was kostet der Kruiser?")
    assert (read().turns, read().up) == (1, 0)
    place.log.rate("web:1", {"message": ids[0], "rating": "up", "comment": None})
    place.log.turn("web:2", "xyz", "lost")
    found = read()
    assert (found.turns, found.conversations, found.up, found.outcomes["not_understood"]) == (2, 2, 1, 1)
    with write(place.console) as connection:
        connection.execute(sa.text("DELETE FROM cursors WHERE name = 'events'"))
    assert read() == found
    with write(place.console) as connection:
        connection.execute(erasures.erasures.insert().values(pseudonym=place.pseudonym("web:1"), at=1))
    found = read()
    assert (found.turns, found.conversations, found.up) == (1, 1, 0)


@pytest.mark.parametrize("seed", range(3))
def test_kept_days_agree_with_the_turns_whatever_happens(seed: int, engine: Engine) -> None:
    """Deeds of readers, staff, citizens and retention in any order: figures from what is kept, and counted afresh."""
    chance = random.Random(seed)
    moments = [at(f"2026-03-{day:02} {hour:02}:30") for day in (1, 2, 15, 29, 30, 31) for hour in (0, 1, 3, 12, 23)]
    account = an_account(engine)
    names = itertools.count()

    def talk() -> None:
        some = sorted(chance.sample(moments, chance.randint(1, 4)))
        rows = [
            {"at": one, "outcome": chance.choice(OUTCOMES), "theme": chance.choice((None, "mobility", "education")),
             "initiative": chance.choice((None, "kruiser")), "milliseconds": chance.choice((None, 5, 50)),
             "feedback": chance.choice((None, "up", "down"))}
            for one in some
        ]  # fmt: skip
        a_conversation(engine, rows, pseudonym=f"x{next(names)}", channel=chance.choice(("web", "telegram")))

    def one_of(table: sa.Table) -> int | None:
        ids = [row["id"] for row in stored(engine, table)]
        return chance.choice(ids) if ids else None

    def changed() -> None:
        name, value = chance.choice(
            [("outcome", "answered"), ("outcome", "failed"), ("feedback", "up"), ("theme", None), ("milliseconds", 9)]
        )
        with write(engine) as connection:
            connection.execute(sa.update(turns).where(turns.c.id == one_of(turns)).values({name: value}))

    def moved() -> None:
        with write(engine) as connection:
            at_ = chance.choice(moments)
            connection.execute(sa.update(turns).where(turns.c.id == one_of(turns)).values(at=at_))

    def judged() -> None:
        judge(engine, [one_of(turns) or 1], Judgement(chance.choice(("right", "wrong"))), account)

    def erased() -> None:
        row = stored(engine, conversations, id=one_of(conversations) or 0)
        if row and row[0]["pseudonym"]:
            with write(engine) as connection:
                connection.execute(erasures.erasures.insert().values(pseudonym=row[0]["pseudonym"], at=1))
            retention.apply_erasures(engine)

    def purged() -> None:
        keep(engine, one_of(conversations) or 0, chance.random() < 0.7)
        retention.purge(engine, 20, now=at(f"2026-04-{chance.randint(1, 20):02} 12:00"))

    def looked_at() -> None:
        count(engine, Period.of("2026-03-01", f"2026-03-{chance.randint(2, 31):02}", "day"), {})

    deeds: list[Callable[[], object]] = [talk, talk, talk, changed, moved, judged, erased, looked_at]
    deeds.append(lambda: days.refresh(engine))
    for number in range(60):
        (purged if number in (30, 50) else chance.choice(deeds))()
    days.refresh(engine)
    asked = [
        (Period.of(first, last, unit), filters)
        for first, last, unit in (("2026-03-01", "2026-03-31", "day"), ("2026-03-02", "2026-03-29", "week"))
        for filters in ({}, {"theme": "mobility"}, {"channel": "web", "initiative": "kruiser"})
    ]
    from_kept = [count(engine, *one) for one in asked]
    assert from_kept[0].turns > 0
    with write(engine) as connection:
        connection.execute(sa.update(figure_days).values(data=None))
    assert [count(engine, *one) for one in asked] == from_kept
    rows = [row for row in stored(engine, turns) if MARCH.start <= row["at"] < MARCH.end]
    assert from_kept[0].turns == len(rows)
    assert from_kept[0].conversations == len({row["conversation_id"] for row in rows})
