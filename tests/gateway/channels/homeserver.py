"""A small Matrix homeserver with several accounts, for encrypted rooms: a real HTTP server that reads nothing.

By https://spec.matrix.org/v1.16/client-server-api, sections "Syncing" (GET /sync, with `to_device`, `device_lists` and
`device_one_time_keys_count` as extended by "Send-to-Device messaging" and "End-to-End Encryption"), "Key management
API" (POST /keys/upload, /keys/query, /keys/claim), "Send-to-Device messaging" (PUT /sendToDevice), "Sending events to
a room" (PUT /rooms/{roomId}/send, with transaction ids), "Getting events for a room" (joined_members, state),
"Joining rooms", "Client Config" (account_data) and "Rate limiting".
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

BOT, DEVICE, TOKEN = "@krefeld:example.org", "KREFELD", "matrix-token"
Event = dict[str, Any]


@dataclass
class Room:
    encrypted: bool = False
    members: dict[str, str] = field(default_factory=dict)
    """Users and 'invite' or 'join'."""
    events: list[tuple[int, Event]] = field(default_factory=list)
    """With their place in the stream."""


class Homeserver:
    """`answers` are given once each in place of taking an event; `seen` is all that clients have sent."""

    def __init__(self) -> None:
        # Tests tell it things from their thread, clients from its own: an invitation must not come after its answer.
        self._one_by_one = threading.RLock()
        self.reset()
        path = "/_matrix/client/v3/{path:path}"
        self.app = Starlette(routes=[Route(path, self._take, methods=["GET", "POST", "PUT"])])

    def reset(self) -> None:
        self._life = object()
        self.accounts = {TOKEN: (BOT, DEVICE)}
        self.rooms: dict[str, Room] = {}
        self.seen: list[bytes] = []
        self.answers: list[tuple[int, dict[str, Any]]] = []
        self.calls: list[str] = []
        self.device_keys: defaultdict[str, dict[str, Any]] = defaultdict(dict)
        self.one_time_keys: defaultdict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
        self.account_data: dict[tuple[str, str], Any] = {}
        self.renamed: dict[str, str] = {}
        """As whose the server passes off what somebody says."""
        self.waits = False
        """Whether keys that the assistant sends to devices wait."""
        self.held: set[str] = set()
        """Users whose to-device messages are lost."""
        self._to_device: defaultdict[tuple[str, str], list[tuple[int, Event]]] = defaultdict(list)
        self._changed: list[tuple[int, str]] = []
        self._left: list[tuple[int, str]] = []
        self._taken: dict[str, str] = {}
        self._stream = 0

    def account(self, user: str, device: str) -> str:
        """A token for one more device."""
        token = f"token-of-{user}-{device}"
        self.accounts[token] = (user, device)
        return token

    def create(self, name: str, *members: str, encrypted: bool = True) -> Room:
        room = self.rooms[name] = Room()
        for member in members:
            self.member(name, member, "join")
        if encrypted:
            self.turn_on(name)
        return room

    def member(self, room: str, user: str, membership: str) -> None:
        content = {"membership": membership}
        with self._one_by_one:
            self.rooms[room].members[user] = membership
            self.put(room, {"type": "m.room.member", "sender": user, "state_key": user, "content": content})

    def gone(self, user: str) -> None:
        """The user shares no encrypted room with anybody any more."""
        with self._one_by_one:
            self._stream += 1
            self._left.append((self._stream, user))

    def turn_on(self, room: str) -> None:
        content = {"algorithm": "m.megolm.v1.aes-sha2"}
        event = {"type": "m.room.encryption", "sender": "@a:example.org", "state_key": "", "content": content}
        with self._one_by_one:
            self.rooms[room].encrypted = True
            self.put(room, event)

    def put(self, room: str, event: Event) -> Event:
        """An event as the server tells it."""
        with self._one_by_one:
            self._stream += 1
            named = {"event_id": f"${self._stream}", "origin_server_ts": int(time.time() * 1000), **event}
            self.rooms[room].events.append((self._stream, named))
        return named

    def events(self, room: str, sender: str = BOT) -> list[Event]:
        """What somebody has said in the room."""
        return [
            event for _, event in self.rooms[room].events
            if event["sender"] == sender and event["type"] in ("m.room.message", "m.room.encrypted")
        ]  # fmt: skip

    async def _take(self, request: Request) -> Response:
        account = self.accounts.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if account is None:
            return JSONResponse({"errcode": "M_UNKNOWN_TOKEN"}, 401)
        path = request.path_params["path"]
        self.calls.append(f"{account[0]} {path.partition('/')[0]}")
        if path == "sync":
            return JSONResponse(await self._sync(account, request.query_params))
        raw = await request.body()
        self.seen.append(raw)
        while self.waits and account[0] == BOT and path.startswith("sendToDevice"):
            await asyncio.sleep(0.01)
        with self._one_by_one:
            status, told = self._answer(account, request.method, path, json.loads(raw or b"{}"))
        return JSONResponse(told, status)

    def _answer(self, account: tuple[str, str], method: str, path: str, body: Any) -> tuple[int, Any]:
        user, device = account
        parts = [unquote(part) for part in path.split("/")]
        match parts:
            case ["account", "whoami"]:
                return 200, {"user_id": user, **({"device_id": device} if device else {})}
            case ["keys", "upload"]:
                return self._upload(account, body)
            case ["keys", "query"]:
                return 200, {"device_keys": {asked: self.device_keys[asked] for asked in body["device_keys"]}}
            case ["keys", "claim"]:
                return 200, {"one_time_keys": self._claim(body["one_time_keys"])}
            case ["sendToDevice", kind, key]:
                return self._send_to_device(user, kind, f"{device} {key}", body["messages"])
            case ["user", asked, "account_data", kind]:
                assert asked == user
                if method == "PUT":
                    self.account_data[user, kind] = body
                    return 200, {}
                known = self.account_data.get((user, kind))
                return (200, known) if known is not None else (404, {"errcode": "M_NOT_FOUND"})
            case ["join", room]:
                self.member(room, user, "join")
                return 200, {"room_id": room}
            case ["rooms", room, "joined_members"]:
                return 200, {"joined": {one: {} for one, how in self.rooms[room].members.items() if how == "join"}}
            case ["rooms", room, "state", "m.room.encryption"]:
                on = self.rooms[room].encrypted
                return (200, {"algorithm": "m.megolm.v1.aes-sha2"}) if on else (404, {"errcode": "M_NOT_FOUND"})
            case ["rooms", room, "send", kind, key]:
                return self._send(user, room, kind, f"{device} {key}", body)
        raise AssertionError(f"{method} {path}")

    def _upload(self, account: tuple[str, str], body: Any) -> tuple[int, Any]:
        user, device = account
        if keys := body.get("device_keys"):
            assert (keys["user_id"], keys["device_id"]) == account
            self.device_keys[user][device] = keys
            self._stream += 1
            self._changed.append((self._stream, user))
        known = self.one_time_keys[account]
        for name, key in body.get("one_time_keys", {}).items():
            if known.get(name, key) != key:
                return 400, {"errcode": "M_UNKNOWN", "error": f"One time key {name} already exists"}
            known[name] = key
        return 200, {"one_time_key_counts": {"signed_curve25519": len(known)}}

    def _claim(self, asked: dict[str, dict[str, str]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for user, devices in asked.items():
            for device in devices:
                known = self.one_time_keys[user, device]
                if known:
                    name = next(iter(known))
                    found.setdefault(user, {})[device] = {name: known.pop(name)}
        return found

    def _send_to_device(self, sender: str, kind: str, key: str, messages: Any) -> tuple[int, Any]:
        if key not in self._taken:
            self._taken[key] = ""
            for user, devices in messages.items():
                for device, content in devices.items():
                    every = list(self.device_keys[user]) if device == "*" else [device]
                    for one in every if user not in self.held else []:
                        self._stream += 1
                        message = {"type": kind, "sender": sender, "content": content}
                        self._to_device[user, one].append((self._stream, message))
        return 200, {}

    def _send(self, user: str, room: str, kind: str, key: str, content: Any) -> tuple[int, Any]:
        if user == BOT and self.answers:
            return self.answers.pop(0)
        if key not in self._taken:
            event = self.put(room, {"type": kind, "sender": self.renamed.get(user, user), "content": content})
            self._taken[key] = event["event_id"]
        return 200, {"event_id": self._taken[key]}

    async def _sync(self, account: tuple[str, str], query: Any) -> dict[str, Any]:
        since = int(query["since"][1:]) if "since" in query else None
        life = self._life
        end = time.monotonic() + min(int(query.get("timeout", 0)), 500) / 1000
        while True:
            with self._one_by_one:
                # Whoever still waits from before a reset would count what is new as told.
                news = self._news(account, since) if life is self._life else {}
            if not news or since is None or time.monotonic() >= end or news["rooms"] or news["to_device"]:
                return news
            await asyncio.sleep(0.01)

    def _news(self, account: tuple[str, str], since: int | None) -> dict[str, Any]:
        user, _ = account
        place = since or 0
        joined: dict[str, Any] = {}
        invited: dict[str, Any] = {}
        for name, room in list(self.rooms.items()):
            if room.members.get(user) == "invite":
                invited[name] = {"invite_state": {"events": []}}
            if room.members.get(user) != "join":
                continue
            came = max(at for at, event in room.events if event.get("state_key") == user)
            # Of a room that is new to a client it is told everything.
            events = [event for at, event in room.events if at > place or came > place]
            if events:
                joined[name] = {"timeline": {"events": events}}
        queue = self._to_device[account]
        queue[:] = [(at, message) for at, message in queue if at > place]
        rooms = {kind: told for kind, told in (("join", joined), ("invite", invited)) if told}
        return {
            "next_batch": f"s{self._stream}",
            "rooms": rooms,
            "to_device": {"events": [message for _, message in queue]} if queue else {},
            "device_lists": {
                "changed": sorted({who for at, who in self._changed if at > place}),
                "left": sorted({who for at, who in self._left if at > place}),
            },
            "device_one_time_keys_count": {"signed_curve25519": len(self.one_time_keys[account])},
        }
