"""What goes by itself: closed requests with their mails, old drafts, and what was kept for the limits of a day."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from smartcity import deletions
from smartcity.inquiries.desk import DAY, DRAFT_HOURS
from smartcity.inquiries.store import Store, now, record
from smartcity.inquiries.tables import drafts, events, inquiries, outbox

AT_ONCE = 200
OVER_DAYS = 7
"""So long after a confirmed appointment the request counts as done, if nobody said so."""


def purge(store: Store, days: int, at: int | None = None) -> dict[str, int]:
    """Delete what is too old, whole; {"inquiries", "mails", "drafts"}. `at` is the present, in milliseconds.

    Whoever calls, it stands in the report of deletions.
    Raises LogError when it is deleted but SQLite's log could not be emptied.
    """
    at = now() if at is None else at
    counts = {"inquiries": 0, "mails": 0, "drafts": 0}
    with store.writing() as connection:
        _close_past_appointments(connection, at)
        old = drafts.delete().where(drafts.c.at < at - DRAFT_HOURS * 3_600_000)
        counts["drafts"] = connection.execute(old).rowcount
        # Only the limits of a day need to know whose session it was.
        known = sa.and_(inquiries.c.at < at - DAY, inquiries.c.sender.is_not(None))
        forgotten = connection.execute(inquiries.update().where(known).values(sender=None)).rowcount
        deletions.note(connection, "retention", {"drafts": counts["drafts"]})
    query = sa.select(inquiries.c.id).where(inquiries.c.closed < at - days * DAY).limit(AT_ONCE)
    while True:
        with store.writing() as connection:
            some = list(connection.execute(query).scalars())
            if not some:
                break
            mails = _delete(connection, outbox, some)
            _delete(connection, events, some)
            gone = connection.execute(inquiries.delete().where(inquiries.c.id.in_(some))).rowcount
            deletions.note(connection, "retention", {"inquiries": gone, "mails": mails})
        counts["mails"] += mails
        counts["inquiries"] += gone
    if any(counts.values()) or forgotten:
        store.empty_log()
    return counts


def _close_past_appointments(connection: Any, at: int) -> None:
    past = sa.and_(inquiries.c.state == "confirmed", inquiries.c.ends < at - OVER_DAYS * DAY)
    for number in list(connection.execute(sa.select(inquiries.c.id).where(past)).scalars()):
        values = {"state": "done", "changed": at, "closed": at, "ends": None}
        connection.execute(inquiries.update().where(inquiries.c.id == number).values(**values))
        record(connection, number, "over")


def _delete(connection: Any, table: Any, numbers: list[int]) -> int:
    deleted: int = connection.execute(table.delete().where(table.c.inquiry_id.in_(numbers))).rowcount
    return deleted


def rotate(store: Store) -> int:
    """Seal everything anew with the first key; how many tokens. Raises VaultError, and then changes nothing more."""
    renewed = 0
    for table, key in ((drafts, drafts.c.sender), (inquiries, inquiries.c.id), (outbox, outbox.c.id)):
        with store.reading() as connection:
            keys = list(connection.execute(sa.select(key).where(table.c.payload.is_not(None))).scalars())
        for place in range(0, len(keys), AT_ONCE):
            with store.writing() as connection:
                wanted = sa.and_(key.in_(keys[place : place + AT_ONCE]), table.c.payload.is_not(None))
                query = sa.select(key, table.c.payload).where(wanted).with_for_update()
                for value, payload in list(connection.execute(query)):
                    fresh = store.vault.renew(payload)
                    connection.execute(table.update().where(key == value).values(payload=fresh))
                    renewed += 1
    if renewed:
        store.empty_log()
    return renewed
