"""The application's own database: the console's tables and the notes of erasure; SQLite in VAR or PostgreSQL."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import sqlalchemy.event
import sqlalchemy.pool

from smartcity.settings import Settings

BUSY_SECONDS = 5.0
"""How long SQLite waits for another writer."""
POOL_SIZE, POOL_SECONDS = 4, 10.0
"""Connections kept to a database server, and how long one is waited for."""
LOG_TRIES, LOG_SECONDS = 50, 0.1
"""How often, and after what pauses, SQLite's log is tried to be emptied while others read the database."""
_SHAPING = 0x6B72_6566
"""The lock of PostgreSQL under which tables are made and migrated."""


class LogError(RuntimeError):
    """Rows are deleted, but SQLite's log still holds them."""


def connect(settings: Settings) -> Any:
    """An SQLAlchemy engine (`future`) for the application's database; makes SQLite's file, for its owner alone."""
    return open_database(application_url(settings), settings.pool_size)


def application_url(settings: Settings) -> Any:
    """The SQLAlchemy URL of the application's database."""
    if settings.database:
        return sa.engine.make_url(settings.database)
    return sa.engine.URL.create("sqlite", database=str((settings.var / "console.db").resolve()))


def open_database(url: Any, pool_size: int = POOL_SIZE) -> Any:
    """An engine for this URL, with what SQLite needs: see `connect`.

    To a server it keeps few connections, since there are many processes, and tries each before it uses it.
    """
    if url.get_backend_name() != "sqlite":
        arguments = {"connect_timeout": int(BUSY_SECONDS)} if url.get_backend_name() == "postgresql" else {}
        return sa.create_engine(
            url,
            future=True,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=POOL_SECONDS,
            pool_pre_ping=True,
            connect_args=arguments,
        )
    path = Path(url.database)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # SQLite gives its log the same mode.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)
    engine = sa.create_engine(
        url,
        future=True,
        poolclass=sa.pool.QueuePool,
        connect_args={"check_same_thread": False, "timeout": BUSY_SECONDS},
    )
    sa.event.listen(engine, "connect", _prepare)
    sa.event.listen(engine, "begin", _begin)
    return engine


@contextmanager
def write(engine: Any) -> Iterator[Any]:
    """A connection in a transaction that writes.

    SQLite takes its lock at the beginning: a transaction that begins with reading and wants to write later
    fails at once when another has written meanwhile.
    """
    with engine.execution_options(writes=True).begin() as connection:
        yield connection


def hold_shape(connection: Any) -> None:
    """Let nobody else make or change tables until this transaction ends; in SQLite every `write` does that.

    PostgreSQL's IF NOT EXISTS is not enough: of two that make the same table at once, one fails.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:number)"), {"number": _SHAPING})


def make_tables(engine: Any, tables: sa.MetaData) -> None:
    """Make those of the tables that are missing, however many processes start at once and whoever migrates.

    In a transaction that writes from its beginning: SQLite fails one that looks first which are there as soon as
    another process has written meanwhile.
    """
    if set(tables.tables) <= set(sa.inspect(engine).get_table_names()):
        return
    with write(engine) as connection:
        hold_shape(connection)
        tables.create_all(connection)


def empty_log(engine: Any, tries: int = LOG_TRIES) -> None:
    """Move SQLite's write-ahead log into the database and cut it to nothing. Raises LogError.

    Nothing for other databases. It tries again instead of letting SQLite wait, which would stop everybody.
    """
    if engine.dialect.name != "sqlite":
        return
    for number in range(tries):
        if number:
            time.sleep(LOG_SECONDS)
        if cut_log(engine):
            return
    raise LogError("The rows are deleted, but another program reads the database: its log keeps them.")


def cut_log(engine: Any) -> bool:
    """Try once, without waiting, to move SQLite's write-ahead log into the database; whether it is empty now."""
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        patience: int = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute("PRAGMA busy_timeout=0")
        try:
            busy: int = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            cursor.execute(f"PRAGMA busy_timeout={patience}")
            cursor.close()
    finally:
        raw.close()
    return not busy


def _prepare(connection: Any, _record: Any) -> None:
    # Transactions are begun by `_begin`: the driver's own way begins none for reading.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def _begin(connection: Any) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
