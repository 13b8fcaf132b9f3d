"""What `smartcity channels check` tells of the keys for encrypted Matrix rooms."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import closing

from sqlalchemy.exc import OperationalError

from smartcity.gateway.channels.channel import Finding, Kept, Overtaken, Refused, Shelf
from smartcity.gateway.channels.matrix_keys import Keys
from smartcity.gateway.channels.matrix_machine import Ask, published_key
from smartcity.gateway.channels.store import Store, is_there
from smartcity.settings import Settings

ANEW = "log the account in anew, once, and set the new SMARTCITY_MATRIX_TOKEN"


async def check_keys(settings: Settings, user: str, device: str, ask: Ask) -> Finding:
    """Compares the keys that lie here with those that the homeserver tells others. Raises Later or Refused."""
    if not device:
        return Finding(False, f"the token belongs to no device, so encrypted rooms are not answered: {ANEW}")
    try:
        published = await published_key(user, device, ask)
    except Refused as refused:
        return Finding(False, f"encrypted rooms are not answered: the homeserver takes no keys ({refused.reason})")
    try:
        own = await asyncio.to_thread(_own_key, settings, user, device)
    except OperationalError:
        return Finding(False, "the messengers' database, where the keys lie, cannot be reached")
    if published and published != own:
        return Finding(
            False,
            f"encrypted rooms are not answered: the homeserver knows other keys of the device {device} than lie here "
            f"(another VAR, database or master secret, or the token is used elsewhere): {ANEW}",
        )
    if not own:
        return Finding(True, f"encrypted rooms are answered; the keys of the device {device} are made at the start")
    return Finding(True, f"encrypted rooms are answered; the device is {device}, its fingerprint {own}")


def _own_key(settings: Settings, user: str, device: str) -> str:
    """The signing key that lies here; empty when there is none."""
    if not is_there(settings):
        return ""
    with closing(Store(settings)) as store:
        return asyncio.run(_read(store, settings.secret_for("matrix"), user, device))


async def _read(store: Store, secret: str, user: str, device: str) -> str:
    async def load() -> dict[str, str]:
        return store.shelves.load("matrix")

    async def save(changes: Mapping[str, Kept | None]) -> None:
        raise Overtaken  # who only looks changes nothing

    keys = Keys(Shelf(load, save), secret, user, device)
    await keys.load()
    account = keys.load_account()
    return str(account.identity_keys["ed25519"]) if account is not None else ""
