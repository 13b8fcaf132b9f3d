"""Rasa's tracker store, as a database table alone: found by endpoints.yml, and emptied of what is too old.

Rasa itself is not asked: it takes a conversation whose rows are all gone for one that never was.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml

from smartcity.database import LogError, empty_log, open_database, write
from smartcity.settings import Settings

EVENTS = sa.Table(
    "events",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("sender_id", sa.String(255)),
    sa.Column("type_name", sa.String(255)),
    sa.Column("timestamp", sa.Float),
    sa.Column("intent_name", sa.String(255)),
    sa.Column("action_name", sa.String(255)),
    sa.Column("data", sa.Text),
)
"""Rasa's table."""

STATES = sa.Table("conversation_states", sa.MetaData(), sa.Column("sender_id", sa.String(255), primary_key=True))
"""What Rasa's process keeps of long conversations beside it, as far as is needed to delete it."""

SENDERS = 50
"""Conversations deleted in one transaction: Rasa must not wait for it."""
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$([A-Za-z_][A-Za-z0-9_]*)")


class TrackerStoreError(RuntimeError):
    """endpoints.yml names no tracker store that can be read; the message says what to do."""


def open_tracker_store(settings: Settings, endpoints: Path = Path("endpoints.yml")) -> Any:
    """An engine for the database of Rasa's conversations. Raises TrackerStoreError."""
    return open_database(tracker_url(settings, endpoints), settings.pool_size)


def tracker_url(settings: Settings, endpoints: Path = Path("endpoints.yml")) -> Any:
    """Its SQLAlchemy URL: the setting's, or what endpoints.yml names. Raises TrackerStoreError."""
    if settings.tracker_database:
        return sa.engine.make_url(settings.tracker_database)
    try:
        content = yaml.safe_load(endpoints.read_text("utf-8")) or {}
    except (OSError, yaml.YAMLError) as error:
        raise TrackerStoreError(f"{endpoints} cannot be read: {error}") from None
    store = content.get("tracker_store") if isinstance(content, dict) else None
    if not isinstance(store, dict) or str(store.get("type", "")).lower() != "sql":
        raise TrackerStoreError(f"{endpoints}: the console needs a tracker_store of type SQL.")
    environ = {"SMARTCITY_TRACKER_DB": str((settings.var / "conversations.db").resolve()), **os.environ}
    values = {key: _filled(value, environ) for key, value in store.items()}
    dialect, host = str(values.get("dialect") or "sqlite"), values.get("url")
    if host and "://" in str(host):
        return sa.engine.make_url(host)
    query = dict(values.get("query") or {})
    schema = environ.get("POSTGRESQL_SCHEMA")
    if schema and dialect.startswith("postgresql"):
        query["options"] = f"-csearch_path={schema}"
    return sa.engine.URL.create(
        dialect,
        username=values.get("username"),
        password=values.get("password"),
        host=host,
        port=int(values["port"]) if values.get("port") else None,
        database=values.get("db") or "rasa.db",
        query=query,
    )


def is_there(engine: Any) -> bool:
    """Whether Rasa has made its table yet."""
    return bool(sa.inspect(engine).has_table(EVENTS.name))


def delete_sender(engine: Any, sender: str) -> int:
    """Delete all rows of a conversation; how many. Raises LogError where SQLite's log still holds them."""
    if not is_there(engine):
        return 0
    with write(engine) as connection:
        deleted: int = connection.execute(EVENTS.delete().where(EVENTS.c.sender_id == sender)).rowcount
        _delete_states(connection, [sender])
    empty_log(engine)
    return deleted


def find_sender(engine: Any, pseudonym: str, of: Any) -> str | None:
    """The sender id with this pseudonym, if Rasa still has the conversation; `of` gives pseudonyms."""
    if not is_there(engine):
        return None
    with engine.connect() as connection:
        for (sender,) in connection.execute(sa.select(EVENTS.c.sender_id).distinct()):
            if of(sender) == pseudonym:
                return str(sender)
    return None


def purge(engine: Any, days: int, now: float | None = None) -> dict[str, int]:
    """Delete the conversations whose last event is older than that, whole; {"conversations", "events"}.

    Raises LogError when everything is deleted but SQLite's log could not be emptied.
    """
    counts = {"conversations": 0, "events": 0}
    if not is_there(engine):
        return counts
    limit = (time.time() if now is None else now) - days * 86_400
    last = sa.func.max(EVENTS.c.timestamp)
    # Without a time nothing could ever be deleted.
    old = sa.select(EVENTS.c.sender_id).group_by(EVENTS.c.sender_id).having(sa.func.coalesce(last, 0) < limit)
    with engine.connect() as connection:
        senders = list(connection.execute(old).scalars())
    for place in range(0, len(senders), SENDERS):
        some = senders[place : place + SENDERS]
        with write(engine) as connection:
            # Anew: somebody may have gone on meanwhile.
            gone = list(connection.execute(old.where(EVENTS.c.sender_id.in_(some))).scalars())
            if gone:
                deleted = connection.execute(EVENTS.delete().where(EVENTS.c.sender_id.in_(gone))).rowcount
                _delete_states(connection, gone)
                counts["conversations"] += len(gone)
                counts["events"] += deleted
    if counts["events"]:
        empty_log(engine)
    return counts


def _delete_states(connection: Any, senders: list[str]) -> None:
    if sa.inspect(connection).has_table(STATES.name):
        connection.execute(STATES.delete().where(STATES.c.sender_id.in_(senders)))


def _filled(value: Any, environ: Mapping[str, str]) -> Any:
    """As Rasa does: variables of the environment, in texts."""
    if not isinstance(value, str):
        return value
    return _VARIABLE.sub(lambda found: environ.get(found.group(1) or found.group(2), found.group()), value)


__all__ = [
    "EVENTS", "LogError", "TrackerStoreError", "delete_sender", "find_sender", "is_there", "open_tracker_store",
    "purge", "tracker_url",
]  # fmt: skip
