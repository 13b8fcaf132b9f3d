"""Encrypted events that cannot be read yet: their key comes a moment later, or is asked for, or never comes."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

from smartcity.gateway.channels.channel import DAY
from smartcity.gateway.channels.matrix_encryption import Encryption, Unreadable
from smartcity.gateway.channels.matrix_machine import Event
from smartcity.gateway.errors import log_failure

GRACE_SECONDS = 10.0
"""Longer it is not waited for a key before the person is told that it is missing."""
MOST = 200
"""Events of all rooms; of more the oldest are given up."""


@dataclass
class Waiting:
    room: str
    event: dict[str, Any]
    at: float
    told: bool = False


class Late:
    def __init__(self, encryption: Encryption) -> None:
        self._encryption = encryption
        records = encryption.keys.records("late")
        found = [Waiting(*(record[name] for name in ("room", "event", "at", "told"))) for record in records]
        self._read: list[str] = []
        self._waiting = {str(waiting.event["event_id"]): waiting for waiting in sorted(found, key=lambda one: one.at)}

    @property
    def pressing(self) -> bool:
        """Whether somebody is to be told soon."""
        return any(not waiting.told for waiting in self._waiting.values())

    def add(self, room: str, event: Event) -> None:
        """Keep the event, as it came, until its key is here."""
        id = str(event["event_id"])
        if id not in self._waiting:
            self._waiting[id] = Waiting(room, dict(event), time.time())
            self._keep(id)
        for old in list(self._waiting)[:-MOST]:
            self._drop(old)

    async def again(self) -> tuple[list[tuple[str, Event]], list[tuple[str, Event]]]:
        """With their rooms, what can be read now, in clear, and those whose persons are to be told.

        The keys of the latter are asked for. The former are kept until `settle`.
        """
        clear: list[tuple[str, Event]] = []
        overdue: list[tuple[str, Event]] = []
        now = time.time()
        for id, waiting in list(self._waiting.items()):
            event: Event | None = None
            try:
                event = await self._encryption.decrypt(waiting.room, waiting.event)
            except Unreadable:
                if now - waiting.at > DAY:
                    self._drop(id)
                elif not waiting.told and now - waiting.at >= GRACE_SECONDS:
                    waiting.told = True
                    self._keep(id)
                    self._encryption.request(waiting.room, waiting.event)
                    overdue.append((waiting.room, waiting.event))
                continue
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                log_failure(error)
            self._read.append(id)
            if event is not None:
                clear.append((waiting.room, event))
        return clear, overdue

    def settle(self) -> None:
        """What could be read was taken in."""
        for id in self._read:
            self._drop(id)
        self._read.clear()

    def _keep(self, id: str) -> None:
        waiting = self._waiting[id]
        self._encryption.keys.put("late", id, lambda: asdict(waiting))

    def _drop(self, id: str) -> None:
        self._waiting.pop(id, None)
        self._encryption.keys.put("late", id, None)
