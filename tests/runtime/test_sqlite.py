"""What every turn asks SQLite, straight of its driver: order, two who write, and what fails."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from sqlalchemy.exc import IntegrityError, OperationalError

from smartcity.runtime import sqlite

from .event_rows import TEXTS, rows, stored, values


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Any]:
    store = SQLTrackerStore(Domain.empty(), dialect="sqlite", db=str(tmp_path / "c.db"))
    yield store.engine
    store.engine.dispose()


def test_events_are_added_in_order_and_only_behind_the_last_one(engine: Any) -> None:
    assert sqlite.newest(engine, "web:1") is None
    first = sqlite.add(engine, "web:1", rows(*TEXTS[:2]), None)
    assert first is not None and sqlite.newest(engine, "web:1") == first
    assert sqlite.newest(engine, "web:2") is None
    assert sqlite.add(engine, "web:1", rows("zu spät"), None) is None
    assert sqlite.add(engine, "web:1", rows("zu spät"), first - 1) is None
    assert sqlite.add(engine, "web:1", rows(TEXTS[2]), first) == first + 1
    assert stored(engine) == values(rows(*TEXTS))


def test_what_was_refused_holds_nobody_up(engine: Any, tmp_path: Path) -> None:
    first = sqlite.add(engine, "web:1", rows("eins"), None)
    assert sqlite.add(engine, "web:1", rows("zu spät"), None) is None
    # A process of its own would wait five seconds for a transaction that nobody ends, and then fail.
    other = SQLTrackerStore(Domain.empty(), dialect="sqlite", db=str(tmp_path / "c.db")).engine
    assert sqlite.add(other, "web:1", rows("zwei"), first) is not None
    other.dispose()


def test_nobody_else_writes_between_the_question_and_the_answer(
    engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = sqlite._newest
    tried: list[str] = []

    def while_another_writes(cursor: sqlite3.Cursor, sender_id: str) -> int | None:
        with closing(sqlite3.connect(tmp_path / "c.db", timeout=0, isolation_level=None)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                tried.append(str(error))
        return ask(cursor, sender_id)

    monkeypatch.setattr(sqlite, "_newest", while_another_writes)
    assert sqlite.add(engine, "web:1", rows("eins"), None) is not None
    assert tried == ["database is locked"] * 2


def test_what_fails_adds_nothing_and_repeats_nothing_of_what_was_said(engine: Any) -> None:
    first = sqlite.add(engine, "web:1", rows("eins"), None)
    with engine.begin() as connection:
        connection.execute(sa.text(
            "CREATE TRIGGER full BEFORE INSERT ON events WHEN NEW.data LIKE '%drei%' "
            "BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        ))  # fmt: skip
    with pytest.raises(IntegrityError, match="disk full") as failure:
        sqlite.add(engine, "web:1", rows("zwei", "drei"), first)
    assert "zwei" not in str(failure.value)
    assert stored(engine) == values(rows("eins"))
    assert sqlite.add(engine, "web:1", rows("vier"), first) is not None


def test_a_table_that_is_gone_is_the_stores_failure(engine: Any) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE events"))
    with pytest.raises(OperationalError, match="no such table"):
        sqlite.newest(engine, "web:1")
