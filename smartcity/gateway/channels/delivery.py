"""Delivery: sends the parts of an answer, again and again if it must be, and gives up into the dead letters.

A part is sent at most once. Before the platform can have seen it, it is noted as handed over; what was handed over
and has no outcome, because the process or the connection ended, is perhaps delivered: it becomes a dead letter,
'uncertain', and is never sent again. Where the platform knows a part by its key, it is sent again.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from smartcity.gateway.channels.channel import Channel, Later, Overtaken, Refused, Uncertain
from smartcity.gateway.channels.records import Part
from smartcity.gateway.channels.store import Store
from smartcity.gateway.errors import log_failure

logger = logging.getLogger("smartcity.gateway")

MOST_SENDING = 16
"""Parts being sent on one platform at a time."""
CLOSE_SECONDS = 25.0
"""How long a stop waits for what is being sent: longer than a platform is."""
LOOK_SECONDS = 1.0
"""How often whoever waits looks whether another process has dropped the part."""
UNCERTAIN = "uncertain"


class Lost(Exception):
    """The part is not ours to send any more: dropped by a stop, or sent by another process."""


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
        """Wait for what is just being sent; what takes too long is left as it is, handed over or not."""
        if not self._sending:
            return
        _, late = await asyncio.wait(self._sending, timeout=CLOSE_SECONDS)
        for sending in late:
            sending.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def deliver(self, store: Store, part: Part) -> None:
        """Send the part, or wait until it may be tried again, or give it up."""
        channel = self._channels.get(part.channel)
        if channel is None:
            await self._give_up(store, part, "switched off")
            return
        if part.handed is not None:
            await self._give_up(store, part, UNCERTAIN)
            return
        if time.time() > part.until:
            await self._give_up(store, part, "window closed")
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
        left = await store.run(store.outbox.next, part.person)
        if left is not None and left.id == part.id:
            await self._sleep(store, part, self._patience.pause(left.attempts))

    async def _send(self, store: Store, channel: Channel, part: Part) -> None:
        async def hand_over() -> None:
            if not await store.run(store.outbox.hand_over, part, time.time()):
                raise Lost

        try:
            await channel.send(part.address, part.body, part.key, hand_over)
        except (Lost, Overtaken):
            return
        except Later as later:
            await self._not_taken(store, channel, part, later)
        except Uncertain as uncertain:
            if channel.repeats:
                await self._not_taken(store, channel, part, Later(uncertain.reason))
            else:
                await self._give_up(store, part, f"{UNCERTAIN}: {uncertain.reason}")
        except Refused as refused:
            await self._give_up(store, part, refused.reason)
            while refused.gone and (more := await store.run(store.outbox.next, part.person)) is not None:
                await self._give_up(store, more, refused.reason)
        except Exception as error:
            log_failure(error)
            await self._give_up(store, part, f"internal: {type(error).__name__}")
        else:
            await self._sent(store, part)

    async def _sent(self, store: Store, part: Part) -> None:
        await store.run(store.outbox.sent, part)

    async def _not_taken(self, store: Store, channel: Channel, part: Part, later: Later) -> None:
        """Let the part be sent again, or give it up when that was tried often enough."""
        if later.seconds is not None:
            until = time.monotonic() + later.seconds
            self._paused_until[channel.name] = max(self._paused_until[channel.name], until)
        if part.attempts + 1 >= self._patience.attempts:
            await self._give_up(store, part, later.reason)
        else:
            await store.run(store.outbox.not_taken, part)

    async def _give_up(self, store: Store, part: Part, reason: str) -> None:
        if await store.run(store.outbox.give_up, part, reason, time.time()):
            told = {
                "dead_letter": reason, "channel": part.channel, "sender": part.sender, "attempts": part.attempts + 1,
            }  # fmt: skip
            logger.warning(json.dumps(told))

    async def _sleep(self, store: Store, part: Part, seconds: float) -> None:
        """Wait before the part is tried again; a stop of the person, which drops the part, ends it."""
        waker = self._wakers[part.person] = asyncio.Event()
        end = time.monotonic() + seconds
        try:
            while (left := end - time.monotonic()) > 0:
                mine = await store.run(store.outbox.next, part.person)
                if mine is None or mine.id != part.id:
                    return
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(left, LOOK_SECONDS) if store.shared else left):
                        await waker.wait()
                        waker.clear()
        finally:
            del self._wakers[part.person]
