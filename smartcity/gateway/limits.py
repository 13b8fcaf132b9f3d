"""How often: token buckets, for each session and each network address; in memory, or on Redis for several gateways."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from starlette.types import Scope

from smartcity.addresses import Proxies
from smartcity.gateway.errors import GatewayError
from smartcity.gateway.shared import Shared
from smartcity.settings import Settings

MOST_KEYS = 50_000
"""Buckets kept at most; beyond that the one unused for longest is forgotten."""


class Buckets:
    """One bucket a key: holds `per_minute` tokens and fills up again within a minute."""

    def __init__(
        self, per_minute: int, most_keys: int = MOST_KEYS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._capacity = float(per_minute)
        self._per_second = per_minute / 60
        self._most_keys = most_keys
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: str) -> int:
        """Take one token: 0 when there was one, else the whole seconds until there is one."""
        now = self._clock()
        tokens, filled = self._buckets.get(key, (self._capacity, now))
        tokens = min(self._capacity, tokens + (now - filled) * self._per_second)
        wait = 0 if tokens >= 1 else max(1, math.ceil((1 - tokens) / self._per_second))
        self._buckets[key] = (tokens if wait else tokens - 1, now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._most_keys:
            self._buckets.popitem(last=False)
        return wait


_TAKE = """
-- Take one token: 0 when there was one, else the seconds until there is one. KEYS: bucket. ARGV: tokens a minute.
local capacity = tonumber(ARGV[1])
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'filled')
local tokens = capacity
if kept[1] then
  tokens = math.min(capacity, tonumber(kept[1]) + math.max(0, now - tonumber(kept[2])) * capacity / 60)
end
local wait = 0
if tokens >= 1 then tokens = tokens - 1 else wait = math.max(1, math.ceil((1 - tokens) * 60 / capacity)) end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'filled', string.format('%.6f', now))
redis.call('EXPIRE', KEYS[1], 61)
return wait
"""


class SharedBuckets:
    """Buckets that all gateways take from; this process's own without Redis, and while it cannot be reached."""

    def __init__(self, name: str, per_minute: int, shared: Shared) -> None:
        self._name = f"limit:{name}"
        self._per_minute = per_minute
        self._shared = shared
        self._script: Any = shared.script(_TAKE)
        self._own = Buckets(per_minute)

    async def take(self, key: str) -> int:
        """As Buckets.take."""
        if self._script is not None:
            keys = [self._shared.key(self._name, key)]
            wait = await self._shared.ask(lambda _: self._script(keys, [self._per_minute]))
            if wait is not None:
                return int(wait)
        return self._own.take(key)


class Limits:
    """The rate limits of the settings; LIMITS=off lets everything pass."""

    def __init__(self, settings: Settings, proxies: Proxies, shared: Shared | None = None) -> None:
        self.shared = shared or Shared(settings)
        self._on: bool = settings.limits
        self._proxies = proxies
        self._sessions = SharedBuckets("session", settings.messages_per_minute, self.shared)
        self._addresses = SharedBuckets("address", settings.address_per_minute, self.shared)

    async def count_address(self, scope: Scope) -> None:
        """Raises GatewayError when this address has asked too often."""
        if self._on and (wait := await self._addresses.take(self._proxies.address_of(scope))):
            raise GatewayError("too_many_requests", retry_after=wait)

    async def count_session(self, session: str) -> None:
        """Raises GatewayError when this session has asked too often."""
        if self._on and (wait := await self._sessions.take(session)):
            raise GatewayError("too_many_messages", retry_after=wait)
