"""What gateways share on Redis: `SMARTCITY_REDIS`. Without it, and while it is gone, each knows only its own.

A Redis that cannot be reached takes nothing down here: who asks gets None, goes on with what this process knows,
and Redis is left alone for a moment. The log tells when it went and when it came back, /health that it is gone.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from smartcity.settings import Settings
from smartcity.shared import PREFIX, Commands, Script, connect_redis

logger = logging.getLogger("smartcity.gateway")

AWAY_SECONDS = 1.0
"""How long Redis is not asked after it did not answer."""


class Shared:
    """This gateway's connection to Redis, or none."""

    def __init__(self, settings: Settings) -> None:
        self._redis = connect_redis(settings.redis) if settings.redis else None
        self.commands = Commands(self._redis) if settings.redis else None
        self._naming = settings.secret_for("shared state").encode() if settings.redis else b""
        self._away_until = 0.0
        self._away = False

    @property
    def is_on(self) -> bool:
        """Whether gateways share anything."""
        return self._redis is not None

    def key(self, kind: str, name: str) -> str:
        """The key for something; Redis does not learn network addresses, names of API keys or ids of sessions."""
        return f"{PREFIX}{kind}:{hmac.digest(self._naming, name.encode(), hashlib.sha256)[:16].hex()}"

    def script(self, text: str) -> Script | None:
        """A script to be asked with `ask`: called with keys and arguments; None without Redis."""
        return self.commands.script(text) if self.commands is not None else None

    async def ask(self, question: Callable[[Any], Awaitable[Any]]) -> Any:
        """What `question` gets of the client; None without Redis, and while it cannot be reached."""
        from redis.exceptions import RedisError

        if self._redis is None or time.monotonic() < self._away_until:
            return None
        try:
            answer = await question(self._redis)
        except (RedisError, OSError, asyncio.TimeoutError) as error:
            self._away_until = time.monotonic() + AWAY_SECONDS
            if not self._away:
                logger.warning(
                    "Redis cannot be reached (%s); limits count in this process alone.", type(error).__name__
                )
            self._away = True
            return None
        if self._away:
            logger.warning("Redis can be reached again.")
        self._away = False
        return answer

    async def health(self) -> str:
        """'ok' or 'down'."""
        return "ok" if await self.ask(lambda redis: redis.ping()) else "down"

    async def close(self) -> None:
        if self.commands is not None and self._redis is not None:
            await self.commands.close()
            await self._redis.aclose()
