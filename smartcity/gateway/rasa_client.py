"""The gateway's one client of Rasa's internal channel."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import httpx

from smartcity.gateway.errors import GatewayError
from smartcity.gateway.metrics import measured
from smartcity.gateway.rasa_network import Network
from smartcity.gateway.rasa_nodes import Nodes
from smartcity.privacy.erasures import ErasureError, Erasures
from smartcity.settings import Settings

logger = logging.getLogger("smartcity.gateway")

CHANNEL = "/webhooks/internal"
FEEDBACK = "/feedback"
GREETING = "/greet"
WEB = "web"
HEALTH_SECONDS = 2.0
MOST_CONNECTIONS = 80
KEPT_SECONDS = 3.0
"""Fit for 64 messages at a time; idle connections go before Rasa's server (5 s) closes them."""

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Unavailable(Exception):
    """Rasa gave no answer that can be passed on; the reason is for the log."""


class Gone(Exception):
    """Rasa has deleted this conversation, or does not know it."""


class RasaClient:
    def __init__(self, settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._seconds: float = settings.answer_seconds
        self._erasures = Erasures(settings)
        self._shared = bool(settings.redis)
        self._nodes = Nodes(settings.rasa_urls or (f"http://127.0.0.1:{settings.rasa_port}",))
        self._headers = {"Authorization": f"Bearer {settings.secret_for('internal')}"}
        self._transport = transport or Network(MOST_CONNECTIONS, KEPT_SECONDS)
        self._http = httpx.AsyncClient(headers=self._headers, transport=self._transport, timeout=None, trust_env=False)

    async def close(self) -> None:
        await self._nodes.close()
        await self._http.aclose()
        self._erasures.close()

    @measured(ended=Gone)
    async def turn(
        self, session: str, language: str, *, channel: str = WEB, key: str | None = None, **said: str
    ) -> AsyncGenerator[dict[str, Any], None]:
        """Rasa's messages to `text=` or `payload=` said in a session, as they come: at least one.

        A message with the same `key` is one turn, whichever gateway asks which process how often.
        Raises Unavailable, also after messages when the turn did not come to its end, and Gone.
        Takes as long as Rasa takes.
        """
        sender = f"{channel}:{session}"
        key = key or secrets.token_hex(16)
        body = {"sender": sender, "channel": channel, "language": language, "key": key, **said}
        came = done = False
        async for line in self._answer(sender, body):
            if "message" in line:
                came = True
                yield line["message"]
            done = done or line.get("done") is True
        if not done:
            raise _reported("Rasa's answer was cut off")
        if not came:
            raise _reported("Rasa answered with no message")

    async def _answer(self, sender: str, body: dict[str, str]) -> AsyncIterator[dict[str, Any]]:
        """The lines of the first process that answers."""
        self._nodes.watch(self._answers)
        *others, last = self._nodes.order(sender)
        for node in (*others, last):
            came = False
            try:
                async with aclosing(self._ask_turn(node, body)) as lines:
                    async for line in lines:
                        came = True
                        yield line
                self._nodes.answered(node)
                return
            except httpx.HTTPError as error:
                self._nodes.failed(node)
                # A message that may have arrived goes to another process only where they share their locks.
                if came or node is last or not (self._shared or isinstance(error, _NOT_SENT)):
                    raise _unreachable(error) from None

    async def _ask_turn(self, node: str, body: dict[str, str]) -> AsyncGenerator[dict[str, Any], None]:
        """The lines of one process. Straight to the transport: httpx's client would look for cookies and redirects."""
        headers = {**self._headers, "Content-Type": "application/json"}
        request = httpx.Request("POST", f"{node}{CHANNEL}/webhook", headers=headers, content=json.dumps(body))
        response = await self._transport.handle_async_request(request)
        try:
            _check(response, 200)
            async for line in _lines(response):
                yield line
        finally:
            await response.aclose()

    async def rate(
        self, session: str, message: str | None, rating: str, comment: str | None, *, channel: str = WEB
    ) -> None:
        """Keep feedback with the conversation. Raises Unavailable; Gone for an unknown message or conversation."""
        fields = {"message": message, "rating": rating, "comment": comment}
        response = await self._tell(FEEDBACK, f"{channel}:{session}", **fields)
        if response.status_code == 404:
            raise Gone
        _check(response, 204)

    async def forget(self, session: str, *, channel: str = WEB) -> None:
        """Delete the conversation, also what the console has of it. Raises Unavailable when that is not certain.

        First it is noted for the console: once Rasa has deleted it, nothing else would tell what is to go there.
        """
        try:
            async with asyncio.timeout(self._seconds):
                await asyncio.to_thread(self._erasures.note, f"{channel}:{session}")
        except TimeoutError:
            raise _reported("The deletion could not be noted in the application's database in time") from None
        except ErasureError as error:
            raise _reported(str(error).rstrip(".")) from None
        _check(await self._tell("/forget", f"{channel}:{session}"), 204)

    async def content(self, language: str) -> dict[str, Any]:
        """What the assistant knows, in this language. Raises Unavailable."""
        response = await self._ask("GET", f"/content?language={language}", self._seconds, None, "")
        _check(response, 200)
        return _object(response.content)

    async def health(self) -> dict[str, Any]:
        """What Rasa says of its health; of several processes, the first that answers. Raises Unavailable."""
        response = await self._ask("GET", "/health", min(HEALTH_SECONDS, self._seconds), None, "")
        _check(response, 200)
        told = _object(response.content)
        return {**told, "processes": f"{self._nodes.up} of {len(self._nodes)}"} if len(self._nodes) > 1 else told

    async def _tell(self, path: str, sender: str, **fields: str | None) -> httpx.Response:
        return await self._ask("POST", path, self._seconds, {"sender": sender, **fields}, sender)

    async def _ask(self, method: str, path: str, seconds: float, body: object, sender: str) -> httpx.Response:
        """The answer of the first process that can be reached."""
        self._nodes.watch(self._answers)
        *others, last = self._nodes.order(sender)
        try:
            async with asyncio.timeout(seconds):
                for node in others:
                    try:
                        return await self._http.request(method, f"{node}{CHANNEL}{path}", json=body)
                    except httpx.HTTPError as error:
                        self._nodes.failed(node)
                        if path == FEEDBACK and not isinstance(error, _NOT_SENT):
                            # It would be stored twice.
                            raise
                return await self._http.request(method, f"{last}{CHANNEL}{path}", json=body)
        except TimeoutError:
            raise too_slow(seconds) from None
        except httpx.HTTPError as error:
            raise _unreachable(error) from None

    async def _answers(self, node: str) -> bool:
        """Whether this process says that it is well."""
        try:
            async with asyncio.timeout(HEALTH_SECONDS):
                response = await self._http.get(f"{node}{CHANNEL}/health")
        except (TimeoutError, httpx.HTTPError):
            return False
        return response.status_code == 200


def too_slow(seconds: float) -> Unavailable:
    """What to raise when Rasa took longer than that; the log knows then."""
    return _reported(f"Rasa did not answer within {seconds:g} seconds")


def _check(response: httpx.Response, expected: int) -> None:
    if response.status_code == 410:
        raise Gone
    if response.status_code == 409:
        raise GatewayError("key_reused")
    if response.status_code == 401:
        raise _reported("Rasa refused the secret: SMARTCITY_SECRET or SMARTCITY_VAR differ between gateway and Rasa")
    if response.status_code != expected:
        raise _reported(f"Rasa answered with status {response.status_code}")


async def _lines(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    """Each line of the body as an object."""
    rest = b""
    assert isinstance(response.stream, httpx.AsyncByteStream)
    async for part in response.stream:
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
