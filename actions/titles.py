"""Buttons that are typed instead of pressed, as people do where they read them out or see no buttons."""

from __future__ import annotations

from typing import Any, Iterator, Mapping, Optional

from actions.turn import Turn
from smartcity.knowledge.folding import joined


def chosen_by_title(turn: Turn) -> Optional[str]:
    """The payload of the button offered last whose title the whole message is."""
    said = "" if turn.pressed else joined(turn.text)
    if not said:
        return None
    return next((button["payload"] for button in _offered(turn) if joined(button["title"]) == said), None)


def _offered(turn: Turn) -> Iterator[Mapping[str, Any]]:
    """The buttons of all answers to the message before."""
    users = 0
    for event in reversed(turn.events):
        users += event.get("event") == "user"
        if users == 2:
            return
        if users == 1 and event.get("event") == "bot":
            yield from (event.get("data") or {}).get("buttons") or ()
