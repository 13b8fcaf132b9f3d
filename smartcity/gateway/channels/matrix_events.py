"""Events of Matrix: which ones are asked for, and what they say to us."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from smartcity.gateway.channels.channel import Address, Incoming

SPOKEN = ("m.room.message", "m.sticker", "m.room.encrypted")
FILTER = {
    "presence": {"limit": 0, "types": []},
    "account_data": {"limit": 0, "types": []},
    "room": {
        "timeline": {"limit": 100, "types": [*SPOKEN, "m.room.member", "m.room.encryption"]},
        "state": {"limit": 0, "types": []},
        "ephemeral": {"limit": 0, "types": []},
        "account_data": {"limit": 0, "types": []},
    },
}


@dataclass(frozen=True)
class Room:
    """What decides whether something is said to us there, and how it is answered."""

    members: frozenset[str]
    encrypted: bool


def read(address: Address, room: Room, user: str, event: Mapping[str, Any]) -> Incoming | None:
    """What the event, in clear, says to `user`; None when it says nothing to us."""
    if event["type"] not in ("m.room.message", "m.sticker"):
        return None  # a reaction, say, of an encrypted room
    content = event["content"]
    edited = content.get("m.relates_to", {}).get("rel_type") == "m.replace"
    if edited:
        content = content["m.new_content"]
    kind = content.get("msgtype", "m.sticker")
    if kind == "m.notice" or not content:
        return None
    text = _without_quote(content.get("body", "")) if kind in ("m.text", "m.emote") else ""
    if len(room.members) > 2:
        named = user in content.get("m.mentions", {}).get("user_ids", ())
        if not named and user not in text:
            return None
        local = re.escape(user.removeprefix("@").partition(":")[0])
        text = text.replace(user, "").strip()
        text = re.sub(rf"^@?{local}\b[:,]?\s*", "", text, flags=re.IGNORECASE).lstrip(":, ")
    person, sent = f"{address['room']}/{event['sender']}", event["origin_server_ts"] / 1000
    asked = "text" if text else "other"
    return Incoming(event["event_id"], person, address, asked, text, edited=edited, time=sent)


def is_join(event: Mapping[str, Any], user: str) -> bool:
    content = event.get("content") or {}
    joined = event.get("type") == "m.room.member" and content.get("membership") == "join"
    return joined and event.get("state_key") == user


def _without_quote(body: str) -> str:
    """Without the quoted message that older clients put before an answer."""
    if not body.startswith("> <"):
        return body
    return re.sub(r"\A(?:>.*\n)+\n?", "", body)
