"""Reception: what platforms call in with is verified, read, and in the store before they get their 200."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from smartcity.gateway.bodies import read_raw
from smartcity.gateway.channels.channel import Channel, Forged, Incoming, Webhook
from smartcity.gateway.channels.duplicates import Duplicates
from smartcity.gateway.channels.inbox import SEEN_SECONDS
from smartcity.gateway.channels.pseudonyms import Pseudonyms
from smartcity.gateway.channels.records import Arrived
from smartcity.gateway.channels.store import Store
from smartcity.gateway.channels.words import command
from smartcity.gateway.errors import RETRY_SECONDS, GatewayError, log_failure
from smartcity.gateway.limits import Buckets, Limits
from smartcity.settings import Settings

MOST_WAITING = 10_000
"""Messages that wait for an answer; beyond that platforms are told to come again."""
MOST_OF_PERSON = 20
LONGEST_REFERENCE = 100
"""More of what a button brings back is not looked at."""


class Reception:
    def __init__(
        self, settings: Settings, limits: Limits, channels: Mapping[str, Channel], pseudonyms: Pseudonyms
    ) -> None:
        self._channels = channels
        self._limits = limits
        self._pseudonyms = pseudonyms
        self._longest: int = settings.max_text
        self._public: str = settings.public_url
        self._often = Buckets(settings.messages_per_minute) if settings.limits else None
        self._told = Buckets(1)
        self._duplicates = Duplicates(settings.redis if channels else "")
        self._store: Store | None = None
        self._wake: Callable[[str], None] = lambda person: None

    def open(self, store: Store, wake: Callable[[str], None]) -> None:
        """Take in from now on; `wake` is told for whom something has come."""
        self._store, self._wake = store, wake

    async def close(self) -> None:
        await self._duplicates.close()

    def routes(self, webhooks: Mapping[str, Sequence[str]]) -> list[Route]:
        return [
            Route(f"/channels/{name}", partial(self._take, name), methods=list(methods))
            for name, methods in webhooks.items()
        ]

    async def _take(self, name: str, request: Request) -> Response:
        channel = self._channels.get(name)
        if channel is None:
            raise GatewayError("not_found")
        body = b"" if request.method in ("GET", "HEAD") else await read_raw(request, channel.most_bytes)
        query = f"?{request.url.query}" if request.url.query else ""
        address = f"{self._public}/channels/{name}{query}"
        webhook = Webhook(body, request.headers, request.query_params, address, time.time())
        try:
            if request.method in ("GET", "HEAD"):
                return PlainTextResponse(channel.handshake(webhook), headers={"Cache-Control": "no-store"})
            channel.verify(webhook)
        except Forged:
            # Platforms themselves may call as often as they like.
            await self._limits.count_address(request.scope)
            raise GatewayError("bad_signature") from None
        try:
            found = channel.parse(webhook)
        except (ValueError, RecursionError):
            raise GatewayError("malformed_json") from None
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            # Signed and yet of an unknown shape: refused, it would come again and again.
            log_failure(error)
            found = []
        await self.accept(channel, found)
        return channel.receipt(webhook)

    async def accept(self, channel: Channel, found: Iterable[Incoming]) -> None:
        """Take in what persons said. Raises GatewayError, and takes nothing, when too much waits already."""
        now = time.time()
        said = {
            self._pseudonyms.of_message(channel.name, one.id): one
            for one in found if one.time is None or now - one.time < SEEN_SECONDS
        }  # fmt: skip
        for key in await self._duplicates.known(said):
            del said[key]
        if not said:
            return
        if self._store is None:
            raise GatewayError("unavailable", retry_after=RETRY_SECONDS)
        store = self._store
        persons = {key: self._pseudonyms.of_person(channel.name, one.person) for key, one in said.items()}
        standing = await store.run(store.inbox.standing, list(said), set(persons.values()))
        if standing.waiting + len(said) > MOST_WAITING:
            raise GatewayError("unavailable", retry_after=RETRY_SECONDS)
        arrived = []
        for key, one in said.items():
            if key not in standing.seen:
                waiting = standing.of.get(persons[key], 0)
                kept = self._arrived(channel, key, persons[key], one, waiting)
                arrived += [kept] if kept is not None else []
        fresh = await store.run(store.inbox.accept, arrived, now)
        await self._duplicates.note([one.seen for one in arrived] + list(standing.seen))
        for person in fresh:
            self._wake(person)

    def _arrived(self, channel: Channel, seen: str, person: str, one: Incoming, waiting: int) -> Arrived | None:
        """The message as it is kept; None for one too many of a person who was told so a moment ago."""
        stops = one.kind == "text" and command(one.text) == "stop"
        said: dict[str, Any] = asdict(one)
        # Only what answering needs stays on disk.
        del said["id"], said["person"]
        if not stops and one.kind != "failed" and self._too_many(person, waiting):
            if self._told.take(person):
                return None
            said |= {"kind": "too_many", "text": ""}
        said["text"] = said["text"][: max(self._longest + 1, LONGEST_REFERENCE)]
        return Arrived(seen, person, channel.name, said, stops, one.time)

    def _too_many(self, person: str, waiting: int) -> bool:
        too_often = self._often is not None and self._often.take(person) > 0
        return too_often or waiting >= MOST_OF_PERSON
