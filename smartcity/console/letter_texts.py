"""The words in what was to be sent: each platform puts them in a place of its own."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from typing import Any

_PLACES = (
    ("interactive", "body", "text"),  # WhatsApp, with buttons or a list
    ("text", "body"),  # WhatsApp
    ("message", "text"),  # Facebook Messenger
    ("text",),  # Telegram, Slack
    ("Body",),  # Twilio
    ("body",),  # Matrix
)
_ELEMENT = re.compile(r"<[^<>]*>")
LONGEST = 5000


def text_of(content: object) -> str | None:
    """The words of a letter's content; None where nothing is kept, "" where nobody can tell them."""
    if content is None:
        return None
    try:
        body = json.loads(content) if isinstance(content, str) else None
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, Mapping):
        return ""
    found = next((text for place in _PLACES if (text := _at(body, place)) is not None), "")
    if body.get("parse_mode") == "HTML":
        found = html.unescape(_ELEMENT.sub("", found))
    return found[:LONGEST]


def _at(body: Any, place: tuple[str, ...]) -> str | None:
    for name in place:
        body = body.get(name) if isinstance(body, Mapping) else None
    return body if isinstance(body, str) else None
