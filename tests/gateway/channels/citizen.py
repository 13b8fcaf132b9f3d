"""A citizen with an encrypting client: nio's own AsyncClient, with a store of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nio import AsyncClient, AsyncClientConfig, MegolmEvent, RoomMessage

from .homeserver import BOT, Homeserver

SECONDS = 15.0


class Citizen:
    """`heard` are the texts of the assistant that could be read, `sealed` counts those that could not."""

    def __init__(self, homeserver: Homeserver, base: str, folder: Path, user: str, device: str = "PHONE") -> None:
        self.user, self.device = user, device
        self.heard: list[str] = []
        self.open: list[str] = []
        """Those of `heard` that came in clear."""
        self.sealed = 0
        self._runner = asyncio.Runner()
        folder = folder / f"{user[1:].partition(':')[0]}-{device}"
        folder.mkdir(parents=True, exist_ok=True)
        self.client = self._runner.run(self._made(base, folder, homeserver.account(user, device)))
        self.step()

    async def _made(self, base: str, folder: Path, token: str) -> AsyncClient:
        config = AsyncClientConfig(encryption_enabled=True, store_sync_tokens=False, max_timeouts=3)
        client = AsyncClient(base, self.user, self.device, str(folder), config)
        client.restore_login(self.user, self.device, token)
        client.add_event_callback(self._hear, (RoomMessage, MegolmEvent))  # type: ignore[arg-type]
        return client

    async def _hear(self, room: Any, event: Any) -> None:
        if event.sender != BOT:
            return
        if isinstance(event, MegolmEvent):
            self.sealed += 1
            return
        self.heard.append(event.body)
        if not event.decrypted:
            self.open.append(event.body)

    def step(self) -> None:
        """One round of what clients do again and again."""
        self._runner.run(self._step())

    async def _step(self) -> None:
        client = self.client
        if client.should_upload_keys:
            await client.keys_upload()
        if client.should_query_keys:
            await client.keys_query()
        if client.should_claim_keys:
            await client.keys_claim(client.get_users_for_key_claiming())
        await client.send_to_device_messages()
        await client.sync(timeout=100)

    def say(self, room: str, text: str, **content: Any) -> None:
        """In the room, encrypted where the room is."""
        said = {"msgtype": "m.text", "body": text, **content}
        self.step()
        self._runner.run(self.client.room_send(room, "m.room.message", said, ignore_unverified_devices=True))

    def give_key(self, room: str, user: str) -> None:
        """Forward our present key of the room to the user's devices, as clients answer to whom they gave it before."""
        self._runner.run(self._give_key(room, user))

    async def _give_key(self, room: str, user: str) -> None:
        olm = self.client.olm
        assert olm is not None
        ours = olm.account.identity_keys["curve25519"]
        key = olm.inbound_group_store.get(room, ours, olm.outbound_group_sessions[room].id)
        assert key is not None
        for device in olm.device_store.active_user_devices(user):
            session = olm.session_store.get(device.curve25519)
            assert session is not None
            message = olm._encrypt_forwarding_key(room, key, session, device)
            olm.outgoing_to_device_messages.append(message)
        await self.client.send_to_device_messages()

    def wait(self, number: int) -> list[str]:
        """What was heard, when it was so much."""
        self.until(lambda: len(self.heard) >= number)
        return self.heard

    def until(self, true: Callable[[], object]) -> None:
        end = time.monotonic() + SECONDS
        while not true():
            assert time.monotonic() < end, f"heard only {self.heard}, {self.sealed} sealed"
            self.step()

    def close(self) -> None:
        self._runner.run(self.client.close())
        self._runner.close()
