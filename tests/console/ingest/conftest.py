"""Both databases, empty, and a reader between them; SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from smartcity.console import tables
from smartcity.console.database import migrate, open_database
from smartcity.console.ingest.known import Known
from smartcity.console.ingest.reader import Reader
from smartcity.privacy.pseudonyms import Pseudonyms
from smartcity.privacy.redaction import Public
from smartcity.settings import Settings, read_settings

from ...databases import KINDS, database_url
from .rasa_log import ASSISTANT, RasaLog

PUBLIC = Known(Public(["02151 86-1085", "Markus Lewitzki"]), {"kruiser": "mobility"})


@dataclass
class Place:
    """`tracker_url` and `console_url` are for other processes."""

    kind: str
    settings: Settings
    tracker_url: str
    console_url: str
    log: RasaLog
    console: Any
    reader: Reader

    def pseudonym(self, sender: str) -> str:
        return Pseudonyms(self.settings).of(sender)

    def new_reader(self, batch: int = 3000) -> Reader:
        return Reader(self.log.engine, self.console, Pseudonyms(self.settings), lambda: PUBLIC, ASSISTANT, batch)

    def turns(self, sender: str | None = None) -> list[dict[str, Any]]:
        """All turns, or those of one sender, in their order."""
        query = sa.select(tables.turns, tables.conversations.c.pseudonym).join(tables.conversations)
        query = query.order_by(tables.turns.c.conversation_id, tables.turns.c.number)
        if sender is not None:
            query = query.where(tables.conversations.c.pseudonym == self.pseudonym(sender))
        with self.console.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(query)]

    def conversations(self) -> list[dict[str, Any]]:
        with self.console.connect() as connection:
            query = sa.select(tables.conversations).order_by(tables.conversations.c.id)
            return [dict(row._mapping) for row in connection.execute(query)]

    def count(self, table: Any) -> int:
        with self.console.connect() as connection:
            return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar())


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Rasa's database and the console's of the same kind."""
    with (
        database_url(request.param, tmp_path, "conversations.db") as tracker_url,
        database_url(request.param, tmp_path) as console_url,
    ):
        environ = {"SMARTCITY_VAR": str(tmp_path), "SMARTCITY_SECRET": "s" * 40, "SMARTCITY_DATABASE": console_url}
        settings = read_settings(environ)
        tracker = open_database(sa.engine.make_url(tracker_url))
        console = open_database(sa.engine.make_url(console_url))
        migrate(console)
        log = RasaLog(tracker)
        made = Place(request.param, settings, tracker_url, console_url, log, console, None)  # type: ignore[arg-type]
        made.reader = made.new_reader()
        yield made
        tracker.dispose()
        console.dispose()


def all_bytes(folder: Path) -> bytes:
    """Of all files in the folder: what is deleted stands in none of them."""
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
