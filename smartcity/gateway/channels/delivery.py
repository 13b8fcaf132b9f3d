"""Delivery: sends the parts of an answer, again and again if it must be, and gives up into the dead letters."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from smartcity.gateway.channels.channel import Channel, Later, Refused
from smartcity.gateway.channels.store import Part, Store
from smartcity.gateway.errors import log_failure

logger = logging.getLogger("smartcity.gateway")

MOST_SENDING = 16
"""Parts being sent on one platform at a time."""
CLOSE_SECONDS = 10.0


@dataclass(frozen=True)
class Patience:
    """How often a part is sent again, and after what pauses: 0.5, 1, 2, ... seconds, a quarter of an hour in all."""

    first: float = 0.5
    longest: float = 300.0
    attempts: int = 12

    def pause(self, attempt: int) -> float:
        """Seconds after this attempt, scattered so that not all come at once."""
        doubled: float = self.first * 2 ** min(attempt - 1, 20)
        return min(self.longest, doubled) * random.uniform(0.5, 1.0)


class Delivery:
    def __init__(self, channels: Mapping[str, Channel], patience: Patience) -> None:
        self._channels = channels
        self._patience = patience
        self._lanes = {name: asyncio.Semaphore(MOST_SENDING) for name in channels}
        self._paused_until = dict.fromkeys(channels, 0.0)
        self._wakers: dict[str, asyncio.Event] = {}
        self._sending: set[asyncio.Task[None]] = set()

    def wake(self, person: str) -> None:
        """Let whoever waits to send to this person look again."""
        if person in self._wakers:
            self._wakers[person].set()

    async def close(self) -> None:
        """Wait for what is just being sent."""
        if self._sending:
            await asyncio.wait(self._sending, timeout=CLOSE_SECONDS)

    async def deliver(self, store: Store, part: Part) -> None:
        """Send the part, or wait until it may be tried again, or give it up."""
        channel = self._channels.get(part.channel)
        now = time.time()
        if channel is None:
            store.give_up(part, "switched off", now)
            return
        if now > part.until:
            self._give_up(store, part, "window closed")
            return
        if (pause := self._paused_until[channel.name] - time.monotonic()) > 0:
            await self._sleep(store, part, pause)
            return
        async with self._lanes[channel.name]:
            # In a task of its own: what was begun is noted, also when the gateway stops.
            sending = asyncio.create_task(self._send(store, channel, part))
            self._sending.add(sending)
            sending.add_done_callback(self._sending.discard)
            await asyncio.shield(sending)
        left = store.next_part(part.person)
        if left is not None and left.id == part.id:
            await self._sleep(store, part, self._patience.pause(left.attempts))

    async def _send(self, store: Store, channel: Channel, part: Part) -> None:
        try:
            await channel.send(part.address, part.body, part.key)
        except Later as later:
            if part.attempts + 1 >= self._patience.attempts:
                self._give_up(store, part, later.reason)
                return
            store.tried(part)
            if later.seconds is not None:
                until = time.monotonic() + later.seconds
                self._paused_until[channel.name] = max(self._paused_until[channel.name], until)
        except Refused as refused:
            self._give_up(store, part, refused.reason)
            while refused.gone and (more := store.next_part(part.person)) is not None:
                self._give_up(store, more, refused.reason)
        except Exception as error:
            log_failure(error)
            self._give_up(store, part, f"internal: {type(error).__name__}")
        else:
            store.sent(part)

    def _give_up(self, store: Store, part: Part, reason: str) -> None:
        store.give_up(part, reason, time.time())
        told = {"dead_letter": reason, "channel": part.channel, "sender": part.sender, "attempts": part.attempts + 1}
        logger.warning(json.dumps(told))

    async def _sleep(self, store: Store, part: Part, seconds: float) -> None:
        """Wait before the part is tried again; a stop of the person, which drops the part, ends it."""
        waker = self._wakers[part.person] = asyncio.Event()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    while (left := store.next_part(part.person)) is not None and left.id == part.id:
                        await waker.wait()
                        waker.clear()
        finally:
            del self._wakers[part.person]
