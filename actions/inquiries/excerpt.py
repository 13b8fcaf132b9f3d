"""What the office may read of the conversation, if the citizen agrees: what was asked and answered, redacted.

The same as the console shows of it, less the form itself. It becomes part of the draft only with a clear yes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from actions.turn import Turn
from smartcity.knowledge.records import Knowledge

try:
    from smartcity.privacy.published import published
    from smartcity.privacy.redaction import redact
except ImportError:  # as in actions/inquiries/desk.py; then no request is taken either
    published = redact = None  # type: ignore[assignment]

LONGEST = 4000
"""As smartcity/inquiries takes it; what was said last is kept."""
LEFT_OUT = "[...]"
_OF_REQUESTS = ("inquiry/", "withdrawal/")
_TELL_NOTHING = ("talk/", "office/")
"""Answers that alone are no reason to ask whether the office may read them."""
_PRIVATE = "private"
"""In the metadata of a message that was typed to a form (smartcity/runtime/withholding.py)."""

Exchange = Tuple[str, List[Tuple[str, str]]]
"""What was said, and the answers: id and text."""


def worth_sharing(turn: Turn) -> bool:
    """Whether something was talked about before that helps the office."""
    answers = [answer for _, answered in _exchanges(turn.events) for answer, _ in answered]
    return redact is not None and any(not answer.startswith(_TELL_NOTHING) for answer in answers)


def written(turn: Turn) -> str:
    """The conversation as text, in German for the office."""
    public = _public(turn.knowledge)
    parts: List[str] = []
    room = LONGEST
    for said, answered in reversed(list(_exchanges(turn.events))):
        lines = [f"Frage: {said}", *(f"Antwort: {text}" for _, text in answered)]
        part = redact("\n".join(lines), public).text
        if len(part) + 2 > room:
            parts.append(LEFT_OUT if parts else part[:room])
            break
        parts.append(part)
        room -= len(part) + 2
    return "\n\n".join(reversed(parts))[:LONGEST]


@lru_cache(maxsize=1)
def _public(knowledge: Knowledge) -> Any:
    ways = [way for office in knowledge.offices.values() for way in (office.phone, office.email)]
    return published(knowledge, ways)


def _exchanges(events: Sequence[Mapping[str, Any]]) -> Iterator[Exchange]:
    """What was said outside the forms, with what the assistant answered to it."""
    titles: Dict[str, str] = {}
    said: Optional[str] = None
    answered: List[Tuple[str, str]] = []
    for event in events:
        if event.get("event") == "user":
            if said and answered:
                yield said, answered
            said, answered = _said(event, titles), []
        elif event.get("event") == "bot":
            data = event.get("data") or {}
            custom = data.get("custom") or {}
            titles.update((one["payload"], one["title"]) for one in data.get("buttons") or [])
            answer = str(custom.get("answer") or "")
            if custom.get("kind", "answer") == "answer" and answer and not answer.startswith(_OF_REQUESTS):
                answered.append((answer, str(event.get("text") or "")))
    if said and answered:
        yield said, answered


def _said(event: Mapping[str, Any], titles: Mapping[str, str]) -> Optional[str]:
    """The text, of a pressed button its title; None for what was said to a form, and for the opening."""
    if (event.get("metadata") or {}).get(_PRIVATE):
        return None
    text = str(event.get("text") or "")
    return titles.get(text) if text.startswith("/") else text
