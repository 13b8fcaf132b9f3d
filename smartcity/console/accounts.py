"""The staff's accounts: made, found, changed."""

from __future__ import annotations

import re
import secrets
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from smartcity.console import clock, passwords
from smartcity.console.database import write
from smartcity.console.roles import NO_ROLE
from smartcity.console.tables import ROLES, accounts

NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")


class AccountError(ValueError):
    """Something that cannot be done with an account; the message is the key of the reason's text."""


def bare(name: str) -> str:
    """The name as it is kept."""
    return name.strip().lower()


def make(engine: Engine, name: str, role: str, password: str, shown: str = "") -> int:
    """Make a local account; its id. Raises AccountError or PasswordError."""
    name, shown = bare(name), " ".join(shown.split())
    if not NAME.fullmatch(name):
        raise AccountError("account.bad_name")
    if role not in ROLES:
        raise AccountError("account.bad_role")
    passwords.check(password, name, shown)
    values = {
        "name": name,
        "shown": (shown or name)[:128],
        "password": passwords.hashed(password),
        "role": role,
        "made": clock.now(),
    }
    try:
        with write(engine) as connection:
            made: int = connection.execute(sa.insert(accounts).values(values)).inserted_primary_key[0]
    except sa.exc.IntegrityError:
        raise AccountError("account.taken") from None
    return made


def make_foreign(engine: Engine, subject: str, name: str, shown: str, role: str = NO_ROLE) -> int:
    """Make an account for somebody whom OpenID Connect vouches for; its id.

    The name is only a name: an account of the same name stays somebody else's.
    """
    kept = "".join(sign for sign in bare(name) if sign.isascii() and (sign.isalnum() or sign in "._@-")).lstrip("._@-")
    values = {"subject": subject, "shown": " ".join(shown.split())[:128] or kept or "?", "role": role}
    for number in range(5):
        tail = "" if number == 0 and len(kept) > 1 else f"-{secrets.token_hex(4)}"
        try:
            with write(engine) as connection:
                row = {**values, "name": (kept or "oidc")[: 64 - len(tail)] + tail, "made": clock.now()}
                made: int = connection.execute(sa.insert(accounts).values(row)).inserted_primary_key[0]
                return made
        except sa.exc.IntegrityError:
            continue
    raise AccountError("account.taken")


def by_subject(engine: Engine, subject: str) -> dict[str, Any] | None:
    return _one(engine, accounts.c.subject == subject)


def by_name(engine: Engine, name: str) -> dict[str, Any] | None:
    return _one(engine, accounts.c.name == bare(name))


def by_id(engine: Engine, number: int) -> dict[str, Any] | None:
    return _one(engine, accounts.c.id == number)


def everyone(engine: Engine) -> list[dict[str, Any]]:
    """All accounts by name."""
    with engine.connect() as connection:
        rows = connection.execute(sa.select(accounts).order_by(accounts.c.disabled, accounts.c.name))
        return [dict(row) for row in rows.mappings()]


def names(engine: Engine) -> list[tuple[int, str]]:
    """Ids and shown names of those who can be assigned to."""
    with engine.connect() as connection:
        rows = connection.execute(
            sa.select(accounts.c.id, accounts.c.shown)
            .where(sa.not_(accounts.c.disabled), accounts.c.role != NO_ROLE)
            .order_by(accounts.c.shown)
        )
        return [(row.id, row.shown) for row in rows]


def set_password(engine: Engine, number: int, password: str) -> None:
    """Raises PasswordError, or AccountError for an account that signs in elsewhere."""
    account = by_id(engine, number)
    if account is None or account["subject"]:
        raise AccountError("account.elsewhere")
    passwords.check(password, account["name"], account["shown"])
    change(engine, number, password=passwords.hashed(password))


def change(engine: Engine, number: int, **values: object) -> None:
    """Change columns of an account. Raises AccountError when no admin would be left."""
    with write(engine) as connection:
        connection.execute(sa.update(accounts).where(accounts.c.id == number).values(values))
        left = connection.execute(
            sa.select(accounts.c.id).where(accounts.c.role == ROLES[-1], sa.not_(accounts.c.disabled)).limit(1)
        ).first()
        if left is None and {"role", "disabled"} & values.keys():
            raise AccountError("account.last_admin")


def follow(engine: Engine, number: int, role: str) -> None:
    """Give the account the role that the city's directory says, even if no admin is left then."""
    with write(engine) as connection:
        connection.execute(sa.update(accounts).where(accounts.c.id == number).values(role=role))


def _one(engine: Engine, condition: Any) -> dict[str, Any] | None:
    with engine.connect() as connection:
        row = connection.execute(sa.select(accounts).where(condition)).mappings().first()
    return dict(row) if row else None
