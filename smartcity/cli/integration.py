"""Messengers, and keys of integrators."""

from __future__ import annotations

import argparse

from smartcity.cli.command import Commands, add, group
from smartcity.settings import Settings


def _api_keys_create(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.gateway.api.keys import ApiKeys, callback_secret

    key, text = ApiKeys(settings).create(
        arguments.name, tuple(arguments.scopes), arguments.callback, arguments.per_minute
    )
    print(f"The key '{key.name}' may: {', '.join(key.scopes)}. It is shown now and never again:\n\n  {text}\n")
    if key.callback:
        print(f"Callbacks go to {key.callback}, signed with this secret:\n\n  {callback_secret(settings, key)}\n")
    return 0


def _api_keys_list(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.gateway.api.keys import ApiKeys

    for key in ApiKeys(settings).all():
        state = f"revoked {key.revoked}" if key.revoked else f"last used {key.used or 'never'}"
        print(
            f"{key.name:24} {key.prefix}  {','.join(key.scopes)}  {key.per_minute} a minute  made {key.made}  {state}"
            + (f"  {key.callback}" if key.callback else "")
        )
    return 0


def _api_keys_revoke(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.gateway.api.keys import ApiKeys

    ApiKeys(settings).revoke(arguments.name)
    print(f"The key '{arguments.name}' is no longer valid.")
    return 0


def _channels_check(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.gateway.channels.check import check

    return check(settings, arguments.set)


def _from_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def add_to(commands: Commands) -> None:
    """Add the commands."""
    from smartcity.gateway.api.keys import PER_MINUTE, SCOPES, callback_address

    keys = group(commands, "api-keys", "Keys of integrators for /api/v1.")
    create = add(keys, "create", _api_keys_create, "Make a key; it is shown once.")
    text = "List the keys with what they may do and the day on which they were last used."
    add(keys, "list", _api_keys_list, text)
    revoke = add(keys, "revoke", _api_keys_revoke, "End a key at once and for good.")
    for parser in (create, revoke):
        parser.add_argument("name", metavar="NAME", help="who holds the key, such as app-1")
    create.add_argument("--scopes", nargs="+", choices=SCOPES, required=True, help="what the key may do")
    create.add_argument("--callback", type=callback_address, help="https address that callbacks go to")
    create.add_argument("--per-minute", type=_from_one, default=PER_MINUTE, help="calls a minute")
    channels = group(commands, "channels", "The messengers.")
    text = "Tell which messengers are on, what their platforms say, and what is missing."
    check = add(channels, "check", _channels_check, text)
    check.add_argument(
        "--set", action="store_true", help="also set the webhook where the platform lets a program do it"
    )
