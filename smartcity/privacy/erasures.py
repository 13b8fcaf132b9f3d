"""Notes that a conversation is to be erased, written before the citizen reads that it is.

The gateway writes them, whoever deletes; the console's reader obeys them, also when it was down meanwhile,
and takes nothing of a noted conversation in any more. A note holds a pseudonym and times, no text.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
import sqlalchemy.exc

from smartcity.database import connect, make_tables, write
from smartcity.privacy.pseudonyms import Pseudonyms
from smartcity.settings import Settings

METADATA = sa.MetaData()

erasures = sa.Table(
    "erasures",
    METADATA,
    sa.Column("pseudonym", sa.String(64), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),  # milliseconds since 1970, of the first request
    sa.Column("done", sa.BigInteger()),  # when the console had removed everything; null: not yet
    sa.PrimaryKeyConstraint("pseudonym", name="pk_erasures"),
)

KEPT_DAYS = 29
"""How long a note is kept: longer than Rasa may keep what it is about, shorter than messengers remember a stop.

After 30 days a person on a messenger may get the sender id again that they had before they stopped.
"""


class ErasureError(RuntimeError):
    """The note could not be written, so nothing may say that the conversation is deleted."""


class Erasures:
    """Writes notes; opens the database at the first one and makes the table where the console never ran."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pseudonyms: Pseudonyms | None = None
        self._engine: Any = None

    def note(self, sender: str) -> str:
        """Note that the conversation of this sender is to be erased; its pseudonym. Raises ErasureError."""
        try:
            if self._engine is None:
                self._pseudonyms = Pseudonyms(self._settings)
                engine = connect(self._settings)
                make_tables(engine, METADATA)
                self._engine = engine
            assert self._pseudonyms is not None
            pseudonym = self._pseudonyms.of(sender)
            with write(self._engine) as connection:
                add(connection, pseudonym)
        except (sa.exc.SQLAlchemyError, OSError) as error:
            raise ErasureError(
                f"The deletion could not be noted ({type(error).__name__}); nothing was deleted."
            ) from error
        return pseudonym

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()


def add(connection: Any, pseudonym: str) -> None:
    """Write the note, or make a note that was done one that is to be done again."""
    again = erasures.update().where(erasures.c.pseudonym == pseudonym).values(done=None)
    if connection.execute(again).rowcount:
        return
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert
    new = insert(erasures).values(pseudonym=pseudonym, at=int(time.time() * 1000))
    connection.execute(new.on_conflict_do_update(index_elements=["pseudonym"], set_={"done": None}))


def pending(connection: Any) -> list[str]:
    """The pseudonyms of what is to be erased still."""
    return list(connection.execute(sa.select(erasures.c.pseudonym).where(erasures.c.done.is_(None))).scalars())


def noted(connection: Any, pseudonyms: Iterable[str]) -> set[str]:
    """Those of the pseudonyms that have a note, done or not."""
    wanted = list(pseudonyms)
    if not wanted:
        return set()
    return set(connection.execute(sa.select(erasures.c.pseudonym).where(erasures.c.pseudonym.in_(wanted))).scalars())


def mark_done(connection: Any, pseudonyms: Iterable[str]) -> None:
    now = int(time.time() * 1000)
    for pseudonym in pseudonyms:
        connection.execute(erasures.update().where(erasures.c.pseudonym == pseudonym).values(done=now))


def drop_old(connection: Any) -> int:
    """Remove the notes that have been kept long enough; how many."""
    limit = int((time.time() - KEPT_DAYS * 86_400) * 1000)
    old = erasures.delete().where(erasures.c.done.is_not(None), erasures.c.done < limit)
    dropped: int = connection.execute(old).rowcount
    return dropped
