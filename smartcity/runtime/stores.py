"""The stores that several Rasa processes share, by settings: endpoints.yml stays what stock Rasa reads.

Where: rasa.core.utils.AvailableEndpoints.read_endpoints. SMARTCITY_TRACKER_DATABASE takes the place of the tracker
store in endpoints.yml, SMARTCITY_REDIS that of the lock store. Without Redis locks stay in memory, where whoever meets
a turn under way looks every LOOK_SECONDS whether it is over; Rasa (LockStore.lock) sleeps a second.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import Any, AsyncIterator

from smartcity.settings import Settings

LOCKS = "smartcity.runtime.redis_locks.RedisLocks"
LOOK_SECONDS = 0.02


def use_shared(settings: Settings) -> None:
    """Give Rasa the stores that the settings name."""
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.endpoints import EndpointConfig

    if not (settings.tracker_database or settings.redis):
        return
    read = AvailableEndpoints.read_endpoints.__func__  # type: ignore[attr-defined]
    if getattr(read, "uses_shared", False):
        return

    def read_endpoints(cls: Any, endpoint_file: str) -> Any:
        endpoints = read(cls, endpoint_file)
        if settings.tracker_database:
            endpoints.tracker_store = EndpointConfig(url=settings.tracker_database, type="SQL")
        if settings.redis:
            endpoints.lock_store = EndpointConfig(url=settings.redis, type=LOCKS)
        return endpoints

    setattr(read_endpoints, "uses_shared", True)
    setattr(AvailableEndpoints, "read_endpoints", classmethod(read_endpoints))


def wait_briefly() -> None:
    """Let a collision of locks in memory cost no second; again does nothing."""
    from rasa.core.lock_store import LOCK_LIFETIME, InMemoryLockStore

    if getattr(InMemoryLockStore, "waits_briefly", False):
        return
    hold = InMemoryLockStore.lock

    @asynccontextmanager
    async def lock(
        store: Any,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = LOOK_SECONDS,
    ) -> AsyncIterator[Any]:
        async with hold(store, conversation_id, lock_lifetime, wait_time_in_seconds) as held:
            yield held

    setattr(InMemoryLockStore, "lock", lock)
    setattr(InMemoryLockStore, "waits_briefly", True)
