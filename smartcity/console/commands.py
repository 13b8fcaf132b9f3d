"""What `smartcity console` and `smartcity privacy` do, as far as the log and its deletion are concerned."""

from __future__ import annotations

import argparse
import logging
import sys
from datetime import UTC, datetime

from smartcity.console import retention
from smartcity.console.database import connect, migrate, write
from smartcity.console.ingest import follow
from smartcity.privacy import erasures, tracker_store
from smartcity.privacy.pseudonyms import Pseudonyms
from smartcity.settings import Settings
from smartcity.watching import logs, outside


def ingest(arguments: argparse.Namespace, settings: Settings) -> int:
    """`smartcity console ingest [--follow]`."""
    if arguments.follow:
        logs.set_up(settings, {"": logging.WARNING, "smartcity": logging.INFO})
        outside.start(settings, "reader")
        follow.follow(settings)
        return 0
    counts = follow.ingest_once(settings)
    skipped = ", ".join(f"{count} {reason}" for reason, count in sorted(counts.skipped.items()))
    print(f"{counts.read} events read" + (f"; skipped: {skipped}." if skipped else "."))
    return 0


def purge(arguments: argparse.Namespace, settings: Settings) -> int:
    """`smartcity privacy purge`."""
    opened = follow.open_ingest(settings)
    try:
        retention.apply_erasures(opened.console)
        counts = follow.purge(opened)
    finally:
        opened.close()
    print(
        f"Deleted: {counts['conversations']} redacted conversations with {counts['turns']} turns "
        f"(older than {settings.keep_conversations_days} days), {counts['tracker']} conversations with "
        f"{counts['events']} events of Rasa (older than {settings.keep_tracker_days} days). "
        f"{counts['kept']} kept conversations lost their identifiers. "
        f"{counts['inquiries']} closed requests (older than {settings.keep_inquiries_days} days), "
        f"{counts['drafts']} drafts of requests."
    )
    return 0


def delete(settings: Settings, session: str) -> int:
    """Delete a conversation, given by Rasa's sender id or the console's pseudonym; the exit code.

    A note comes first, so that a reader that runs at the same time brings nothing back.
    """
    opened = follow.open_ingest(settings)
    try:
        of = Pseudonyms(settings).of
        is_pseudonym = len(session) == 64 and all(sign in "0123456789abcdef" for sign in session)
        sender = tracker_store.find_sender(opened.tracker, session, of) if is_pseudonym else session
        pseudonym = session if is_pseudonym else of(session)
        with write(opened.console) as connection:
            erasures.add(connection, pseudonym)
        events = tracker_store.delete_sender(opened.tracker, sender) if sender is not None else 0
        counts = retention.apply_erasures(opened.console, "staff", only=(pseudonym,))
        if events:
            retention.note(opened.console, "staff", {"events": events})
    finally:
        opened.close()
    if not events and not counts["conversations"]:
        print("There was no such conversation.", file=sys.stderr)
        return 1
    print(f"Deleted: {counts['turns']} turns in the console, {events} events of Rasa.")
    return 0


def report(arguments: argparse.Namespace, settings: Settings) -> int:
    """`smartcity privacy report`."""
    engine = connect(settings)
    migrate(engine)
    print(f"{'time (UTC)':17} {'reason':10} deleted")
    for row in reversed(retention.report(engine)):
        at = datetime.fromtimestamp(row.at / 1000, UTC).strftime("%Y-%m-%d %H:%M")
        print(f"{at:17} {row.reason:10} " + ", ".join(f"{count} {name}" for name, count in row.counts.items() if count))
    engine.dispose()
    return 0
