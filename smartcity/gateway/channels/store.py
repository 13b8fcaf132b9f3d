"""What messengers need to outlive a restart, in VAR/channels.db: what came and is not answered, what is not
yet sent, who was greeted, which choices are valid, which messages were seen, and dead letters.

Addresses stand there only until the answer is sent or given up, texts until then and, in dead letters, for
`LETTER_TEXT_SECONDS`. Deleted content is overwritten with zeros. Persons are keyed pseudonyms, ids of messages
keyed digests. All methods are called from one thread, and each is one transaction: a store on another server
needs these methods and nothing else.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smartcity.gateway.channels.channel import DAY

SEEN_SECONDS = 8 * DAY
"""How long a message is known as seen; what was written before is not taken. Meta sends again for seven days."""
MOST_SEEN = 500_000
LETTER_TEXT_SECONDS = 7 * DAY
LETTER_SECONDS = 90 * DAY
STOPPED_SECONDS = 30 * DAY
"""How long it is known, as a number beside a pseudonym, that somebody has stopped."""
BUSY_MILLISECONDS = 5000
PRIVATE = "private-"
"""Beginning of the key of a part that may repeat what a citizen told a form: no dead letter keeps its text."""
MOST_CHOICES = 60
"""Choices of one person that stay valid."""

_TABLES = """
CREATE TABLE IF NOT EXISTS people (
    person TEXT PRIMARY KEY, number INTEGER NOT NULL, greeted INTEGER NOT NULL,
    language TEXT NOT NULL, spoken TEXT NOT NULL, numbered TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS choices (
    id INTEGER PRIMARY KEY AUTOINCREMENT, person TEXT NOT NULL, reference TEXT NOT NULL, payload TEXT NOT NULL,
    UNIQUE (person, reference));
CREATE TABLE IF NOT EXISTS incoming (
    id INTEGER PRIMARY KEY AUTOINCREMENT, person TEXT NOT NULL, channel TEXT NOT NULL, said TEXT NOT NULL,
    at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS outgoing (
    id INTEGER PRIMARY KEY AUTOINCREMENT, person TEXT NOT NULL, channel TEXT NOT NULL, sender TEXT NOT NULL,
    address TEXT NOT NULL, body TEXT NOT NULL, key TEXT NOT NULL, attempts INTEGER NOT NULL, until REAL NOT NULL);
CREATE TABLE IF NOT EXISTS seen (key TEXT PRIMARY KEY, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS dead_letters (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, channel TEXT NOT NULL, sender TEXT NOT NULL,
    reason TEXT NOT NULL, attempts INTEGER NOT NULL, content TEXT);
CREATE INDEX IF NOT EXISTS incoming_person ON incoming (person, id);
CREATE INDEX IF NOT EXISTS outgoing_person ON outgoing (person, id);
CREATE INDEX IF NOT EXISTS seen_at ON seen (at);
"""


@dataclass(frozen=True)
class Person:
    """What is known of a person: how often they stopped, and how the conversation stands."""

    person: str
    number: int = 0
    greeted: bool = False
    language: str = ""
    """In which the conversation began."""
    spoken: str = ""
    """In which the last answer was."""
    numbered: tuple[str, ...] = ()
    """References of the choices with the numbers 1, 2, ..."""


@dataclass(frozen=True)
class Arrived:
    """A message on its way into the store; `seen` is the digest of its id."""

    seen: str
    person: str
    channel: str
    said: Mapping[str, Any]
    stops: bool = False


@dataclass(frozen=True)
class Waiting:
    """A message that waits for its answer."""

    id: int
    person: str
    channel: str
    said: dict[str, Any]
    at: float


@dataclass(frozen=True)
class Part:
    """A part of an answer that waits to be sent."""

    id: int
    person: str
    channel: str
    sender: str
    address: dict[str, Any]
    body: dict[str, Any]
    key: str
    attempts: int
    until: float


@dataclass(frozen=True)
class Letter:
    """A message that was given up."""

    at: float
    channel: str
    sender: str
    reason: str
    attempts: int
    content: str | None


class Store:
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        # Opened in one thread and used in another, never in two at a time.
        self._db = sqlite3.connect(
            path, timeout=BUSY_MILLISECONDS / 1000, isolation_level=None, check_same_thread=False
        )
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON"):
            self._db.execute(f"PRAGMA {pragma}").fetchall()
        self._db.executescript(_TABLES)
        self._emptied = -1

    def close(self) -> None:
        self.empty_log()
        self._db.close()

    def empty_log(self) -> None:
        """Leave nothing readable in the write-ahead log of what was overwritten. While somebody else reads the
        database that cannot be; the next time does it then."""
        if self._db.total_changes == self._emptied:
            return
        changes = self._db.total_changes
        self._db.execute("PRAGMA busy_timeout=50").fetchall()
        (busy, _, _) = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        self._db.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}").fetchall()
        if not busy:
            self._emptied = changes

    def waiting(self) -> int:
        """How many messages wait for their answer."""
        return int(self._one("SELECT count(*) FROM incoming")[0])

    def ask(self, statement: str) -> Any:
        """One row of numbers."""
        return self._one(statement)

    def waiting_of(self, person: str) -> int:
        return int(self._one("SELECT count(*) FROM incoming WHERE person = ?", person)[0])

    def has_seen(self, key: str) -> bool:
        return bool(self._one("SELECT count(*) FROM seen WHERE key = ?", key)[0])

    def accept(self, arrived: Iterable[Arrived], at: float) -> list[str]:
        """Take in what was not seen before, all or nothing; gives the persons. A stop drops what waits of its own."""
        persons = []
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            for one in arrived:
                if not self._run("INSERT OR IGNORE INTO seen VALUES (?, ?)", one.seen, at):
                    continue
                if one.stops:
                    self._run("DELETE FROM incoming WHERE person = ?", one.person)
                    self._run("DELETE FROM outgoing WHERE person = ?", one.person)
                self._run(
                    "INSERT INTO incoming (person, channel, said, at) VALUES (?, ?, ?, ?)",
                    one.person, one.channel, _json(one.said), at,
                )  # fmt: skip
                persons.append(one.person)
        return persons

    def persons(self) -> list[str]:
        """Everybody for whom something waits, who has waited longest first."""
        rows = self._all("SELECT person, min(at) FROM incoming GROUP BY person ORDER BY 2")
        waiting = [row[0] for row in rows]
        rows = self._all("SELECT DISTINCT person FROM outgoing")
        return list(dict.fromkeys([row[0] for row in rows] + waiting))

    def next_waiting(self, person: str) -> Waiting | None:
        row = self._one("SELECT * FROM incoming WHERE person = ? ORDER BY id LIMIT 1", person)
        return Waiting(row["id"], row["person"], row["channel"], json.loads(row["said"]), row["at"]) if row else None

    def next_part(self, person: str) -> Part | None:
        row = self._one("SELECT * FROM outgoing WHERE person = ? ORDER BY id LIMIT 1", person)
        if row is None:
            return None
        found = dict(row)
        return Part(**{**found, "address": json.loads(row["address"]), "body": json.loads(row["body"])})

    def person(self, person: str) -> Person:
        row = self._one("SELECT * FROM people WHERE person = ?", person)
        if row is None:
            return Person(person)
        numbered = tuple(json.loads(row["numbered"]))
        return Person(person, row["number"], bool(row["greeted"]), row["language"], row["spoken"], numbered)

    def payload(self, person: str, reference: str) -> str | None:
        """What pressing the choice says; None when it is not one of this person's, or no longer."""
        row = self._one("SELECT payload FROM choices WHERE person = ? AND reference = ?", person, reference)
        return str(row["payload"]) if row else None

    def answered(
        self, waiting: Waiting, parts: Sequence[Part], person: Person, choices: Mapping[str, str], at: float
    ) -> bool:
        """Put the parts in the place of the message that they answer; False when a stop has dropped it."""
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            if not self._run("DELETE FROM incoming WHERE id = ?", waiting.id):
                return False
            self._put_person(person, at)
            for reference, payload in choices.items():
                self._run("DELETE FROM choices WHERE person = ? AND reference = ?", person.person, reference)
                self._run(
                    "INSERT INTO choices (person, reference, payload) VALUES (?, ?, ?)",
                    person.person, reference, payload,
                )  # fmt: skip
            self._run(
                "DELETE FROM choices WHERE person = ?1 AND id NOT IN "
                "(SELECT id FROM choices WHERE person = ?1 ORDER BY id DESC LIMIT ?2)",
                person.person, MOST_CHOICES,
            )  # fmt: skip
            for part in parts:
                self._run(
                    "INSERT INTO outgoing (person, channel, sender, address, body, key, attempts, until) "
                    "VALUES (?, ?, ?, ?, ?, ?, 0, ?)",
                    part.person, part.channel, part.sender, _json(part.address), _json(part.body), part.key, part.until,
                )  # fmt: skip
        return True

    def forget(self, person: Person, sender: str, at: float) -> None:
        """Leave nothing of the person but that they have stopped once more."""
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._run("DELETE FROM choices WHERE person = ?", person.person)
            self._run("UPDATE dead_letters SET content = NULL WHERE sender = ?", sender)
            self._put_person(Person(person.person, person.number + 1), at)

    def tried(self, part: Part) -> None:
        self._run("UPDATE outgoing SET attempts = attempts + 1 WHERE id = ?", part.id)

    def sent(self, part: Part) -> None:
        self._run("DELETE FROM outgoing WHERE id = ?", part.id)

    def give_up(self, part: Part, reason: str, at: float) -> None:
        """Make the part a dead letter; its address goes."""
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            if not self._run("DELETE FROM outgoing WHERE id = ?", part.id):
                return
            content = None if part.key.startswith(PRIVATE) else _json(part.body)
            self._bury(Letter(at, part.channel, part.sender, reason, part.attempts + 1, content))

    def bury(self, letter: Letter) -> None:
        """Keep a dead letter that was no part of ours any more."""
        self._bury(letter)

    def letters(self) -> list[Letter]:
        """All dead letters, the newest first; the console shows them."""
        rows = self._all("SELECT at, channel, sender, reason, attempts, content FROM dead_letters ORDER BY id DESC")
        return [Letter(**dict(row)) for row in rows]

    def mark(self, name: str) -> str:
        row = self._one("SELECT value FROM marks WHERE name = ?", name)
        return str(row["value"]) if row else ""

    def set_mark(self, name: str, value: str) -> None:
        self._run("INSERT OR REPLACE INTO marks VALUES (?, ?)", name, value)

    def tidy(self, at: float) -> None:
        """Remove what has been kept long enough."""
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._run("DELETE FROM seen WHERE at < ?", at - SEEN_SECONDS)
            self._run(
                "DELETE FROM seen WHERE key IN (SELECT key FROM seen ORDER BY at DESC LIMIT -1 OFFSET ?)", MOST_SEEN
            )
            self._run("UPDATE dead_letters SET content = NULL WHERE at < ?", at - LETTER_TEXT_SECONDS)
            self._run("DELETE FROM dead_letters WHERE at < ?", at - LETTER_SECONDS)
            self._run("DELETE FROM people WHERE NOT greeted AND at < ?", at - STOPPED_SECONDS)

    def _put_person(self, person: Person, at: float) -> None:
        self._run(
            "INSERT OR REPLACE INTO people VALUES (?, ?, ?, ?, ?, ?, ?)",
            person.person, person.number, person.greeted, person.language, person.spoken, _json(person.numbered), at,
        )  # fmt: skip

    def _bury(self, letter: Letter) -> None:
        self._run(
            "INSERT INTO dead_letters (at, channel, sender, reason, attempts, content) VALUES (?, ?, ?, ?, ?, ?)",
            letter.at, letter.channel, letter.sender, letter.reason, letter.attempts, letter.content,
        )  # fmt: skip

    def _run(self, statement: str, *values: Any) -> int:
        """Run the statement; how many rows it changed."""
        with closing(self._db.execute(statement, values)) as cursor:
            return cursor.rowcount

    def _one(self, statement: str, *values: Any) -> Any:
        with closing(self._db.cursor()) as cursor:
            cursor.row_factory = sqlite3.Row
            return cursor.execute(statement, values).fetchone()

    def _all(self, statement: str, *values: Any) -> list[Any]:
        with closing(self._db.cursor()) as cursor:
            cursor.row_factory = sqlite3.Row
            return cursor.execute(statement, values).fetchall()


def _json(value: Any) -> str:
    # In ASCII: a platform may send halves of surrogate pairs, which SQLite does not take.
    return json.dumps(value, separators=(",", ":"))
