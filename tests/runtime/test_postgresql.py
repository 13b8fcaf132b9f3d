"""What every turn asks PostgreSQL, on its asynchronous connections: ends, cancelled questions, two who write."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from sqlalchemy.exc import OperationalError

from smartcity.runtime.postgresql import Connections, connections_of

from ..databases import postgresql_url
from .event_rows import TEXTS, rows, stored, values


@pytest.fixture
def engine() -> Iterator[Any]:
    with postgresql_url() as url:
        store = SQLTrackerStore(Domain.empty(), host=url)
        yield store.engine
        connections_of(store.engine).close()
        store.engine.dispose()


def test_events_are_added_in_order_and_only_behind_the_last_one(engine: Any) -> None:
    async def added() -> None:
        ours = connections_of(engine)
        assert await ours.newest("web:1") is None
        first = await ours.add("web:1", rows(*TEXTS[:2]), None)
        assert first is not None and await ours.newest("web:1") == first
        assert await ours.add("web:1", rows("zu spät"), None) is None
        assert await ours.add("web:1", rows("zu spät"), first - 1) is None
        last = await ours.add("web:1", rows(TEXTS[2]), first)
        assert last is not None and last > first and await ours.newest("web:1") == last

    asyncio.run(added())
    assert stored(engine) == values(rows(*TEXTS))


def test_of_two_who_write_at_once_one_is_refused(engine: Any) -> None:
    async def both() -> list[int | None]:
        ours = connections_of(engine)
        return list(await asyncio.gather(*(ours.add("web:1", rows("Guten Tag"), None) for _ in range(8))))

    assert sum(newest is not None for newest in asyncio.run(both())) == 1
    assert len(stored(engine)) == 1


def _end_all(engine: Any) -> None:
    with engine.connect() as connection:
        connection.execute(sa.text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            "AND query LIKE '%smartcity_newest%'"
        ))  # fmt: skip


@pytest.mark.parametrize("noticed", [True, False], ids=["noticed", "not yet noticed"])
def test_connections_that_the_server_ended_fail_no_turn(engine: Any, noticed: bool) -> None:
    async def asked() -> None:
        ours = connections_of(engine)
        await asyncio.gather(*(ours.newest("web:1") for _ in range(3)))
        assert len(ours._idle) == 3
        _end_all(engine)
        if noticed:
            await asyncio.sleep(0.3)
            assert not ours._idle
        assert await ours.newest("web:1") is None

    asyncio.run(asked())


def test_a_question_that_was_cancelled_leaves_its_answer_to_nobody(engine: Any) -> None:
    async def asked() -> None:
        ours = connections_of(engine)
        await ours.newest("web:1")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await ours._ask("SELECT 99 FROM pg_sleep(5)", ())
        assert not ours._idle
        assert await ours.newest("web:1") is None

    asyncio.run(asked())


def test_who_waits_too_long_for_a_connection_fails(engine: Any) -> None:
    _, arguments = engine.dialect.create_connect_args(engine.url)
    ours = Connections(arguments, 1, 0.2, 8)

    async def asked() -> None:
        long = asyncio.ensure_future(ours._ask("SELECT 1 FROM pg_sleep(1)", ()))
        await asyncio.sleep(0.1)
        with pytest.raises(TimeoutError):
            await ours._ask("SELECT 2", ())
        assert await long == [(1,)]
        ours.close()

    asyncio.run(asked())


def test_a_statement_has_an_end_and_failures_are_those_of_the_store(engine: Any) -> None:
    _, arguments = engine.dialect.create_connect_args(engine.url)
    ours = Connections(arguments, 1, 5, 0.2)

    async def asked() -> None:
        with pytest.raises(OperationalError) as failure:
            await ours._ask("SELECT %s FROM pg_sleep(5)", ("what somebody said",))
        assert "somebody" not in str(failure.value) and not failure.value.connection_invalidated
        with pytest.raises(OperationalError):
            await Connections({**arguments, "port": 1}, 1, 5, 1).newest("web:1")
        ours.close()

    asyncio.run(asked())


def test_a_much_longer_answer_is_sent_whole(engine: Any) -> None:
    async def added() -> None:
        ours = connections_of(engine)
        last = await ours.add("web:1", rows("ä" * 3_000_000), None)
        assert last is not None and await ours.newest("web:1") == last

    asyncio.run(added())
    assert stored(engine) == values(rows("ä" * 3_000_000))
