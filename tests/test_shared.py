"""Commands to the real Redis over one connection: together, in order, after failures, and past who went away."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator

import pytest
from redis.exceptions import RedisError, ResponseError

from smartcity.shared import PREFIX, Commands, connect_redis

from .proxies import Proxy
from .runtime.test_redis_locks import PORT, URL


@pytest.fixture
async def commands() -> AsyncIterator[Commands]:
    client = connect_redis(URL)
    made = Commands(client)
    yield made
    await made.close()
    await client.aclose()


@pytest.fixture
def key() -> str:
    return f"{PREFIX}test:{secrets.token_hex(8)}"


async def test_everybody_gets_the_own_answer(commands: Commands, key: str) -> None:
    values = [f"{number} ∕ ü\r\n" for number in range(200)]
    answers = await asyncio.gather(*(commands.ask("SET", f"{key}:{v}", v, "EX", 10, "GET") for v in values))
    assert answers == [None] * 200
    assert await asyncio.gather(*(commands.ask("GET", f"{key}:{value}") for value in values)) == values
    clients = await commands.ask("CLIENT", "ID"), await commands.ask("CLIENT", "ID")
    assert clients[0] == clients[1]


async def test_what_redis_refuses_is_told_to_who_asked_alone(commands: Commands, key: str) -> None:
    first, second, third = await asyncio.gather(
        commands.ask("SET", key, "1", "EX", 10),
        commands.ask("NOSUCH"),
        commands.ask("GET", key),
        return_exceptions=True,
    )
    assert (first, third) == ("OK", "1") and isinstance(second, ResponseError)


async def test_a_script_is_told_once(commands: Commands, key: str) -> None:
    text = f"-- {secrets.token_hex(8)}\nreturn {{KEYS[1], ARGV[1]}}"
    for _ in range(2):
        assert await commands.script(text)([key], ["x"]) == [key, "x"]


async def test_a_connection_that_was_ended_fails_nobody(commands: Commands) -> None:
    number = await commands.ask("CLIENT", "ID")
    other = connect_redis(URL)
    await other.client_kill_filter(_id=number)
    await other.aclose()
    assert await commands.ask("PING") == "PONG"
    assert await commands.ask("CLIENT", "ID") != number


async def test_who_goes_away_takes_no_answer_of_others(commands: Commands, key: str) -> None:
    await commands.ask("SET", key, "mine", "EX", 10)
    gone = asyncio.create_task(commands.ask("GET", f"{key}:other"))
    stays = asyncio.create_task(commands.ask("GET", key))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays == "mine"
    assert gone.cancelled() or await asyncio.wait([gone])


async def test_redis_gone_is_told_to_all_and_its_return_noticed() -> None:
    with Proxy(PORT) as proxy:
        client = connect_redis(f"redis://127.0.0.1:{proxy.port}/0")
        commands = Commands(client)
        assert await commands.ask("PING") == "PONG"
        proxy.cut()
        answers = await asyncio.gather(*(commands.ask("PING") for _ in range(5)), return_exceptions=True)
        assert all(isinstance(answer, (RedisError, OSError)) for answer in answers)
        proxy.mend()
        assert await commands.ask("PING") == "PONG"
        await commands.close()
        await client.aclose()
