"""Queues on both databases: what stands in them, what leaves them, and that they use their indices."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from smartcity.console import clock, queues
from smartcity.console.database import write
from smartcity.console.filters import Filters
from smartcity.console.judging import Judgement, judge
from smartcity.console.tables import OUTCOMES, turns
from smartcity.console.turn_list import PAGE, page_of

from ..rows import a_conversation, an_account, stored, turn_ids
from .conftest import NOW, count


def test_queues_are_counted_within_the_period(engine: Engine, four: dict[str, int]) -> None:
    everything = queues.counts(engine, None, None)
    assert everything == {
        "not_understood": 1,
        "low_confidence": 1,
        "asked_back": 0,
        "down": 1,
        "handed_over": 1,
        "repeated": 1,
        "unknown": 1,
        "failed": 0,
        "unreviewed": 3,
    }
    today = queues.counts(engine, clock.start_of(clock.today()), None)
    assert {name for name, number in today.items() if number} == {"handed_over", "repeated", "unreviewed"}
    assert not any(queues.counts(engine, None, 1000).values())


def test_what_is_reviewed_leaves_every_queue(engine: Engine, four: dict[str, int]) -> None:
    judge(engine, [four[name] for name in "bcd"], Judgement(reviewed=True), four["reviewer"])
    assert not any(queues.counts(engine, None, None).values())
    judge(engine, [four["c"]], Judgement(reviewed=False), four["reviewer"])
    assert queues.counts(engine, None, None)["not_understood"] == 1


def test_counting_ends_somewhere(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    a_conversation(engine, [{}] * 5)
    monkeypatch.setattr(queues, "MOST", 3)
    monkeypatch.setattr("smartcity.console.turn_ids.MOST", 3)
    assert queues.counts(engine, None, None)["unreviewed"] == 4
    assert count(engine, Filters()) == 4


def test_failures_of_a_turn_are_its_queues(engine: Engine, four: dict[str, int]) -> None:
    """What is marked in a transcript and what is listed are the same."""
    for row in stored(engine, turns):
        listed = {
            name
            for name in queues.FAILURES
            if row["id"] in [one["id"] for one in page_of(engine, Filters.of({"queue": name})).turns]
        }
        if row["reviewed_at"] is None:
            assert set(queues.failures_of(row)) == listed


def test_the_next_failure_is_the_newest_older_one_elsewhere(engine: Engine) -> None:
    times = [NOW - number * 1000 for number in range(5)]
    made = [
        a_conversation(engine, [{"outcome": "answered" if number == 2 else "failed", "at": at}], ended=at)
        for number, at in enumerate(times)
    ]
    ids = [turn_ids(engine, number)[0] for number in made]
    assert queues.next_failure(engine, times[0], ids[0], made[0]) == (made[1], ids[1])
    assert queues.next_failure(engine, times[1], ids[1], made[1]) == (made[3], ids[3])
    judge(engine, [ids[3]], Judgement(reviewed=True), an_account(engine, "reviewer"))
    assert queues.next_failure(engine, times[1], ids[1], made[1]) == (made[4], ids[4])
    assert queues.next_failure(engine, times[4], ids[4], made[4]) is None


def test_queues_use_their_indices(engine: Engine) -> None:
    """Without sorting and without a look at other rows: in PostgreSQL, whatever it would choose for so few."""
    conversation = a_conversation(engine)
    (row,) = stored(engine, turns)
    rows = [
        {**row, "id": number, "number": number, "source_id": str(number), "at": number, "confidence": number % 50 / 50,
         "conversation_id": conversation, "outcome": OUTCOMES[number % len(OUTCOMES)], "repeated": number % 20 == 0,
         "feedback": (None, None, None, "up", "down")[number % 5], "reviewed_at": None if number % 10 == 0 else number}
        for number in range(10_000, 13_000)
    ]  # fmt: skip
    with write(engine) as connection:
        connection.execute(sa.insert(turns), rows)
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if not is_sqlite:
            connection.exec_driver_sql("ANALYZE turns")
            for way in ("seqscan", "bitmapscan", "sort"):
                connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        for name in queues.QUEUES:
            query = (
                sa.select(turns.c.id)
                .where(queues.condition(name), turns.c.at >= 5)
                .order_by(turns.c.at.desc(), turns.c.id.desc())
                .limit(PAGE)
            )
            text = query.compile(engine, compile_kwargs={"literal_binds": True})
            asked = connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' if is_sqlite else ''}{text}")
            plan = " ".join(row[-1] for row in asked)
            if is_sqlite:
                assert "COVERING INDEX ix_turns_" in plan and "TEMP B-TREE" not in plan, (name, plan)
            else:
                assert "Index" in plan and "Sort" not in plan, (name, plan)
            assert "ix_turns_open" in plan or "ix_turns_unreviewed" in plan, (name, plan)


def test_every_outcome_has_a_place() -> None:
    assert set(OUTCOMES) - set(queues.FAILURES) == {"answered", "talk"}
