"""A process that takes locks: arguments are Redis's URL, a conversation, how many tasks, and what to do.

`count`: each task holds the lock while it reads a counter in Redis, waits and writes it back plus one; whoever is
inside with somebody else makes it too small. `die`: takes the lock, says so and waits to be killed.
"""

from __future__ import annotations

import asyncio
import sys
from types import SimpleNamespace

from smartcity.runtime import stand_ins

stand_ins.install()

from smartcity.runtime.redis_locks import LEASE_SECONDS, RedisLocks  # noqa: E402


async def _count(locks: RedisLocks, conversation: str) -> None:
    async with locks.lock(conversation):
        seen = int(await locks.redis.get(f"test:{conversation}:count") or 0)
        inside = await locks.redis.incr(f"test:{conversation}:inside")
        await locks.redis.lpush(f"test:{conversation}:most", inside)
        await asyncio.sleep(0.001)
        await locks.redis.set(f"test:{conversation}:count", seen + 1)
        await locks.redis.decr(f"test:{conversation}:inside")


async def main(url: str, conversation: str, tasks: str, deed: str) -> None:
    locks = RedisLocks(SimpleNamespace(url=url), lease=0.5 if deed == "die" else LEASE_SECONDS)
    if deed == "count":
        await asyncio.gather(*(_count(locks, conversation) for _ in range(int(tasks))))
        return
    async with locks.lock(conversation):
        print("held", flush=True)
        await asyncio.sleep(600)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
