"""Redis, which several processes share: one way to connect, for whoever needs it."""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Deque, Dict, List, Optional, Tuple

PREFIX = "smartcity:"
"""Begins every key, so that the assistant may share a Redis with others."""
CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 5.0
"""Longer than anybody here lets Redis wait for something to come."""
MOST_CONNECTIONS = 512

Script = Callable[[List[str], List[Any]], Awaitable[Any]]
"""Runs whole in Redis: called with its keys and arguments."""


def connect_redis(url: str) -> Any:
    """An asynchronous client; it connects at the first command, and again after every failure."""
    import redis.asyncio
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    return redis.asyncio.Redis.from_url(
        url,
        decode_responses=True,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        health_check_interval=15,
        max_connections=MOST_CONNECTIONS,
        # A kept connection that the server has closed meanwhile is no failure; a second one is.
        retry=Retry(NoBackoff(), 1),
    )


class Commands:
    """What every turn asks, over one connection of the client: what comes at the same time goes out together.

    The client itself looks for a connection, tries whether it is alive and counts what it does, for each command;
    that took more time than the command. It stays for commands that wait, and for all that is rare.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._connection: Any = None
        self._waiting: Deque[Tuple[Tuple[Any, ...], asyncio.Future[Any]]] = deque()
        self._pump: Optional[asyncio.Task[None]] = None

    async def ask(self, *command: Any) -> Any:
        """Redis's answer. Raises RedisError and OSError, as the client does; a failed connection is tried twice."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()
        self._waiting.append((command, answer))
        if self._pump is None or self._pump.done():
            self._pump = loop.create_task(self._carry())
        return await answer

    def script(self, text: str) -> Script:
        """The script, which Redis is told once."""
        known = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

        async def run(keys: List[str], args: List[Any]) -> Any:
            from redis.exceptions import NoScriptError

            try:
                return await self.ask("EVALSHA", known, len(keys), *keys, *args)
            except NoScriptError:
                return await self.ask("EVAL", text, len(keys), *keys, *args)

        return run

    async def close(self) -> None:
        if self._pump is not None and not self._pump.done():
            self._pump.cancel()
        await self._disconnect()

    async def _carry(self) -> None:
        """Carry what waits, until nothing does."""
        from redis.exceptions import RedisError

        while self._waiting:
            together = list(self._waiting)
            self._waiting.clear()
            try:
                if not await self._carried(together):
                    # The server may have closed a kept connection meanwhile; commands of ours may come twice.
                    await self._carried(together, again=True)
            except (RedisError, OSError, asyncio.TimeoutError) as error:
                # Who has come meanwhile would wait for the same end.
                for _, answer in (*together, *self._waiting):
                    if not answer.done():
                        answer.set_exception(error)
                self._waiting.clear()

    async def _carried(self, together: List[Tuple[Tuple[Any, ...], asyncio.Future[Any]]], again: bool = False) -> bool:
        """Whether all of these were answered; what already is, is not asked again."""
        from redis.exceptions import RedisError, ResponseError

        asked = [(command, answer) for command, answer in together if not answer.done()]
        try:
            connection = await self._connected()
            await connection.send_packed_command(
                connection.pack_commands([command for command, _ in asked]), check_health=False
            )
            for _, answer in asked:
                try:
                    told = await connection.read_response(timeout=ANSWER_SECONDS)
                except ResponseError as error:
                    if not answer.done():
                        answer.set_exception(error)
                    continue
                if not answer.done():
                    answer.set_result(told)
        except (RedisError, OSError, asyncio.TimeoutError):
            await self._disconnect()
            if again:
                raise
            return False
        except BaseException:
            await self._disconnect()
            raise
        return True

    async def _connected(self) -> Any:
        if self._connection is None:
            pool = self._client.connection_pool
            options: Dict[str, Any] = {**pool.connection_kwargs, "socket_timeout": None}
            self._connection = pool.connection_class(**options)
        if not self._connection.is_connected:
            async with asyncio.timeout(CONNECT_SECONDS + ANSWER_SECONDS):
                await self._connection.connect()
        return self._connection

    async def _disconnect(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.disconnect(nowait=True)
