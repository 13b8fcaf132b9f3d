"""How an exchange is answered: as JSON when it is over, or as server-sent events while it grows."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator, Awaitable, Mapping
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from smartcity.gateway.accept import prefers_events
from smartcity.gateway.errors import RETRY_SECONDS, GatewayError, error_body
from smartcity.gateway.exchanges import Exchange
from smartcity.gateway.rasa_client import too_slow

NO_STORE = {"Cache-Control": "no-store"}
STREAMED = {**NO_STORE, "X-Accel-Buffering": "no"}
"""nginx would collect the events otherwise."""

KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")

Value = TypeVar("Value")


class Answers:
    """Answers within `seconds`, or says that it took too long."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def in_time(self, answer: Awaitable[Value]) -> Value:
        """What is awaited, if it comes in time. The turn goes on all the same."""
        try:
            async with asyncio.timeout(self._seconds):
                return await answer
        except TimeoutError:
            too_slow(self._seconds)
            raise GatewayError("unavailable", retry_after=RETRY_SECONDS) from None

    async def answer(self, request: Request, exchange: Exchange, more: Mapping[str, object] | None = None) -> Response:
        """The replies as the client likes them; `more` stands beside the messages, or in the event `done`."""
        more = more or {}
        if prefers_events(request.headers.get("accept", "")):
            return await self._stream(request, exchange, more)
        return JSONResponse({**more, "messages": await self.in_time(exchange.replies())}, 200, NO_STORE)

    async def _stream(self, request: Request, exchange: Exchange, more: Mapping[str, object]) -> Response:
        """The replies as server-sent events, begun when the first is there, so that failures before have a status."""
        first = await self.in_time(exchange.reply(0))

        async def events() -> AsyncIterator[str]:
            number, reply = 0, first
            try:
                while reply is not None:
                    yield _event("message", reply)
                    number += 1
                    reply = await self.in_time(exchange.reply(number))
                yield _event("done", more)
            except GatewayError as error:
                yield _event("error", error_body(request.scope, error))

        return StreamingResponse(events(), headers=STREAMED, media_type="text/event-stream")


def key_of(request: Request) -> str | None:
    """The key by which a client sends the same message again. Raises GatewayError for an unfit one."""
    key = request.headers.get("idempotency-key")
    if key is not None and not KEY.fullmatch(key):
        raise GatewayError("bad_key")
    return key


def digest_of(fields: Mapping[str, object]) -> str:
    """What tells whether a key comes again with the same body."""
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()


def _event(name: str, data: Mapping[str, object]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n"
