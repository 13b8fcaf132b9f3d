"""Keys of encrypted Matrix rooms, as they are kept: nio's store, on the shelf of the messengers' store.

Everything is sealed with a key of its own that is derived from the master secret, and named by keyed digests: the
private keys, and also who has which devices. nio changes keys in memory; `save` writes what has changed, before
anything that was made with it leaves. So no key is ever used twice, also when the process ends in between.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from nio.crypto import (
    DeviceStore,
    GroupSessionStore,
    InboundGroupSession,
    OlmAccount,
    OlmDevice,
    OutgoingKeyRequest,
    Session,
    SessionStore,
    TrustState,
)

from smartcity.gateway.channels.channel import DAY, Kept, Overtaken, Shelf

DAYS: dict[str, float] = {"session": 90, "room key": 60, "request": 8, "late": 1}
"""For how long records are kept after they changed last; all others until they are removed."""
FOREVER = 1e12
MOST_SESSIONS = 5
"""With one device; the ones used last."""
MOST_ROOM_KEYS = 100
"""Of one device; the ones that came last."""

Record = dict[str, Any]


class Keys:
    """What nio asks of a store, for one device of ours. Its methods change memory only, until `save`."""

    def __init__(self, shelf: Shelf, secret: str, user: str, device: str) -> None:
        self._shelf = shelf
        self._own = f"{user} {device}"
        self._secret = secret
        self._fernet = Fernet(base64.urlsafe_b64encode(bytes.fromhex(secret)))
        self._found: defaultdict[str, list[Record]] = defaultdict(list)
        self._changed: dict[tuple[str, str], Callable[[], Record] | None] = {}
        self._foreign: list[str] = []
        self._saving = asyncio.Lock()
        self._closed = False
        self._account: OlmAccount | None = None
        self._sessions = SessionStore()
        self._devices = DeviceStore()
        self._room_keys = GroupSessionStore()
        self._of_device: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)

    async def load(self) -> None:
        """Read everything; what another secret has sealed is left alone, what was another device's goes."""
        kept = await self._shelf.load()
        await asyncio.to_thread(self._open, kept)

    def _open(self, kept: Mapping[str, str]) -> None:
        for name, token in kept.items():
            try:
                record = json.loads(self._fernet.decrypt(token.encode()))
            except InvalidToken:
                continue
            if record["own"] == self._own:
                self._found[record["kind"]].append(record)
            else:
                self._foreign.append(name)

    async def save(self) -> None:
        """Write what has changed. Raises Overtaken, also after `close`."""
        # Whoever waits here finds its own changes written by whoever was before.
        async with self._saving:
            if self._closed:
                raise Overtaken
            changed, self._changed = self._changed, {}
            foreign, self._foreign = self._foreign, []
            if not changed and not foreign:
                return
            sealed: dict[str, Kept | None] = dict.fromkeys(foreign)
            now = time.time()
            for (kind, name), make in changed.items():
                until = now + DAYS[kind] * DAY if kind in DAYS else FOREVER
                sealed[self._digest(kind, name)] = Kept(self._seal(kind, make()), until) if make else None
            try:
                await self._shelf.save(sealed)
            except BaseException:
                self._changed, self._foreign = {**changed, **self._changed}, [*foreign, *self._foreign]
                raise

    async def close(self) -> None:
        """Save nothing any more: somebody else may have loaded the keys."""
        async with self._saving:
            self._closed = True

    def put(self, kind: str, name: str, make: Callable[[], Record] | None) -> None:
        """Note a change; the record is made when it is written, None removes it."""
        self._changed[kind, name] = make

    def records(self, kind: str) -> list[Record]:
        """As they were loaded."""
        return self._found[kind]

    def _seal(self, kind: str, record: Record) -> str:
        return self._fernet.encrypt(json.dumps({**record, "kind": kind, "own": self._own}).encode()).decode()

    def _digest(self, kind: str, name: str) -> str:
        told = "\0".join((self._own, kind, name))
        return hmac.new(self._secret.encode(), told.encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    # What follows is what nio calls, with nio's names.

    def load_account(self) -> OlmAccount | None:
        for record in self._found["account"]:
            self._account = OlmAccount.from_pickle(record["pickle"].encode(), self._secret, record["shared"])
        return self._account

    def save_account(self, account: OlmAccount) -> None:
        self._account = account
        self.put(
            "account", "", lambda: {"pickle": account.pickle(self._secret).decode(), "shared": bool(account.shared)}
        )

    def load_sessions(self) -> SessionStore:
        for record in self._found["session"]:
            made, used = (datetime.fromtimestamp(record[name]) for name in ("made", "used"))
            session = Session.from_pickle(record["pickle"].encode(), made, self._secret, used)
            self._sessions.add(record["key"], session)
        return self._sessions

    def save_session(self, key: str, session: Session) -> None:
        self.put(
            "session", f"{key} {session.id}",
            lambda: {
                "key": key, "pickle": session.pickle(self._secret).decode(),
                "made": session.creation_time.timestamp(), "used": session.use_time.timestamp(),
            },
        )  # fmt: skip
        known = self._sessions[key]
        for old in known[MOST_SESSIONS:]:
            self.put("session", f"{key} {old.id}", None)
        del known[MOST_SESSIONS:]

    def load_inbound_group_sessions(self) -> GroupSessionStore:
        for record in sorted(self._found["room key"], key=lambda record: float(record["at"])):
            session = InboundGroupSession.from_pickle(
                record["pickle"].encode(), record["signs"], record["key"], record["room"], self._secret,
                record["forwarded"],
            )  # fmt: skip
            self._room_keys.add(session)
            self._of_device[session.sender_key].append((session.room_id, session.id))
        return self._room_keys

    def save_inbound_group_session(self, session: InboundGroupSession) -> None:
        at, key = time.time(), session.sender_key
        if self._account is not None and key == self._account.identity_keys["curve25519"]:
            return  # our own, which nobody will ask us for
        self.put(
            "room key", f"{session.room_id} {key} {session.id}",
            lambda: {
                "room": session.room_id, "key": key, "signs": session.ed25519, "at": at,
                "forwarded": session.forwarding_chain, "pickle": session.pickle(self._secret).decode(),
            },
        )  # fmt: skip
        known = self._of_device[key]
        if (session.room_id, session.id) not in known:
            known.append((session.room_id, session.id))
        for room, id in known[:-MOST_ROOM_KEYS]:
            self._room_keys[room][key].pop(id, None)
            self.put("room key", f"{room} {key} {id}", None)
        del known[:-MOST_ROOM_KEYS]

    def load_device_keys(self) -> DeviceStore:
        for record in self._found["device"]:
            self._devices.add(
                OlmDevice(
                    record["user"], record["device"], record["keys"], deleted=record["deleted"],
                    trust_state=TrustState.verified,
                )
            )  # fmt: skip
        return self._devices

    def save_device_keys(self, changed: Mapping[str, Mapping[str, OlmDevice]]) -> None:
        for device in self._each(changed):
            # A device is trusted as it was seen first; nio refuses other keys of the same device.
            device.trust_state = TrustState.verified
            record = {
                "user": device.user_id, "device": device.id, "keys": dict(device.keys), "deleted": device.deleted
            }  # fmt: skip
            self.put("device", f"{device.user_id} {device.id}", lambda record=record: record)  # type: ignore[misc]

    def forget_devices(self, user: str) -> None:
        """Leave nothing of the user's devices and of the sessions with them."""
        for device in list(self._devices[user].values()):
            self.put("device", f"{user} {device.id}", None)
            for session in self._sessions[device.curve25519]:
                self.put("session", f"{device.curve25519} {session.id}", None)
            self._sessions[device.curve25519].clear()
        self._devices[user].clear()

    def load_outgoing_key_requests(self) -> dict[str, OutgoingKeyRequest]:
        return {record["request_id"]: OutgoingKeyRequest(**_fields(record)) for record in self._found["request"]}

    def add_outgoing_key_request(self, request: OutgoingKeyRequest) -> None:
        self.put("request", request.request_id, lambda: dict(vars(request)))

    def remove_outgoing_key_request(self, request: OutgoingKeyRequest) -> None:
        self.put("request", request.request_id, None)

    def is_device_verified(self, device: OlmDevice) -> bool:
        return bool(device.verified)

    def is_device_blacklisted(self, device: OlmDevice) -> bool:
        return False

    def is_device_ignored(self, device: OlmDevice) -> bool:
        return False

    def ignore_devices(self, devices: Iterable[OlmDevice]) -> None:
        return

    @staticmethod
    def _each(devices: Mapping[str, Mapping[str, OlmDevice]]) -> Iterator[OlmDevice]:
        for of_user in devices.values():
            yield from of_user.values()


def _fields(record: Record) -> Record:
    return {name: record[name] for name in ("request_id", "session_id", "room_id", "algorithm")}
