"""The file of a backup: a tar of everything, and before it a list with the digest of each member."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import os
import tarfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from smartcity.backup.problem import BackupError
from smartcity.settings import Settings

MANIFEST = "manifest.json"
FORMAT = 1
_BLOCK = 1 << 20


def fingerprint(settings: Settings) -> str:
    """Tells whether two set-ups have the same secrets, and nothing of them."""
    keys = ",".join(settings.inquiry_keys)
    return hmac.new(settings.secret_for("backup").encode(), keys.encode(), "sha256").hexdigest()[:32]


def write(target: Path, members: Iterable[tuple[str, Path]], about: dict[str, Any]) -> None:
    """The archive, for its owner alone; appears whole or not at all. Raises BackupError."""
    listed = sorted(members)
    files = {name: {"sha256": digest(path), "size": path.stat().st_size, "mode": path.stat().st_mode & 0o777}
             for name, path in listed}  # fmt: skip
    manifest = json.dumps({"format": FORMAT, **about, "files": files}, indent=1).encode()
    part = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        opened = os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        with opened as raw, tarfile.open(fileobj=raw, mode="w:gz", compresslevel=6) as tar:
            head = tarfile.TarInfo(MANIFEST)
            head.size, head.mode, head.mtime = len(manifest), 0o600, int(time.time())
            tar.addfile(head, io.BytesIO(manifest))
            for name, path in listed:
                tar.add(path, arcname=name, recursive=False)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        # Unlike a rename this never takes the place of another file.
        os.link(part, target)
    except FileExistsError:
        raise BackupError(f"{target} is there already: name another file.") from None
    finally:
        part.unlink(missing_ok=True)


def read(source: Path, folder: Path) -> dict[str, Any]:
    """Unpack into the folder and give the manifest, once every digest is right. Raises BackupError."""
    try:
        with tarfile.open(source, "r:gz") as tar:
            manifest = _manifest(tar)
            wanted: dict[str, Any] = dict(manifest["files"])
            for member in tar:
                if member.name == MANIFEST:
                    continue
                expected = wanted.pop(member.name, None)
                content = tar.extractfile(member) if member.isreg() else None
                if expected is None or content is None or not _is_safe(member.name):
                    raise BackupError(f"{source} holds '{member.name}', which does not belong into a backup.")
                path = folder / member.name
                path.parent.mkdir(parents=True, exist_ok=True)
                found = hashlib.sha256()
                with path.open("wb") as out:
                    while block := content.read(_BLOCK):
                        found.update(block)
                        out.write(block)
                if found.hexdigest() != expected["sha256"]:
                    raise BackupError(f"{source} is damaged: '{member.name}' is not what was backed up.")
    except (OSError, EOFError, tarfile.TarError, KeyError, TypeError, ValueError) as error:
        raise BackupError(f"{source} cannot be read as a backup ({type(error).__name__}: {error}).") from None
    if wanted:
        raise BackupError(f"{source} is damaged: '{min(wanted)}' is missing.")
    return manifest


def digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()


def _manifest(tar: tarfile.TarFile) -> dict[str, Any]:
    first = tar.next()
    content = tar.extractfile(first) if first is not None and first.name == MANIFEST else None
    if content is None:
        raise ValueError("it has no manifest")
    manifest: dict[str, Any] = json.load(content)
    if manifest["format"] != FORMAT:
        raise ValueError(f"its format is {manifest['format']}, this version reads {FORMAT}")
    return manifest


def _is_safe(name: str) -> bool:
    return not name.startswith("/") and ".." not in Path(name).parts
