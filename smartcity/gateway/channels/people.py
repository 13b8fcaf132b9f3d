"""Persons: how their conversation stands and which choices they can press; and how a message becomes its answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from smartcity.gateway.channels.channel import DAY
from smartcity.gateway.channels.records import Part, Person, Waiting, as_json
from smartcity.gateway.channels.statements import Statements, one, run

STOPPED_SECONDS = 30 * DAY
"""How long it is known, as a number beside a pseudonym, that somebody has stopped."""
MOST_CHOICES = 60
"""Choices of one person that stay valid."""


class People(Statements):
    def person(self, person: str) -> Person:
        with self.reading() as connection:
            row = one(connection, "SELECT * FROM channel_people WHERE person = :person", person=person)
        if row is None:
            return Person(person)
        numbered = tuple(json.loads(row["numbered"]))
        return Person(person, row["number"], bool(row["greeted"]), row["language"], row["spoken"], numbered)

    def payload(self, person: str, reference: str) -> str | None:
        """What pressing the choice says; None when it is not one of this person's, or no longer."""
        with self.reading() as connection:
            row = one(
                connection,
                "SELECT payload FROM channel_choices WHERE person = :person AND reference = :reference",
                person=person, reference=reference,
            )  # fmt: skip
        return str(row["payload"]) if row else None

    def answered(
        self, waiting: Waiting, parts: Sequence[Part], person: Person, choices: Mapping[str, str], at: float
    ) -> bool:
        """Put the parts in the place of the message that they answer, all or nothing; False when it is gone:
        a stop has dropped it, or another process has answered it."""
        with self.writing() as connection:
            if not run(connection, "DELETE FROM channel_incoming WHERE id = :id", id=waiting.id):
                return False
            _put(connection, person, at)
            _offer(connection, person.person, choices)
            for part in parts:
                run(
                    connection,
                    "INSERT INTO channel_outgoing (person, channel, sender, address, body, key, attempts, until) "
                    "VALUES (:person, :channel, :sender, :address, :body, :key, 0, :until)",
                    person=part.person, channel=part.channel, sender=part.sender, address=as_json(part.address),
                    body=as_json(part.body), key=part.key, until=part.until,
                )  # fmt: skip
        return True

    def forget(self, person: Person, sender: str, at: float) -> None:
        """Leave nothing of the person but that they have stopped once more."""
        with self.writing() as connection:
            run(connection, "DELETE FROM channel_choices WHERE person = :person", person=person.person)
            run(connection, "UPDATE dead_letters SET content = NULL WHERE sender = :sender", sender=sender)
            _put(connection, Person(person.person, person.number + 1), at)

    def tidy(self, at: float) -> None:
        """Forget who stopped long ago."""
        with self.writing() as connection:
            run(connection, "DELETE FROM channel_people WHERE greeted = 0 AND at < :at", at=at - STOPPED_SECONDS)


def _put(connection: Any, person: Person, at: float) -> None:
    run(
        connection,
        "INSERT INTO channel_people (person, number, greeted, language, spoken, numbered, at) "
        "VALUES (:person, :number, :greeted, :language, :spoken, :numbered, :at) "
        "ON CONFLICT (person) DO UPDATE SET number = excluded.number, greeted = excluded.greeted, "
        "language = excluded.language, spoken = excluded.spoken, numbered = excluded.numbered, at = excluded.at",
        person=person.person, number=person.number, greeted=int(person.greeted), language=person.language,
        spoken=person.spoken, numbered=as_json(person.numbered), at=at,
    )  # fmt: skip


def _offer(connection: Any, person: str, choices: Mapping[str, str]) -> None:
    """Add choices as the newest, and drop what is more than `MOST_CHOICES`."""
    for reference, payload in choices.items():
        run(
            connection, "DELETE FROM channel_choices WHERE person = :person AND reference = :reference",
            person=person, reference=reference,
        )  # fmt: skip
        run(
            connection,
            "INSERT INTO channel_choices (person, reference, payload) VALUES (:person, :reference, :payload)",
            person=person, reference=reference, payload=payload,
        )  # fmt: skip
    if choices:
        run(
            connection,
            "DELETE FROM channel_choices WHERE person = :person AND id NOT IN "
            "(SELECT id FROM channel_choices WHERE person = :person ORDER BY id DESC LIMIT :most)",
            person=person, most=MOST_CHOICES,
        )  # fmt: skip
