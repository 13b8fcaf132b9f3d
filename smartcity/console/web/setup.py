"""The first account: whoever types the code that the console printed at its start may make it.

Without the code nobody on the network can claim a console that has no admin yet.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from smartcity.console.tables import ROLES, accounts

SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without those that look alike."""


class Setup:
    def __init__(self, engine: Engine, var: Path) -> None:
        self._engine = engine
        self.path = var / "console-setup-code"
        self._done = False

    def is_open(self) -> bool:
        """Whether there is no admin yet. Accounts that OpenID Connect made do not close it."""
        if not self._done:
            admin = sa.select(accounts.c.id).where(accounts.c.role == ROLES[-1]).limit(1)
            with self._engine.connect() as connection:
                self._done = connection.execute(admin).first() is not None
        return not self._done

    def code(self) -> str | None:
        """The code while the console has no account: kept in VAR, readable by its owner only."""
        if not self.is_open():
            return None
        kept = self._kept()
        if kept:
            return kept
        return self._write("-".join("".join(secrets.choice(SIGNS) for _ in range(4)) for _ in range(4)))

    def _write(self, code: str) -> str:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.unlink(missing_ok=True)
        with os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(code + "\n")
        return code

    def is_right(self, typed: str) -> bool:
        """Whether this is the code; spaces, hyphens and case do not count."""
        kept = self._kept()
        return bool(kept) and hmac.compare_digest(_bare(typed).encode(), _bare(kept or "").encode())

    @contextmanager
    def used_up(self) -> Iterator[bool]:
        """Take the code away while the account is made: of two that come at once, one gets True.

        What fails in between brings the code back.
        """
        code = self._kept()
        try:
            self.path.unlink()
        except FileNotFoundError:
            yield False
            return
        try:
            yield True
        except BaseException:
            self._write(code)
            raise

    def _kept(self) -> str:
        try:
            return self.path.read_text("ascii").strip()
        except (FileNotFoundError, UnicodeDecodeError):
            return ""


def _bare(code: str) -> str:
    return "".join(sign for sign in code.upper() if sign.isalnum())
