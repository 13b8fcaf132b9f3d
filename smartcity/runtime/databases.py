"""Rasa's connections to its database: few, with an end to every wait, and none to memory instead.

Where: rasa.core.tracker_store.create_engine_kwargs, SQLTrackerStore.__init__ and FailSafeTrackerStore. Why: Rasa
takes up to 150 connections of PostgreSQL for one process, keeps those that the server has closed, opens and closes
SQLite's for every query; and where the database cannot be reached, it takes every conversation for a new one and
keeps what it would have stored in memory, so that citizens read answers which nobody will ever see again. What:
SMARTCITY_POOL_SIZE connections, as many again under load, whose end is noticed (`postgresql.py`, `tracker_rows.read`);
SQLite keeps its connections, writes ahead (WAL), so that readers do not wait, and overwrites with zeros what is
deleted; a failure of the database fails the turn, which the gateway answers with 503, and the next turn tries anew.
"""

from __future__ import annotations

from typing import Any, Dict

from smartcity.runtime import tracker_rows

CONNECT_SECONDS = 5
STATEMENT_SECONDS = 8
"""PostgreSQL gives up a statement itself then; whoever waits for it does not wait much longer."""
_ALIVE = {"keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 3, "keepalives_count": 3}


def connect_well(pool_size: int) -> None:
    """Put the repair into Rasa's tracker stores; again does nothing."""
    import sqlalchemy as sa
    import sqlalchemy.event
    from rasa.core import tracker_store
    from rasa.core.tracker_store import FailSafeTrackerStore, SQLTrackerStore

    if getattr(SQLTrackerStore, "connects_well", False):
        return
    arguments_of = tracker_store.create_engine_kwargs
    construct = SQLTrackerStore.__init__

    def create_engine_kwargs(url: Any) -> Dict[str, Any]:
        return _arguments(sa.engine.make_url(url), arguments_of(url), pool_size)

    def with_tables(store: Any, *args: Any, **kwargs: Any) -> None:
        construct(store, *args, **kwargs)
        # What was opened to make Rasa's table goes: the next connections are prepared.
        store.engine.dispose()
        prepare = _prepare_sqlite if store.engine.dialect.name == "sqlite" else _prepare_postgresql
        sa.event.listen(store.engine, "connect", prepare)
        tracker_rows.make_tables(store.engine)

    setattr(tracker_store, "create_engine_kwargs", create_engine_kwargs)
    setattr(SQLTrackerStore, "__init__", with_tables)
    for method in ("retrieve", "retrieve_full_tracker", "save", "keys"):
        setattr(FailSafeTrackerStore, method, _straight(method))
    setattr(SQLTrackerStore, "connects_well", True)


def _arguments(url: Any, rasas: Dict[str, Any], size: int) -> Dict[str, Any]:
    import sqlalchemy.pool

    if url.get_backend_name() == "sqlite":
        if url.database in (None, "", ":memory:"):
            return rasas
        return {"poolclass": sqlalchemy.pool.QueuePool, "connect_args": {"check_same_thread": False}}
    pool = {"pool_size": size, "max_overflow": size, "pool_timeout": CONNECT_SECONDS}
    if url.get_backend_name() != "postgresql":
        return {**rasas, **pool}
    # As many again ask what every turn asks (`runtime/postgresql.py`); what is left for the engine is rare.
    pool.update(pool_size=1, max_overflow=size - 1)
    arguments = {"connect_timeout": CONNECT_SECONDS, **_ALIVE, **rasas.get("connect_args", {})}
    return {**rasas, **pool, "connect_args": arguments}


def _straight(method: str) -> Any:
    """The method of the store that is configured, with its errors."""

    async def ask(store: Any, *arguments: Any) -> Any:
        return await getattr(store._tracker_store, method)(*arguments)

    ask.__name__ = method
    return ask


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    # For every connection, not only the one that deletes: rows that move to another page leave copies, too.
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    if not hasattr(connection, "autocommit"):
        return
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = {STATEMENT_SECONDS * 1000}")
    connection.autocommit = False
