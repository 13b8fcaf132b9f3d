"""The secret that is made at the first start where none is set."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def kept_secret(path: Path) -> str:
    """The secret in the file; of several processes that start at once, all get the same."""
    try:
        kept = path.read_text("ascii").strip()
        if len(kept) >= 32:
            return kept
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32) + "\n")
    try:
        # Appears whole or not at all: of several processes that start at once, one wins.
        os.link(fresh, path)
    except FileExistsError:
        if len(path.read_text("ascii").strip()) < 32:
            fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return path.read_text("ascii").strip()
