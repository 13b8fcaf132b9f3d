"""The two questions of every turn to PostgreSQL, asked from the loop itself: the last event's id, and adding events.

Through SQLAlchemy each took a thread, a hand-over to it and back, and the server read and planned its statement anew.
Here psycopg2's own asynchronous connections ask statements that the server has prepared. All else, which is rare, goes
through Rasa's engine as before (`tracker_rows`). Effect: docs/endurance.md.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

import sqlalchemy.exc

PREPARED = """
SET statement_timeout = {milliseconds};
PREPARE smartcity_newest (text) AS SELECT max(id) FROM events WHERE sender_id = $1;
PREPARE smartcity_hold (text) AS SELECT pg_advisory_xact_lock(hashtext($1));
PREPARE smartcity_add (text, text[], float8[], text[], text[], text[], bigint) AS
INSERT INTO events (sender_id, type_name, timestamp, intent_name, action_name, data)
SELECT $1, added.type_name, added.timestamp, added.intent_name, added.action_name, added.data
FROM unnest($2, $3, $4, $5, $6) WITH ORDINALITY
  AS added (type_name, timestamp, intent_name, action_name, data, number)
WHERE (SELECT max(id) FROM events WHERE sender_id = $1) IS NOT DISTINCT FROM $7
ORDER BY added.number RETURNING id
"""
_NEWEST = "EXECUTE smartcity_newest(%s)"
# Both are one transaction. The lock is a statement of its own: the next one sees what was written while it waited.
_ADD = "EXECUTE smartcity_hold(%s); EXECUTE smartcity_add(%s, %s, %s, %s, %s, %s, %s)"
_COLUMNS = ("type_name", "timestamp", "intent_name", "action_name", "data")

Row = Tuple[Any, ...]


class Connections:
    """At most `most` connections of one loop, opened when they are needed; the one used last is taken first."""

    def __init__(self, arguments: Dict[str, Any], most: int, wait_seconds: float, statement_seconds: float) -> None:
        self._arguments = arguments
        self._wait_seconds = wait_seconds
        self._prepared = PREPARED.format(milliseconds=int(statement_seconds * 1000))
        self._free = asyncio.Semaphore(most)
        self._idle: List[_Connection] = []
        self._loop: Optional[asyncio.AbstractEventLoop] = None
        self._most = most

    async def newest(self, sender_id: str) -> Optional[int]:
        """The id of the conversation's last event; None where there is none. Raises SQLAlchemyError, TimeoutError."""
        try:
            rows = await self._ask(_NEWEST, (sender_id,))
        except sqlalchemy.exc.OperationalError as error:
            if not error.connection_invalidated:
                raise
            # The server has closed it meanwhile, and others with it; nothing was changed by asking.
            self.close()
            rows = await self._ask(_NEWEST, (sender_id,))
        found: Optional[int] = rows[0][0]
        return found

    async def add(self, sender_id: str, rows: Sequence[Dict[str, Any]], after: Optional[int]) -> Optional[int]:
        """Add rows behind the event with the id `after`; the last one's id, None where that is not the last event.

        Raises SQLAlchemyError, TimeoutError: then they may have been added.
        """
        columns = [[row[name] for row in rows] for name in _COLUMNS]
        added = await self._ask(_ADD, (sender_id, sender_id, *columns, after))
        return max((int(row[0]) for row in added), default=None)

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    async def _ask(self, statement: str, values: Sequence[Any]) -> List[Row]:
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self.close()
            self._loop, self._free = loop, asyncio.Semaphore(self._most)
        if self._free.locked():
            async with asyncio.timeout(self._wait_seconds):
                await self._free.acquire()
        else:
            await self._free.acquire()
        try:
            connection = self._idle.pop() if self._idle else await self._opened()
            # Whatever ends this before its answer is there ends the connection: what comes next is not its answer.
            try:
                rows = await connection.ask(statement, values)
            except BaseException:
                connection.close()
                raise
            self._idle.append(connection)
            return rows
        finally:
            self._free.release()

    async def _opened(self) -> _Connection:
        connection = _Connection(self._arguments, self._dropped)
        try:
            async with asyncio.timeout(self._wait_seconds):
                await connection.open(self._prepared)
        except BaseException:
            connection.close()
            raise
        return connection

    def _dropped(self, connection: _Connection) -> None:
        if connection in self._idle:
            self._idle.remove(connection)


class _Connection:
    """One connection of psycopg2 in its asynchronous mode, in which every question is a transaction."""

    def __init__(self, arguments: Dict[str, Any], dropped: Callable[[_Connection], None]) -> None:
        self._arguments = arguments
        self._dropped = dropped
        self._connection: Any = None
        self._descriptor = -1
        self._loop = asyncio.get_running_loop()
        self._done: Optional[asyncio.Future[None]] = None
        self._writing = False

    async def open(self, prepared: str) -> None:
        import psycopg2

        try:
            self._connection = psycopg2.connect(**self._arguments, async_=True)
        except psycopg2.Error as error:
            raise _as_sqlalchemy(error, True) from None
        # libpq may take another socket while it connects: it is asked anew at each step.
        while (state := self._poll()) != psycopg2.extensions.POLL_OK:
            await _ready(self._loop, self._connection.fileno(), state == psycopg2.extensions.POLL_WRITE)
        self._descriptor = self._connection.fileno()
        self._loop.add_reader(self._descriptor, self._came)
        await self.ask(prepared, ())

    async def ask(self, statement: str, values: Sequence[Any]) -> List[Row]:
        import psycopg2

        cursor = self._connection.cursor()
        self._done = self._loop.create_future()
        try:
            cursor.execute(statement, values or None)
            self._came()
            await self._done
            rows: List[Row] = cursor.fetchall() if cursor.description else []
            return rows
        except psycopg2.Error as error:
            is_lost = self._connection is None or self._connection.closed or (error.pgcode or "57P")[:3] == "57P"
            raise _as_sqlalchemy(error, bool(is_lost)) from None
        finally:
            self._done = None

    def close(self) -> None:
        if self._connection is None:
            return
        if self._descriptor >= 0 and not self._loop.is_closed():
            self._loop.remove_reader(self._descriptor)
            self._loop.remove_writer(self._descriptor)
        self._connection.close()
        self._connection = None

    def _poll(self) -> int:
        import psycopg2

        try:
            state: int = self._connection.poll()
        except psycopg2.Error as error:
            raise _as_sqlalchemy(error, True) from None
        return state

    def _came(self) -> None:
        """Something came, or may be sent."""
        import psycopg2
        from psycopg2.extensions import POLL_OK, POLL_WRITE

        done = self._done
        if done is None:
            # Nothing was asked: the server ends the connection.
            self._dropped(self)
            self.close()
            return
        if done.done():
            return
        try:
            state = self._connection.poll()
        except psycopg2.Error as error:
            done.set_exception(error)
            return
        if self._writing != (state == POLL_WRITE):
            self._writing = state == POLL_WRITE
            if self._writing:
                self._loop.add_writer(self._descriptor, self._came)
            else:
                self._loop.remove_writer(self._descriptor)
        if state == POLL_OK:
            done.set_result(None)


async def _ready(loop: asyncio.AbstractEventLoop, descriptor: int, to_write: bool) -> None:
    """Return when the socket may be written to, or read from."""
    ready = loop.create_future()
    # A descriptor of its own for the loop, since libpq may close its one between two steps.
    watched = os.dup(descriptor)
    add, remove = (loop.add_writer, loop.remove_writer) if to_write else (loop.add_reader, loop.remove_reader)
    add(watched, lambda: None if ready.done() else ready.set_result(None))
    try:
        await ready
    finally:
        remove(watched)
        os.close(watched)


def _as_sqlalchemy(error: Exception, is_lost: bool) -> sqlalchemy.exc.OperationalError:
    """In the words in which the rest of Rasa's store fails; without the statement, which holds what was said."""
    return sqlalchemy.exc.OperationalError("(a turn's statement)", None, error, connection_invalidated=is_lost)


def connections_of(engine: Any) -> Connections:
    """The connections beside this engine, with its address and its arguments."""
    from rasa.core import tracker_store

    from smartcity.runtime import databases

    found: Optional[Connections] = engine.__dict__.get("_smartcity_connections")
    if found is None:
        _, arguments = engine.dialect.create_connect_args(engine.url)
        options = tracker_store.create_engine_kwargs(engine.url)
        arguments.update(options.get("connect_args", {}))
        size = options["pool_size"] + options["max_overflow"]
        found = Connections(arguments, size, databases.CONNECT_SECONDS, databases.STATEMENT_SECONDS)
        engine.__dict__["_smartcity_connections"] = found
    return found
