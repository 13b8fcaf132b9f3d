"""Listening: platforms prepare, and those that are asked for news are asked, by one process."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial

from smartcity.gateway.channels.channel import (
    Channel,
    Incoming,
    Kept,
    Later,
    Mark,
    Overtaken,
    Refused,
    Shelf,
    Uncertain,
)
from smartcity.gateway.channels.delivery import Patience
from smartcity.gateway.channels.leases import LISTENING, RENEW_SECONDS
from smartcity.gateway.channels.store import Store
from smartcity.gateway.errors import log_failure

logger = logging.getLogger("smartcity.gateway")

Accept = Callable[[Channel, Iterable[Incoming]], Awaitable[None]]


class Listening:
    def __init__(self, store: Store, accept: Accept, patience: Patience) -> None:
        self._store = store
        self._accept = accept
        self._patience = patience

    async def listen(self, channel: Channel) -> None:
        """Let the platform prepare and fetch; no fault ends it for good."""
        attempt = 0
        while True:
            attempt += 1
            pause = self._patience.pause(attempt)
            try:
                await channel.prepare()
                if not channel.listens:
                    return
                await self._in_turn(channel)
                attempt = 0
                continue
            except (Later, Refused, Uncertain) as failure:
                logger.warning(json.dumps({"channel": channel.name, "failure": failure.reason}))
                pause = max(pause, getattr(failure, "seconds", None) or 0.0)
            except Overtaken:
                pause = 0.0
            except Exception as error:
                log_failure(error)
            await asyncio.sleep(pause)

    async def _in_turn(self, channel: Channel) -> None:
        """Fetch for as long as no other process does; return when another one has taken over."""
        name = LISTENING + channel.name
        leases = self._store.leases
        while not await self._store.run(leases.take, name):
            await asyncio.sleep(RENEW_SECONDS)
        mark = Mark(
            lambda: self._store.run(self._store.mark, channel.name),
            lambda value: self._store.run(self._store.set_mark, channel.name, value),
        )

        async def save(changes: Mapping[str, Kept | None]) -> None:
            if not await self._store.run(self._store.shelves.save, channel.name, name, leases.owner, changes):
                raise Overtaken

        shelf = Shelf(lambda: self._store.run(self._store.shelves.load, channel.name), save)
        fetching = asyncio.create_task(channel.listen(partial(self._accept, channel), mark, shelf))
        try:
            while not fetching.done() and await self._store.run(leases.holds, name):
                await asyncio.wait([fetching], timeout=RENEW_SECONDS)
            if fetching.done():
                await fetching
        finally:
            fetching.cancel()
            await asyncio.gather(fetching, return_exceptions=True)
