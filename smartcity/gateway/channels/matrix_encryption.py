"""End-to-end encryption of Matrix rooms: Olm and Megolm by nio and vodozemac, calls to the homeserver by ourselves.

https://spec.matrix.org/latest/client-server-api/#end-to-end-encryption. Nothing that was made with a key leaves
before the key is saved. Devices of members are trusted as they are seen first: nobody compares keys with a machine.
Keys are shared with the devices that are in the room, never forwarded to others that ask for them.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import logging
import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

import vodozemac
from nio.crypto import OlmDevice
from nio.events import EncryptedToDeviceEvent, ToDeviceEvent
from nio.exceptions import EncryptionError
from nio.responses import KeysClaimResponse, KeysQueryResponse, KeysUploadResponse, ToDeviceResponse

from smartcity.gateway.channels.channel import Later, Refused, Shelf
from smartcity.gateway.channels.matrix_keys import Keys
from smartcity.gateway.channels.matrix_machine import PATIENCE_MS, Ask, Event, Machine, is_sound, megolm, published_key
from smartcity.gateway.channels.matrix_starts import count_start
from smartcity.gateway.errors import log_failure

logger = logging.getLogger("smartcity.gateway")

MEGOLM = "m.megolm.v1.aes-sha2"
MOST_SHARES = 3


class Unreadable(Exception):
    """An encrypted event that cannot be read, perhaps not yet."""


class KeysLost(Exception):
    """The homeserver knows other keys of our device than we have: others would trust nothing that we say."""


class Encryption:
    def __init__(self, keys: Keys, machine: Any, ask: Ask, restored: float) -> None:
        """`restored`: when keys of a backup came back, in seconds since 1970."""
        self._keys = keys
        self._machine = machine
        self._ask = ask
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._members: dict[str, frozenset[str]] = {}
        """With whom the room's present key was shared."""
        self._changed: set[str] = set()
        """Users whose devices are others now."""
        self._restored = restored
        self.rooms = {str(record["room"]) for record in keys.records("room")}
        """Rooms that are known as encrypted: no server can make us forget it."""

    @classmethod
    async def open(cls, user: str, device: str, ask: Ask, shelf: Shelf, secret: str) -> Encryption:
        """With the keys of before, or with new ones. Raises KeysLost, Later, Refused or Overtaken."""
        keys = Keys(shelf, secret, user, device)
        await keys.load()
        account = keys.load_account()
        published = await published_key(user, device, ask)
        if published and (account is None or account.identity_keys["ed25519"] != published):
            raise KeysLost
        machine = await asyncio.to_thread(Machine, user, device, keys)
        if not published:
            machine.account.shared = False
        encryption = cls(keys, machine, ask, await count_start(user, ask, keys))
        await encryption._upload()
        return encryption

    @property
    def keys(self) -> Keys:
        return self._keys

    async def save(self) -> None:
        await self._keys.save()

    async def close(self) -> None:
        await self._keys.close()

    def remember(self, room: str) -> None:
        """The room is encrypted, for good."""
        if room not in self.rooms:
            self.rooms.add(room)
            self._keys.put("room", room, lambda: {"room": room})

    async def receive(self, news: Mapping[str, Any]) -> None:
        """What a sync tells of keys: room keys for us, changed devices, how many one-time keys are left."""
        for told in news.get("to_device", {}).get("events", []):
            try:
                event = ToDeviceEvent.parse_event(told)
                if isinstance(event, EncryptedToDeviceEvent):
                    self._machine.handle_to_device_event(event)
            except Exception as error:  # of an unknown shape: it would come again for ever
                log_failure(error)
        lists = news.get("device_lists", {})
        self._changed.update(lists.get("changed", ()))
        for user in lists.get("left", ()):
            self._keys.forget_devices(user)
            self._machine.tracked_users.discard(user)
        if (left := news.get("device_one_time_keys_count")) is not None:
            self._machine.uploaded_key_count = int(left.get("signed_curve25519", 0))
        await self._upload()
        await self._mend()

    async def _upload(self) -> None:
        machine = self._machine
        if not machine.should_upload_keys:
            return
        content = machine.share_keys()
        machine.save_account()
        await self.save()
        try:
            response = KeysUploadResponse.from_dict(await self._ask("POST", "keys/upload", json=content))
        except Refused as refused:
            if "device_keys" in content:
                raise
            # Names that were used already, after a backup was restored: the next ones are others.
            logger.warning(json.dumps({"channel": "matrix", "failure": f"keys/upload: {refused.reason}"}))
            machine.mark_keys_as_published()
            machine.save_account()
        else:
            if not isinstance(response, KeysUploadResponse):
                raise Later("keys/upload")
            machine.handle_response(response)
        await self.save()

    async def _mend(self) -> None:
        """Begin new sessions where one is broken, and send what nio and we have for other devices."""
        machine = self._machine
        broken: dict[str, list[str]] = {}
        for device in machine.wedged_devices:
            broken.setdefault(device.user_id, []).append(device.device_id)
        try:
            if broken:
                await self._claim(broken)
            machine.wedged_devices.clear()
            for message in list(machine.outgoing_to_device_messages):
                await self._send(message.type, message.as_dict())
                machine.handle_response(ToDeviceResponse(message))
        except Refused:
            machine.outgoing_to_device_messages.clear()
        except Later:
            return  # with the next news

    def request(self, room: str, event: Event) -> None:
        """Ask the sender's devices for the event's key, once."""
        encrypted = megolm(room, event, str(event["content"].get("sender_key", "")), "")
        if encrypted.session_id not in self._machine.outgoing_key_requests:
            message = encrypted.as_key_request(event["sender"], self._machine.device_id)
            self._machine.outgoing_to_device_messages.append(message)

    async def decrypt(self, room: str, event: Event) -> dict[str, Any] | None:
        """The event in clear, None when it is forged. Its id is the same whenever the same is said.

        Raises Unreadable or Later, and ValueError or the like for what is no event of Megolm.
        """
        content, sender = event["content"], event["sender"]
        if content["algorithm"] != MEGOLM:
            raise Unreadable
        known = self._machine.inbound_group_store[room]
        keys = [key for key, sessions in known.items() if content["session_id"] in sessions]
        if not keys:
            raise Unreadable
        await self._learn(frozenset([sender]))
        for key in keys:
            session = known[key][content["session_id"]]
            device = self._machine.device_store.device_from_sender_key(sender, key)
            # Nobody else's key opens what somebody has said.
            if device is not None and device.ed25519 == session.ed25519:
                return self._opened(room, event, device, session.first_known_index)
        raise Unreadable

    def _opened(self, room: str, event: Event, device: OlmDevice, first: int) -> dict[str, Any] | None:
        encrypted = megolm(room, event, device.curve25519, device.id)
        message = vodozemac.MegolmMessage.from_base64(encrypted.ciphertext)
        if message.message_index() < first:
            raise Unreadable
        try:
            found = self._machine.decrypt_megolm_event(encrypted, room).source
        except EncryptionError:
            return None
        if found["room_id"] != room:
            return None
        # By what was encrypted, not by the server's name for it: nobody can play it again under another one.
        digest = hashlib.sha256(encrypted.session_id.encode() + b"\0" + message.to_bytes()).digest()
        named = base64.urlsafe_b64encode(digest).decode()
        return {**event, "type": found["type"], "content": found["content"], "event_id": named}

    async def encrypt(self, room: str, members: frozenset[str], body: Mapping[str, Any]) -> dict[str, Any]:
        """The content of an encrypted message that the members' devices can read.

        Raises Later, Refused or Overtaken.
        """
        members -= {self._machine.user_id}
        async with self._locks[room]:
            # Devices may change while keys are on their way to them.
            for _ in range(MOST_SHARES):
                await self._learn(members)
                await self._share(room, members)
                if not self._machine.should_share_group_session(room):
                    break
            else:
                raise Later("devices change")
            content: dict[str, Any] = self._machine.group_encrypt(
                room, {"type": "m.room.message", "content": dict(body)}
            )
        await self.save()
        return content

    async def _share(self, room: str, members: frozenset[str]) -> None:
        """Give the devices the room's key, a new one when others are in the room."""
        machine = self._machine
        present = machine.outbound_group_sessions.get(room)
        if present is None or present.expired or self._members.get(room) != members:
            machine.create_outbound_group_session(room)
            self._members[room] = members
        session = machine.outbound_group_sessions[room]
        if session.shared:
            return
        missing = machine.get_missing_sessions(list(members))
        for member in members:
            devices = machine.device_store.active_user_devices(member)
            if old := [device.id for device in devices if self._is_of_backup(device)]:
                missing.setdefault(member, []).extend(old)
        if missing:
            await self._claim(missing)
        for devices, messages in machine.share_group_session_parallel(room, list(members)):
            await self._send("m.room.encrypted", messages)
            session.users_shared_with |= devices
        session.shared = True

    def _is_of_backup(self, device: OlmDevice) -> bool:
        """Whether the session with the device is of a backup."""
        session = self._machine.session_store.get(device.curve25519)
        return session is not None and session.creation_time.timestamp() < self._restored

    async def _send(self, kind: str, messages: Mapping[str, Any]) -> None:
        await self.save()
        await self._ask("PUT", f"sendToDevice/{kind}/{secrets.token_hex(16)}", json=messages)

    async def _learn(self, users: frozenset[str]) -> None:
        """Know the users' devices as they are now."""
        machine = self._machine
        self._changed |= machine.users_for_key_query
        machine.users_for_key_query.clear()
        asked = {user for user in users if user not in machine.tracked_users or user in self._changed}
        if not asked:
            return
        self._changed -= asked
        query = {"device_keys": {user: [] for user in asked}, "timeout": PATIENCE_MS}
        try:
            found = await self._ask("POST", "keys/query", json=query)
        except BaseException:
            self._changed |= asked
            raise
        for user, devices in found.get("device_keys", {}).items():
            sound = {id: device for id, device in devices.items() if is_sound(id, device)}
            response = KeysQueryResponse.from_dict({"device_keys": {user: sound}})
            if user not in asked or not isinstance(response, KeysQueryResponse):
                continue
            machine.handle_response(response)
            if response.changed:
                self._renew(user)
        await self.save()

    def _renew(self, user: str) -> None:
        """New keys for the rooms where the user has other devices now."""
        for room, members in list(self._members.items()):
            if user in members:
                self._machine.outbound_group_sessions.pop(room, None)

    async def _claim(self, devices: Mapping[str, Collection[str]]) -> None:
        """Begin sessions with the devices that have a one-time key left."""
        wanted = {user: dict.fromkeys(ids, "signed_curve25519") for user, ids in devices.items()}
        found = await self._ask("POST", "keys/claim", json={"one_time_keys": wanted, "timeout": PATIENCE_MS})
        for user, of_user in found.get("one_time_keys", {}).items():
            for id, key in of_user.items():
                if id not in devices.get(user, ()):
                    continue
                try:
                    response = KeysClaimResponse.from_dict({"one_time_keys": {user: {id: key}}})
                    if isinstance(response, KeysClaimResponse):
                        self._machine.handle_response(response)
                except (ValueError, KeyError) as error:  # one device's key that is none
                    log_failure(error)
        await self.save()
