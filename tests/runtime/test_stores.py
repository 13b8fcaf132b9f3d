"""Stores by settings; locks in memory do not sleep a second."""

from __future__ import annotations

import asyncio

from rasa.core.lock_store import InMemoryLockStore
from rasa.core.utils import AvailableEndpoints

from smartcity.privacy.tracker_store import tracker_url
from smartcity.runtime import stores
from smartcity.settings import Settings

POSTGRESQL = "postgresql://rasa:hidden@db.example.org/conversations"


def test_settings_take_the_place_of_what_endpoints_say() -> None:
    read = AvailableEndpoints.__dict__["read_endpoints"]
    settings = Settings({"SMARTCITY_TRACKER_DATABASE": POSTGRESQL, "SMARTCITY_REDIS": "redis://cache.example.org"})
    try:
        stores.use_shared(settings)
        endpoints = AvailableEndpoints.read_endpoints("endpoints.yml")
    finally:
        AvailableEndpoints.read_endpoints = read
    assert (endpoints.tracker_store.type, endpoints.tracker_store.url) == ("SQL", POSTGRESQL)
    assert (endpoints.lock_store.type, endpoints.lock_store.url) == (stores.LOCKS, "redis://cache.example.org")
    assert tracker_url(settings).render_as_string(hide_password=False) == POSTGRESQL, "the reader reads the same"


def test_without_settings_endpoints_count() -> None:
    stores.use_shared(Settings({}))
    endpoints = AvailableEndpoints.read_endpoints("endpoints.yml")
    assert endpoints.tracker_store.kwargs["dialect"] == "sqlite"
    assert endpoints.lock_store is None


async def test_a_collision_in_memory_costs_no_second() -> None:
    locks = InMemoryLockStore()
    waits: list[float] = []
    sleep = asyncio.sleep

    here = asyncio.get_running_loop()

    async def noted(seconds: float) -> None:
        # Servers of other tests run in other threads.
        if asyncio.get_running_loop() is here:
            waits.append(seconds)
        await sleep(seconds)

    served: list[int] = []

    async def one(number: int) -> None:
        async with locks.lock("web:1"):
            await sleep(0.01)
            served.append(number)

    asyncio.sleep = noted  # type: ignore[assignment]
    try:
        await asyncio.gather(*(one(number) for number in range(5)))
    finally:
        asyncio.sleep = sleep
    assert served == list(range(5))
    assert waits and max(waits) <= stores.LOOK_SECONDS
