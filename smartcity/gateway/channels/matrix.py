"""Matrix, by its client-server API: https://spec.matrix.org/latest/client-server-api.

An ordinary account that is asked what is new again and again. Invitations are taken. Encrypted rooms are not
answered: this client has no keys, and an open answer would show what others took care to hide. Choices are
numbered. The id of a transaction makes that nothing is sent twice.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import quote

from smartcity.gateway.channels.calls import Calls
from smartcity.gateway.channels.channel import (
    Address,
    Body,
    Channel,
    Finding,
    Forged,
    HandOver,
    Incoming,
    Later,
    Mark,
    Message,
    Refused,
    Rendered,
    Take,
    Webhook,
    each,
)
from smartcity.gateway.channels.parts import Line, lines, numbered, pack, plain, references
from smartcity.gateway.channels.words import say
from smartcity.gateway.errors import GatewayError
from smartcity.settings import Settings

LONGEST = 8000
"""An event has at most 65536 bytes."""
WAIT_SECONDS = 30
FULL_SECONDS = 5.0
FILTER = {
    "presence": {"limit": 0, "types": []},
    "account_data": {"limit": 0, "types": []},
    "room": {
        "timeline": {"limit": 100, "types": ["m.room.message", "m.sticker", "m.room.member", "m.room.encryption"]},
        "state": {"limit": 0, "types": []},
        "ephemeral": {"limit": 0, "types": []},
        "account_data": {"limit": 0, "types": []},
    },
}


@dataclass(frozen=True)
class Room:
    """What decides whether something is said to us there."""

    members: int
    encrypted: bool


class Matrix(Channel):
    name: ClassVar[str] = "matrix"
    needs: ClassVar[tuple[str, ...]] = ("MATRIX_HOMESERVER", "MATRIX_TOKEN", "PUBLIC_URL")
    methods: ClassVar[tuple[str, ...]] = ()
    listens: ClassVar[bool] = True
    repeats: ClassVar[bool] = True

    def __init__(self, settings: Settings) -> None:
        base = settings.platform_base or settings.matrix_homeserver
        headers = {"Authorization": f"Bearer {settings.matrix_token}"}
        self._calls = Calls(f"{base}/_matrix/client/v3/", headers=headers)
        self._user = ""
        self._rooms: dict[str, Room] = {}

    def verify(self, webhook: Webhook) -> None:
        raise Forged

    def parse(self, webhook: Webhook) -> list[Incoming]:
        return []

    def render(self, message: Message, first: int) -> Rendered:
        language, buttons = message["language"], message["buttons"]
        found = [*lines(message), *numbered(buttons, first, language)] or [Line(say("choose", language))]
        texts = pack(found, plain, lambda text: len(text) <= LONGEST)
        # A notice is what bots say to each other and must not answer. Nobody is mentioned.
        bodies = [{"msgtype": "m.notice", "body": text, "m.mentions": {}} for text in texts]
        return Rendered(list(bodies), references(buttons))

    async def send(self, address: Address, body: Body, key: str, hand_over: HandOver) -> None:
        await self._ask("PUT", f"rooms/{quote(address['room'], safe='')}/send/m.room.message/{key}", json=dict(body))

    async def prepare(self) -> None:
        self._user = str((await self._ask("GET", "account/whoami"))["user_id"])

    async def listen(self, take: Take, mark: Mark) -> None:
        since = await mark.read()
        while True:
            # What was said before the first time is nobody's question any more.
            params = {"filter": json.dumps(FILTER), "timeout": str(WAIT_SECONDS * 1000) if since else "0"}
            if since:
                params["since"] = since
            found = await self._ask("GET", "sync", params=params, seconds=WAIT_SECONDS + 30)
            rooms = found.get("rooms", {})
            for room in rooms.get("invite", {}):
                try:
                    await self._ask("POST", f"join/{quote(room, safe='')}", json={})
                except Refused:
                    continue  # the invitation was taken back
            if since:
                for room, news in rooms.get("join", {}).items():
                    said = await self._said(room, news.get("timeline", {}).get("events", []))
                    await _hand_over(said, take)
            since = str(found["next_batch"])
            await mark.write(since)

    async def _said(self, room: str, events: list[Mapping[str, Any]]) -> list[Incoming]:
        if any(event.get("type") in ("m.room.member", "m.room.encryption") for event in events):
            self._rooms.pop(room, None)
        spoken = [
            event for event in events
            if event.get("type") in ("m.room.message", "m.sticker") and event.get("sender") != self._user
        ]  # fmt: skip
        if not spoken:
            return []
        known = self._rooms.get(room) or await self._look(room)
        self._rooms[room] = known
        if known.encrypted:
            return []
        return list(each(spoken, lambda event: self._read(room, known, event)))

    async def _look(self, room: str) -> Room:
        path = f"rooms/{quote(room, safe='')}"
        members = (await self._ask("GET", f"{path}/joined_members")).get("joined", {})
        try:
            await self._ask("GET", f"{path}/state/m.room.encryption")
        except Refused as refused:
            if refused.reason == "404":
                return Room(len(members), False)
            raise
        return Room(len(members), True)

    def _read(self, room: str, known: Room, event: Mapping[str, Any]) -> Incoming | None:
        content = event["content"]
        edited = content.get("m.relates_to", {}).get("rel_type") == "m.replace"
        if edited:
            content = content["m.new_content"]
        kind = content.get("msgtype", "m.sticker")
        if kind == "m.notice" or not content:
            return None
        text = _without_quote(content.get("body", "")) if kind in ("m.text", "m.emote") else ""
        if known.members > 2:
            named = self._user in content.get("m.mentions", {}).get("user_ids", ())
            if not named and self._user not in text:
                return None
            local = re.escape(self._user.removeprefix("@").partition(":")[0])
            text = text.replace(self._user, "").strip()
            text = re.sub(rf"^@?{local}\b[:,]?\s*", "", text, flags=re.IGNORECASE).lstrip(":, ")
        person, sent = f"{room}/{event['sender']}", event["origin_server_ts"] / 1000
        asked = "text" if text else "other"
        return Incoming(event["event_id"], person, {"room": room}, asked, text, edited=edited, time=sent)

    async def check(self, change: bool) -> list[Finding]:
        await self.prepare()
        return [Finding(True, f"the account is {self._user}; people write to it in unencrypted rooms")]

    async def close(self) -> None:
        await self._calls.close()

    async def _ask(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        return await self._calls.ask(method, path, _judge, **options)


async def _hand_over(said: list[Incoming], take: Take) -> None:
    while True:
        try:
            await take(said)
            return
        except GatewayError:
            await asyncio.sleep(FULL_SECONDS)


def _judge(status: int, found: dict[str, Any]) -> None:
    if found.get("errcode") == "M_LIMIT_EXCEEDED":
        raise Later("M_LIMIT_EXCEEDED")
    if status == 403:
        raise Refused("403", gone=True)


def _without_quote(body: str) -> str:
    """Without the quoted message that older clients put before an answer."""
    if not body.startswith("> <"):
        return body
    return re.sub(r"\A(?:>.*\n)+\n?", "", body)
