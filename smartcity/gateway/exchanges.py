"""Exchanges: one message of a citizen with its replies.

The turn with Rasa runs in a task of its own: a client that goes away does not end it, and whoever
comes with the same key reads the same replies. All is kept in memory, for a bounded time and number.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from smartcity.gateway.errors import RETRY_SECONDS, GatewayError, log_failure
from smartcity.gateway.pressure import Pressure
from smartcity.gateway.rasa_client import Gone, Unavailable, too_slow

Reply = Mapping[str, Any]

TURN_SECONDS = 50.0
"""The longest turn: Rasa's lock of a conversation ends after a minute."""
KEPT_SECONDS = 600.0
"""How long the same key gives the same replies."""
MOST_KEPT = 10_000
MOST_OF_SESSION = 8
"""Exchanges kept at most, of all sessions and of one; beyond that the oldest is forgotten."""


class Exchange:
    """Grows reply by reply while its turn runs; any number of readers follow it, each at its own pace."""

    def __init__(self, content: str, gone: str = "session_ended") -> None:
        self.content = content
        self.number = 0
        """What a record of exchanges knows it by."""
        self._gone = gone
        self._replies: list[Reply] = []
        self._over = False
        self._failure: str | None = "unavailable"
        self._grown = asyncio.Event()

    @property
    def failed(self) -> bool:
        return self._over and self._failure is not None

    @property
    def state(self) -> str:
        """'open' while the turn runs, then 'done' or 'failed'."""
        return ("failed" if self._failure is not None else "done") if self._over else "open"

    @property
    def so_far(self) -> list[Reply]:
        """The replies that are there already."""
        return list(self._replies)

    @property
    def failure(self) -> str | None:
        """The code of the error with which the turn failed."""
        return self._failure if self._over else None

    async def reply(self, number: int) -> Reply | None:
        """The reply with this number as soon as it is there; None after the last. Raises GatewayError."""
        while number >= len(self._replies) and not self._over:
            await self._grown.wait()
        if number < len(self._replies):
            return self._replies[number]
        if self._failure is not None:
            raise GatewayError(self._failure, retry_after=RETRY_SECONDS if self._failure == "unavailable" else None)
        return None

    async def replies(self) -> list[Reply]:
        """All replies, when the turn is over. Raises GatewayError when it failed."""
        while await self.reply(len(self._replies)) is not None:
            pass
        return self._replies

    async def run(self, turn: AsyncGenerator[Reply, None], seconds: float) -> None:
        """Read the turn to its end; what goes wrong is for the readers."""
        try:
            async with asyncio.timeout(seconds), aclosing(turn):
                async for reply in turn:
                    self._replies.append(reply)
                    self._tell()
            self._failure = None
        except TimeoutError:
            too_slow(seconds)
        except Unavailable:
            pass
        except Gone:
            self._failure = self._gone
        except GatewayError as error:
            self._failure = error.code
        except Exception as error:
            log_failure(error)
            self._failure = "internal"
        finally:
            self._over = True
            self._tell()

    def _tell(self) -> None:
        """Wake the readers; whoever waits from now on waits for the next growth."""
        self._grown.set()
        self._grown = asyncio.Event()


class Exchanges:
    """Begins exchanges, and finds them again by session and key."""

    def __init__(
        self,
        pressure: Pressure,
        turn_seconds: float = TURN_SECONDS,
        kept_seconds: float = KEPT_SECONDS,
        most_kept: int = MOST_KEPT,
        gone: str = "session_ended",
    ) -> None:
        self._pressure = pressure
        self._turn_seconds = turn_seconds
        self._kept_seconds = kept_seconds
        self._most_kept = most_kept
        self._gone = gone
        """The error where Rasa has deleted the conversation."""
        self._running: set[asyncio.Task[None]] = set()
        self._kept: OrderedDict[tuple[str, str], tuple[Exchange, asyncio.TimerHandle]] = OrderedDict()
        self._keys: dict[str, list[str]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def knows(self, session: str, key: str | None) -> bool:
        """Whether an exchange that was begun with this key in this session is still kept."""
        return key is not None and (session, key) in self._kept

    def find(self, session: str, key: str | None, content: str) -> Exchange | None:
        """That exchange. Raises GatewayError when it was about other content."""
        if key is None or (session, key) not in self._kept:
            return None
        exchange, _ = self._kept[session, key]
        if exchange.content != content:
            raise GatewayError("key_reused")
        return exchange

    def begin(self, session: str, key: str | None, content: str, turn: AsyncGenerator[Reply, None]) -> Exchange:
        """Run the turn. Raises GatewayError when too many run already; this one does not begin then."""
        self._pressure.enter()
        exchange = Exchange(content, self._gone)
        task = asyncio.create_task(exchange.run(turn, self._turn_seconds))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        task.add_done_callback(lambda _: self._pressure.leave())
        if key is not None:
            self._keep(session, key, exchange)
            # The same key may try again then.
            task.add_done_callback(lambda _: self._drop(session, key, exchange) if exchange.failed else None)
        return exchange

    def forget(self, session: str) -> None:
        """Keep nothing of this session."""
        for key in list(self._keys.get(session, ())):
            self._drop(session, key)

    async def close(self) -> None:
        """End the turns that still run: the gateway stops."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _keep(self, session: str, key: str, exchange: Exchange) -> None:
        timer = asyncio.get_running_loop().call_later(self._kept_seconds, self._drop, session, key, exchange)
        self._kept[session, key] = exchange, timer
        keys = self._keys.setdefault(session, [])
        keys.append(key)
        if len(keys) > MOST_OF_SESSION:
            self._drop(session, keys[0])
        if len(self._kept) > self._most_kept:
            self._drop(*next(iter(self._kept)))

    def _drop(self, session: str, key: str, only: Exchange | None = None) -> None:
        """Forget the exchange of this key; `only` that one, where the key may have begun another since."""
        exchange, timer = self._kept.get((session, key), (None, None))
        if exchange is None or timer is None or only not in (None, exchange):
            return
        timer.cancel()
        del self._kept[session, key]
        self._keys[session].remove(key)
        if not self._keys[session]:
            del self._keys[session]
