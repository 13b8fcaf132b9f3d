"""The engine of all messengers: takes what platforms call in with, asks Rasa, and sends the answers.

What came is in the store before the platform gets its 200 (`reception`). Each person has one worker in one process
(`workers`), which asks Rasa (`dialogue`) and sends the answer, each part at most once (`delivery`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy.exc import OperationalError
from starlette.routing import Route

from smartcity.gateway.channels.channel import Channel
from smartcity.gateway.channels.delivery import Delivery, Patience
from smartcity.gateway.channels.dialogue import Dialogue
from smartcity.gateway.channels.figures import Figures, look
from smartcity.gateway.channels.leases import RENEW_SECONDS
from smartcity.gateway.channels.listening import Listening
from smartcity.gateway.channels.pseudonyms import Pseudonyms
from smartcity.gateway.channels.reception import Reception
from smartcity.gateway.channels.store import Store
from smartcity.gateway.channels.workers import Workers
from smartcity.gateway.errors import log_failure
from smartcity.gateway.limits import Limits
from smartcity.gateway.rasa_client import RasaClient
from smartcity.settings import Settings

logger = logging.getLogger("smartcity.gateway")

TIDY_SECONDS = 3600.0
EMPTY_SECONDS = 3.0
"""How often what has been kept long enough is removed, and how often the database's log is emptied."""
OPEN_SECONDS = 2.0
FIND_SECONDS = 1.0
"""How often it is looked for persons whom nobody serves."""


class Engine:
    def __init__(
        self,
        settings: Settings,
        rasa: RasaClient,
        limits: Limits,
        channels: Iterable[Channel],
        webhooks: Mapping[str, Sequence[str]],
        patience: Patience | None = None,
    ) -> None:
        """`webhooks` are the names and methods of all webhooks, also of platforms that are off."""
        self._settings = settings
        self._channels = {channel.name: channel for channel in channels}
        self._webhooks = webhooks
        self._patience = patience or Patience()
        self._pseudonyms = Pseudonyms(settings.secret_for("channels").encode() if self._channels else b"")
        self._reception = Reception(settings, limits, self._channels, self._pseudonyms)
        self._dialogue = Dialogue(settings, rasa, self._pseudonyms)
        self._delivery = Delivery(self._channels, self._patience)
        self._tasks: set[asyncio.Task[None]] = set()
        self._store: Store | None = None
        self._workers: Workers | None = None

    def routes(self) -> list[Route]:
        return self._reception.routes(self._webhooks)

    async def start(self) -> None:
        """Open the store and go on where the last process ended. Raises OSError where another one serves alone.

        A database server that cannot be reached is no reason to be without the chat: it is waited for, and webhooks
        get 503 meanwhile.
        """
        if not self._channels:
            return
        try:
            await self._open()
        except OperationalError:
            logger.warning("The messengers' database cannot be reached; it is tried again.")
            self._begin(self._open_later())

    async def _open_later(self) -> None:
        while True:
            await asyncio.sleep(OPEN_SECONDS)
            with suppress(OperationalError):
                await self._open()
                logger.warning("The messengers' database can be reached.")
                return

    async def _open(self) -> None:
        store = await asyncio.to_thread(Store, self._settings)
        self._store = store
        await store.run(store.leases.open)
        workers = self._workers = Workers(store, self._channels, self._delivery, self._dialogue, self._pseudonyms)
        self._reception.open(store, workers.wake)
        listening = Listening(store, self._reception.accept, self._patience)
        self._begin(self._again(workers.find, FIND_SECONDS))
        self._begin(self._again(lambda: store.run(store.leases.renew), RENEW_SECONDS))
        self._begin(self._again(lambda: store.run(store.empty_log), EMPTY_SECONDS))
        self._begin(self._again(lambda: store.run(store.tidy, time.time()), TIDY_SECONDS))
        for channel in self._channels.values():
            self._begin(listening.listen(channel))

    async def figures(self) -> Figures:
        """How much waits, and what was given up; nothing while the database cannot be reached."""
        if self._store is None:
            return Figures()
        return await self._store.run(look, self._store.engine, time.time())

    async def close(self) -> None:
        """Stop; what is just being sent is sent and noted."""
        if self._workers is not None:
            await self._workers.close()
        await self._delivery.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for channel in self._channels.values():
            await channel.close()
        await self._reception.close()
        if self._store is not None:
            with suppress(OperationalError):
                await self._store.run(self._store.leases.close)
            self._store.close()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _again(self, work: Any, seconds: float) -> None:
        """Do the work every so many seconds; no fault ends it."""
        while True:
            try:
                await work()
            except Exception as error:
                log_failure(error)
            await asyncio.sleep(seconds)
