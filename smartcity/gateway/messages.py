"""Messages: what a citizen wrote, made clean; what Rasa answered, in the public shape."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from smartcity.gateway.errors import GatewayError

SAFE_LINKS = ("https://", "http://", "mailto:", "tel:")


def clean_text(text: str, longest: int) -> str:
    """The text without control characters (line feed and tab stay) and halves of surrogate pairs.

    Raises GatewayError when nothing readable is left or it is longer than `longest` characters.
    """
    clean = "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs"))
    if all(sign.isspace() or unicodedata.category(sign) == "Cf" for sign in clean):
        raise GatewayError("blank")
    if len(clean) > longest:
        raise GatewayError("too_long", limit=longest)
    return clean


def public_message(message: Mapping[str, Any], language: str, seal: Callable[[str], str]) -> dict[str, Any]:
    """A message of Rasa in the public shape: all keys present, payloads sealed, unsafe links left out."""
    named = message.get("id")
    return {
        "id": str(named) if named else None,
        "kind": "notice" if message.get("kind") == "notice" else "answer",
        "text": str(message.get("text") or ""),
        "language": str(message.get("language") or language),
        "buttons": [
            {"title": str(button["title"]), "payload": seal(str(button["payload"]))}
            for button in message.get("buttons") or ()
            if button.get("title") and button.get("payload")
        ],
        "links": [
            {"title": str(link.get("title") or link["url"]), "url": link["url"]}
            for link in message.get("links") or ()
            if _is_safe(link.get("url"))
        ],
        "source": _public_source(message.get("source")),
        "answer": message.get("answer"),
        "known": bool(message.get("known", True)),
        "expects": "personal" if message.get("expects") == "personal" else None,
    }


def _public_source(source: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not source:
        return None
    url = source.get("url")
    return {
        "title": source.get("title") or url,
        "url": url if _is_safe(url) else None,
        "as_of": source.get("as_of"),
        "dated": bool(source.get("dated", bool(source.get("as_of")))),
        "read": source.get("read"),
    }


def _is_safe(url: object) -> bool:
    return isinstance(url, str) and url.lower().startswith(SAFE_LINKS)
