"""nio's machine of Olm and Megolm, with what a bot needs, and the shapes that it reads."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import vodozemac
from nio.crypto import Olm
from nio.events import MegolmEvent

# nio would log who has which devices.
logging.getLogger("nio").setLevel(logging.CRITICAL + 1)

PATIENCE_MS = 10_000
"""How long our homeserver waits for other ones, in milliseconds."""

Event = Mapping[str, Any]
Ask = Callable[..., Awaitable[dict[str, Any]]]
"""Asks the homeserver: method, path, json. Raises Later or Refused."""


class Machine(Olm):  # type: ignore[misc]
    """nio's machine, with what bots need."""

    def decrypt(self, sender: str, sender_key: str, message: Any) -> Any:
        try:
            return super().decrypt(sender, sender_key, message)
        except (vodozemac.SessionCreationException, vodozemac.KeyException):
            # Made for a key that we do not have (any more): a new session mends it.
            self._mark_device_for_unwedging(sender, sender_key)
            return None

    def _should_accept_forward(self, sender: str, sender_key: str, event: Any) -> bool:
        """Only what we asked for, and only by the device that made the key itself."""
        asked = self.outgoing_key_requests.get(event.session_id)
        device = self.device_store.device_from_sender_key(sender, sender_key)
        content = event.source["content"]
        return (
            asked is not None
            and (event.algorithm, event.room_id) == (asked.algorithm, asked.room_id)
            and device is not None
            and content["sender_key"] == sender_key
            and content["sender_claimed_ed25519_key"] == device.ed25519
            and not content["forwarding_curve25519_key_chain"]
        )


async def published_key(user: str, device: str, ask: Ask) -> str:
    """The signing key of our device as others are told it; empty when there is none."""
    found = await ask("POST", "keys/query", json={"device_keys": {user: [device]}, "timeout": PATIENCE_MS})
    own = found.get("device_keys", {}).get(user, {}).get(device, {})
    return str(own.get("keys", {}).get(f"ed25519:{device}", ""))


def megolm(room: str, event: Event, key: str, device: str) -> Any:
    """nio's event, with key and device as we know them: what the event says of them need not be true, or there.

    Raises ValueError when it is none.
    """
    found = MegolmEvent.from_dict({**event, "content": {**event["content"], "sender_key": key, "device_id": device}})
    if not isinstance(found, MegolmEvent):
        raise ValueError("no event of Megolm")
    found.room_id = room
    return found


def is_sound(id: str, device: Mapping[str, Any]) -> bool:
    """Whether nio can read the keys; of one that cannot be read it would take none of the others either."""
    try:
        vodozemac.Ed25519PublicKey.from_base64(device["keys"][f"ed25519:{id}"])
        vodozemac.Curve25519PublicKey.from_base64(device["keys"][f"curve25519:{id}"])
        for signature in device["signatures"][device["user_id"]].values():
            vodozemac.Ed25519Signature.from_base64(signature)
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    return True
