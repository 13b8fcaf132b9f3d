"""The two questions of every turn to SQLite, asked straight of its driver: the last event's id, and adding events.

Through SQLAlchemy the statements of a turn cost more in Python than in the database. All else, which is rare, goes
through Rasa's engine as before (`tracker_rows`). Effect: docs/architecture.md.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import Any, Dict, Iterator, Optional, Sequence

import sqlalchemy.exc

_NEWEST = "SELECT max(id) FROM events WHERE sender_id = ?"
_ADD = """
INSERT INTO events (sender_id, type_name, timestamp, intent_name, action_name, data)
VALUES (:sender_id, :type_name, :timestamp, :intent_name, :action_name, :data)
"""


def newest(engine: Any, sender_id: str) -> Optional[int]:
    """The id of the conversation's last event; None where there is none. Raises SQLAlchemyError."""
    with _cursor(engine) as cursor:
        return _newest(cursor, sender_id)


def add(engine: Any, sender_id: str, rows: Sequence[Dict[str, Any]], after: Optional[int]) -> Optional[int]:
    """Add rows behind the event with the id `after`; the last one's id, None where that is not the last event.

    Raises SQLAlchemyError: then nothing was added.
    """
    with _cursor(engine) as cursor:
        # The driver would begin at the first change only, after the last id was read.
        cursor.execute("BEGIN IMMEDIATE")
        if _newest(cursor, sender_id) != after:
            return None
        cursor.executemany(_ADD, rows)
        added = _newest(cursor, sender_id)
        cursor.execute("COMMIT")
        return added


def _newest(cursor: sqlite3.Cursor, sender_id: str) -> Optional[int]:
    found: Optional[int] = cursor.execute(_NEWEST, (sender_id,)).fetchone()[0]
    return found


@contextmanager
def _cursor(engine: Any) -> Iterator[sqlite3.Cursor]:
    """A cursor of one of the engine's connections, which takes back what was not committed when it is given back."""
    connection = engine.raw_connection()
    try:
        yield connection.cursor()
    except sqlite3.Error as error:
        # In the words in which the rest of Rasa's store fails; without the statement, which holds what was said.
        raise sqlalchemy.exc.DBAPIError.instance("(a turn's statement)", None, error, sqlite3.Error) from None
    finally:
        connection.close()
