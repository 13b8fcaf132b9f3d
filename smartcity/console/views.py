"""Saved searches: one's own, and those that somebody shares with all."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from smartcity.console.database import write
from smartcity.console.tables import accounts, views

LONGEST_NAME = 64
LONGEST_QUERY = 4000


def save(engine: Engine, account_id: int, name: str, query: str, shared: bool) -> int:
    """Save under this name, in place of one's own view of the same name; its id."""
    values = {"query": query[:LONGEST_QUERY], "shared": shared}
    with write(engine) as connection:
        mine = (views.c.account_id == account_id) & (views.c.name == name)
        if (found := connection.execute(sa.select(views.c.id).where(mine)).scalar()) is not None:
            connection.execute(sa.update(views).where(views.c.id == found).values(values))
            return int(found)
        row = {"account_id": account_id, "name": name, **values}
        return int(connection.execute(sa.insert(views).values(row)).inserted_primary_key[0])


def seen_by(engine: Engine, account_id: int) -> list[dict[str, Any]]:
    """One's own views and the shared ones, by name; `owner` is the shown name of whose view it is."""
    with engine.connect() as connection:
        rows = connection.execute(
            sa.select(views, accounts.c.shown.label("owner"))
            .join_from(views, accounts)
            .where((views.c.account_id == account_id) | views.c.shared)
            .order_by(views.c.name, views.c.id)
        )
        return [dict(row) for row in rows.mappings()]


def delete(engine: Engine, number: int, account_id: int | None) -> bool:
    """Delete a view, with an account only if it is that one's; whether there was one."""
    with write(engine) as connection:
        query = sa.delete(views).where(views.c.id == number)
        if account_id is not None:
            query = query.where(views.c.account_id == account_id)
        return bool(connection.execute(query).rowcount)
