"""API keys: made by `smartcity api-keys`, shown once, kept as digests in SQLite in VAR.

A key holds 256 random bits, so one round of SHA-256 is right: there is nothing to guess that a slow
password hash would have to make slow. The digits before the secret find the row.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from smartcity.settings import Settings

SCOPES = ("messages", "feedback", "delete", "content")
PER_MINUTE = 60
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
LOOPBACK = ("localhost", "127.0.0.1", "::1")

_KEY = re.compile(r"krefeld_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")
_NOBODY = bytes(32)
"""Compared with where there is no such key, so that the answer takes as long."""
_TABLE = """
CREATE TABLE IF NOT EXISTS api_keys (
    prefix TEXT PRIMARY KEY, name TEXT NOT NULL, digest BLOB NOT NULL, scopes TEXT NOT NULL, callback TEXT,
    per_minute INTEGER NOT NULL, made TEXT NOT NULL, used TEXT, revoked TEXT
);
CREATE UNIQUE INDEX IF NOT EXISTS names_in_use ON api_keys (name) WHERE revoked IS NULL;
"""


class KeysError(ValueError):
    """A key cannot be made or revoked; the message says why."""


@dataclass(frozen=True)
class ApiKey:
    """What is known of a key; days are ISO dates."""

    prefix: str
    name: str
    scopes: tuple[str, ...]
    callback: str | None
    per_minute: int
    made: str
    used: str | None
    revoked: str | None


class ApiKeys:
    """Opens the database anew each time: what the command changes counts at the next request."""

    def __init__(self, settings: Settings) -> None:
        self.path: Path = settings.var / "api-keys.db"

    def create(self, name: str, scopes: tuple[str, ...], callback: str | None, per_minute: int) -> tuple[ApiKey, str]:
        """A new key, and the text of it that is shown once. Raises KeysError when the name is in use."""
        if not NAME.fullmatch(name):
            raise KeysError("A name has 1 to 40 characters: letters, digits, dot, underscore and hyphen.")
        prefix, today = secrets.token_hex(6), _today()
        text = f"krefeld_{prefix}_{secrets.token_urlsafe(32)}"
        ordered = tuple(scope for scope in SCOPES if scope in scopes)
        try:
            with self._database(new=True) as database:
                database.execute(
                    "INSERT INTO api_keys VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
                    (prefix, name, _digest(text), " ".join(ordered), callback, per_minute, today),
                )
        except sqlite3.IntegrityError:
            raise KeysError(f"There is a key '{name}' already: revoke it first, or take another name.") from None
        return ApiKey(prefix, name, ordered, callback, per_minute, today, None, None), text

    def all(self) -> list[ApiKey]:
        if not self.path.exists():
            return []
        with self._database() as database:
            return [_key(row) for row in database.execute("SELECT * FROM api_keys ORDER BY made, name")]

    def revoke(self, name: str) -> None:
        """End the key with this name for good. Raises KeysError when there is none."""
        if self.path.exists():
            with self._database() as database:
                ended = database.execute(
                    "UPDATE api_keys SET revoked = ? WHERE name = ? AND revoked IS NULL", (_today(), name)
                )
                if ended.rowcount:
                    return
        raise KeysError(f"There is no key '{name}' that could be revoked.")

    def find(self, text: str) -> ApiKey | None:
        """The key that this text is, if it may be used; notes the day of its use."""
        named = _KEY.fullmatch(text)
        if named is None or not self.path.exists():
            return None
        with self._database() as database:
            row = database.execute("SELECT * FROM api_keys WHERE prefix = ?", (named.group(1),)).fetchone()
            fits = hmac.compare_digest(_digest(text), row["digest"] if row else _NOBODY)
            if row is None or not fits or row["revoked"] is not None:
                return None
            if row["used"] != _today():
                # Whoever reads or copies the file meanwhile must not lock integrators out.
                with suppress(sqlite3.OperationalError):
                    database.execute("UPDATE api_keys SET used = ? WHERE prefix = ?", (_today(), row["prefix"]))
                    database.commit()
            return _key(row)

    def is_valid(self, prefix: str) -> bool:
        """Whether the key with this prefix is still there and not revoked."""
        if not self.path.exists():
            return False
        with self._database() as database:
            found = database.execute("SELECT 1 FROM api_keys WHERE prefix = ? AND revoked IS NULL", (prefix,))
            return found.fetchone() is not None

    @contextmanager
    def _database(self, *, new: bool = False) -> Iterator[sqlite3.Connection]:
        if new:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        database = sqlite3.connect(self.path, timeout=2)
        try:
            database.row_factory = sqlite3.Row
            if new:
                database.executescript(_TABLE)
            with database:
                yield database
        finally:
            database.close()


def callback_secret(settings: Settings, key: ApiKey) -> str:
    """What signs callbacks to the holder of the key: derived, so that it need not be kept anywhere."""
    return settings.secret_for(f"callbacks {key.prefix}")


def callback_address(text: str) -> str:
    """The address, https or on this machine. Raises ValueError for anything else."""
    parts = urlsplit(text)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not safe or not parts.hostname or parts.username or parts.fragment or not text.isascii() or " " in text:
        raise ValueError
    return text


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _key(row: sqlite3.Row) -> ApiKey:
    return ApiKey(
        prefix=row["prefix"],
        name=row["name"],
        scopes=tuple(row["scopes"].split()),
        callback=row["callback"],
        per_minute=row["per_minute"],
        made=row["made"],
        used=row["used"],
        revoked=row["revoked"],
    )


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
