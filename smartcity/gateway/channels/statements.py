"""How the store's parts speak to the database: one transaction each, values by name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from smartcity.database import write


class Statements:
    """A part of the store. `SQL` here is what SQLite and PostgreSQL have in common."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine
        self.shared = engine.dialect.name == "postgresql"
        """Whether other processes may work on the same database."""

    @contextmanager
    def reading(self) -> Iterator[Any]:
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Any]:
        with write(self.engine) as connection:
            yield connection


def run(connection: Any, statement: str, **values: Any) -> int:
    """Run the statement; how many rows it changed."""
    return int(connection.execute(sa.text(statement), values).rowcount)


def one(connection: Any, statement: str, **values: Any) -> Any:
    """The first row as a mapping, or None."""
    return connection.execute(sa.text(statement), values).mappings().first()


def every(connection: Any, statement: str, **values: Any) -> list[Any]:
    """All rows as mappings."""
    return list(connection.execute(sa.text(statement), values).mappings())
