"""Restoring a backup into an empty place, or with `force` in place of what is there."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from pathlib import Path
from typing import Any

from smartcity.backup import archive, postgresql, sqlite
from smartcity.backup.places import Database, Places
from smartcity.backup.problem import BackupError
from smartcity.settings import Settings


def restore(settings: Settings, source: Path, force: bool = False, project: Path = Path()) -> dict[str, Any]:
    """Put everything back where the settings say it belongs; the manifest. Raises BackupError, then nothing changed.

    Files that are there already and the same are no hindrance: content and configuration come with the project.
    """
    _check_stopped(settings)
    os.umask(0o077)
    settings.var.mkdir(parents=True, exist_ok=True, mode=0o700)
    places = Places(settings, project)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.var) as name:
        folder = Path(name)
        manifest = archive.read(source, folder)
        files = {m: told for m, told in manifest["files"].items() if not m.startswith("databases/")}
        databases = [(folder / told["member"], _target(told, places, settings)) for told in manifest["databases"]]
        _check_secrets(settings, folder, manifest)
        # What is there already stays untouched: the services may not write to the project, and need not.
        changed = {m: told for m, told in files.items() if not _is_same(places.target(m), told)}
        if not force:
            _check_empty(places, changed, databases)
        _check_writable([places.target(member) for member in changed])
        for path, database in databases:
            if database.kind == "postgresql":
                postgresql.load(database.url, path, force)
        for path, database in databases:
            if database.kind == "sqlite":
                database.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                _place(path, database.path)
        for member, told in changed.items():
            target = places.target(member)
            target.parent.mkdir(parents=True, exist_ok=True)
            fresh = target.with_name(f".{target.name}.restored")
            shutil.move(folder / member, fresh)
            fresh.chmod(told["mode"])
            fresh.replace(target)
    return manifest


def _place(path: Path, target: Path) -> None:
    beside = target.with_name(f".{target.name}.restored")
    shutil.move(path, beside)
    sqlite.place(beside, target)


def _check_stopped(settings: Settings) -> None:
    for port, what in ((settings.port, "gateway"), (settings.rasa_port, "Rasa"), (settings.console_port, "console")):
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                raise BackupError(f"Something answers on port {port}, the {what}'s: stop the assistant first.")


def _target(told: dict[str, Any], places: Places, settings: Settings) -> Database:
    import sqlalchemy as sa

    known = {database.name: database for database in places.databases()}
    name = str(told["name"])
    if name.startswith("var-"):
        path = settings.var / f"{Path(name.removeprefix('var-')).name}.db"
        return Database(name, sa.engine.URL.create("sqlite", database=str(path)))
    if known[name].kind != told["kind"]:
        raise BackupError(
            f"The backup holds '{name}' from {told['kind']}, these settings name {known[name].kind}: "
            "restore with the settings of the backup (SMARTCITY_DATABASE, endpoints.yml)."
        )
    return known[name]


def _check_secrets(settings: Settings, folder: Path, manifest: dict[str, Any]) -> None:
    """Refuses another secret: with it no request could be read, and no session would hold."""
    kept = folder / "var" / "secret"
    if settings.secret or kept.exists():
        environ = {
            "SMARTCITY_SECRET": settings.secret or kept.read_text("ascii").strip(),
            "SMARTCITY_INQUIRY_KEYS": ",".join(settings.inquiry_keys),
        }
        if archive.fingerprint(Settings(environ)) == manifest["secrets"]:
            return
    raise BackupError(
        "SMARTCITY_SECRET or SMARTCITY_INQUIRY_KEYS are others than those of the backup: "
        "set them as they were, or encrypted requests could not be read."
    )


def _is_same(target: Path, told: dict[str, Any]) -> bool:
    return target.is_file() and archive.digest(target) == told["sha256"]


def _check_writable(targets: list[Path]) -> None:
    refused = []
    for target in targets:
        there = next(parent for parent in target.absolute().parents if parent.exists())
        if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
            refused.append(str(target))
    if refused:
        raise BackupError(
            f"This user may not write {refused[0]}{f' and {len(refused) - 1} more' if len(refused) > 1 else ''}. "
            "Nothing was changed. Bring the project to the version of the backup first, or restore as its owner."
        )


def _check_empty(places: Places, files: dict[str, Any], databases: list[tuple[Path, Database]]) -> None:
    taken = []
    for _, database in databases:
        if database.kind == "postgresql":
            taken += ["the tables in PostgreSQL"] if postgresql.has_tables(database.url) else []
        elif sqlite.has_rows(database.path):
            taken.append(str(database.path))
    taken += [str(target) for target in map(places.target, files) if target.exists()]
    if taken:
        more = f" and {len(taken) - 5} more" if len(taken) > 5 else ""
        raise BackupError(
            f"This would replace {', '.join(taken[:5])}{more}. Nothing was changed; --force replaces what is there."
        )
