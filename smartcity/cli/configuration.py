"""The settings."""

from __future__ import annotations

import argparse

from smartcity.cli.command import Commands, add
from smartcity.settings import SETTINGS, Settings


def _settings(arguments: argparse.Namespace, settings: Settings) -> int:
    for setting in SETTINGS:
        print(f"{setting.variable:32} {setting.default or '-':14} {setting.help}")
    return 0


def add_to(commands: Commands) -> None:
    """Add the commands."""
    add(commands, "settings", _settings, "List every setting with its default and one line of help.")
