"""The gateway's one client of Rasa's internal channel."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import httpx

from smartcity.privacy.erasures import ErasureError, Erasures
from smartcity.settings import Settings

logger = logging.getLogger("smartcity.gateway")

CHANNEL = "/webhooks/internal"
GREETING = "/greet"
WEB = "web"
HEALTH_SECONDS = 2.0
POOL = httpx.Limits(max_connections=80, max_keepalive_connections=64, keepalive_expiry=3.0)
"""Fit for 64 messages at a time; idle connections go before Rasa's server (5 s) closes them."""


class Unavailable(Exception):
    """Rasa gave no answer that can be passed on; the reason is for the log."""


class Gone(Exception):
    """Rasa has deleted this conversation, or does not know it."""


class RasaClient:
    def __init__(self, settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._seconds: float = settings.answer_seconds
        self._erasures = Erasures(settings)
        self._http = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{settings.rasa_port}",
            headers={"Authorization": f"Bearer {settings.secret_for('internal')}"},
            transport=transport,
            limits=POOL,
            timeout=None,
            trust_env=False,
        )

    async def close(self) -> None:
        await self._http.aclose()
        self._erasures.close()

    async def turn(
        self, session: str, language: str, *, channel: str = WEB, key: str | None = None, **said: str
    ) -> AsyncGenerator[dict[str, Any], None]:
        """Rasa's messages to `text=` or `payload=` said in a session, as they come: at least one.

        With a `key` it is said once: asked again with the same key, Rasa gives the same messages again.
        Raises Unavailable, also after messages when the turn did not come to its end, and Gone.
        Takes as long as Rasa takes.
        """
        body = {"sender": f"{channel}:{session}", "channel": channel, "language": language, **said}
        if key is not None:
            body["key"] = key
        came = done = False
        try:
            async with self._http.stream("POST", CHANNEL + "/webhook", json=body) as response:
                _check(response, 200)
                async for line in _lines(response):
                    if "message" in line:
                        came = True
                        yield line["message"]
                    done = done or line.get("done") is True
        except httpx.HTTPError as error:
            raise _unreachable(error) from None
        if not done:
            raise _reported("Rasa's answer was cut off")
        if not came:
            raise _reported("Rasa answered with no message")

    async def rate(
        self, session: str, message: str | None, rating: str, comment: str | None, *, channel: str = WEB
    ) -> None:
        """Keep feedback with the conversation. Raises Unavailable; Gone for an unknown message or conversation."""
        fields = {"message": message, "rating": rating, "comment": comment}
        response = await self._tell("/feedback", f"{channel}:{session}", **fields)
        if response.status_code == 404:
            raise Gone
        _check(response, 204)

    async def forget(self, session: str, *, channel: str = WEB) -> None:
        """Delete the conversation, also what the console has of it. Raises Unavailable when that is not certain.

        First it is noted for the console: once Rasa has deleted it, nothing else would tell what is to go there.
        """
        try:
            await asyncio.to_thread(self._erasures.note, f"{channel}:{session}")
        except ErasureError as error:
            raise _reported(str(error).rstrip(".")) from None
        _check(await self._tell("/forget", f"{channel}:{session}"), 204)

    async def content(self, language: str) -> dict[str, Any]:
        """What the assistant knows, in this language. Raises Unavailable."""
        response = await self._ask("GET", f"/content?language={language}", self._seconds, None)
        _check(response, 200)
        return _object(response.content)

    async def health(self) -> dict[str, Any]:
        """What Rasa says of its health. Raises Unavailable."""
        response = await self._ask("GET", "/health", min(HEALTH_SECONDS, self._seconds), None)
        _check(response, 200)
        return _object(response.content)

    async def _tell(self, path: str, sender: str, **fields: str | None) -> httpx.Response:
        return await self._ask("POST", path, self._seconds, {"sender": sender, **fields})

    async def _ask(self, method: str, path: str, seconds: float, body: object) -> httpx.Response:
        try:
            async with asyncio.timeout(seconds):
                return await self._http.request(method, CHANNEL + path, json=body)
        except TimeoutError:
            raise too_slow(seconds) from None
        except httpx.HTTPError as error:
            raise _unreachable(error) from None


def too_slow(seconds: float) -> Unavailable:
    """What to raise when Rasa took longer than that; the log knows then."""
    return _reported(f"Rasa did not answer within {seconds:g} seconds")


def _check(response: httpx.Response, expected: int) -> None:
    if response.status_code == 410:
        raise Gone
    if response.status_code == 401:
        raise _reported("Rasa refused the secret: SMARTCITY_SECRET or SMARTCITY_VAR differ between gateway and Rasa")
    if response.status_code != expected:
        raise _reported(f"Rasa answered with status {response.status_code}")


async def _lines(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    """Each line of the body as an object."""
    rest = b""
    async for part in response.aiter_raw():
        *lines, rest = (rest + part).split(b"\n")
        for line in lines:
            yield _object(line)
    if rest:
        yield _object(rest)


def _object(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        raise _reported("Rasa's answer is not JSON") from None
    if not isinstance(found, dict) or not isinstance(found.get("message", {}), dict):
        raise _reported("Rasa's answer is not an object")
    return found


def _unreachable(error: httpx.HTTPError) -> Unavailable:
    return _reported(f"Rasa cannot be reached: {type(error).__name__}")


def _reported(reason: str) -> Unavailable:
    logger.warning("%s.", reason)
    return Unavailable(reason)
