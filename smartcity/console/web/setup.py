"""The first account: whoever types the code that the console printed at its start may make it.

Without the code nobody on the network can claim a console that has no accounts yet.
"""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from smartcity.console.tables import accounts

SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without those that look alike."""


class Setup:
    def __init__(self, engine: Engine, var: Path) -> None:
        self._engine = engine
        self.path = var / "console-setup-code"
        self._done = False

    def is_open(self) -> bool:
        """Whether there is no account yet."""
        if not self._done:
            with self._engine.connect() as connection:
                self._done = connection.execute(sa.select(accounts.c.id).limit(1)).first() is not None
        return not self._done

    def code(self) -> str | None:
        """The code while the console has no account: kept in VAR, readable by its owner only."""
        if not self.is_open():
            return None
        kept = self._kept()
        if kept:
            return kept
        code = "-".join("".join(secrets.choice(SIGNS) for _ in range(4)) for _ in range(4))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.unlink(missing_ok=True)
        with os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(code + "\n")
        return code

    def is_right(self, typed: str) -> bool:
        """Whether this is the code; spaces, hyphens and case do not count."""
        kept = self._kept()
        return bool(kept) and hmac.compare_digest(_bare(typed).encode(), _bare(kept or "").encode())

    def use_up(self) -> bool:
        """Take the code away; False when somebody else has just done so."""
        try:
            self.path.unlink()
        except FileNotFoundError:
            return False
        return True

    def _kept(self) -> str:
        try:
            return self.path.read_text("ascii").strip()
        except (FileNotFoundError, UnicodeDecodeError):
            return ""


def _bare(code: str) -> str:
    return "".join(sign for sign in code.upper() if sign.isalnum())
