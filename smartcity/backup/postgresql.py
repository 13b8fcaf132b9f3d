"""PostgreSQL's own tools: pg_dump takes one consistent picture while others write, pg_restore puts it back whole."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from psycopg2.extensions import make_dsn

from smartcity.backup.problem import BackupError


def dump(url: Any, target: Path) -> None:
    """The schema that the URL leads to, with all its tables. Raises BackupError."""
    _run(["pg_dump", "--format=custom", f"--schema={schema_of(url)}", f"--file={target}", *_SHARED], url)


def load(url: Any, source: Path, force: bool) -> None:
    """Put the tables back, all or none; with `force` in place of those that there are. Raises BackupError."""
    replacing = ["--clean", "--if-exists"] if force else []
    command = ["pg_restore", "--single-transaction", "--exit-on-error", f"--schema={schema_of(url)}", *replacing]
    _run([*command, *_SHARED, str(source)], url)


def has_tables(url: Any) -> bool:
    engine = sa.create_engine(url, future=True)
    try:
        return bool(sa.inspect(engine).get_table_names())
    finally:
        engine.dispose()


def schema_of(url: Any) -> str:
    """The schema in which the URL's tables lie. Raises BackupError where it leads to none."""
    engine = sa.create_engine(url, future=True)
    try:
        with engine.connect() as connection:
            found = connection.execute(sa.text("SELECT current_schema()")).scalar()
    except sa.exc.SQLAlchemyError as error:
        # Its text may hold the URL.
        raise BackupError(f"PostgreSQL cannot be reached ({type(error).__name__}).") from None
    finally:
        engine.dispose()
    if not found:
        raise BackupError("The schema that the database's URL names is not there: CREATE SCHEMA first.")
    return str(found)


_SHARED = ("--no-owner", "--no-privileges", "--no-password")


def _run(command: list[str], url: Any) -> None:
    _, named = url.get_dialect()().create_connect_args(url)
    password = named.pop("password", None)
    named["dbname"] = named.pop("database", None) or named.pop("dbname", None)
    # The password is no argument: those can be seen by everybody on the machine.
    environ = {**os.environ, **({"PGPASSWORD": password} if password else {})}
    full = [command[0], f"--dbname={make_dsn(**named)}", *command[1:]]
    try:
        done = subprocess.run(full, env=environ, capture_output=True, text=True)
    except FileNotFoundError:
        raise BackupError(f"{command[0]} is missing: install PostgreSQL's client (postgresql-client).") from None
    if done.returncode:
        last = [line for line in done.stderr.splitlines() if line.strip()][-1:]
        raise BackupError(f"{command[0]} failed: {' '.join(last) or done.returncode}")
