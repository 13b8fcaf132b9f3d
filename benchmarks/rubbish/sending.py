"""Sends hostile messages as several citizens at a time, and notes what came back."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Dict, Iterable, List

import aiohttp

from benchmarks.rubbish.messages import Hostile

CLIENTS = 8
HANG_SECONDS = 15.0
"""The gateway promises an answer, or a refusal, after ten."""
OF_SESSION = 10
"""Messages in one conversation: what a hostile one leaves behind meets the next."""


@dataclass
class Outcome:
    """What became of one class: statuses, milliseconds, and faults in words."""

    statuses: Counter[str] = field(default_factory=Counter)
    times: List[float] = field(default_factory=list)
    faults: List[str] = field(default_factory=list)


def send(address: str, messages: Iterable[Hostile], clients: int = CLIENTS) -> Dict[str, Outcome]:
    """Send all; what became of them, by class."""
    found: Dict[str, Outcome] = {}
    asyncio.run(_send(address, messages, clients, found))
    return found


async def _send(address: str, messages: Iterable[Hostile], clients: int, found: Dict[str, Outcome]) -> None:
    stock = iter(messages)
    timeout = aiohttp.ClientTimeout(total=HANG_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as http:

        async def client() -> None:
            headers: Dict[str, str] = {}
            for place, message in enumerate(stock):
                if place % OF_SESSION == 0:
                    headers = await _session(http, address)
                await _one(http, address, message, headers, found.setdefault(message.kind, Outcome()))

        await asyncio.gather(*(client() for _ in range(clients)))


async def _session(http: aiohttp.ClientSession, address: str) -> Dict[str, str]:
    for _ in range(5):
        try:
            async with http.post(f"{address}/chat/sessions", json={}) as answer:
                if answer.status == 201:
                    return {"Authorization": f"Bearer {(await answer.json())['session']}"}
        except (aiohttp.ClientError, TimeoutError):
            pass
        await asyncio.sleep(1)
    raise RuntimeError("The assistant begins no conversations any more.")


async def _one(
    http: aiohttp.ClientSession, address: str, message: Hostile, headers: Dict[str, str], outcome: Outcome
) -> None:
    begun = time.perf_counter()
    sent = {**headers, "Content-Type": message.content_type}
    try:
        async with http.post(f"{address}/chat/messages", data=message.body, headers=sent) as answer:
            content = await answer.read()
            status = str(answer.status)
            if answer.status >= 500:
                outcome.faults.append(f"{status} for {message.body[:200]!r}: {content[:200]!r}")
            elif answer.status == 200 and b'"messages"' not in content:
                outcome.faults.append(f"200 without messages for {message.body[:200]!r}")
    except TimeoutError:
        status = "hang"
        outcome.faults.append(f"no answer within {HANG_SECONDS:g} s to {message.body[:200]!r}")
    except aiohttp.ClientError as error:
        # A body that is too large is refused before it has come; the connection may end meanwhile.
        status = type(error).__name__
        if len(message.body) < 16_384:
            outcome.faults.append(f"{status} for {message.body[:200]!r}")
    outcome.statuses[status] += 1
    outcome.times.append((time.perf_counter() - begun) * 1000)
