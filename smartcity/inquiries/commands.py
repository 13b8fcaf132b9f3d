"""What `smartcity inquiries` does."""

from __future__ import annotations

import argparse
import logging

import sqlalchemy as sa

from smartcity.inquiries import delivery, retention
from smartcity.inquiries.lists import STALE, Lists
from smartcity.inquiries.store import Store
from smartcity.inquiries.tables import outbox
from smartcity.settings import Settings
from smartcity.watching import logs, outside


def send(arguments: argparse.Namespace, settings: Settings) -> int:
    """`smartcity inquiries send [--follow]`; the exit code is 1 when a try failed."""
    logs.set_up(settings, {"": logging.WARNING, "smartcity": logging.INFO})
    if arguments.follow:
        outside.start(settings, "mailer")
        delivery.follow(settings)
        return 0
    delivery.check(settings)
    store = Store(settings)
    try:
        sent, failed = delivery.send_due(store)
    finally:
        store.close()
    print(f"{sent} mails sent, {failed} tries failed.")
    return 1 if failed else 0


def purge(arguments: argparse.Namespace, settings: Settings) -> int:
    """`smartcity inquiries purge`."""
    store = Store(settings)
    try:
        counts = retention.purge(store, settings.keep_inquiries_days)
    finally:
        store.close()
    print(
        f"Deleted: {counts['inquiries']} requests that were closed more than {settings.keep_inquiries_days} days ago, "
        f"with {counts['mails']} mails; {counts['drafts']} drafts."
    )
    return 0


def rotate(arguments: argparse.Namespace, settings: Settings) -> int:
    """`smartcity inquiries rotate`."""
    store = Store(settings)
    try:
        renewed = retention.rotate(store)
    finally:
        store.close()
    print(f"{renewed} entries are encrypted with the first key now; the keys after it may go.")
    return 0


def status(arguments: argparse.Namespace, settings: Settings) -> int:
    """`smartcity inquiries status`."""
    store = Store(settings)
    try:
        lists = Lists(store, settings.stale_inquiries_days)
        counts = lists.counts()
        for state, number in counts.items():
            print(f"{state:10} {number}")
        with store.reading() as connection:
            waiting = sa.select(sa.func.count(), sa.func.max(outbox.c.tries)).where(outbox.c.payload.is_not(None))
            number, tries = connection.execute(waiting).one()
            lost = sa.select(sa.func.count()).where(outbox.c.given_up.is_not(None)).select_from(outbox)
            print(f"{number} mails wait to be sent" + (f", the worst one tried {tries} times" if tries else ""), end="")
            print(f"; {connection.execute(lost).scalar()} were given up.")
        if counts[STALE]:
            found = lists.page(STALE)
            more = ", ..." if found.after else ""
            print(
                f"Open for more than {settings.stale_inquiries_days} days, and kept until somebody closes them: "
                + ", ".join(row.reference for row in found.rows)
                + more
            )
    finally:
        store.close()
    return 0
