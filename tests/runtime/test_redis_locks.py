"""Locks on the real Redis: one at a time, in order, over processes; the dead are passed over, failures are told."""

from __future__ import annotations

import asyncio
import os
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from rasa.core.lock_store import LockError, LockStore
from rasa.utils.endpoints import EndpointConfig

from smartcity.runtime.redis_locks import Deleted, RedisLocks
from smartcity.runtime.stores import LOCKS

from ..proxies import Proxy

URL = os.environ.get("SMARTCITY_TEST_REDIS", "redis://127.0.0.1:6379/0")
PORT = int(URL.rsplit(":", 1)[1].split("/")[0])
PROJECT = Path(__file__).parent.parent.parent


@pytest.fixture
async def locks() -> AsyncIterator[RedisLocks]:
    made = RedisLocks(SimpleNamespace(url=URL))
    yield made
    await made.close()


@pytest.fixture
def conversation() -> str:
    return f"test:{secrets.token_hex(8)}"


def _user(conversation: str, tasks: int, deed: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "ignore", "-m", "tests.runtime.lock_users", URL, conversation, str(tasks), deed]
    return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)


def test_rasa_makes_it_from_its_endpoint() -> None:
    assert isinstance(LockStore.create(EndpointConfig(url=URL, type=LOCKS)), RedisLocks)


async def test_one_at_a_time_over_three_processes(locks: RedisLocks, conversation: str) -> None:
    users = [_user(conversation, 50, "count") for _ in range(3)]
    assert [await asyncio.to_thread(user.communicate, timeout=120) for user in users] == [("", None)] * 3
    assert [user.returncode for user in users] == [0, 0, 0]
    redis = locks.redis
    names = [f"test:{conversation}:{name}" for name in ("count", "inside", "most")]
    assert int(await redis.get(names[0])) == 150
    assert set(await redis.lrange(names[2], 0, -1)) == {"1"}
    await redis.delete(*names)
    assert await redis.keys(f"smartcity:*{conversation}*") == [], "nothing is left behind"


async def test_tickets_are_served_in_their_order(locks: RedisLocks, conversation: str) -> None:
    served: list[int] = []

    async def one(number: int) -> None:
        async with locks.lock(conversation):
            served.append(number)

    async with locks.lock(conversation):
        waiting = []
        for number in range(20):
            waiting.append(asyncio.create_task(one(number)))
            while await locks.redis.hlen(f"smartcity:lock:{{{conversation}}}") < number + 2:
                await asyncio.sleep(0.002)
    await asyncio.gather(*waiting)
    assert served == list(range(20))


async def test_a_holder_that_died_is_passed_over(locks: RedisLocks, conversation: str) -> None:
    holder = _user(conversation, 1, "die")
    assert holder.stdout is not None
    assert await asyncio.to_thread(holder.stdout.readline) == "held\n"
    holder.kill()
    holder.wait()
    holder.stdout.close()
    async with locks.lock(conversation, lock_lifetime=30):
        pass


async def test_one_that_waits_and_goes_away_holds_nobody_up(locks: RedisLocks, conversation: str) -> None:
    async def one() -> None:
        async with locks.lock(conversation):
            pass

    async with locks.lock(conversation):
        waiting = asyncio.create_task(one())
        while await locks.redis.hlen(f"smartcity:lock:{{{conversation}}}") < 2:
            await asyncio.sleep(0.002)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await locks.redis.hlen(f"smartcity:lock:{{{conversation}}}") == 1
    await one()


async def test_a_long_turn_keeps_its_lock(conversation: str) -> None:
    locks = RedisLocks(SimpleNamespace(url=URL), lease=0.3)
    order = []

    async def one() -> None:
        async with locks.lock(conversation):
            order.append("second")

    async with locks.lock(conversation):
        waiting = asyncio.create_task(one())
        await asyncio.sleep(1)
        order.append("first")
    await waiting
    assert order == ["first", "second"]
    await locks.close()


async def test_who_waits_too_long_is_told(locks: RedisLocks, conversation: str) -> None:
    async with locks.lock(conversation):
        with pytest.raises(LockError):
            async with locks.lock(conversation, lock_lifetime=0.05):
                pass


async def test_nothing_begins_in_a_deleted_conversation(locks: RedisLocks, conversation: str) -> None:
    async def late() -> None:
        async with locks.lock(conversation):
            pass

    async with locks.lock(conversation):
        waiting = asyncio.create_task(late())
        await locks.mark_deleted(conversation)
    with pytest.raises(Deleted):
        await waiting
    assert await locks.is_deleted(conversation)
    async with locks.lock(conversation, deleting=True):
        pass
    await locks.redis.delete(f"smartcity:deleted:{{{conversation}}}")


async def test_redis_gone_is_told_and_its_return_noticed(conversation: str) -> None:
    with Proxy(PORT) as proxy:
        locks = RedisLocks(SimpleNamespace(url=f"redis://127.0.0.1:{proxy.port}/0"), lease=0.5)
        async with locks.lock(conversation):
            pass
        proxy.cut()
        with pytest.raises(LockError):
            async with locks.lock(conversation):
                pass
        proxy.mend()
        async with locks.lock(conversation):
            proxy.cut()  # what cannot be given back ends by itself
        proxy.mend()
        async with locks.lock(conversation, lock_lifetime=30):
            pass
        await locks.close()
