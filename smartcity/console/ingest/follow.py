"""The reader as a process: `smartcity console ingest`, once or for good."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import sqlalchemy.exc
import yaml

from smartcity import deletions
from smartcity.console import retention
from smartcity.console.corrections import retention as corrections
from smartcity.console.corrections.trials import Trials
from smartcity.console.database import connect, migrate, write
from smartcity.console.demo.filling import DemoError, is_demo
from smartcity.console.figures import days
from smartcity.console.ingest.events import Counts
from smartcity.console.ingest.known import CurrentKnown
from smartcity.console.ingest.reader import Reader
from smartcity.console.tables import cursors
from smartcity.database import LogError
from smartcity.inquiries.retention import purge as purge_inquiries
from smartcity.inquiries.store import Store
from smartcity.privacy import tracker_store
from smartcity.privacy.pseudonyms import Pseudonyms
from smartcity.privacy.tracker_store import open_tracker_store
from smartcity.settings import Settings

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
TROUBLE_SECONDS = 10.0
"""How long is waited after a fault, so that a database that is away fills no log."""
PURGE = "purge"
"""The cursor that remembers when retention ran last."""
PURGE_SECONDS = 86_400.0


@dataclass(frozen=True)
class Ingest:
    """What the reader works with."""

    settings: Settings
    console: Any
    tracker: Any
    reader: Reader

    def close(self) -> None:
        self.console.dispose()
        self.tracker.dispose()


def open_ingest(settings: Settings, project: Path = Path()) -> Ingest:
    """Open both databases; makes the console's where it is missing.

    Raises TrackerStoreError, and DemoError for a database of invented conversations.
    """
    tracker = open_tracker_store(settings, project / "endpoints.yml")
    console = connect(settings)
    migrate(console)
    if is_demo(console):
        console.dispose()
        tracker.dispose()
        raise DemoError("The console's database is a demo: real conversations do not go there. Name another one.")
    reader = Reader(tracker, console, Pseudonyms(settings), CurrentKnown(), assistant_of(project / "config.yml"))
    return Ingest(settings, console, tracker, reader)


def assistant_of(config: Path) -> str:
    """The assistant_id of Rasa's configuration: events of other assistants in the same database are skipped."""
    content = yaml.safe_load(config.read_text("utf-8"))
    return str(content["assistant_id"])


def ingest_once(settings: Settings) -> Counts:
    """Erase what is to be erased, read to the end, and count for the figures."""
    ingest = open_ingest(settings)
    try:
        retention.apply_erasures(ingest.console)
        counts = ingest.reader.read_all()
        retention.apply_erasures(ingest.console)
        days.refresh(ingest.console)
        return counts
    finally:
        ingest.close()


def follow(settings: Settings, stop: threading.Event | None = None) -> None:
    """Read, erase and once a day delete what is too old, until SIGTERM, SIGINT or `stop`.

    A fault is logged and tried again: when this process ended, all others would end with it.
    """
    ending = stop or threading.Event()
    if stop is None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: ending.set())
    ingest: Ingest | None = None
    troubled = ""
    while not ending.is_set():
        try:
            ingest = ingest or open_ingest(settings)
            one_pass(ingest, ending)
            troubled = ""
        except Exception as error:
            # Without the message, which may hold what somebody wrote.
            kind = type(error).__name__
            if kind != troubled:
                logger.warning("The reader stopped short (%s) and goes on trying.", kind, exc_info=_harmless(error))
            troubled = kind
        ending.wait(TROUBLE_SECONDS if troubled else PAUSE_SECONDS)
    if ingest is not None:
        ingest.close()


def one_pass(ingest: Ingest, ending: threading.Event) -> None:
    """What is done about once a second."""
    retention.apply_erasures(ingest.console)
    ingest.reader.read_all(ending.is_set)
    if not ending.is_set() and _is_due(ingest.console):
        purge(ingest)
        with write(ingest.console) as connection:
            _remember_purge(connection, time.time())
    if not ending.is_set():
        days.refresh(ingest.console, ending.is_set)


def purge(ingest: Ingest) -> dict[str, int]:
    """Delete what is too old, in both databases; what was deleted, by its name.

    Raises LogError when it is deleted but SQLite's log could not be emptied.
    """
    settings, console = ingest.settings, ingest.console
    counts = Counter(retention.purge(console, settings.keep_conversations_days))
    raw = tracker_store.purge(ingest.tracker, settings.keep_tracker_days)
    more = {"tracker": raw["conversations"], "events": raw["events"]}
    with write(console) as connection:
        deletions.note(connection, "retention", more)
    counts.update(more)
    counts.update(purge_inquiries(Store(settings, console), settings.keep_inquiries_days))
    counts.update(corrections.purge(console, settings.keep_corrections_days))
    counts.update(retention.purge_audit(console, settings.keep_audit_days))
    Trials(console, settings, Path()).tidy()
    return dict(counts)


def _is_due(console: Any) -> bool:
    query = sa.select(cursors.c.value).where(cursors.c.name == PURGE)
    with console.connect() as connection:
        value = connection.execute(query).scalar()
    last = value.get("at") if isinstance(value, dict) else None
    return not isinstance(last, int | float) or not 0 <= time.time() - last < PURGE_SECONDS


def _remember_purge(connection: Any, at: float) -> None:
    if not connection.execute(cursors.update().where(cursors.c.name == PURGE).values(value={"at": at})).rowcount:
        connection.execute(cursors.insert().values(name=PURGE, value={"at": at}))


def _harmless(error: Exception) -> bool:
    """Whether its message may be logged: those of the databases' drivers hold the values of statements."""
    return isinstance(error, LogError | tracker_store.TrackerStoreError) and not isinstance(
        error, sa.exc.SQLAlchemyError
    )
