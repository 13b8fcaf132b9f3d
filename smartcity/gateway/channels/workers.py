"""Workers: one for each person, in one process, who sends what waits and then answers the next message.

So the order of one person is kept, also over a restart.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from smartcity.gateway.channels.answers import Answer, plain
from smartcity.gateway.channels.channel import Channel, Incoming, Later, Refused
from smartcity.gateway.channels.delivery import Delivery
from smartcity.gateway.channels.dialogue import Dialogue
from smartcity.gateway.channels.leases import LISTENING
from smartcity.gateway.channels.pseudonyms import Pseudonyms
from smartcity.gateway.channels.records import Letter, Part, Waiting
from smartcity.gateway.channels.store import Store
from smartcity.gateway.channels.words import language_of
from smartcity.gateway.errors import log_failure
from smartcity.gateway.texts import sentence
from smartcity.watching import request_id

FAILED_SECONDS = 2.0
"""Pause after a fault, before the person is looked after again."""


class Workers:
    def __init__(
        self, store: Store, channels: Mapping[str, Channel], delivery: Delivery, dialogue: Dialogue,
        pseudonyms: Pseudonyms,
    ) -> None:  # fmt: skip
        self._store = store
        self._channels = channels
        self._delivery = delivery
        self._dialogue = dialogue
        self._pseudonyms = pseudonyms
        self._working: dict[str, asyncio.Task[None]] = {}
        self._woken: set[str] = set()
        """Persons for whom something has come since their worker looked last."""
        self._closed = False

    def wake(self, person: str) -> None:
        """Let the person's worker look; one at most runs, and none once all were told to end."""
        if self._closed:
            return
        self._woken.add(person)
        if person in self._working:
            self._delivery.wake(person)
        else:
            self._working[person] = asyncio.create_task(self._work(person))

    async def find(self) -> None:
        """Wake the workers of all for whom something waits and who have none in any process."""
        elsewhere = [name for name in self._channels if await self._is_elsewhere(name)]
        for person in await self._store.run(self._store.leases.unserved, elsewhere):
            if person not in self._working:
                self.wake(person)

    async def close(self) -> None:
        """End all; what came for somebody stays in the store, for the next process."""
        self._closed = True
        tasks = list(self._working.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self, person: str) -> None:
        try:
            while person in self._woken:
                self._woken.discard(person)
                if await self._store.run(self._store.leases.take, person):
                    await self._serve(person)
        except Exception as error:
            log_failure(error)
            await asyncio.sleep(FAILED_SECONDS)
        finally:
            # Nothing is awaited since the last look, so nothing can have come meanwhile.
            self._woken.discard(person)
            del self._working[person]

    async def _serve(self, person: str) -> None:
        """Work until nothing of the person waits, or another process has taken the person over."""
        store = self._store
        while await store.run(store.leases.holds, person):
            self._woken.discard(person)
            part = await store.run(store.outbox.next, person)
            waiting = await store.run(store.inbox.next, person) if part is None else None
            if (first := part or waiting) is not None and await self._is_elsewhere(first.channel):
                await store.run(store.leases.drop, person)
                return
            if part is not None:
                await self._delivery.deliver(store, part)
            elif waiting is not None:
                await self._answer(waiting)
            elif await store.run(store.leases.leave, person):
                return

    async def _is_elsewhere(self, name: str) -> bool:
        """Whether this is a platform that another process asks, and so answers."""
        channel = self._channels.get(name)
        if channel is None or not channel.listens:
            return False
        return not await self._store.run(self._store.leases.holds, LISTENING + name)

    async def _answer(self, waiting: Waiting) -> None:
        request_id.begin()
        store = self._store
        channel = self._channels.get(waiting.channel)
        before = await store.run(store.people.person, waiting.person)
        try:
            said = Incoming(id="", person="", **waiting.said)
        except TypeError as error:
            # Of another version: nobody knows any more what was said.
            log_failure(error)
            channel = None
        if channel is None:
            await store.run(store.people.answered, waiting, [], before, {}, time.time())
            return
        if not before.language:
            language = language_of(said.language)
            before = replace(before, language=language, spoken=language)
        if said.kind == "failed":
            name = self._pseudonyms.name(channel.name, before)
            await store.run(store.outbox.bury, Letter(time.time(), channel.name, name, said.text, 1, None))
            await store.run(store.people.answered, waiting, [], before, {}, time.time())
            return
        until = (said.time or waiting.at) + channel.window
        try:
            if said.receipt:
                with suppress(Later, Refused):
                    await channel.confirm(said)
            answer = await self._dialogue.answer(store, channel, said, before, self._pseudonyms.turn(waiting))
            parts = self._parts(channel, answer, said, until)
        except Exception as error:
            log_failure(error)
            answer = Answer(before, [plain(sentence("internal", before.spoken), before.spoken)])
            parts = self._parts(channel, answer, said, until)
        await store.run(store.people.answered, waiting, parts, answer.person, answer.choices, time.time())

    def _parts(self, channel: Channel, answer: Answer, said: Incoming, until: float) -> list[Part]:
        return answer.parts(channel, self._pseudonyms.name(channel.name, answer.person), said.address, until)
