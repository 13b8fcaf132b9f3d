"""What messengers need to outlive a restart: what came and is not answered, what is not yet sent, who was greeted,
which choices are valid, which messages were seen, and dead letters.

It lies in VAR/channels.db, or beside the console's tables where SMARTCITY_DATABASE is PostgreSQL: then any number
of gateway processes share it. Addresses stand there only until the answer is sent or given up, texts until then
and, in dead letters, for a week. SQLite overwrites deleted content with zeros. Persons are keyed pseudonyms, ids
of messages keyed digests. Keys of encrypted rooms are sealed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import sqlalchemy as sa

from smartcity.database import LogError, empty_log, open_database
from smartcity.gateway.channels.inbox import Inbox
from smartcity.gateway.channels.leases import Leases
from smartcity.gateway.channels.outbox import Outbox
from smartcity.gateway.channels.people import People
from smartcity.gateway.channels.shelf import Shelves
from smartcity.gateway.channels.statements import Statements, one, run
from smartcity.gateway.channels.tables import make
from smartcity.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 8
"""Of PostgreSQL's; SQLite has one, since its writers wait for each other anyway."""

ALIVE = {"keepalives_idle": "5", "keepalives_interval": "2", "keepalives_count": "3", "tcp_user_timeout": "10000"}
"""libpq gives a server up that is gone without a word; otherwise whoever waits for it would wait for hours."""


class Store(Statements):
    """Its methods wait for the database: an event loop calls them by `run`."""

    def __init__(self, settings: Settings) -> None:
        url = _shared_url(settings)
        if url is None:
            url = sa.engine.URL.create("sqlite", database=str(_path(settings).resolve()))
        super().__init__(open_database(url))
        make(self.engine)
        self.inbox = Inbox(self.engine)
        self.outbox = Outbox(self.engine)
        self.people = People(self.engine)
        self.shelves = Shelves(self.engine)
        self.leases = Leases(self.engine, settings.var / "channels.lock")
        self._threads = ThreadPoolExecutor(THREADS if self.shared else 1, thread_name_prefix="channels")

    async def run(self, work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        """Do the work in a thread of the store's."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: work(*given, **named))

    def close(self) -> None:
        self._threads.shutdown()
        self.empty_log()
        self.engine.dispose()

    def empty_log(self) -> None:
        """Leave nothing readable in SQLite's log of what was overwritten. While somebody else reads the database
        that cannot be; the next time does it then."""
        try:
            empty_log(self.engine, tries=1)
        except LogError:
            return

    def tidy(self, at: float) -> None:
        """Remove what has been kept long enough."""
        for part in (self.inbox, self.outbox, self.people, self.shelves):
            part.tidy(at)

    def mark(self, name: str) -> str:
        """Where a platform that is asked was left off."""
        with self.reading() as connection:
            row = one(connection, "SELECT value FROM channel_marks WHERE name = :name", name=name)
        return str(row["value"]) if row else ""

    def set_mark(self, name: str, value: str) -> None:
        with self.writing() as connection:
            run(
                connection,
                "INSERT INTO channel_marks (name, value) VALUES (:name, :value) "
                "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                name=name, value=value,
            )  # fmt: skip


def is_there(settings: Settings) -> bool:
    """Whether there is a store already; who only looks makes none."""
    return _shared_url(settings) is not None or _path(settings).exists()


def _path(settings: Settings) -> Path:
    return Path(settings.var) / "channels.db"


def _shared_url(settings: Settings) -> Any:
    """PostgreSQL's address; None where the store is a file."""
    url = sa.engine.make_url(settings.database) if settings.database else None
    return url.update_query_dict(ALIVE) if url is not None and url.get_backend_name() == "postgresql" else None
