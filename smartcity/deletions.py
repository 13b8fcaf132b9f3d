"""The report of deletions: what went, when and why, as numbers alone. Every room that deletes writes into it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

METADATA = sa.MetaData(naming_convention={"pk": "pk_%(table_name)s"})
DAY = 86_400_000

deletions = sa.Table(
    "deletions",
    METADATA,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
    sa.Column("at", sa.BigInteger(), nullable=False),  # milliseconds since 1970
    sa.Column("reason", sa.String(32), nullable=False),  # retention, citizen, staff
    sa.Column("counts", sa.JSON, nullable=False, default=dict),  # {"conversations": 3, "turns": 20, "events": 400}
    sqlite_autoincrement=True,
)


@dataclass(frozen=True)
class Deleted:
    """What went on one day (UTC) for one reason."""

    day: date
    reason: str
    counts: Mapping[str, int]


def note(connection: Any, reason: str, counts: Mapping[str, int]) -> None:
    """Put a deletion into the report, in its own transaction. Nothing where nothing was deleted."""
    gone = {name: count for name, count in counts.items() if count}
    if gone:
        connection.execute(deletions.insert().values(at=int(time.time() * 1000), reason=reason, counts=gone))


def report(connection: Any, days: int) -> list[Deleted]:
    """What went in the last days, the newest day first."""
    since = int(time.time() * 1000) - days * DAY
    query = sa.select(deletions).where(deletions.c.at >= since).order_by(deletions.c.id)
    found: dict[tuple[date, str], Counter[str]] = {}
    for row in connection.execute(query):
        day = datetime.fromtimestamp(row.at / 1000, UTC).date()
        found.setdefault((day, row.reason), Counter()).update(row.counts)
    return [Deleted(day, reason, dict(counts)) for (day, reason), counts in sorted(found.items(), reverse=True)]
