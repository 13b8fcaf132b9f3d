"""How many answers are in the making, in all of the gateway: past a depth, or once it stops, no more begin."""

from __future__ import annotations

from smartcity.gateway.errors import GatewayError

BUSY_SECONDS = 2
STOPPING_SECONDS = 5
"""When to come again: when some are answered; when the next process is there."""


class Pressure:
    def __init__(self, most: int) -> None:
        self.most = most
        self._running = 0
        self.stopping = False

    @property
    def running(self) -> int:
        return self._running

    def stop(self) -> None:
        """Begin nothing more."""
        self.stopping = True

    def enter(self) -> None:
        """One more begins; `leave` when it is over. Raises GatewayError when it may not."""
        if self.stopping:
            raise GatewayError("stopping", retry_after=STOPPING_SECONDS)
        if self._running >= self.most:
            raise GatewayError("busy", retry_after=BUSY_SECONDS)
        self._running += 1

    def leave(self) -> None:
        self._running -= 1
