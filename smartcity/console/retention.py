"""What goes from the console's tables: conversations that are too old, and those that somebody wants gone.

What staff `kept` stays without what would lead to a person: the pseudonym and the messages' ids go, times become the
day's beginning (whoever saw somebody type at 14:03 could find them by it). Proposals go with the conversation that they
came from, unless they were approved: then the link is cut.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from smartcity.console.database import empty_log, hold, write
from smartcity.console.tables import conversations, deletions, proposals, turns
from smartcity.inquiries.tables import drafts
from smartcity.privacy import erasures

DAY = 86_400_000
AT_ONCE = 200
"""Conversations deleted in one transaction, so that nobody waits long."""
MERGED_PAGES = 500
"""Pages of SQLite's full-text index that are merged in one transaction."""
UNDECIDED = ("proposed", "declined")


def apply_erasures(engine: Any, reason: str = "citizen", only: Iterable[str] | None = None) -> dict[str, int]:
    """Remove what notes ask for (or those with these pseudonyms); {"conversations", "turns"}."""
    with engine.connect() as connection:
        wanted = erasures.pending(connection)
    if only is not None:
        wanted = sorted(set(wanted) & set(only))
    counts = {"conversations": 0, "turns": 0}
    for place in range(0, len(wanted), AT_ONCE):
        some = wanted[place : place + AT_ONCE]
        with write(engine) as connection:
            hold(connection)
            _add(counts, _delete(connection, conversations.c.pseudonym.in_(some)))
            # A request that was begun goes with the conversation; one that was filed is the office's.
            connection.execute(drafts.delete().where(drafts.c.pseudonym.in_(some)))
        # Only now: a note that is done promises that no byte is left either.
        _forget_words(engine)
        with write(engine) as connection:
            erasures.mark_done(connection, some)
    note(engine, reason, counts)
    return counts


def purge(engine: Any, days: int, now: int | None = None) -> dict[str, int]:
    """Remove conversations whose last message is older than that, and identifiers of kept ones.

    {"conversations", "turns", "kept"}; `now` is in milliseconds.
    """
    limit = (int(time.time() * 1000) if now is None else now) - days * DAY
    counts = {"conversations": 0, "turns": 0, "kept": 0}
    old = sa.and_(conversations.c.ended < limit, sa.not_(conversations.c.kept))
    while True:
        with write(engine) as connection:
            hold(connection)
            some = list(connection.execute(sa.select(conversations.c.id).where(old).limit(AT_ONCE)).scalars())
            if not some:
                break
            _add(counts, _delete(connection, conversations.c.id.in_(some)))
    counts["kept"] = _lose_identifiers(engine, limit)
    with write(engine) as connection:
        erasures.drop_old(connection)
    if any(counts.values()):
        _forget_words(engine)
    note(engine, "retention", counts)
    return counts


def report(engine: Any, most: int = 50) -> list[Any]:
    """The latest rows of `deletions`, the newest first."""
    with engine.connect() as connection:
        return list(connection.execute(sa.select(deletions).order_by(deletions.c.id.desc()).limit(most)))


def note(engine: Any, reason: str, counts: dict[str, int]) -> None:
    """Put a deletion into the report: numbers alone. Nothing where nothing was deleted."""
    if any(count for name, count in counts.items() if name != "kept"):
        with write(engine) as connection:
            connection.execute(deletions.insert().values(at=int(time.time() * 1000), reason=reason, counts=counts))


def _delete(connection: Any, which: Any) -> dict[str, int]:
    ids = sa.select(conversations.c.id).where(which)
    of_them = sa.select(turns.c.id).where(turns.c.conversation_id.in_(ids))
    number: int = connection.execute(sa.select(sa.func.count()).select_from(of_them.subquery())).scalar()
    connection.execute(proposals.delete().where(proposals.c.turn_id.in_(of_them), proposals.c.state.in_(UNDECIDED)))
    # Turns, their tags and their words in the index go by themselves; approved proposals lose their link.
    gone: int = connection.execute(conversations.delete().where(which)).rowcount
    return {"conversations": gone, "turns": number}


def _lose_identifiers(engine: Any, limit: int) -> int:
    """Kept conversations that are old: no pseudonym, no ids of messages, the day instead of the time."""
    old = sa.and_(conversations.c.ended < limit, conversations.c.kept, conversations.c.pseudonym.is_not(None))
    with write(engine) as connection:
        hold(connection)
        rows = list(connection.execute(sa.select(conversations.c.id, conversations.c.started).where(old)))
        for row in rows:
            day = row.started - row.started % DAY
            query = sa.select(turns.c.id, turns.c.answers).where(turns.c.conversation_id == row.id)
            for turn in list(connection.execute(query)):
                answers = [{**answer, "id": None} for answer in turn.answers]
                values = {"source_id": f"kept-{turn.id}", "at": day, "answers": answers}
                connection.execute(turns.update().where(turns.c.id == turn.id).values(values))
            values = {"pseudonym": None, "started": day, "ended": day}
            connection.execute(conversations.update().where(conversations.c.id == row.id).values(values))
    return len(rows)


def _forget_words(engine: Any) -> None:
    """Leave no byte in SQLite's files: the full-text index keeps words of deleted rows until it is merged.

    Raises LogError where somebody reads the database for long.
    """
    if engine.dialect.name != "sqlite":
        return
    pages = -MERGED_PAGES
    while True:
        with write(engine) as connection:
            before = _changes(connection)
            connection.execute(
                sa.text("INSERT INTO turns_text (turns_text, rank) VALUES ('merge', :pages)"), {"pages": pages}
            )
            if _changes(connection) - before < 2:
                break
        # From the second time on: go on with what the first has begun.
        pages = MERGED_PAGES
    empty_log(engine)


def _changes(connection: Any) -> int:
    changes: int = connection.execute(sa.text("SELECT total_changes()")).scalar()
    return changes


def _add(counts: dict[str, int], more: dict[str, int]) -> None:
    for name, count in more.items():
        counts[name] += count
