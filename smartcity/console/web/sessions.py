"""Sessions: a random token in the browser, its digest in the database, an end after hours and after idleness."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from smartcity.console import clock
from smartcity.console.database import write
from smartcity.console.tables import accounts, sessions

MINUTE = 60 * 1000
LONGEST = 12 * 60 * MINUTE
"""A session ends so long after the sign-in, whatever happens."""
IDLE = 2 * 60 * MINUTE
"""It ends earlier when nothing was asked for so long."""


class Sessions:
    def __init__(self, engine: Engine, secret: str) -> None:
        self._engine = engine
        self._secret = secret.encode()

    @staticmethod
    def new_token() -> str:
        return secrets.token_urlsafe(32)

    def csrf(self, token: str) -> str:
        """What forms carry: known only to who holds the token and to this console."""
        return hmac.new(self._secret, token.encode(), hashlib.sha256).hexdigest()

    def begin(self, account_id: int) -> str:
        """A new session's token; sessions that are over are cleared away."""
        token, now = self.new_token(), clock.now()
        with write(self._engine) as connection:
            connection.execute(
                sa.delete(sessions).where((sessions.c.made < now - LONGEST) | (sessions.c.used < now - IDLE))
            )
            connection.execute(
                sa.insert(sessions).values(digest=_digest(token), account_id=account_id, made=now, used=now)
            )
        return token

    def end(self, token: str) -> None:
        with write(self._engine) as connection:
            connection.execute(sa.delete(sessions).where(sessions.c.digest == _digest(token)))

    def end_all(self, account_id: int, but: str | None = None) -> None:
        """End every session of the account, except that of the token `but`."""
        with write(self._engine) as connection:
            connection.execute(
                sa.delete(sessions).where(
                    sessions.c.account_id == account_id, sessions.c.digest != (_digest(but) if but else "")
                )
            )

    def account(self, token: str) -> dict[str, Any] | None:
        """The account whose session this is, while the session lasts and the account is not disabled."""
        now = clock.now()
        with self._engine.connect() as connection:
            row = (
                connection.execute(
                    sa.select(
                        accounts.c.id,
                        accounts.c.name,
                        accounts.c.shown,
                        accounts.c.role,
                        accounts.c.language,
                        sessions.c.used,
                    )
                    .join_from(sessions, accounts)
                    .where(
                        sessions.c.digest == _digest(token),
                        sessions.c.made > now - LONGEST,
                        sessions.c.used > now - IDLE,
                        sa.not_(accounts.c.disabled),
                    )
                )
                .mappings()
                .first()
            )
        if row is None:
            return None
        if row["used"] < now - MINUTE:
            # Once a minute is exact enough, and spares a write for every page.
            with write(self._engine) as connection:
                connection.execute(sa.update(sessions).where(sessions.c.digest == _digest(token)).values(used=now))
        return dict(row)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
