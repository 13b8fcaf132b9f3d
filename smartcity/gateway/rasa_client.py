"""The gateway's one client of Rasa's internal channel."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import httpx

from smartcity.settings import Settings

logger = logging.getLogger("smartcity.gateway")

CHANNEL = "/webhooks/internal"
GREETING = "/greet"
HEALTH_SECONDS = 2.0
POOL = httpx.Limits(max_connections=80, max_keepalive_connections=64, keepalive_expiry=3.0)
"""Fit for 64 messages at a time; idle connections go before Rasa's server (5 s) closes them."""


class Unavailable(Exception):
    """Rasa gave no answer that can be passed on; the reason is for the log."""


class RasaClient:
    def __init__(self, settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._seconds: float = settings.answer_seconds
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

    async def send(self, session: str, language: str, **said: str) -> list[dict[str, Any]]:
        """Rasa's messages to `text=` or `payload=` said in a session: at least one. Raises Unavailable."""
        body = {"sender": f"web:{session}", "channel": "web", "language": language, **said}
        answer = await self._ask("POST", "/webhook", self._seconds, body)
        messages = answer.get("messages")
        if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
            raise _reported("Rasa's answer holds no list of messages")
        if not messages:
            raise _reported("Rasa answered with no message")
        return messages

    async def health(self) -> dict[str, Any]:
        """What Rasa says of its health. Raises Unavailable."""
        return await self._ask("GET", "/health", min(HEALTH_SECONDS, self._seconds), None)

    async def _ask(self, method: str, path: str, seconds: float, body: object) -> dict[str, Any]:
        try:
            async with asyncio.timeout(seconds):
                response = await self._http.request(method, CHANNEL + path, json=body)
        except TimeoutError:
            raise _reported(f"Rasa did not answer within {seconds:g} seconds") from None
        except httpx.HTTPError as error:
            raise _reported(f"Rasa cannot be reached: {type(error).__name__}") from None
        if response.status_code == 401:
            raise _reported(
                "Rasa refused the secret: SMARTCITY_SECRET or SMARTCITY_VAR differ between gateway and Rasa"
            )
        if response.status_code != 200:
            raise _reported(f"Rasa answered with status {response.status_code}")
        try:
            answer = response.json()
        except ValueError:
            raise _reported("Rasa's answer is not JSON") from None
        if not isinstance(answer, dict):
            raise _reported("Rasa's answer is not an object")
        return answer


def _reported(reason: str) -> Unavailable:
    logger.warning("%s.", reason)
    return Unavailable(reason)
