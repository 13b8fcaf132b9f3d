"""The database as this room uses it: opened at the first need, its tables made where no migration ran yet."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
import sqlalchemy.exc

from smartcity import deletions
from smartcity.database import connect, empty_log, make_tables, write
from smartcity.inquiries.tables import METADATA, events
from smartcity.inquiries.vault import Vault, VaultError
from smartcity.settings import Settings

_FILING = 0x6B72_6569  # lock of PostgreSQL


class Unavailable(RuntimeError):
    """The requests cannot be read or written now.

    Nothing was changed, except where the connection broke just after the database had committed: do the same again, or
    look at `Desk.draft(sender).filed`. Filing a draft twice gives one request.
    """


def now() -> int:
    return int(time.time() * 1000)


class Store:
    """An engine and the keys. All errors of the database become Unavailable."""

    def __init__(self, settings: Settings, engine: Any = None) -> None:
        self.settings = settings
        self._engine = engine
        self._vault: Vault | None = None
        self._ready = False
        self._lock = threading.Lock()

    @property
    def vault(self) -> Vault:
        if self._vault is None:
            self._vault = Vault(self.settings)
        return self._vault

    @property
    def engine(self) -> Any:
        with self._lock:
            if self._engine is None:
                self._engine = connect(self.settings)
            if not self._ready:
                make_tables(self._engine, METADATA)
                make_tables(self._engine, deletions.METADATA)
                self._ready = True
        return self._engine

    @contextmanager
    def reading(self) -> Iterator[Any]:
        with _told(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Any]:
        with _told(), write(self.engine) as connection:
            yield connection

    def empty_log(self) -> None:
        """After deleting: leave no byte in SQLite's log either. Raises LogError."""
        empty_log(self.engine)

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()


def hold_filing(connection: Any) -> None:
    """Let nobody else file until this transaction ends, so that limits hold; in SQLite every `write` does that."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:number)"), {"number": _FILING})


def record(connection: Any, inquiry: int, deed: str, account: int | None = None, **details: Any) -> None:
    """A line of the request's history; nothing personal."""
    values = {"inquiry_id": inquiry, "at": now(), "deed": deed, "account_id": account, "details": details}
    connection.execute(events.insert().values(**values))


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except VaultError:
        raise
    except (sa.exc.SQLAlchemyError, OSError) as error:
        # The text of SQLAlchemy's errors holds the values of the statement.
        raise Unavailable(f"The requests cannot be reached ({type(error).__name__}).") from None
