"""Rasa's events, as rows of its table, read into what the console takes of them; whatever is broken has a reason.

Only four kinds are taken: what a citizen said, what the assistant said, which action ran, and feedback. Of slots only
`feedback` is read, so what a form asks of a person never arrives here.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Union

import sqlalchemy as sa

from smartcity.privacy.tracker_store import EVENTS

MOST_DATA = 400_000
"""Characters of an event's data; one that is longer is none of ours."""
MOST_TEXT = 20_000
SLOTS = ("feedback",)
TYPES = ("user", "bot", "action", "slot")
IDLE_ACTIONS = frozenset({"action_listen", "action_session_start", "action_restart", "action_default_fallback"})
RATINGS: Mapping[Any, str | None] = {"up": "up", "down": "down", "none": None}

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_NAME = re.compile(r"[A-Za-z0-9_./-]{1,64}")
# The data of events that are taken alone: others, with all slots, never leave Rasa's database.
_WANTED = sa.and_(
    EVENTS.c.type_name.in_(TYPES),
    sa.or_(EVENTS.c.type_name != "slot", EVENTS.c.action_name.in_(SLOTS)),
    sa.or_(EVENTS.c.type_name != "action", sa.func.coalesce(EVENTS.c.action_name, "").not_in(IDLE_ACTIONS)),
)
COLUMNS = (
    EVENTS.c.id,
    EVENTS.c.sender_id,
    EVENTS.c.type_name,
    EVENTS.c.timestamp,
    sa.case((sa.and_(_WANTED, sa.func.length(EVENTS.c.data) <= MOST_DATA), EVENTS.c.data)).label("data"),
    sa.case((_WANTED, 1), else_=0).label("wanted"),
)
"""What is read of a row."""


class Row(NamedTuple):
    """One row of Rasa's table, see COLUMNS."""

    id: int
    sender_id: str
    type_name: str
    timestamp: float | None
    data: str | None
    wanted: int


class Broken(ValueError):
    """An event that cannot be taken; the message is the reason it is counted under."""


@dataclass(frozen=True)
class Said:
    """What a citizen typed or pressed; `text` is raw."""

    source_id: str
    at: int
    text: str
    channel: str
    language: str | None
    intent: str | None
    confidence: float | None
    runner_up: str | None
    runner_up_confidence: float | None
    doubt: str | None
    entities: tuple[Mapping[str, Any], ...]

    @property
    def pressed(self) -> bool:
        """Typed text never begins with a slash here: the channel sees to that."""
        return self.text.startswith("/")


@dataclass(frozen=True)
class Answered:
    """One message of the assistant, in the shape of turns.answers but not redacted; buttons have payloads too."""

    at: int
    message: Mapping[str, Any]


@dataclass(frozen=True)
class Acted:
    at: int
    action: str
    policy: str | None


@dataclass(frozen=True)
class Rated:
    """Feedback on one message, or with `message` None on the conversation (`stars`, 1 to 5)."""

    message: str | None
    thumb: str | None
    stars: int | None
    comment: str | None


Event = Union[Said, Answered, Acted, Rated]


@dataclass
class Counts:
    """How many events were read, and how many of them skipped, by reason."""

    read: int = 0
    skipped: dict[str, int] = field(default_factory=dict)

    def skip(self, reason: str) -> None:
        self.skipped[reason] = self.skipped.get(reason, 0) + 1


def clean(text: str) -> str:
    """The text as both databases take it: no NUL, no half of a surrogate pair, not endless."""
    return text[:MOST_TEXT].replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def read_event(row: Row, assistant: str) -> Event | None:
    """The event of a row; None for one that the console does not take. Raises Broken."""
    if not row.wanted:
        return None
    if row.data is None:
        raise Broken("too long or empty")
    try:
        data = json.loads(row.data)
    except (ValueError, RecursionError):
        raise Broken("no JSON") from None
    if not isinstance(data, dict):
        raise Broken("no object")
    metadata = data.get("metadata")
    if isinstance(metadata, dict) and metadata.get("assistant_id") not in (None, assistant):
        raise Broken("of another assistant")
    if row.type_name == "user":
        return _said(row, data)
    if row.type_name == "bot":
        return _answered(row, data)
    if row.type_name == "action":
        return _acted(row, data)
    return _rated(data.get("value"))


def _said(row: Row, data: Mapping[str, Any]) -> Said:
    text, source = data.get("text"), data.get("message_id")
    parsed = data.get("parse_data")
    if not isinstance(text, str):
        raise Broken("no text")
    if not isinstance(source, str) or not _ID.fullmatch(source):
        raise Broken("no message id")
    parsed = parsed if isinstance(parsed, dict) else {}
    ranking = [one for one in _list(parsed.get("intent_ranking")) if isinstance(one, dict)]
    intent = parsed.get("intent")
    intent = intent if isinstance(intent, dict) else {}
    second = next((one for one in ranking if one.get("name") != intent.get("name")), {})
    metadata = data.get("metadata")
    return Said(
        source_id=source,
        at=_time(row, data),
        text=clean(text),
        channel=_short(data.get("input_channel")) or "unknown",
        language=_short(metadata.get("language") if isinstance(metadata, dict) else None, 16),
        intent=_short(intent.get("name")),
        confidence=_number(intent.get("confidence")),
        runner_up=_short(second.get("name")),
        runner_up_confidence=_number(second.get("confidence")),
        doubt=_short(parsed.get("doubt"), 16),
        entities=tuple(one for one in map(_entity, _list(parsed.get("entities"))) if one is not None),
    )


def _entity(value: Any) -> Mapping[str, Any] | None:
    """An entity whose value is an id of content: what was typed itself stays in the text, which is redacted."""
    if not isinstance(value, dict):
        return None
    name, found = value.get("entity"), value.get("value")
    if not (isinstance(name, str) and isinstance(found, str) and _NAME.fullmatch(name) and _NAME.fullmatch(found)):
        return None
    start, end = value.get("start"), value.get("end")
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= MOST_TEXT):
        start = end = 0
    return {"entity": name, "value": found, "start": start, "end": end}


def _answered(row: Row, data: Mapping[str, Any]) -> Answered:
    inner = data.get("data")
    inner = inner if isinstance(inner, dict) else {}
    custom = inner.get("custom")
    custom = custom if isinstance(custom, dict) else {}
    at = _time(row, data)
    text = data.get("text")
    if not isinstance(text, str):
        raise Broken("no text")
    given = custom.get("id")
    buttons = [one for one in _list(inner.get("buttons")) if isinstance(one, dict)]
    message = {
        # Rasa's other assistants give no ids; a time tells their messages apart as well.
        "id": given if isinstance(given, str) and _ID.fullmatch(given) else f"at-{at}",
        "kind": _short(custom.get("kind")) or "answer",
        "text": clean(text),
        "language": _short(custom.get("language"), 16),
        "source": _flat(custom.get("source")),
        "links": [flat for flat in map(_flat, _list(custom.get("links"))[:20]) if flat is not None],
        "buttons": [
            {"title": clean(one["title"])[:200], "payload": clean(str(one.get("payload", "")))[:500]}
            for one in buttons[:50]
            if isinstance(one.get("title"), str)
        ],
        "answer": _short(custom.get("answer"), 128),
        "known": custom.get("known") is not False,
    }
    return Answered(at, message)


def _flat(value: Any) -> dict[str, Any] | None:
    """A source or a link: texts and switches, nothing nested."""
    if not isinstance(value, dict):
        return None
    flat = {clean(str(key))[:40]: one for key, one in list(value.items())[:12] if isinstance(one, str | bool)}
    return {key: clean(one)[:1000] if isinstance(one, str) else one for key, one in flat.items()}


def _acted(row: Row, data: Mapping[str, Any]) -> Acted | None:
    name = _short(data.get("name"))
    return Acted(_time(row, data), name, _short(data.get("policy"))) if name and name not in IDLE_ACTIONS else None


def _rated(value: Any) -> Rated | None:
    if value is None:
        return None  # the slot is emptied after each rating
    if not isinstance(value, dict):
        raise Broken("no feedback")
    message, rating, comment = value.get("message"), value.get("rating"), value.get("comment")
    if comment is not None and not isinstance(comment, str):
        raise Broken("no feedback")
    comment = clean(comment) if comment else None
    if message is None:
        stars = str(rating)
        if stars not in ("1", "2", "3", "4", "5", "none"):
            raise Broken("no feedback")
        return Rated(None, None, None if stars == "none" else int(stars), comment)
    if not isinstance(message, str) or not _ID.fullmatch(message) or not isinstance(rating, str | None):
        raise Broken("no feedback")
    if rating not in RATINGS:
        raise Broken("no feedback")
    return Rated(message, RATINGS[rating], None, comment)


def _time(row: Row, data: Mapping[str, Any]) -> int:
    """Milliseconds since 1970."""
    seconds = row.timestamp if row.timestamp is not None else data.get("timestamp")
    if not isinstance(seconds, int | float) or not math.isfinite(seconds) or not 0 <= seconds < 32_503_680_000:
        raise Broken("no time")
    return int(seconds * 1000)


def _short(value: Any, most: int = 64) -> str | None:
    return clean(value)[:most] if isinstance(value, str) and value else None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else []
