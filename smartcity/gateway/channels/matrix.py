"""Matrix, by its client-server API: https://spec.matrix.org/latest/client-server-api.

An ordinary account that is asked what is new again and again. Invitations are taken. What is said in an encrypted
room is answered encrypted, or not at all; what is said there in clear is not answered, since anybody on the way
could have written it. Choices are numbered. The id of a transaction makes that nothing is sent twice.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar
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
    Shelf,
    Take,
    Webhook,
    each,
)
from smartcity.gateway.channels.matrix_events import FILTER, SPOKEN, Room, is_join, read
from smartcity.gateway.channels.parts import Line, lines, numbered, pack, plain, references
from smartcity.gateway.channels.words import say
from smartcity.gateway.errors import GatewayError, log_failure
from smartcity.settings import Settings

if TYPE_CHECKING:
    # Half a second of every start where Matrix is off.
    from smartcity.gateway.channels.matrix_encryption import Encryption
    from smartcity.gateway.channels.matrix_late import Late

logger = logging.getLogger("smartcity.gateway")

LONGEST = 8000
"""An event has at most 65536 bytes."""
WAIT_SECONDS = 30
PRESSING_SECONDS = 2
"""How long news are waited for while a key is."""
FULL_SECONDS = 5.0
READY_SECONDS = 20.0


class Matrix(Channel):
    name: ClassVar[str] = "matrix"
    needs: ClassVar[tuple[str, ...]] = ("MATRIX_HOMESERVER", "MATRIX_TOKEN", "PUBLIC_URL")
    methods: ClassVar[tuple[str, ...]] = ()
    listens: ClassVar[bool] = True
    repeats: ClassVar[bool] = True

    def __init__(self, settings: Settings) -> None:
        base = settings.platform_base or settings.matrix_homeserver
        headers = {"Authorization": f"Bearer {settings.matrix_token}"}
        self._settings = settings
        self._calls = Calls(f"{base}/_matrix/client/v3/", headers=headers)
        self._user = ""
        self._device = ""
        self._rooms: dict[str, Room] = {}
        self._encryption: Encryption | None = None
        self._late: Late | None = None
        self._ready = asyncio.Event()

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
        room = address["room"]
        try:
            # Whether the room is encrypted is known by whoever has the keys.
            await asyncio.wait_for(self._ready.wait(), READY_SECONDS)
        except TimeoutError:
            raise Later("not ready") from None
        known = await self._room(room)
        kind, content = "m.room.message", dict(body)
        if known.encrypted or address.get("encrypted"):
            if self._encryption is None:
                raise Refused("no keys")
            kind, content = "m.room.encrypted", await self._encryption.encrypt(room, known.members, body)
        await self._ask("PUT", f"rooms/{quote(room, safe='')}/send/{kind}/{key}", json=content)

    async def prepare(self) -> None:
        found = await self._ask("GET", "account/whoami")
        self._user, self._device = str(found["user_id"]), str(found.get("device_id", ""))

    async def listen(self, take: Take, mark: Mark, shelf: Shelf) -> None:
        try:
            await self._unlock(shelf)
            self._ready.set()
            await self._fetch(take, mark)
        finally:
            self._ready.clear()
            if self._encryption is not None:
                await self._encryption.close()
                self._encryption = self._late = None

    async def _unlock(self, shelf: Shelf) -> None:
        """Take the keys; without them unencrypted rooms alone are answered."""
        from smartcity.gateway.channels.matrix_encryption import Encryption, KeysLost
        from smartcity.gateway.channels.matrix_late import Late

        self._rooms.clear()
        failure = "the token has no device"
        if self._device:
            try:
                self._encryption = await Encryption.open(
                    self._user, self._device, self._ask, shelf, self._settings.secret_for("matrix")
                )
                self._late = Late(self._encryption)
                return
            except KeysLost:
                failure = "the homeserver knows other keys of this device"
            except Refused as refused:
                failure = refused.reason
        logger.warning(json.dumps({"channel": self.name, "failure": f"encrypted rooms: {failure}"}))

    async def _fetch(self, take: Take, mark: Mark) -> None:
        since = await mark.read()
        while True:
            # What was said before the first time is nobody's question any more.
            wait = PRESSING_SECONDS if self._late is not None and self._late.pressing else WAIT_SECONDS
            params = {"filter": json.dumps(FILTER), "timeout": str(wait * 1000) if since else "0"}
            if since:
                params["since"] = since
            found = await self._ask("GET", "sync", params=params, seconds=WAIT_SECONDS + 30)
            if self._encryption is not None:
                await self._encryption.receive(found)
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
                await _hand_over(await self._said_before(), take)
            if self._encryption is not None and self._late is not None:
                self._late.settle()
                await self._encryption.save()
            since = str(found["next_batch"])
            await mark.write(since)

    async def _said(self, room: str, events: list[Mapping[str, Any]]) -> list[Incoming]:
        kinds = [event.get("type") for event in events]
        if "m.room.member" in kinds or "m.room.encryption" in kinds:
            self._rooms.pop(room, None)
        turned = kinds.index("m.room.encryption") if "m.room.encryption" in kinds else None
        remembered = self._encryption is not None and room in self._encryption.rooms
        if turned is not None and self._encryption is not None:
            self._encryption.remember(room)
        spoken = [
            number for number, event in enumerate(events)
            if event.get("type") in SPOKEN and event.get("sender") != self._user
        ]  # fmt: skip
        if not spoken:
            return []
        known = await self._room(room)
        # What was said in clear before the room was encrypted is answered, encrypted.
        clear = len(events) if not known.encrypted else turned if turned is not None and not remembered else 0
        joined = max((number for number, event in enumerate(events) if is_join(event, self._user)), default=-1)
        said: list[Incoming] = []
        for number in spoken:
            event: Mapping[str, Any] | None = events[number]
            encrypted = kinds[number] == "m.room.encrypted"
            if encrypted:
                event = await self._decrypted(room, events[number], number > joined)
            elif number >= clear:
                continue
            if event is not None:
                said += self._each(room, known, event, encrypted)
        return said

    async def _decrypted(self, room: str, event: Mapping[str, Any], wait: bool) -> Mapping[str, Any] | None:
        """The event in clear; None when it cannot be read, or not yet."""
        if self._encryption is None or self._late is None:
            return None
        from smartcity.gateway.channels.matrix_encryption import Unreadable

        try:
            return await self._encryption.decrypt(room, event)
        except Unreadable:
            # What was said before we came was not said to us.
            if wait:
                self._late.add(room, event)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            log_failure(error)
        return None

    async def _said_before(self) -> list[Incoming]:
        """What was said before and can be read now; and for what cannot, that the person is to be told, once a day."""
        if self._late is None:
            return []
        clear, overdue = await self._late.again()
        said: list[Incoming] = []
        for room, event in [*clear, *overdue]:
            try:
                known = await self._room(room)
            except Refused:
                continue  # we are not there any more
            if (room, event) in clear:
                said += self._each(room, known, event, True)
                continue
            if len(known.members) > 2:
                continue  # nobody knows whether it was said to us
            day = time.strftime("%Y-%m-%d", time.gmtime())
            person, sent = f"{room}/{event['sender']}", event["origin_server_ts"] / 1000
            address = {"room": room, "encrypted": True}
            said.append(Incoming(f"unreadable {person} {day}", person, address, "unreadable", time=sent))
        return said

    async def _room(self, room: str) -> Room:
        if room not in self._rooms:
            self._rooms[room] = await self._look(room)
        return self._rooms[room]

    async def _look(self, room: str) -> Room:
        path = f"rooms/{quote(room, safe='')}"
        members = frozenset((await self._ask("GET", f"{path}/joined_members")).get("joined", {}))
        if self._encryption is not None and room in self._encryption.rooms:
            return Room(members, True)
        try:
            await self._ask("GET", f"{path}/state/m.room.encryption")
        except Refused as refused:
            if refused.reason == "404":
                return Room(members, False)
            raise
        if self._encryption is not None:
            self._encryption.remember(room)
        return Room(members, True)

    def _each(self, room: str, known: Room, event: Mapping[str, Any], encrypted: bool) -> list[Incoming]:
        address = {"room": room, "encrypted": True} if encrypted else {"room": room}
        return list(each([event], lambda event: read(address, known, self._user, event)))

    async def check(self, change: bool) -> list[Finding]:
        await self.prepare()
        return [Finding(True, f"the account is {self._user}"), await self._check_keys()]

    async def _check_keys(self) -> Finding:
        """Whether encrypted rooms can be answered."""
        from smartcity.gateway.channels.matrix_check import check_keys

        return await check_keys(self._settings, self._user, self._device, self._ask)

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
