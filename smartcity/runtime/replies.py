"""What goes in and comes out of the internal channel: text that stays text, and messages handed on whole."""

from __future__ import annotations

import asyncio
from typing import Any, Callable, Dict

from rasa.core.channels.channel import OutputChannel

_SLASH = "∕"
"""U+2215, which looks like the slash that Rasa would take for an intent."""


def as_text(text: str) -> str:
    """The text such that Rasa never reads it as `/intent{...}`, otherwise unchanged."""
    stripped = text.lstrip()
    if not stripped.startswith("/"):
        return text
    return text[: len(text) - len(stripped)] + _SLASH + stripped[1:]


class Messages(OutputChannel):
    """Hands on each message of Rasa whole, as it comes: text, buttons and what the action added."""

    def __init__(self, take: Callable[[Dict[str, Any]], None]) -> None:
        self._take = take

    @classmethod
    def name(cls) -> str:
        return "internal"

    async def send_response(self, recipient_id: str, message: Dict[str, Any]) -> None:
        custom = message.get("custom") or {}
        self._take(
            {
                "id": custom.get("id"),
                "kind": custom.get("kind", "answer"),
                "text": message.get("text") or "",
                "language": custom.get("language", "de"),
                "buttons": message.get("buttons") or [],
                "links": custom.get("links", []),
                "source": custom.get("source"),
                "answer": custom.get("answer"),
                "known": custom.get("known", True),
                "expects": custom.get("expects"),
            }
        )
        # Rasa goes on without a pause; whoever sends the message gets its turn here.
        await asyncio.sleep(0)
