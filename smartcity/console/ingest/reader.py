"""The reader: takes batches of events from Rasa's database and puts them into the console's, with the cursor.

A batch and the cursor are one transaction, so killing it at any moment loses nothing and doubles nothing. Reading
Rasa's database takes one short query a batch, and work on texts is done outside of all transactions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
import sqlalchemy.exc

from smartcity.console.database import hold, write
from smartcity.console.ingest import cursor as cursors
from smartcity.console.ingest.conversation import Conversation
from smartcity.console.ingest.cursor import Cursor, Gap
from smartcity.console.ingest.events import COLUMNS, Broken, Counts, Event, Rated, Row, Said, read_event
from smartcity.console.ingest.known import Known
from smartcity.console.tables import conversations, turns
from smartcity.console.tables import cursors as cursor_table
from smartcity.privacy import erasures
from smartcity.privacy.pseudonyms import Pseudonyms
from smartcity.privacy.tracker_store import EVENTS, is_there

BATCH = 3000
"""Events in a batch, about 200 turns."""
LATEST_TURNS = 30
"""Turns of a conversation that new events are seen beside: for repeated questions and titles of buttons."""
AT_ONCE = 400
"""Values in one IN (...)."""
GAPS_AT_ONCE = 200
MOST_TRIES = 50
"""Of one batch: more is no bad luck."""

Loaded = tuple[list[Row], int, int]
"""Rows, the oldest transaction that runs, and the next one."""


class Moved(Exception):
    """Another reader has moved the cursor meanwhile."""


class Reader:
    def __init__(
        self,
        tracker: Any,
        console: Any,
        pseudonyms: Pseudonyms,
        known: Callable[[], Known],
        assistant: str,
        batch: int = BATCH,
    ) -> None:
        """`tracker` and `console` are engines; `assistant` is the assistant_id of config.yml."""
        self._tracker = tracker
        self._console = console
        self._pseudonyms = pseudonyms
        self._known = known
        self._assistant = assistant
        self._batch = batch
        self._whole = tracker.dialect.name == "sqlite"
        self._there = False
        self._tries = 0

    def read_all(self, stop: Callable[[], bool] = lambda: False) -> Counts:
        """Read to the end, or until `stop`; what was read and skipped."""
        total = Counts()
        while not stop():
            counts = self.read_batch()
            if counts is None:
                break
            total.read += counts.read
            for reason, count in counts.skipped.items():
                total.skipped[reason] = total.skipped.get(reason, 0) + count
        return total

    def read_batch(self) -> Counts | None:
        """Read one batch; None where there is nothing new."""
        if not self._there:
            self._there = is_there(self._tracker)
            if not self._there:
                return None
        kept = self._kept_cursor()
        cursor = Cursor.from_json(kept)
        with self._tracker.connect() as connection:
            held = cursor.check(connection, self._mark)
            late, oldest, _ = self._late(connection, cursor.gaps)
            rows, _, following = self._new(connection, cursor.last)
        counts = Counts()
        before = cursor.as_json()
        cursor.close_gaps([row.id for row in late], oldest)
        if not self._whole:
            cursor.note_gaps([row.id for row in rows], following)
        if rows:
            cursor.move(rows[-1].id, self._mark(rows[-1]))
        if not rows and not late and held and cursor.as_json() == before:
            return None
        events = self._events([*late, *rows], counts)
        counts.read = len(rows) + len(late)
        cursor.counts.read += counts.read
        for reason, count in counts.skipped.items():
            cursor.counts.skipped[reason] = cursor.counts.skipped.get(reason, 0) + count
        try:
            self._store(events, kept, cursor)
        except (Moved, sa.exc.IntegrityError):
            # Another reader was faster, or a conversation was deleted meanwhile: once more, from what is there now.
            self._tries += 1
            if self._tries >= MOST_TRIES:
                raise
            return Counts()
        self._tries = 0
        return counts if rows or late else None

    def _mark(self, row: Any) -> str:
        return cursors.mark_of(self._pseudonyms.of(str(row.sender_id)), row)

    def _kept_cursor(self) -> Any:
        """The cursor as it is kept."""
        query = sa.select(cursor_table.c.value).where(cursor_table.c.name == cursors.NAME)
        with self._console.connect() as connection:
            return connection.execute(query).scalar()

    def _new(self, connection: Any, last: int) -> Loaded:
        """The next rows, in SQLite such that no conversation's insert is cut in two."""
        most = self._batch
        while True:
            query = sa.select(*COLUMNS).where(EVENTS.c.id > last).order_by(EVENTS.c.id).limit(most + 1)
            rows = [Row(*row) for row in connection.execute(query)]
            if len(rows) > most:
                rows.pop()
            elif self._whole:
                return rows, 0, 0
            if not self._whole:
                # After the rows: whoever had an id below theirs had begun by now.
                return rows, *self._transactions(connection)
            sender, cut = rows[-1].sender_id, len(rows)
            while cut and rows[cut - 1].sender_id == sender:
                cut -= 1
            if cut:
                return rows[:cut], 0, 0
            most *= 2

    def _late(self, connection: Any, gaps: Sequence[Gap]) -> Loaded:
        """The rows that have come into gaps."""
        rows: list[Row] = []
        if not gaps:
            return rows, 0, 0
        oldest, following = self._transactions(connection)
        for place in range(0, len(gaps), GAPS_AT_ONCE):
            some = gaps[place : place + GAPS_AT_ONCE]
            missing = sa.or_(*(EVENTS.c.id.between(gap.first, gap.last) for gap in some))
            query = sa.select(*COLUMNS).where(missing).order_by(EVENTS.c.id).limit(self._batch)
            rows += [Row(*row) for row in connection.execute(query)]
            if len(rows) >= self._batch:
                break
        return rows, oldest, following

    def _transactions(self, connection: Any) -> tuple[int, int]:
        """The oldest transaction of PostgreSQL that runs, and the next one; SQLite has one at a time."""
        if self._whole:
            return 0, 0
        snapshot = "txid_current_snapshot()"
        query = sa.text(f"SELECT txid_snapshot_xmin({snapshot}), txid_snapshot_xmax({snapshot})")
        oldest, following = connection.execute(query).one()
        return int(oldest), int(following)

    def _events(self, rows: Iterable[Row], counts: Counts) -> dict[str, list[Event]]:
        """The events by pseudonym, in their order."""
        found: dict[str, list[Event]] = {}
        pseudonyms: dict[str, str] = {}
        for row in rows:
            try:
                event = read_event(row, self._assistant)
            except Broken as reason:
                counts.skip(str(reason))
                continue
            except (ValueError, TypeError, OverflowError, RecursionError):
                counts.skip("broken")
                continue
            if event is None:
                continue
            if not row.sender_id:
                counts.skip("no sender")
                continue
            sender = str(row.sender_id)
            pseudonym = pseudonyms.get(sender)
            if pseudonym is None:
                pseudonym = pseudonyms[sender] = self._pseudonyms.of(sender)
            found.setdefault(pseudonym, []).append(event)
        return found

    def _store(self, events: dict[str, list[Event]], kept: Any, cursor: Cursor) -> None:
        """Put events and cursor into the console's database. Raises Moved."""
        known = self._known()
        with self._console.connect() as connection:
            open_ones = _load(connection, events)
        for pseudonym, some in events.items():
            conversation = open_ones[pseudonym]
            for event in some:
                if not conversation.add(event, known):
                    cursor.counts.skip("of no turn")
            conversation.finish(known)
        with write(self._console) as connection:
            self._lock(connection, kept)
            # Here, in the transaction: a note that is written later finds what is stored now.
            gone = erasures.noted(connection, events) if len(events) <= AT_ONCE else _noted(connection, events)
            alive = [one for pseudonym, one in open_ones.items() if pseudonym not in gone]
            _save(connection, alive)
            values = {"value": cursor.as_json()}
            connection.execute(cursor_table.update().where(cursor_table.c.name == cursors.NAME).values(values))

    def _lock(self, connection: Any, kept: Any) -> None:
        """Hold the cursor's row; nobody else may have moved it. Raises Moved."""
        hold(connection)
        query = sa.select(cursor_table.c.value).where(cursor_table.c.name == cursors.NAME)
        now = connection.execute(query).scalar()
        if now != kept:
            raise Moved
        begun = cursor_table.update().where(cursor_table.c.name == cursors.NAME).values(value={})
        if now is None and not connection.execute(begun).rowcount:
            connection.execute(cursor_table.insert().values(name=cursors.NAME, value={}))


def _parts(values: Iterable[Any]) -> Iterable[list[Any]]:
    every = list(values)
    for place in range(0, len(every), AT_ONCE):
        yield every[place : place + AT_ONCE]


def _noted(connection: Any, pseudonyms: Iterable[str]) -> set[str]:
    return {one for some in _parts(pseudonyms) for one in erasures.noted(connection, some)}


def _load(connection: Any, events: dict[str, list[Event]]) -> dict[str, Conversation]:
    """The conversations that the events belong to, with their latest turns and those that the events name."""
    rows: dict[str, Any] = {}
    for some in _parts(events):
        query = sa.select(conversations).where(conversations.c.pseudonym.in_(some))
        rows.update((row.pseudonym, dict(row._mapping)) for row in connection.execute(query))
    found: dict[int, list[dict[str, Any]]] = {row["id"]: [] for row in rows.values()}
    names = {row["id"]: pseudonym for pseudonym, row in rows.items()}
    rank = sa.func.row_number().over(partition_by=turns.c.conversation_id, order_by=turns.c.number.desc())
    for some in _parts(found):
        ranked = sa.select(turns, rank.label("rank")).where(turns.c.conversation_id.in_(some)).subquery()
        query = sa.select(ranked).where(ranked.c.rank <= LATEST_TURNS).order_by(ranked.c.number)
        for row in connection.execute(query):
            turn = dict(row._mapping)
            del turn["rank"]
            found[turn["conversation_id"]].append(turn)
        # After a step back, events of turns come again that are older.
        for key in some:
            known = {turn["source_id"] for turn in found[key]}
            said = [event.source_id for event in events[names[key]] if isinstance(event, Said)]
            for missing in _parts(
                [source for source in said if source not in known] if len(known) == LATEST_TURNS else ()
            ):
                older = sa.select(turns).where(turns.c.conversation_id == key, turns.c.source_id.in_(missing))
                found[key] = [dict(row._mapping) for row in connection.execute(older)] + found[key]
            found[key].sort(key=lambda turn: int(turn["number"]))
    return {
        pseudonym: Conversation(
            pseudonym, rows.get(pseudonym), found[rows[pseudonym]["id"]] if pseudonym in rows else []
        )
        for pseudonym in events
    }


def _save(connection: Any, changed: Sequence[Conversation]) -> None:
    _save_new(connection, changed)
    fresh: list[dict[str, Any]] = []
    later: list[dict[str, Any]] = []
    updates: list[dict[str, Any]] = []
    for one in changed:
        if one.row is None:
            continue
        key = one.row["id"]
        for place in sorted(one.changed):
            turn = {**one.turns[place], "conversation_id": key}
            (later if "id" in turn else fresh).append(turn)
        for rated in one.later:
            turn_of = _rated_turn(connection, key, rated)
            if turn_of is not None:
                values = {"feedback": rated.thumb, "comment": rated.comment}
                connection.execute(turns.update().where(turns.c.id == turn_of).values(values))
        number = one.turns[-1]["number"] if one.turns else one.row["turns"]
        updates.append({
            "key": key, "new_ended": one.updates.get("ended", one.row["ended"]), "new_turns": number,
            "new_language": one.updates.get("language", one.row["language"]),
            "new_rating": one.updates.get("rating", one.row["rating"]),
            "new_comment": one.updates.get("comment", one.row["comment"]),
        })  # fmt: skip
    if fresh:
        connection.execute(turns.insert(), fresh)
    if later:
        columns = ("answers", "answer", "outcome", "milliseconds", "feedback", "comment", "action", "policy", "theme",
                   "initiative", "language", "repeated")  # fmt: skip
        statement = (
            turns.update()
            .where(turns.c.id == sa.bindparam("key"))
            .values({name: sa.bindparam(f"new_{name}") for name in columns})
        )
        given = [{"key": turn["id"], **{f"new_{name}": turn[name] for name in columns}} for turn in later]
        connection.execute(statement, given)
    if updates:
        names = ("ended", "turns", "language", "rating", "comment")
        statement = (
            conversations.update()
            .where(conversations.c.id == sa.bindparam("key"))
            .values({name: sa.bindparam(f"new_{name}") for name in names})
        )
        connection.execute(statement, updates)


def _save_new(connection: Any, changed: Sequence[Conversation]) -> None:
    """Insert the conversations that begin; feedback alone begins none."""
    new = [one for one in changed if one.row is None and one.turns]
    if not new:
        return
    rows = [
        {
            "pseudonym": one.pseudonym, "channel": one.turns[0]["channel"], "language": one.turns[-1]["language"],
            "started": one.turns[0]["at"], "ended": one.updates["ended"], "turns": 0,
        }
        for one in new
    ]  # fmt: skip
    connection.execute(conversations.insert(), rows)
    ids: dict[str, dict[str, Any]] = {}
    for some in _parts(one.pseudonym for one in new):
        query = sa.select(conversations).where(conversations.c.pseudonym.in_(some))
        ids.update((row.pseudonym, dict(row._mapping)) for row in connection.execute(query))
    for one in new:
        one.row = ids[one.pseudonym]


def _rated_turn(connection: Any, conversation: int, rated: Rated) -> int | None:
    """The turn of the conversation in which the rated message was said."""
    query = sa.select(turns.c.id, turns.c.answers).where(turns.c.conversation_id == conversation)
    for row in connection.execute(query):
        if any(answer.get("id") == rated.message for answer in row.answers):
            return int(row.id)
    return None


__all__ = ["BATCH", "Reader"]
