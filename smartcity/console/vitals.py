"""What operators watch of the reader and the mailer, told from the databases: so it is true when both are dead."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import sqlalchemy as sa
from prometheus_client import Gauge
from sqlalchemy.engine import Engine

from smartcity.console.ingest.cursor import NAME, Cursor
from smartcity.console.tables import cursors
from smartcity.inquiries.tables import outbox
from smartcity.privacy.tracker_store import EVENTS, TrackerStoreError, is_there, open_tracker_store
from smartcity.settings import Settings
from smartcity.watching import upkeep
from smartcity.watching.metrics import UP, exposition

MOST_COUNTED = 10_000
"""More unread events are not counted: a reader that never ran must not make every look a long one."""

UNREAD = Gauge("smartcity_reader_unread_events", "Events in Rasa's store that the reader has not read.")
BEHIND_SECONDS = Gauge("smartcity_reader_behind_seconds", "Age of the oldest of them.")
MAILS_WAITING = Gauge("smartcity_mails_waiting", "Mails that are not sent.")
MAILS_OLDEST_SECONDS = Gauge("smartcity_mails_oldest_seconds", "Age of the oldest of them.")
MAILS_GIVEN_UP = Gauge("smartcity_mails_given_up", "Mails that the server refused for good.")


class Vitals:
    def __init__(self, settings: Settings, engine: Engine, tracker: Any = None) -> None:
        self._settings = settings
        self._engine = engine
        self._tracker = tracker

    def tell(self) -> bytes:
        """The metrics of this process, with what the databases say now."""
        for part, look in (("database", self._look), ("tracker_store", self._look_behind)):
            UP.labels(part).set(0)
            with suppress(sa.exc.SQLAlchemyError, TrackerStoreError):
                look()
                UP.labels(part).set(1)
        upkeep.look(self._settings)
        return exposition()

    def _look(self) -> None:
        waits = outbox.c.payload.is_not(None)
        with self._engine.connect() as connection:
            number, oldest = connection.execute(
                sa.select(sa.func.count(), sa.func.min(outbox.c.made)).where(waits)
            ).one()
            lost = sa.select(sa.func.count()).select_from(outbox).where(outbox.c.given_up.is_not(None))
            MAILS_GIVEN_UP.set(connection.execute(lost).scalar() or 0)
        MAILS_WAITING.set(number)
        MAILS_OLDEST_SECONDS.set(max(time.time() - oldest / 1000, 0) if number else 0)

    def _look_behind(self) -> None:
        with self._engine.connect() as connection:
            kept = connection.execute(sa.select(cursors.c.value).where(cursors.c.name == NAME)).scalar()
        self._tracker = self._tracker or open_tracker_store(self._settings)
        if not is_there(self._tracker):
            UNREAD.set(0)
            BEHIND_SECONDS.set(0)
            return
        unread = sa.select(EVENTS.c.timestamp).where(EVENTS.c.id > Cursor.from_json(kept).last).order_by(EVENTS.c.id)
        first = unread.limit(MOST_COUNTED).subquery()
        query = sa.select(sa.func.count(), sa.func.min(first.c.timestamp))
        with self._tracker.connect() as connection:
            number, oldest = connection.execute(query).one()
        UNREAD.set(number)
        BEHIND_SECONDS.set(max(time.time() - oldest, 0) if number else 0)
