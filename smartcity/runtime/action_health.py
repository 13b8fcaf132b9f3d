"""Whether the custom actions can be called."""

from __future__ import annotations

from typing import Any

import aiohttp


async def actions_state(endpoint: Any) -> str:
    """'ok' or 'down'."""
    if endpoint is None:
        return "down"
    if endpoint.url == "inprocess":
        return "ok"
    address = endpoint.url.rsplit("/", 1)[0] + "/health"
    try:
        timeout = aiohttp.ClientTimeout(total=1)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(address) as answer:
            return "ok" if answer.status == 200 else "down"
    except (aiohttp.ClientError, TimeoutError, OSError):
        return "down"
