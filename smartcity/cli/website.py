"""The chat on websites."""

from __future__ import annotations

import argparse
import sys

from smartcity.cli.command import Commands, add, group
from smartcity.settings import Settings, web_address


def _website_on(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.gateway.switch import Switch

    Switch(settings).turn_on()
    return _website_status(arguments, settings)


def _website_off(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.gateway.switch import Switch

    Switch(settings).turn_off()
    return _website_status(arguments, settings)


def _website_status(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.gateway.switch import Switch

    switch = Switch(settings)
    print("The chat on websites is on." if switch.is_on() else f"The chat on websites is off ({switch.marker}).")
    return 0


def _website_snippet(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.gateway.widget import ENTRY, FOLDER, read_files, snippet

    files = read_files(FOLDER)
    if ENTRY not in files:
        print(f"There is no {ENTRY} in {FOLDER}.", file=sys.stderr)
        return 1
    print(snippet(arguments.address or f"http://{settings.host}:{settings.port}", files))
    return 0


def add_to(commands: Commands) -> None:
    """Add the commands."""
    website = group(commands, "website", "The chat on websites.")
    add(website, "off", _website_off, "Switch the chat off without a restart; people are told where else to ask.")
    add(website, "on", _website_on, "Switch the chat on again.")
    add(website, "status", _website_status, "Tell whether the chat is on.")
    snippet = add(website, "snippet", _website_snippet, "Print the HTML that puts the chat into a website.")
    snippet.add_argument("--address", type=web_address, help="public address of the gateway (default: HOST and PORT)")
