"""`smartcity console adduser`: an account from the command line, such as the first admin."""

from __future__ import annotations

import getpass
import sys

import sqlalchemy as sa

from smartcity.console import accounts, clock
from smartcity.console.database import connect, migrate, write
from smartcity.console.passwords import PasswordError
from smartcity.console.tables import audit
from smartcity.console.web.texts import texts
from smartcity.settings import Settings


def add(settings: Settings, name: str, role: str, shown: str = "") -> int:
    """Make the account with a password that is typed twice or comes from standard input; the exit code."""
    password = _typed() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    engine = connect(settings)
    migrate(engine)
    try:
        made = accounts.make(engine, name, role, password, shown)
    except (accounts.AccountError, PasswordError) as error:
        print(f"smartcity: {texts('en')(str(error))}", file=sys.stderr)
        return 1
    finally:
        engine.dispose()
    with write(engine) as connection:
        row = {"at": clock.now(), "who": "smartcity console adduser", "deed": "account.made"}
        connection.execute(sa.insert(audit).values({**row, "subject": f"account/{made}", "details": {"role": role}}))
    engine.dispose()
    print(f"The account '{accounts.bare(name)}' may now sign in as {role}.")
    return 0


def _typed() -> str:
    while True:
        first = getpass.getpass("Password: ")
        if getpass.getpass("Password, again: ") == first:
            return first
        print("The two passwords differ.", file=sys.stderr)
