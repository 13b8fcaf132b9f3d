"""Which of several Rasa processes is asked: for one conversation the same, as long as it lives.

Rendezvous hashing: each conversation has an order of all processes of its own, the same in every gateway. So its
tracker stays warm in one process, and when that is down its conversations spread over all others.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

logger = logging.getLogger("smartcity.gateway")

DOWN_SECONDS = 3.0
"""How long a process that failed is asked last."""
LOOK_SECONDS = 2.0
"""How often the health of each is looked at, where there are several."""


class Nodes:
    """The addresses of Rasa's processes, and which of them answered last."""

    def __init__(self, urls: Sequence[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._urls = tuple(urls)
        self._clock = clock
        self._down: dict[str, float] = {}
        self._watch: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._urls)

    @property
    def up(self) -> int:
        """How many are not known to be down."""
        return sum(not self._is_down(url) for url in self._urls)

    def order(self, sender: str) -> list[str]:
        """All of them, the one to ask first; those that are down last."""
        return sorted(self._urls, key=lambda url: (self._is_down(url), _weight(url, sender)))

    def failed(self, url: str) -> None:
        """Ask others first for a while."""
        if len(self._urls) > 1 and not self._is_down(url):
            logger.warning("Rasa at %s does not answer; others are asked.", url)
        self._down[url] = self._clock() + DOWN_SECONDS

    def answered(self, url: str) -> None:
        if self._down.pop(url, None) is not None and len(self._urls) > 1:
            logger.warning("Rasa at %s answers again.", url)

    def watch(self, answers: Callable[[str], Awaitable[bool]]) -> None:
        """Look after all of them from now on, where there are several; one that hangs fails nobody's turn then."""
        if len(self._urls) > 1 and self._watch is None:
            self._watch = asyncio.create_task(self._look(answers))

    async def close(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch

    async def _look(self, answers: Callable[[str], Awaitable[bool]]) -> None:
        while True:
            for url, fine in zip(self._urls, await asyncio.gather(*map(answers, self._urls)), strict=True):
                (self.answered if fine else self.failed)(url)
            await asyncio.sleep(LOOK_SECONDS)

    def _is_down(self, url: str) -> bool:
        return self._down.get(url, 0.0) > self._clock()


def _weight(url: str, sender: str) -> bytes:
    return hashlib.blake2b(f"{url} {sender}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
