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

from smartcity.privacy.database import connect, empty_log, open_database, write

__all__ = ["connect", "empty_log", "migrate", "open_database", "write"]

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x6B72_6566  # of PostgreSQL: several processes that start at once migrate one after the other


def migrate(engine: Any) -> None:
    """Bring the database to the newest shape; costs one query where it has that already."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    head = ScriptDirectory.from_config(config).get_current_head()
    with engine.connect() as connection:
        if MigrationContext.configure(connection).get_current_revision() == head:
            return
    with write(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
