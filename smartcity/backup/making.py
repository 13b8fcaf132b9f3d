"""Making a backup, while the assistant runs."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from smartcity.backup import archive, postgresql, sqlite
from smartcity.backup.places import Database, Places
from smartcity.backup.problem import BackupError
from smartcity.settings import Settings

PREFIX, SUFFIX = "smartcity-", ".tar.gz"


def back_up(settings: Settings, target: Path, keep: int | None = None, project: Path = Path()) -> Path:
    """Write one file with everything, and return it. In a folder it gets a name by the time.

    With `keep` only so many of the folder's backups stay. Raises BackupError.
    """
    os.umask(0o077)
    in_folder = target.is_dir()
    if keep is not None and not in_folder:
        raise BackupError("--keep needs a folder that there is.")
    if in_folder:
        made = dt.datetime.now(dt.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        target = target / f"{PREFIX}{made}{SUFFIX}"
    elif target.exists():
        raise BackupError(f"{target} is there already: name another file.")
    elif not target.parent.is_dir():
        raise BackupError(f"The folder {target.parent} is not there.")
    places = Places(settings, project)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as name:
        folder = Path(name)
        databases = _databases(places, folder)
        members = [(f"databases/{path.name}", path) for path in sorted(folder.glob("*"))]
        members += _copies(places, folder / "files")
        about = {
            "made": dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds"),
            "databases": databases,
            "secrets": archive.fingerprint(settings),
        }
        archive.write(target, members, about)
    if keep is not None:
        for old in sorted(target.parent.glob(f"{PREFIX}*{SUFFIX}"))[:-keep]:
            old.unlink()
    return target


def _databases(places: Places, folder: Path) -> list[dict[str, Any]]:
    """Copies of all databases in the folder; what is told of each. The conversations come last."""
    application, conversations = places.databases()
    told = []
    for database in (application, *_others(places), conversations):
        same = application.kind == database.kind == "postgresql" and database is not application
        if same and _lies_with(database, application):
            continue
        member = f"{database.name}.{'db' if database.kind == 'sqlite' else 'pgdump'}"
        if database.kind == "postgresql":
            postgresql.dump(database.url, folder / member)
        elif database.path.exists():
            sqlite.dump(database.path, folder / member)
        else:
            continue
        told.append({"name": database.name, "kind": database.kind, "member": f"databases/{member}"})
    return told


def _others(places: Places) -> list[Database]:
    import sqlalchemy as sa

    return [
        Database(f"var-{path.stem}", sa.engine.URL.create("sqlite", database=str(path)))
        for path in places.other_databases()
    ]


def _lies_with(one: Database, other: Database) -> bool:
    """Whether both are the same tables."""
    same = [(d.url.host, d.url.port, d.url.database, d.url.query.get("host")) for d in (one, other)]
    return same[0] == same[1] and postgresql.schema_of(one.url) == postgresql.schema_of(other.url)


def _copies(places: Places, folder: Path) -> list[tuple[str, Path]]:
    """Copies of all files: what is packed must not change between its digest and its place in the archive."""
    copies = []
    for member, path in places.files():
        copy = folder / member
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copy2(path, copy)
        except FileNotFoundError:
            continue  # gone meanwhile, as files of the reader or of a gateway may
        copies.append((member, copy))
    return copies
