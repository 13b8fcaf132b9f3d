"""The stores that several Rasa processes share, by settings: endpoints.yml stays what stock Rasa reads.

Where: rasa.core.utils.AvailableEndpoints.read_endpoints. SMARTCITY_TRACKER_DATABASE takes the place of the tracker
store in endpoints.yml, SMARTCITY_REDIS that of the lock store.
"""

from __future__ import annotations

from typing import Any

from smartcity.settings import Settings

LOCKS = "smartcity.runtime.redis_locks.RedisLocks"


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
