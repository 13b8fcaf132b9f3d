"""Start, memory, latency and throughput of one assistant."""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import dataclass
from typing import List, Sequence

import aiohttp

from benchmarks.runtime.contestants import Contestant
from benchmarks.runtime.questions import conversations
from benchmarks.understanding.scoring import percentile
from benchmarks.usage import usage

START_SECONDS = 300.0
"""How long an assistant may take until its first answer."""
WARM_MESSAGES = 50
LATENCY_MESSAGES = 200
CLIENTS = 16
LOAD_SECONDS = 20.0
MOST_MESSAGES = 50_000
"""The load ends here at the latest."""
UNANSWERED_PERCENT = 1.0
"""More unanswered messages make a measurement void."""


class VoidError(RuntimeError):
    """A measurement that says nothing; the message tells why."""


@dataclass(frozen=True)
class Measured:
    """Seconds to the first answer, MB of memory, milliseconds of an answer, messages a second, and losses."""

    start: float
    memory: float
    processes: int
    median: float
    p95: float
    throughput: float
    unanswered: int


def middle(rounds: Sequence[Measured]) -> Measured:
    """The median of each figure; messages without an answer are summed."""
    columns = {name: [getattr(one, name) for one in rounds] for name in Measured.__dataclass_fields__}
    found = {name: statistics.median(values) for name, values in columns.items()}
    return Measured(**{**found, "processes": rounds[0].processes, "unanswered": sum(columns["unanswered"])})


def measure(contestant: Contestant) -> Measured:
    """Start the assistant, measure it, end it. Raises ProgramError, TimeoutError or VoidError."""
    begun = time.perf_counter()
    with contestant.start():
        return asyncio.run(_measure(contestant, begun))


async def _measure(contestant: Contestant, begun: float) -> Measured:
    timeout = aiohttp.ClientTimeout(total=60)
    connector = aiohttp.TCPConnector(limit=CLIENTS)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector, trust_env=False) as http:
        await _first_answer(contestant, http, begun)
        start = time.perf_counter() - begun
        one = _Client(contestant, http)
        await one.send(WARM_MESSAGES)
        processes = contestant.processes()
        held = usage(processes).memory
        one.times.clear()
        await one.send(LATENCY_MESSAGES)
        clients = [_Client(contestant, http) for _ in range(CLIENTS)]
        load_begun = time.perf_counter()
        end = load_begun + LOAD_SECONDS
        await asyncio.gather(*(client.send(MOST_MESSAGES // CLIENTS, end) for client in clients))
        seconds = time.perf_counter() - load_begun
    contestant.check_running()
    sent = sum(len(client.times) for client in clients)
    unanswered = one.unanswered + sum(client.unanswered for client in clients)
    if unanswered > UNANSWERED_PERCENT / 100 * (sent + LATENCY_MESSAGES):
        raise VoidError(f"{contestant.name} left {unanswered} of {sent + LATENCY_MESSAGES} messages unanswered.")
    return Measured(
        start, held, len(processes), percentile(one.times, 50), percentile(one.times, 95), sent / seconds, unanswered
    )


class _Client:
    """Holds conversations one after another; `times` are milliseconds of each message."""

    def __init__(self, contestant: Contestant, http: aiohttp.ClientSession) -> None:
        self._contestant = contestant
        self._http = http
        self.times: List[float] = []
        self.unanswered = 0

    async def send(self, most: int, end: float = float("inf")) -> None:
        """Send `most` messages, or until the clock (perf_counter) shows `end`."""
        sent = 0
        for texts in conversations():
            try:
                conversation = await self._contestant.begin(self._http)
            except aiohttp.ClientError:
                self.unanswered += 1
                sent += 1
                if sent >= most or time.perf_counter() >= end:
                    return
                continue
            for text in texts:
                if sent >= most or time.perf_counter() >= end:
                    return
                begun = time.perf_counter()
                try:
                    answered = await self._contestant.say(self._http, conversation, text)
                except aiohttp.ClientError:
                    answered = False
                if answered:
                    self.times.append((time.perf_counter() - begun) * 1000)
                else:
                    self.unanswered += 1
                sent += 1


async def _first_answer(contestant: Contestant, http: aiohttp.ClientSession, begun: float) -> None:
    while time.perf_counter() - begun < START_SECONDS:
        contestant.check_running()
        try:
            if await contestant.say(http, await contestant.begin(http), "Was ist der KRuiser?"):
                return
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(0.05)
    raise TimeoutError(f"{contestant.name} gave no answer within {START_SECONDS:g} s.")
