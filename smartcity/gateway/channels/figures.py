"""What operators watch of messengers: how much waits, and what was given up."""

from __future__ import annotations

from dataclasses import dataclass

from smartcity.gateway.channels.store import Store


@dataclass(frozen=True)
class Figures:
    """Messages without an answer, parts of answers that are not sent, the age of the oldest message, dead letters."""

    waiting: int = 0
    sending: int = 0
    oldest_seconds: float = 0.0
    dead_letters: int = 0


def look(store: Store, at: float) -> Figures:
    """The figures at this time."""
    waiting, oldest = store.ask("SELECT count(*), min(at) FROM incoming")
    (sending,) = store.ask("SELECT count(*) FROM outgoing")
    (dead,) = store.ask("SELECT count(*) FROM dead_letters")
    return Figures(waiting, sending, 0.0 if oldest is None else max(at - oldest, 0.0), dead)
