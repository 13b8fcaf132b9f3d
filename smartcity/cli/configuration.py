"""The settings, and whether they are fit for production."""

from __future__ import annotations

import argparse

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


def add_to(commands: Commands) -> None:
    """Add the commands."""
    add(commands, "settings", _settings, "List every setting with its default and one line of help.")
    config = group(commands, "config", "The set-up.")
    text = "Tell what is set, missing and unsafe for production; no secret. Exit code 1 where production is refused."
    check = add(config, "check", _check, text)
    check.add_argument("--production", action="store_true", help="judge as if SMARTCITY_ENV were production")
