"""Turns that the gateway asks for again, by a key that is the same each time.

A gateway that ends after Rasa has answered, and before it has kept the answer, asks again when it comes back. Said
a second time the message would be another step of the conversation: the name for a form would be taken for the
address that the form asks for next. So the replies of a turn are kept for a while, for whoever comes with its key,
also while the turn runs. In memory, bounded, and gone with the conversation.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from typing import Any, Dict, List, Optional, Tuple

KEPT_SECONDS = 600.0
MOST_KEPT = 5_000


class Replies:
    """What a turn says, message by message; any number of readers follow it."""

    def __init__(self) -> None:
        self._messages: List[Dict[str, Any]] = []
        self._turn: Optional[asyncio.Future[Any]] = None
        self._grown = asyncio.Event()

    def add(self, message: Dict[str, Any]) -> None:
        self._messages.append(message)
        self._tell()

    def come_from(self, turn: asyncio.Future[Any]) -> None:
        """The turn that says them; it ends them."""
        self._turn = turn
        turn.add_done_callback(lambda _: self._tell())

    @property
    def failed(self) -> bool:
        """Whether the turn is over and has not said what it had to."""
        turn = self._turn
        if turn is None or not turn.done():
            return False
        return turn.cancelled() or turn.exception() is not None or not self._messages

    async def get(self, number: int) -> Optional[Dict[str, Any]]:
        """The message with this number as soon as it is there; None after the last. Raises what the turn raised."""
        while number >= len(self._messages):
            assert self._turn is not None
            if self._turn.done():
                await self._turn
                return None
            await self._grown.wait()
        return self._messages[number]

    def _tell(self) -> None:
        self._grown.set()
        self._grown = asyncio.Event()


class Repeats:
    """Finds the replies of a turn again by conversation and key."""

    def __init__(self, seconds: float = KEPT_SECONDS, most: int = MOST_KEPT) -> None:
        self._seconds = seconds
        self._most = most
        self._kept: OrderedDict[Tuple[str, str], Tuple[float, Replies]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, sender: str, key: Optional[str]) -> Optional[Replies]:
        """The replies to this message, also those that are still to come; None when it may be said anew."""
        self._tidy()
        _, replies = self._kept.get((sender, key or ""), (0.0, None))
        return None if replies is None or replies.failed else replies

    def keep(self, sender: str, key: Optional[str], replies: Replies) -> None:
        if key:
            self._kept[sender, key] = time.monotonic() + self._seconds, replies
            self._kept.move_to_end((sender, key))
            self._tidy()

    def forget(self, sender: str) -> None:
        """Keep nothing of this conversation."""
        for name in [name for name in self._kept if name[0] == sender]:
            del self._kept[name]

    def _tidy(self) -> None:
        while self._kept:
            name, (until, _) = next(iter(self._kept.items()))
            if len(self._kept) <= self._most and until > time.monotonic():
                return
            del self._kept[name]
