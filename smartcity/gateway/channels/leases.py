"""Leases: which process works for a person, or does what one process alone may do.

On SQLite there is one process, which a lock on a file makes sure of, and a lease lasts until it is given back.
On PostgreSQL a lease ends by itself, by the server's clock, when its process renews it no more: whoever is left
takes the person over. A process that was only slow learns at its next step that the step was done already:
`Outbox.hand_over` and `People.answered` say so. So a lease keeps the order; that nothing is done twice does not
depend on it.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from smartcity.gateway.channels.statements import Statements, one, run

SECONDS = 6.0
RENEW_SECONDS = 2.0
WAIT_SECONDS = 20.0
"""How long a process that starts waits for the one before to end."""
FOREVER = 1e18
LISTENING = "listening "
"""Beginning of the name of a platform's lease: who has it asks the platform, and answers there."""

_WAITS = """
SELECT person FROM (
    SELECT person, channel, min(id) AS id, 0 AS kind FROM channel_outgoing GROUP BY person, channel
    UNION ALL SELECT person, channel, min(id) AS id, 1 AS kind FROM channel_incoming GROUP BY person, channel) AS waits
LEFT JOIN channel_leases ON name = person
WHERE (name IS NULL OR owner = :owner OR until < {now}) AND channel NOT IN :without
ORDER BY kind, id
"""


class Leases(Statements):
    def __init__(self, engine: Any, lock: Path) -> None:
        super().__init__(engine)
        self._lock = lock
        self._file: int | None = None
        self.owner = secrets.token_hex(8)
        self._now = "extract(epoch from clock_timestamp())" if self.shared else "0"
        self._until = f"{self._now} + {SECONDS}" if self.shared else str(FOREVER)

    def open(self) -> None:
        """Begin. Raises OSError when another process works on the same SQLite file."""
        if self.shared:
            return
        self._file = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        end = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    os.close(self._file)
                    raise OSError(
                        f"Another gateway process serves the messengers with {self._lock.with_suffix('.db')}. Stop it; "
                        "for several processes set SMARTCITY_DATABASE to a PostgreSQL database."
                    ) from None
                time.sleep(0.1)
        with self.writing() as connection:
            run(connection, "DELETE FROM channel_leases")

    def close(self) -> None:
        """Give everything back."""
        with self.writing() as connection:
            run(connection, "DELETE FROM channel_leases WHERE owner = :owner", owner=self.owner)
        if self._file is not None:
            os.close(self._file)

    def take(self, name: str) -> bool:
        """Whether this process has the lease now."""
        with self.writing() as connection:
            return bool(
                run(
                    connection,
                    f"INSERT INTO channel_leases (name, owner, until) VALUES (:name, :owner, {self._until}) "
                    "ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until "
                    f"WHERE channel_leases.owner = excluded.owner OR channel_leases.until < {self._now}",
                    name=name, owner=self.owner,
                )
            )  # fmt: skip

    def holds(self, name: str) -> bool:
        """Whether nobody else has taken it over."""
        with self.reading() as connection:
            statement = "SELECT name FROM channel_leases WHERE name = :name AND owner = :owner"
            return one(connection, statement, name=name, owner=self.owner) is not None

    def leave(self, person: str) -> bool:
        """Give the person back, unless something of theirs waits."""
        with self.writing() as connection:
            return bool(
                run(
                    connection,
                    "DELETE FROM channel_leases WHERE name = :person AND owner = :owner "
                    "AND NOT EXISTS (SELECT 1 FROM channel_incoming WHERE person = :person) "
                    "AND NOT EXISTS (SELECT 1 FROM channel_outgoing WHERE person = :person)",
                    person=person, owner=self.owner,
                )
            )  # fmt: skip

    def renew(self) -> None:
        """Keep what this process has for `SECONDS` more."""
        if self.shared:
            with self.writing() as connection:
                statement = f"UPDATE channel_leases SET until = {self._until} WHERE owner = :owner"
                run(connection, statement, owner=self.owner)

    def drop(self, person: str) -> None:
        """Give the person back, whatever waits."""
        with self.writing() as connection:
            statement = "DELETE FROM channel_leases WHERE name = :person AND owner = :owner"
            run(connection, statement, person=person, owner=self.owner)

    def unserved(self, without: Collection[str] = ()) -> list[str]:
        """Persons for whom something waits and no other process works, who is to be sent something first;
        nobody of the channels in `without`."""
        statement = sa.text(_WAITS.format(now=self._now)).bindparams(
            sa.bindparam("without", type_=sa.Text, expanding=True)
        )
        with self.reading() as connection:
            found = connection.execute(statement, {"owner": self.owner, "without": list(without)})
            return [row.person for row in found]
