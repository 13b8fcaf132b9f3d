"""Requests that citizens left."""

from __future__ import annotations

import argparse

from smartcity.cli.command import Command, Commands, add, group
from smartcity.settings import Settings


def _inquiries(name: str) -> Command:
    def run(arguments: argparse.Namespace, settings: Settings) -> int:
        from smartcity.inquiries import commands

        code: int = getattr(commands, name)(arguments, settings)
        return code

    return run


def add_to(commands: Commands) -> None:
    """Add the commands."""
    requests = group(commands, "inquiries", "Requests that citizens left.")
    for name, text in (
        ("send", "Send the mails that are due, once or for good."),
        ("purge", "Delete closed requests and drafts that are too old; the reader does it once a day."),
        ("rotate", "Encrypt everything anew with the first of SMARTCITY_INQUIRY_KEYS."),
        ("status", "Tell how many requests are in which state, and how many mails wait."),
    ):
        parser = add(requests, name, _inquiries(name), text, serves=name == "send")
        if name == "send":
            parser.add_argument("--follow", action="store_true", help="go on until it is stopped")
