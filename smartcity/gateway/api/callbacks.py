"""Callbacks: the replies of an exchange, signed and sent to the address that is registered with the key.

All is kept in memory: a gateway that stops forgets what is still to be sent. Logs name key, attempt and status only.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import math
import random
import secrets
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from smartcity.gateway.api.conversations import Conversation
from smartcity.gateway.api.keys import ApiKey, ApiKeys, callback_secret
from smartcity.gateway.errors import RETRY_SECONDS, GatewayError, log_failure
from smartcity.gateway.exchanges import Exchange
from smartcity.gateway.texts import sentence
from smartcity.settings import Settings

logger = logging.getLogger("smartcity.gateway")

TIMESTAMP = "Smartcity-Timestamp"
SIGNATURE = "Smartcity-Signature"
DELIVERY = "Smartcity-Delivery"

ATTEMPTS = 8
FIRST_PAUSE = 2.0
"""Seconds before the second attempt; each pause is twice the one before, less up to half of it by chance."""
LONGEST_PAUSE = 600
"""A longer Retry-After is not waited for."""
ANSWER_SECONDS = 10.0
AGAIN = frozenset({408, 425, 429})
"""Answers, besides those from 500 on, after which it is worth trying again."""
MOST_OF_KEY = 200
"""Callbacks of one key that may be under way at a time, so that one dead receiver cannot fill the memory."""
MOST_AT_ONCE = 10
"""Attempts of one key at a time: a slow receiver delays its own callbacks only."""


CHANCE = random.SystemRandom()


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The value of the header: HMAC-SHA256 over timestamp, a dot, and the body as it was sent."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


class Callbacks:
    def __init__(
        self,
        settings: Settings,
        keys: ApiKeys,
        first_pause: float = FIRST_PAUSE,
        attempts: int = ATTEMPTS,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._settings = settings
        self._keys = keys
        self._first_pause = first_pause
        self._attempts = attempts
        self._answer_seconds = answer_seconds
        self._http = httpx.AsyncClient(
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            limits=httpx.Limits(max_keepalive_connections=20),
            timeout=None,
            follow_redirects=False,
        )
        self._turns: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(MOST_AT_ONCE))
        """By the prefix of the key."""
        self._tasks: dict[asyncio.Task[None], tuple[str, str]] = {}
        """With the prefix of the key and the session of the conversation."""

    async def close(self) -> None:
        if self._tasks:
            logger.warning(json.dumps({"callbacks_lost": len(self._tasks)}))
        await self._end(list(self._tasks))
        await self._http.aclose()

    def check(self, key: ApiKey) -> None:
        """Raises GatewayError when the key has no address, or too many callbacks under way."""
        if key.callback is None:
            raise GatewayError("no_callback")
        if Counter(prefix for prefix, _ in self._tasks.values())[key.prefix] >= MOST_OF_KEY:
            raise GatewayError("too_many_callbacks", retry_after=RETRY_SECONDS)

    def follow(self, key: ApiKey, conversation: Conversation, exchange: Exchange, name: str | None) -> None:
        """Send the replies when the exchange is over; `name` is its Idempotency-Key."""
        task = asyncio.create_task(self._follow(key, conversation, exchange, name))
        self._tasks[task] = key.prefix, conversation.session
        task.add_done_callback(lambda ended: self._tasks.pop(ended, None))

    async def forget(self, conversation: Conversation) -> None:
        """Send nothing more of this conversation."""
        await self._end([task for task, (_, session) in self._tasks.items() if session == conversation.session])

    async def _end(self, tasks: list[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, key: ApiKey, conversation: Conversation, exchange: Exchange, name: str | None) -> None:
        told: dict[str, object] = {"conversation": conversation.id, "exchange": exchange.number, "key": name}
        try:
            told |= {"messages": await exchange.replies(), "error": None}
        except GatewayError as error:
            told |= {"messages": exchange.so_far, "error": error_of(error.code, conversation.language)}
        try:
            await self._deliver(key, json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode())
        except Exception as error:
            log_failure(error)

    async def _deliver(self, key: ApiKey, body: bytes) -> None:
        delivery = secrets.token_hex(16)
        outcome, asked = "", 0.0
        for attempt in range(1, self._attempts + 1):
            if attempt > 1:
                pause = self._first_pause * 2 ** (attempt - 2)
                await asyncio.sleep(max(asked, CHANCE.uniform(pause / 2, pause)))
            if not self._keys.is_valid(key.prefix):
                outcome = "revoked"
                break
            async with self._turns[key.prefix]:
                outcome, asked = await self._send(key, delivery, body)
            if outcome == "taken":
                return
            logger.warning(
                json.dumps({"callback": delivery, "api_key": key.name, "attempt": attempt, "outcome": outcome})
            )
            if outcome.isdecimal() and int(outcome) < 500 and int(outcome) not in AGAIN:
                break
        logger.error(json.dumps({"callback_given_up": delivery, "api_key": key.name, "outcome": outcome}))

    async def _send(self, key: ApiKey, delivery: str, body: bytes) -> tuple[str, float]:
        """'taken', a status or the kind of a failure; and the seconds that the receiver wants us to wait."""
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "smartcity-krefeld",
            TIMESTAMP: timestamp,
            SIGNATURE: signature(callback_secret(self._settings, key), timestamp, body),
            DELIVERY: delivery,
        }
        try:
            async with (
                asyncio.timeout(self._answer_seconds),
                self._http.stream("POST", str(key.callback), content=body, headers=headers) as answer,
            ):
                if answer.is_success:
                    return "taken", 0.0
                return str(answer.status_code), _asked(answer.headers)
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL) as error:
            return type(error).__name__, 0.0


def error_of(code: str, language: str) -> dict[str, object]:
    """An error where there is no request to answer: in callbacks and in the record."""
    error: dict[str, object] = {"code": code, "message": sentence(code, language)}
    return {**error, "retry_after": RETRY_SECONDS} if code == "unavailable" else error


def _asked(headers: Mapping[str, str]) -> float:
    """The seconds of Retry-After, in either of its two forms; 0 for none or an unfit one."""
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text) if text.isdecimal() else parsedate_to_datetime(text).timestamp() - time.time()
    except (ValueError, OverflowError):
        return 0.0
    return min(max(seconds, 0.0), LONGEST_PAUSE) if math.isfinite(seconds) else 0.0
