"""`python -m benchmarks.runtime.locks`: what a lock costs and how long a collision waits, beside Rasa's RedisLockStore.

Redis is that of SMARTCITY_REDIS, by default on this machine. Two figures: a lock that nobody else wants, and messages
of one conversation that arrive at the same time and take 5 ms each: how long until all were served, and whether they
were served one at a time.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import statistics
import sys
import time
from types import SimpleNamespace
from typing import Any, Dict, List
from urllib.parse import urlsplit

from smartcity.runtime import stand_ins

stand_ins.install()

from rasa.core.lock_store import LockError, RedisLockStore  # noqa: E402

from smartcity.runtime.redis_locks import RedisLocks  # noqa: E402

AT_ONCE, WORK_SECONDS, ALONE = 5, 0.005, 300


async def _alone(store: Any) -> float:
    """Median milliseconds of a lock that nobody else wants."""
    times = []
    for number in range(ALONE):
        begun = time.perf_counter()
        async with store.lock(f"benchmark:{secrets.token_hex(4)}"):
            pass
        if number >= ALONE // 10:
            times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


async def _together(stores: List[Any]) -> Dict[str, float]:
    """Seconds until messages that came together to several stores were served; how many at once at most."""
    conversation = f"benchmark:{secrets.token_hex(4)}"
    inside = most = failed = 0

    async def one(store: Any) -> None:
        nonlocal inside, most, failed
        try:
            async with store.lock(conversation):
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(WORK_SECONDS)
                inside -= 1
        except LockError:
            failed += 1

    begun = time.perf_counter()
    await asyncio.gather(*(one(store) for store in stores))
    return {"seconds": time.perf_counter() - begun, "at once": most, "failed": failed}


async def main() -> None:
    url = os.environ.get("SMARTCITY_REDIS") or "redis://127.0.0.1:6379/0"
    place = urlsplit(url)
    rasas = [RedisLockStore(place.hostname or "localhost", place.port or 6379, db=0) for _ in range(AT_ONCE)]
    ours = [RedisLocks(SimpleNamespace(url=url)) for _ in range(AT_ONCE)]
    print(f"{'':24}{'alone, ms':>12}{f'{AT_ONCE} together, s':>18}{'at once':>10}{'failed':>8}")
    for name, stores in (("Rasa's RedisLockStore", rasas), ("ours", ours)):
        alone, together = await _alone(stores[0]), await _together(stores)
        figures = f"{together['seconds']:18.3f}{together['at once']:10.0f}{together['failed']:8.0f}"
        print(f"{name:24}{alone:12.2f}{figures}")
    for store in ours:
        await store.close()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
