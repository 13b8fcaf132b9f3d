"""The staff's console, and deletion of what people wrote."""

from __future__ import annotations

import argparse
from pathlib import Path

from smartcity.cli.command import Commands, add, group
from smartcity.settings import Settings


def _console_serve(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.console.server import serve

    serve(settings)
    return 0


def _console_adduser(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.console.adduser import add

    return add(settings, arguments.name, arguments.role, arguments.shown)


def _console_ingest(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.console.commands import ingest

    return ingest(arguments, settings)


def _privacy_purge(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.console.commands import purge

    return purge(arguments, settings)


def _privacy_delete(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.console.commands import delete
    from smartcity.gateway.sessions import sender_of_token

    return delete(settings, sender_of_token(settings, arguments.session) or arguments.session)


def _privacy_report(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.console.commands import report

    return report(arguments, settings)


def _demo(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.console.clock import today
    from smartcity.console.demo.filling import fill
    from smartcity.knowledge.source import read_once

    folder = arguments.folder or settings.var / "demo"
    path = fill(folder, read_once(settings.content), today(), arguments.seed)
    print(
        f"{path} holds invented conversations of the last weeks. Look at them with\n\n"
        f"  SMARTCITY_VAR={folder} SMARTCITY_DATABASE=sqlite:///{path.resolve()} smartcity console serve\n"
    )
    return 0


def add_to(commands: Commands) -> None:
    """Add the commands."""
    from smartcity.console.tables import ROLES

    console = group(commands, "console", "The staff's console.")
    text = "Start the console alone; while it has no admin, print the code for making the first account."
    add(console, "serve", _console_serve, text, serves=True)
    text = "Make an account; the password is asked for, or read from standard input."
    adduser = add(console, "adduser", _console_adduser, text)
    adduser.add_argument("name", metavar="NAME", help="name to sign in with")
    adduser.add_argument("--role", choices=ROLES, required=True, help="what the account may do")
    adduser.add_argument("--shown", default="", metavar="TEXT", help="name that others see (default: NAME)")
    text = "Read Rasa's conversations into the console, redacted: to their end, or for good."
    ingest = add(console, "ingest", _console_ingest, text, serves=True)
    ingest.add_argument("--follow", action="store_true", help="go on until it is stopped; also erases and deletes")
    privacy = group(commands, "privacy", "Deletion of what people wrote.")
    text = "Delete what is older than the settings allow; the reader does it once a day."
    add(privacy, "purge", _privacy_purge, text)
    delete = add(privacy, "delete", _privacy_delete, "Delete every trace of one conversation.")
    delete.add_argument(
        "session", metavar="SESSION", help="Rasa's sender id, the console's pseudonym or a chat's session token"
    )
    report = add(privacy, "report", _privacy_report, "Tell what was deleted, when and why: numbers alone.")
    report.add_argument("--days", type=int, default=365, help="how far back (default: 365)")
    demo = add(
        commands, "demo", _demo, "Fill a folder of its own with invented conversations, to try the console with."
    )
    demo.add_argument("folder", nargs="?", type=Path, help="folder of the demo (default: demo in VAR)")
    demo.add_argument("--seed", type=int, default=1, help="another number gives other conversations")
