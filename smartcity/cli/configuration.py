"""The settings, whether they are fit for production, and backups of everything."""

from __future__ import annotations

import argparse
from pathlib import Path

from smartcity.cli.command import Commands, add, group
from smartcity.settings import SETTINGS, Settings


def _settings(arguments: argparse.Namespace, settings: Settings) -> int:
    for setting in SETTINGS:
        print(f"{setting.variable:32} {setting.default or '-':14} {setting.help}")
    return 0


def _check(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.production.check import PRODUCTION, broken, report
    from smartcity.production.rule import Situation

    now = Situation(settings)
    for line in report(now):
        print(line)
    strict = arguments.production or settings.env == PRODUCTION
    return 1 if strict and broken(now) else 0


def _backup(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.backup import back_up

    print(back_up(settings, arguments.target, arguments.keep))
    return 0


def _restore(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.backup import restore

    manifest = restore(settings, arguments.file, arguments.force)
    names = ", ".join(database["name"] for database in manifest["databases"])
    print(f"Restored what was backed up at {manifest['made']}: {len(manifest['files'])} files, with {names}.")
    return 0


def _most(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def add_to(commands: Commands) -> None:
    """Add the commands."""
    add(commands, "settings", _settings, "List every setting with its default and one line of help.")
    config = group(commands, "config", "The set-up.")
    text = "Tell what is set, missing and unsafe for production; no secret. Exit code 1 where production is refused."
    check = add(config, "check", _check, text)
    check.add_argument("--production", action="store_true", help="judge as if SMARTCITY_ENV were production")
    backup = add(commands, "backup", _backup, "Back up everything into one file, while the assistant runs.")
    backup.add_argument("target", type=Path, metavar="PLACE", help="a folder, or a file that is not there yet")
    backup.add_argument("--keep", type=_most, metavar="N", help="leave only the N newest backups in the folder")
    text = "Put a backup back, with the assistant stopped; what is there already is left alone."
    restored = add(commands, "restore", _restore, text)
    restored.add_argument("file", type=Path, metavar="FILE", help="a file that `smartcity backup` made")
    restored.add_argument("--force", action="store_true", help="replace what is there")
