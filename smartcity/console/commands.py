"""What `smartcity console` and `smartcity privacy` do, as far as the log and its deletion are concerned."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from smartcity import deletions
from smartcity.console import retention
from smartcity.console.corrections import retention as corrections
from smartcity.console.corrections.examples import read_examples
from smartcity.console.corrections.writing import EXAMPLES_FILE, TESTS_FILE
from smartcity.console.database import connect, migrate, write
from smartcity.console.ingest import follow
from smartcity.knowledge.documents import ContentError
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
        f"{counts['proposals']} proposals and {counts['trials']} trials "
        f"(closed more than {settings.keep_corrections_days} days ago, or gone with their conversation). "
        f"{counts['audit']} lines of the audit (older than {settings.keep_audit_days} days). "
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
            handed_over = corrections.handed_over(connection, pseudonym)
        events = tracker_store.delete_sender(opened.tracker, sender) if sender is not None else 0
        counts = retention.apply_erasures(opened.console, "staff", only=(pseudonym,))
        with write(opened.console) as connection:
            deletions.note(connection, "staff", {"events": events})
    finally:
        opened.close()
    if not events and not counts["conversations"]:
        print("There was no such conversation.", file=sys.stderr)
        return 1
    print(
        f"Deleted: {counts['turns']} turns and {counts['proposals']} proposals in the console, {events} events of Rasa."
    )
    for place in _places(handed_over):
        print(f"Was handed over before, and is still in the project: {place}. Take it out there by hand.")
    return 0


def _places(handed_over: Sequence[tuple[str, str]], root: Path = Path()) -> list[str]:
    """Where the project's files hold these examples and tests; not what they say."""
    found: list[str] = []
    for kind, text in handed_over:
        file = root / (TESTS_FILE if kind == "conversation" else EXAMPLES_FILE)
        try:
            if kind == "conversation":
                found += [TESTS_FILE] * (file.exists() and text.strip() in file.read_text("utf-8"))
            elif kind == "example" and (example := read_examples(root).like(text)) is not None:
                found.append(example.place)
        except (ContentError, OSError):
            found.append(str(file))
    return list(dict.fromkeys(found))


def report(arguments: argparse.Namespace, settings: Settings) -> int:
    """`smartcity privacy report`."""
    engine = connect(settings)
    migrate(engine)
    with engine.connect() as connection:
        rows = deletions.report(connection, arguments.days)
    print(f"{'day (UTC)':11} {'reason':10} deleted")
    for row in reversed(rows):
        told = ", ".join(f"{count} {name}" for name, count in row.counts.items() if count)
        print(f"{row.day:%Y-%m-%d}  {row.reason:10} {told}")
    engine.dispose()
    return 0
