"""Sign-in slowed down: by name and address together, by address, and by name."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from smartcity.console import clock
from smartcity.console.database import write
from smartcity.console.tables import attempts

WINDOW = 15 * 60 * 1000
PAIR, ADDRESS, NAME = 5, 30, 50
"""Failures within the window. A name alone gets many, so that nobody can lock a colleague out with ease."""


class Throttle:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def take(self, name: str, address: str) -> bool:
        """Count one attempt before it is tried, so that many at once count too; False when it is one too many."""
        keys = _keys(name, address)
        now = clock.now()
        with write(self._engine) as connection:
            connection.execute(sa.delete(attempts).where(attempts.c.at < now - WINDOW))
            connection.execute(sa.insert(attempts), [{"key": key, "at": now} for key in keys])
            counts = dict(
                connection.execute(
                    sa.select(attempts.c.key, sa.func.count()).where(attempts.c.key.in_(keys)).group_by(attempts.c.key)
                ).all()
            )
        return all(counts[key] <= limit for key, limit in keys.items())

    def forget(self, name: str, address: str) -> None:
        """Somebody has signed in: earlier failures of this name at this address do not count, nor does this attempt."""
        pair, *others = _keys(name, address)
        with write(self._engine) as connection:
            connection.execute(sa.delete(attempts).where(attempts.c.key == pair))
            for key in others:
                newest = sa.select(sa.func.max(attempts.c.id)).where(attempts.c.key == key).scalar_subquery()
                connection.execute(sa.delete(attempts).where(attempts.c.id == newest))


def _keys(name: str, address: str) -> dict[str, int]:
    """Digests: the table tells neither names that were tried nor addresses."""
    return {
        hashlib.sha256(text.encode("utf-8", "replace")).hexdigest(): limit
        for text, limit in (
            (f"pair\n{name}\n{address}", PAIR),
            (f"address\n{address}", ADDRESS),
            (f"name\n{name}", NAME),
        )
    }
