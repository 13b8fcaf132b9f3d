"""What a command is, and how groups of commands are made."""

from __future__ import annotations

import argparse
from typing import Any, Callable

from smartcity.settings import Settings

Command = Callable[[argparse.Namespace, Settings], int]
Commands = Any
"""Where parsers of commands are added: what argparse's add_subparsers returns."""


def add(commands: Commands, name: str, command: Command, text: str, *, serves: bool = False) -> argparse.ArgumentParser:
    """Add one command with its line of help; its parser, for arguments of its own.

    One that `serves` is a process of the assistant: in production it does not start with unsafe settings.
    """
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(run=command, serves=serves)
    return parser


def group(commands: Commands, name: str, text: str) -> Commands:
    """Add a command that has commands of its own."""
    return commands.add_parser(name, help=text).add_subparsers(required=True, metavar="COMMAND")
