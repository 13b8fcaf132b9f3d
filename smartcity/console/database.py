"""The console's database: connected to here, and brought to its newest shape.

`with write(engine) as connection` for whatever writes, `with engine.connect() as connection` for reading.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from smartcity.database import connect, empty_log, hold_shape, open_database, write

__all__ = ["connect", "empty_log", "hold", "migrate", "open_database", "write"]

_MIGRATIONS = Path(__file__).parent / "migrations"
_TAKING_IN, _CHECKING = 0x6B72_6567, 0x6B72_656A  # locks of PostgreSQL


def hold(connection: Any) -> None:
    """Let nobody else take conversations in, or erase them, until this transaction ends.

    Otherwise what is taken in while it is erased would survive. In SQLite every `write` does that.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:number)"), {"number": _TAKING_IN})


def hold_sources(connection: Any) -> None:
    """Let nobody else begin a check of the sources until this transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:number)"), {"number": _CHECKING})


def migrate(engine: Any) -> None:
    """Bring the database to the newest shape; costs one query where it has that already."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    head = ScriptDirectory.from_config(config).get_current_head()
    with engine.connect() as connection:
        if MigrationContext.configure(connection).get_current_revision() == head:
            return
    with write(engine) as connection:
        hold_shape(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
