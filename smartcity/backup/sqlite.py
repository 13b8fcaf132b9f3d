"""SQLite's online backup: one consistent picture while others read and write."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from smartcity.backup.problem import BackupError


def dump(source: Path, target: Path) -> None:
    """A whole copy of the database, checked. Raises BackupError."""
    try:
        with (
            contextlib.closing(sqlite3.connect(source, timeout=30)) as old,
            contextlib.closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
            (state,) = new.execute("PRAGMA quick_check").fetchone()
    except sqlite3.Error as error:
        raise BackupError(f"{source} cannot be backed up: {error}") from None
    if state != "ok":
        raise BackupError(f"{source} is damaged: {state}")


def place(source: Path, target: Path) -> None:
    """Put a copy in the place of the database; its log belongs to the old one and goes."""
    for suffix in ("-wal", "-shm", "-journal"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    source.chmod(0o600)
    source.replace(target)


def has_rows(path: Path) -> bool:
    """Whether the file holds a database with anything in it; also true for what is no database."""
    if not path.exists() or not path.stat().st_size:
        return False
    try:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            return bool(connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone())
    except sqlite3.Error:
        return True
