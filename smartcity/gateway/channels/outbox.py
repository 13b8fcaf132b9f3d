"""The outbox: parts of answers that are not yet sent, and the dead letters that they become.

A part goes to its platform in three steps: it is handed over, then it is sent, was not taken, or is given up.
The first is in the database before the platform can have seen the part. So a part that was handed over and has
no outcome is perhaps delivered.
"""

from __future__ import annotations

import json
from typing import Any

from smartcity.gateway.channels.channel import DAY
from smartcity.gateway.channels.records import PRIVATE, Letter, Part, as_json
from smartcity.gateway.channels.statements import Statements, every, one, run

LETTER_TEXT_SECONDS = 7 * DAY
LETTER_SECONDS = 90 * DAY


class Outbox(Statements):
    def next(self, person: str) -> Part | None:
        """The part that goes to the person first."""
        with self.reading() as connection:
            row = one(
                connection, "SELECT * FROM channel_outgoing WHERE person = :person ORDER BY id LIMIT 1", person=person
            )
        if row is None:
            return None
        return Part(**{**row, "address": json.loads(row["address"]), "body": json.loads(row["body"])})

    def hand_over(self, part: Part, at: float) -> bool:
        """Note that the platform may have the part from now on; False when it is not ours to send any more."""
        with self.writing() as connection:
            statement = "UPDATE channel_outgoing SET handed = :at WHERE id = :id AND handed IS NULL"
            return bool(run(connection, statement, at=at, id=part.id))

    def sent(self, part: Part) -> None:
        with self.writing() as connection:
            run(connection, "DELETE FROM channel_outgoing WHERE id = :id", id=part.id)

    def not_taken(self, part: Part) -> None:
        """The platform has not got the part: it may be sent again."""
        with self.writing() as connection:
            statement = "UPDATE channel_outgoing SET attempts = attempts + 1, handed = NULL WHERE id = :id"
            run(connection, statement, id=part.id)

    def give_up(self, part: Part, reason: str, at: float) -> bool:
        """Make the part a dead letter; its address goes. False when somebody else did so."""
        with self.writing() as connection:
            if not run(connection, "DELETE FROM channel_outgoing WHERE id = :id", id=part.id):
                return False
            content = None if part.key.startswith(PRIVATE) else as_json(part.body)
            _bury(connection, Letter(at, part.channel, part.sender, reason, part.attempts + 1, content))
        return True

    def bury(self, letter: Letter) -> None:
        """Keep a dead letter that was no part of ours any more."""
        with self.writing() as connection:
            _bury(connection, letter)

    def letters(self) -> list[Letter]:
        """All dead letters, the newest first; the console shows them."""
        with self.reading() as connection:
            rows = every(
                connection, "SELECT at, channel, sender, reason, attempts, content FROM dead_letters ORDER BY id DESC"
            )
        return [Letter(**row) for row in rows]

    def tidy(self, at: float) -> None:
        """Remove texts, and then letters, that have been kept long enough."""
        with self.writing() as connection:
            run(connection, "UPDATE dead_letters SET content = NULL WHERE at < :at", at=at - LETTER_TEXT_SECONDS)
            run(connection, "DELETE FROM dead_letters WHERE at < :at", at=at - LETTER_SECONDS)


def _bury(connection: Any, letter: Letter) -> None:
    run(
        connection,
        "INSERT INTO dead_letters (at, channel, sender, reason, attempts, content) "
        "VALUES (:at, :channel, :sender, :reason, :attempts, :content)",
        at=letter.at, channel=letter.channel, sender=letter.sender, reason=letter.reason, attempts=letter.attempts,
        content=letter.content,
    )  # fmt: skip
