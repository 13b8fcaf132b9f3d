"""The inbox: messages that came and are not answered, and which were seen before."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from smartcity.gateway.channels.channel import DAY
from smartcity.gateway.channels.records import Arrived, Waiting, as_json
from smartcity.gateway.channels.statements import Statements, every, one, run

SEEN_SECONDS = 8 * DAY
"""How long a message is known as seen; what was written before is not taken. Meta sends again for seven days."""
MOST_SEEN = 500_000


@dataclass(frozen=True)
class Standing:
    """What is known before a message is taken in."""

    waiting: int
    """How many messages wait, of all persons."""
    of: Mapping[str, int]
    """How many of each of these persons."""
    seen: Collection[str]


class Inbox(Statements):
    def waiting(self) -> int:
        """How many messages wait for their answer."""
        with self.reading() as connection:
            return _count(connection)

    def standing(self, keys: Collection[str], persons: Collection[str]) -> Standing:
        """Which of the keys were seen, and how many messages of the persons wait."""
        with self.reading() as connection:
            known = connection.execute(
                sa.text("SELECT key FROM channel_seen WHERE key IN :keys").bindparams(_several("keys")),
                {"keys": list(keys)},
            )
            counted = connection.execute(
                sa.text(
                    "SELECT person, count(*) FROM channel_incoming WHERE person IN :persons GROUP BY person"
                ).bindparams(_several("persons")),
                {"persons": list(persons)},
            )
            return Standing(_count(connection), dict(map(tuple, counted)), {row[0] for row in known})

    def accept(self, arrived: Iterable[Arrived], at: float) -> list[str]:
        """Take in what was not seen before, all or nothing; gives the persons. A stop drops what waits of its own."""
        arrived = list(arrived)
        persons = []
        with self.writing() as connection:
            # In one order everywhere: two processes that take the same in must not wait for each other.
            fresh = {key for key in sorted({one.seen for one in arrived}) if _note(connection, key, at)}
            for entry in arrived:
                if entry.seen not in fresh:
                    continue
                fresh.discard(entry.seen)
                if entry.stops:
                    run(connection, "DELETE FROM channel_incoming WHERE person = :person", person=entry.person)
                    run(connection, "DELETE FROM channel_outgoing WHERE person = :person", person=entry.person)
                run(
                    connection,
                    "INSERT INTO channel_incoming (person, channel, said, at, written) "
                    "VALUES (:person, :channel, :said, :at, :written)",
                    person=entry.person, channel=entry.channel, said=as_json(entry.said), at=at,
                    written=at if entry.written is None else entry.written,
                )  # fmt: skip
                persons.append(entry.person)
        return persons

    def next(self, person: str) -> Waiting | None:
        """The message of the person that was written first."""
        with self.reading() as connection:
            row = one(
                connection,
                "SELECT id, person, channel, said, at FROM channel_incoming WHERE person = :person "
                "ORDER BY written, id LIMIT 1",
                person=person,
            )
        return Waiting(**{**row, "said": json.loads(row["said"])}) if row else None

    def tidy(self, at: float) -> None:
        """Forget which messages were seen long ago, and of too many the oldest."""
        with self.writing() as connection:
            run(connection, "DELETE FROM channel_seen WHERE at < :at", at=at - SEEN_SECONDS)
            oldest = every(
                connection, "SELECT at FROM channel_seen ORDER BY at DESC LIMIT 1 OFFSET :most", most=MOST_SEEN
            )
            if oldest:
                run(connection, "DELETE FROM channel_seen WHERE at <= :at", at=oldest[0]["at"])


def _count(connection: Any) -> int:
    return int(connection.execute(sa.text("SELECT count(*) FROM channel_incoming")).scalar_one())


def _several(name: str) -> Any:
    return sa.bindparam(name, expanding=True)


def _note(connection: Any, key: str, at: float) -> bool:
    """Note the message as seen; False when it was."""
    # Whoever else is just noting it is waited for.
    statement = "INSERT INTO channel_seen (key, at) VALUES (:key, :at) ON CONFLICT (key) DO NOTHING"
    return bool(run(connection, statement, key=key, at=at))
