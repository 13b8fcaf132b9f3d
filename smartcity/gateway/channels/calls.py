"""Calls to a platform: what its answer means for sending again.

429 and 5xx come again, and so does what did not get through; any other refusal is for good. A part of an answer
that was on its way when the connection or the platform's patience (504) ended is neither: nobody knows whether it
was taken. Reasons name status and code only: a platform's own sentence may hold a telephone number, an address may
hold the token.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import httpx

from smartcity.gateway.channels.channel import HandOver, Later, Refused, Uncertain

# httpx would log every address that it calls, and Telegram's hold the token.
logging.getLogger("httpx").setLevel(logging.WARNING)

SECONDS = 20.0
POOL = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=3.0)
"""Idle connections go before a platform closes them: what is cut off on its way is perhaps delivered."""
LONGEST_WAIT = 3600.0


class Unreachable(Later):
    """The platform could not be reached, by an error of this kind."""

    def __init__(self, kind: str, host: str) -> None:
        super().__init__(f"unreachable: {kind}")
        self.kind = kind
        self.host = host


Judge = Callable[[int, dict[str, Any]], None]
"""Looks at status and body for what the status alone does not say. Raises Later or Refused."""


class Calls:
    def __init__(
        self, base: str, *, headers: dict[str, str] | None = None, auth: tuple[str, str] | None = None
    ) -> None:
        # No address of another host is ever followed: it would get the token.
        self._http = httpx.AsyncClient(
            base_url=base,
            headers=headers,
            auth=auth,
            timeout=SECONDS,
            limits=POOL,
            follow_redirects=False,
            verify=_tls(),
        )

    async def ask(
        self,
        method: str,
        path: str,
        judge: Judge | None = None,
        *,
        json: object = None,
        data: dict[str, Any] | None = None,
        params: dict[str, str] | None = None,
        seconds: float = SECONDS,
        hand_over: HandOver | None = None,
    ) -> dict[str, Any]:
        """The answer's object; `hand_over` is awaited before a byte of the body leaves. Raises Later or Refused,
        and Uncertain after `hand_over`."""
        handing = Handing(hand_over) if hand_over else None
        try:
            response = await self._http.request(
                method, path, json=json, data=data, params=params, timeout=httpx.Timeout(seconds),
                extensions={"trace": handing} if handing else None,
            )  # fmt: skip
        except httpx.HTTPError as error:
            if handing and handing.done:
                raise Uncertain(type(error).__name__) from None
            raise Unreachable(type(error).__name__, self._http.base_url.host) from None
        found = _object(response)
        if response.status_code == 429:
            raise Later("429", wait_named(response, found))
        if judge is not None:
            judge(response.status_code, found)
        if response.status_code == 504 and handing:
            raise Uncertain("504")
        if response.status_code >= 500 or response.status_code == 408:
            raise Later(str(response.status_code), _seconds(response.headers.get("retry-after", "")))
        if response.status_code >= 300:
            raise Refused(str(response.status_code))
        return found

    async def close(self) -> None:
        await self._http.aclose()


class Handing:
    """httpcore's `trace`: awaited at each step of a request, the body's first one before anything of it is sent."""

    def __init__(self, hand_over: HandOver) -> None:
        self._hand_over = hand_over
        self.done = False

    async def __call__(self, event: str, info: dict[str, Any]) -> None:
        # A proxy on the way is asked for the connection first, by a request of its own.
        if event.endswith(".send_request_body.started") and info["request"].method != b"CONNECT":
            await self._hand_over()
            self.done = True


@cache
def _tls() -> ssl.SSLContext:
    """One for all: reading the certificates takes a while."""
    return httpx.create_ssl_context()


def wait_named(response: httpx.Response, found: dict[str, Any]) -> float | None:
    """The seconds to wait that the platform names: in the header, or Telegram's or Matrix' in the body."""
    named = _seconds(response.headers.get("retry-after", ""))
    if named is None:
        parameters = found.get("parameters")
        named = _number(parameters.get("retry_after") if isinstance(parameters, dict) else None)
    if named is None and (thousandths := _number(found.get("retry_after_ms"))) is not None:
        named = thousandths / 1000
    return named


def _seconds(header: str) -> float | None:
    """Retry-After in seconds, or as a date."""
    if header.strip().isdecimal():
        return _number(int(header.strip()[:9]))
    try:
        then = parsedate_to_datetime(header)
        return _number((then - then.now(then.tzinfo)).total_seconds())
    except (TypeError, ValueError):
        return None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return min(max(float(value), 0.0), LONGEST_WAIT)


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
