"""uvicorn as our processes run it: headers have a time-out, and a stop lets answers in the making finish.

uvicorn itself waits for a request's headers for ever, so that anybody could hold connections by sending nothing;
and at SIGTERM it closes its port at once, so that a request on its way to a kept connection would break off.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Sequence
from types import FrameType
from typing import Any, Protocol, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_SECONDS = 10.0
"""How long a connection may take until the headers of a request are there."""


class Work(Protocol):
    """What a process has in the making."""

    @property
    def running(self) -> int:
        """How much is in the making."""

    def stop(self) -> None:
        """Begin nothing more."""


class TimedProtocol(HttpToolsProtocol):
    """Ends a connection on which the headers of a request do not come in time."""

    _headers_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast(asyncio.Transport, transport))
        self._await_headers()

    def data_received(self, data: bytes) -> None:
        if self._headers_due is None and (self.cycle is None or self.cycle.response_complete):
            self._await_headers()
        super().data_received(data)

    def on_headers_complete(self) -> None:
        self._headers_came()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._headers_came()
        super().connection_lost(exc)

    def _await_headers(self) -> None:
        self._headers_due = self.loop.call_later(HEADER_SECONDS, self.transport.close)

    def _headers_came(self) -> None:
        if self._headers_due is not None:
            self._headers_due.cancel()
            self._headers_due = None


class GracefulServer(uvicorn.Server):
    """Told to end, it takes no more connections and begins nothing more, and ends when what is in the making is done.

    Whoever connects goes to the next process behind nginx; who is connected already gets an answer, be it a refusal.
    A second signal, or the end of `seconds`, ends it as uvicorn ends.
    """

    def __init__(self, config: uvicorn.Config, work: Work, seconds: float) -> None:
        super().__init__(config)
        self._work = work
        self._seconds = seconds
        self._until = 0.0
        self._signal: int | None = None
        self._sockets: Sequence[socket.socket] = ()

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        self._sockets = sockets or ()
        await super().serve(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._signal is not None:
            super().handle_exit(sig, frame)
            return
        self._signal, self._until = sig, time.monotonic() + self._seconds
        self._work.stop()

    async def on_tick(self, counter: int) -> Any:
        if self._signal is not None and not self.should_exit:
            for server in self.servers:
                server.close()
            for taken in self._sockets:
                taken.close()
            if time.monotonic() >= self._until or not self._work.running:
                super().handle_exit(self._signal, None)
        return await super().on_tick(counter)
