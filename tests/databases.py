"""Databases for tests: SQLite in a file, and a schema of its own on the real PostgreSQL server."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import sqlalchemy as sa

KINDS = ("sqlite", "postgresql")


@contextmanager
def postgresql_url() -> Iterator[str]:
    """The URL of a new schema, which goes afterwards; without the server the test fails."""
    schema = f"smartcity_test_{secrets.token_hex(4)}"
    server = {
        "host": os.environ.get("PGHOST", "127.0.0.1"),
        "port": int(os.environ.get("PGPORT", "5432")),
        "user": os.environ.get("PGUSER", "root"),
        "dbname": os.environ.get("PGDATABASE", "test"),
    }
    connection = psycopg2.connect(**server)
    connection.autocommit = True
    connection.cursor().execute(f"CREATE SCHEMA {schema}")
    try:
        url = sa.engine.URL.create(
            "postgresql",
            username=server["user"],
            host=server["host"],
            port=server["port"],
            database=server["dbname"],
            query={"options": f"-csearch_path={schema}"},
        )
        yield url.render_as_string(hide_password=False)
    finally:
        connection.cursor().execute(f"DROP SCHEMA {schema} CASCADE")
        connection.close()


@contextmanager
def database_url(kind: str, folder: Path, name: str = "console.db") -> Iterator[str]:
    """The URL of an empty database of this kind."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / name}"
    else:
        with postgresql_url() as url:
            yield url


def tables_of(engine: Any) -> set[str]:
    return set(sa.inspect(engine).get_table_names())
