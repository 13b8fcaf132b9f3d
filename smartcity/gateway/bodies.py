"""Reading a request's JSON: its type, its size while it streams, its time, its keys."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.requests import Request

from smartcity.gateway.errors import GatewayError
from smartcity.gateway.texts import LANGUAGES

MOST_BYTES = 16 * 1024
MOST_SECONDS = 10.0


async def read_object(
    request: Request, keys: tuple[str, ...], *, flags: tuple[str, ...] = (), optional: bool = False
) -> dict[str, Any]:
    """The body as an object of strings with no other keys than `keys`; {} for an empty optional one.

    The `flags` among the keys are true or false instead. Also notes the body's language, when it names a
    known one, for error sentences. Raises GatewayError.
    """
    if not optional:
        _check_type(request)
    raw = await read_raw(request)
    if optional and not raw:
        return {}
    _check_type(request)
    fields = _parse(raw)
    if not isinstance(fields, dict):
        raise GatewayError("not_an_object", example='{"language": "de"}')
    language = fields.get("language")
    if isinstance(language, str) and language in LANGUAGES:
        request.state.language = language
    for key, value in fields.items():
        if key not in keys:
            raise GatewayError("unknown_key", key=_shown(key), known=", ".join(keys))
        if not isinstance(value, bool if key in flags else str):
            raise GatewayError("not_a_flag" if key in flags else "wrong_type", key=key)
    if language is not None and language not in LANGUAGES:
        raise GatewayError("unknown_language", known=", ".join(LANGUAGES))
    return fields


def _check_type(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise GatewayError("not_json")


async def read_raw(request: Request, most: int = MOST_BYTES) -> bytes:
    """The body as it came. Raises GatewayError when it has more than `most` bytes or comes too slowly."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > most:
        raise GatewayError("body_too_large", limit=most)
    raw = bytearray()
    try:
        async with asyncio.timeout(MOST_SECONDS):
            async for chunk in request.stream():
                raw += chunk
                if len(raw) > most:
                    raise GatewayError("body_too_large", limit=most)
    except TimeoutError:
        raise GatewayError("body_too_slow") from None
    return bytes(raw)


def _parse(raw: bytes) -> Any:
    try:
        return json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        raise GatewayError("malformed_json") from None


def _shown(key: str) -> str:
    """A key as an error may show it: short, and without what cannot be printed or encoded."""
    return "".join(sign if sign.isprintable() else "?" for sign in key[:40])
