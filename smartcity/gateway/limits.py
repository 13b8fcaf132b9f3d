"""How often: token buckets in memory, for each session and each network address."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.types import Scope

from smartcity.addresses import Proxies
from smartcity.gateway.errors import GatewayError
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


class Limits:
    """The rate limits of the settings; LIMITS=off lets everything pass."""

    def __init__(self, settings: Settings, proxies: Proxies) -> None:
        self._on: bool = settings.limits
        self._proxies = proxies
        self._sessions = Buckets(settings.messages_per_minute)
        self._addresses = Buckets(settings.address_per_minute)

    def count_address(self, scope: Scope) -> None:
        """Raises GatewayError when this address has asked too often."""
        if self._on and (wait := self._addresses.take(self._proxies.address_of(scope))):
            raise GatewayError("too_many_requests", retry_after=wait)

    def count_session(self, session: str) -> None:
        """Raises GatewayError when this session has asked too often."""
        if self._on and (wait := self._sessions.take(session)):
            raise GatewayError("too_many_messages", retry_after=wait)
