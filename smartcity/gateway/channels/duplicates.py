"""Duplicates among several processes: which messages were taken in already, as Redis remembers it.

The table of seen messages decides, in the transaction that takes a message in. Redis only spares the database what
comes again, as platforms do in storms: a key is set after that transaction, so whatever Redis knows is stored, and
nothing is lost when a process ends in between. Without Redis, or while it cannot be reached, the table is asked.
"""

from __future__ import annotations

import logging
from collections.abc import Collection

import redis.asyncio
from redis.exceptions import RedisError

from smartcity.gateway.channels.inbox import SEEN_SECONDS

logger = logging.getLogger("smartcity.gateway")

SECONDS = 2.0
"""Longer Redis is not waited for."""


class Duplicates:
    def __init__(self, url: str) -> None:
        """`url` is empty where each process asks the table alone."""
        self._redis = (
            redis.asyncio.Redis.from_url(url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS) if url else None
        )

    async def known(self, keys: Collection[str]) -> set[str]:
        """Which of the keys are known; perhaps not all of them."""
        if self._redis is None or not keys:
            return set()
        names = list(keys)
        try:
            found = await self._redis.mget([_name(key) for key in names])
        except (RedisError, OSError) as error:
            logger.warning("Redis does not answer (%s); the database is asked for duplicates.", type(error).__name__)
            return set()
        return {key for key, value in zip(names, found, strict=True) if value is not None}

    async def note(self, keys: Collection[str]) -> None:
        """These were taken in."""
        if self._redis is None or not keys:
            return
        try:
            async with self._redis.pipeline(transaction=False) as pipeline:
                for key in keys:
                    pipeline.set(_name(key), b"1", nx=True, ex=int(SEEN_SECONDS))
                await pipeline.execute()
        except (RedisError, OSError) as error:
            logger.warning("Redis does not answer (%s); the database knows the messages.", type(error).__name__)

    async def close(self) -> None:
        if self._redis is not None:
            await self._redis.aclose()


def _name(key: str) -> str:
    return f"smartcity:channels:seen:{key}"
