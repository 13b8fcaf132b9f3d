"""The breaker on the way to Rasa: one that starts is found at once, one that hangs is left alone."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from smartcity.breaker import MOST_FAILURES, Breaker
from smartcity.gateway.guard import Guard

ADDRESS = "http://127.0.0.1:5005/webhooks/internal/webhook"


class Rasa(httpx.AsyncBaseTransport):
    """Fails in one way until it is well; remembers what it was asked."""

    def __init__(self, failure: type[httpx.TransportError]) -> None:
        self.failure: type[httpx.TransportError] | None = failure
        self.asked: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if self.failure is not None:
            raise self.failure("as the test wants it")
        return httpx.Response(200, request=request)


async def _say(guard: Guard) -> bool:
    try:
        return (await guard.handle_async_request(httpx.Request("POST", ADDRESS))).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize(("failure", "found"), [(httpx.ConnectError, True), (httpx.ReadTimeout, False)])
def test_who_starts_is_found_and_who_hangs_has_its_pause(failure: type[httpx.TransportError], found: bool) -> None:
    async def talk() -> bool:
        rasa = Rasa(failure)
        guard = Guard(rasa, 10)
        # Its own pause would be over within no test.
        guard._breakers["127.0.0.1:5005"] = Breaker("Rasa", seconds=3600)
        for _ in range(MOST_FAILURES):
            assert not await _say(guard)
        assert guard.is_open
        rasa.failure = None
        for _ in range(60 if found else 10):
            if await _say(guard):
                assert rasa.asked[-2:] == ["/webhooks/internal/health", "/webhooks/internal/webhook"]
                return True
            await asyncio.sleep(0.05)
        assert len(rasa.asked) == MOST_FAILURES
        return False

    assert asyncio.run(talk()) is found
