"""The record of recent exchanges, for clients that fetch replies later; in memory, bounded in time and number."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass

from smartcity.gateway.exchanges import KEPT_SECONDS, Exchange

MOST_KEPT = 10_000
MOST_OF_CONVERSATION = 20
"""Exchanges kept at most, of all conversations and of one; beyond that the oldest is forgotten."""


@dataclass(frozen=True)
class Entry:
    """One exchange: its number grows within a conversation, also over restarts; `key` is its Idempotency-Key."""

    number: int
    key: str | None
    exchange: Exchange
    timer: asyncio.TimerHandle


class Records:
    def __init__(
        self,
        kept_seconds: float = KEPT_SECONDS,
        most_kept: int = MOST_KEPT,
        most_of_conversation: int = MOST_OF_CONVERSATION,
    ) -> None:
        self._kept_seconds = kept_seconds
        self._most_kept = most_kept
        self._most_of_conversation = most_of_conversation
        self._entries: dict[str, list[Entry]] = {}
        self._order: OrderedDict[tuple[str, int], None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._order)

    def add(self, session: str, key: str | None, exchange: Exchange) -> None:
        """Keep an exchange that has just begun, and give it its number."""
        entries = self._entries.setdefault(session, [])
        number = max(int(time.time() * 1000), entries[-1].number + 1 if entries else 0)
        timer = asyncio.get_running_loop().call_later(self._kept_seconds, self._drop, session, number)
        exchange.number = number
        entries.append(Entry(number, key, exchange, timer))
        self._order[session, number] = None
        if len(entries) > self._most_of_conversation:
            self._drop(session, entries[0].number)
        if len(self._order) > self._most_kept:
            self._drop(*next(iter(self._order)))

    def after(self, session: str, number: int) -> list[Entry]:
        """The exchanges of a conversation that are kept and have a higher number, the oldest first."""
        return [entry for entry in self._entries.get(session, ()) if entry.number > number]

    def forget(self, session: str) -> None:
        for entry in self.after(session, 0):
            self._drop(session, entry.number)

    def _drop(self, session: str, number: int) -> None:
        if (session, number) not in self._order:
            return
        del self._order[session, number]
        entries = self._entries[session]
        for entry in [entry for entry in entries if entry.number == number]:
            entry.timer.cancel()
            entries.remove(entry)
        if not entries:
            del self._entries[session]
