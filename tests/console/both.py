"""The console's database for tests that run on SQLite and on PostgreSQL: `from ..both import engine as engine`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from smartcity.console.database import migrate, open_database

from ..databases import KINDS, database_url


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    with database_url(request.param, tmp_path) as url:
        made = open_database(sa.engine.make_url(url))
        migrate(made)
        yield made
        made.dispose()
