"""What goes from the console's tables: conversations that are too old, and those that somebody wants gone.

What staff `kept` stays without what would lead to a person: the pseudonym and the messages' ids go, times become the
day's beginning (whoever saw somebody type at 14:03 could find them by it). When somebody wants a conversation gone,
all proposals go that came from it. When it only is too old, those that were approved stay, and lose their link.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from smartcity import deletions
from smartcity.console.corrections import retention as corrections
from smartcity.console.database import empty_log, hold, write
from smartcity.console.tables import audit, conversations, turns
from smartcity.inquiries.tables import drafts
from smartcity.privacy import erasures

DAY = 86_400_000
AT_ONCE = 200
"""Conversations deleted in one transaction, so that nobody waits long."""
MERGED_PAGES = 500
"""Pages of SQLite's full-text index that are merged in one transaction."""
DEEDS_AT_ONCE = 5_000
"""Lines of the audit deleted in one transaction."""


def apply_erasures(engine: Any, reason: str = "citizen", only: Iterable[str] | None = None) -> dict[str, int]:
    """Remove what notes ask for (or those with these pseudonyms); {"conversations", "turns", "proposals", "drafts"}."""
    with engine.connect() as connection:
        wanted = erasures.pending(connection)
    if only is not None:
        wanted = sorted(set(wanted) & set(only))
    counts = {"conversations": 0, "turns": 0, "proposals": 0, "drafts": 0}
    for place in range(0, len(wanted), AT_ONCE):
        some = wanted[place : place + AT_ONCE]
        with write(engine) as connection:
            hold(connection)
            gone = _delete(connection, conversations.c.pseudonym.in_(some))
            # A request that was begun goes with the conversation; one that was filed is the office's.
            gone["drafts"] = connection.execute(drafts.delete().where(drafts.c.pseudonym.in_(some))).rowcount
            deletions.note(connection, reason, gone)
            _add(counts, gone)
        # Only now: a note that is done promises that no byte is left either.
        _forget_words(engine)
        with write(engine) as connection:
            erasures.mark_done(connection, some)
    return counts


def purge(engine: Any, days: int, now: int | None = None) -> dict[str, int]:
    """Remove conversations whose last message is older than that, and identifiers of kept ones.

    {"conversations", "turns", "proposals", "kept"}; `now` is in milliseconds.
    """
    limit = _limit(days, now)
    counts = {"conversations": 0, "turns": 0, "proposals": 0, "kept": 0}
    old = sa.and_(conversations.c.ended < limit, sa.not_(conversations.c.kept))
    while True:
        with write(engine) as connection:
            hold(connection)
            some = list(connection.execute(sa.select(conversations.c.id).where(old).limit(AT_ONCE)).scalars())
            if not some:
                break
            gone = _delete(connection, conversations.c.id.in_(some), corrections.UNDECIDED)
            deletions.note(connection, "retention", gone)
            _add(counts, gone)
    counts["kept"] = _lose_identifiers(engine, limit)
    with write(engine) as connection:
        erasures.drop_old(connection)
    if any(counts.values()):
        _forget_words(engine)
    return counts


def purge_audit(engine: Any, days: int, now: int | None = None) -> dict[str, int]:
    """Remove what staff read and changed longer ago than that; {"audit"}."""
    old = sa.select(audit.c.id).where(audit.c.at < _limit(days, now)).order_by(audit.c.at).limit(DEEDS_AT_ONCE)
    counts = {"audit": 0}
    while True:
        with write(engine) as connection:
            gone: int = connection.execute(audit.delete().where(audit.c.id.in_(old.scalar_subquery()))).rowcount
            deletions.note(connection, "retention", {"audit": gone})
        if not gone:
            break
        counts["audit"] += gone
    if counts["audit"]:
        empty_log(engine)
    return counts


def _limit(days: int, now: int | None) -> int:
    return (int(time.time() * 1000) if now is None else now) - days * DAY


def _delete(connection: Any, which: Any, states: Sequence[str] | None = None) -> dict[str, int]:
    """Delete conversations, and proposals that came from them: all, or those in these states."""
    ids = sa.select(conversations.c.id).where(which)
    of_them = sa.select(turns.c.id).where(turns.c.conversation_id.in_(ids))
    number: int = connection.execute(sa.select(sa.func.count()).select_from(of_them.subquery())).scalar()
    proposed = corrections.forget(connection, of_them, states)
    # Turns, their tags and their words in the index go by themselves; what stays of proposals loses its link.
    gone: int = connection.execute(conversations.delete().where(which)).rowcount
    return {"conversations": gone, "turns": number, "proposals": proposed}


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
        deletions.note(connection, "retention", {"kept": len(rows)})
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
