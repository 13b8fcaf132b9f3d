"""The way to Rasa, guarded: time-outs, a circuit breaker for each address, and the id of the request in a header."""

from __future__ import annotations

import asyncio

import httpx

from smartcity.breaker import Breaker
from smartcity.watching import request_id, tracing

CONNECT_SECONDS = 2.0
SILENT_SECONDS = 60.0
"""How long a connection may say nothing, and how long one may be waited for; a turn itself ends sooner."""
TRIAL_SECONDS = 2.0
HEALTH = "/webhooks/internal/health"


class Closed(httpx.ConnectError):
    """Rasa is not asked: it failed several times in a row just now. Nothing was sent."""


class Guard(httpx.AsyncBaseTransport):
    """An answer that does not begin within `late_seconds` counts as a failure, and is waited for all the same."""

    def __init__(self, inner: httpx.AsyncBaseTransport, late_seconds: float) -> None:
        self._inner = inner
        self._late_seconds = late_seconds
        self._breakers: dict[str, Breaker] = {}

    @property
    def is_open(self) -> bool:
        """Whether some Rasa is not asked just now."""
        return any(breaker.is_open for breaker in self._breakers.values())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.headers.update(tracing.headers())
        if request_id.current():
            request.headers[request_id.HEADER] = request_id.current()
        request.extensions["timeout"] = {
            "connect": CONNECT_SECONDS, "read": SILENT_SECONDS, "pool": SILENT_SECONDS,
        }  # fmt: skip
        if request.url.path == HEALTH:
            # Asked for the truth: through, whatever was before.
            return await self._inner.handle_async_request(request)
        breaker = self._breakers.setdefault(request.url.netloc.decode(), Breaker("Rasa"))
        if breaker.is_open and not (breaker.begins_trial() and await self._is_well(request, breaker)):
            raise Closed("not asked")
        late = asyncio.get_running_loop().call_later(self._late_seconds, breaker.failed)
        try:
            response = await self._inner.handle_async_request(request)
        except httpx.TransportError as error:
            if not late.cancelled() and late.when() > asyncio.get_running_loop().time():
                breaker.failed(gone=_is_gone(error))
            raise
        else:
            breaker.succeeded()
            return response
        finally:
            late.cancel()

    async def _is_well(self, request: httpx.Request, breaker: Breaker) -> bool:
        """Try Rasa's health, so that nobody's question has to wait for the end of a time-out."""
        kept = {name: request.headers[name] for name in ("host", "authorization") if name in request.headers}
        trial = httpx.Request("GET", request.url.copy_with(raw_path=HEALTH.encode()), headers=kept)
        trial.extensions["timeout"] = dict.fromkeys(("connect", "write", "read", "pool"), TRIAL_SECONDS)
        try:
            async with asyncio.timeout(TRIAL_SECONDS):
                response = await self._inner.handle_async_request(trial)
                await response.aread()
                await response.aclose()
        except (httpx.TransportError, TimeoutError) as error:
            breaker.failed(gone=_is_gone(error))
            return False
        breaker.succeeded()
        return True

    async def aclose(self) -> None:
        await self._inner.aclose()


def _is_gone(error: Exception) -> bool:
    """Whether nothing listens there; a time-out to connect is none of this."""
    return isinstance(error, httpx.ConnectError)
