"""Times and parts of the day in what people say: 'ab 14 Uhr', 'zwischen 9 und 11', 'at 3pm', 'vormittags'."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

from smartcity.inquiries.phrases import COMPOUND, MONTH_WORD, PARTS
from smartcity.inquiries.wish import Part


@dataclass
class Times:
    """The part of the day and the times in a text, and the words that are left."""

    rest: str
    part: Part | None = None
    since: time | None = None
    until: time | None = None


_CLOCK = r"(\d{1,2})(?:(?::|\.|h)([0-5]\d))?\s*(uhr|h\b|o'clock|a\.?m\b\.?|p\.?m\b\.?)?(?:\s*([0-5]\d)\b(?![.:/]))?"
_OVER = rf"(?!\.\s*[a-zäöü]|[./-]?\d|\s*(?:of )?{MONTH_WORD})"  # 5. Dezember is no time
_BETWEEN = re.compile(
    rf"\b(?:zwischen|between|von|from)\s+{_CLOCK}\s*(?:und|and|bis|to|until|till|-)\s*{_CLOCK}(?!\.?\d)"
)
_RANGE = re.compile(rf"(?<![\d.:/-]){_CLOCK}\s*(?:bis|to|-)\s*{_CLOCK}(?![.:/-]?\d)")
_SINCE = re.compile(
    r"\b(?:ab|nach|frühestens|nicht vor|from|after|since|not before|starting at|ab etwa|ab ca\.?)\s+(?:um\s+)?"
    rf"{_CLOCK}{_OVER}"
)
_UNTIL = re.compile(rf"\b(?:bis|vor|spätestens|before|until|till|by|no later than)\s+(?:um\s+)?{_CLOCK}{_OVER}")
_AT = re.compile(rf"\b(?:um|gegen|at|around|circa|ca\.?|etwa)\s+{_CLOCK}{_OVER}")
_BARE = re.compile(
    r"(?<![\d.:/-])(\d{1,2})(?:(?::|\.)([0-5]\d))?\s*(uhr\b|h\b|o'clock|a\.?m\b\.?|p\.?m\b\.?)(?:\s*([0-5]\d)\b(?![.:/]))?"
    r"|(?<![\d.:/-])(\d{1,2}):([0-5]\d)(?![.:/-]?\d)"
)


def read_times(text: str) -> Times:
    """What the text, in lower case, says of times. Raises ValueError for a time that there is not."""
    found = Times(COMPOUND.sub(r"\1 \2", text))
    _read_clock(found)
    _read_part(found)
    return found


def _read_clock(found: Times) -> None:
    for pattern, names in ((_BETWEEN, "su"), (_RANGE, "su"), (_SINCE, "s"), (_UNTIL, "u"), (_AT, "a"), (_BARE, "a")):
        match = pattern.search(found.rest)
        if match is None:
            continue
        groups = match.groups()
        if names == "su":
            first, second = groups[:4], groups[4:8]
            if pattern is _RANGE and not (first[1] or first[2] or second[1] or second[2]):
                continue  # 3-4: anything
            if (
                pattern is _BETWEEN
                and not (second[2] or second[1])
                and re.search(r"^\s*[.]", found.rest[match.end() :])
            ):
                continue  # vom 3. bis 5.: days
            first = (first[0], first[1], first[2] or _half(second[2]), first[3])
            found.since, found.until = _clock(first), _clock(second)
        elif names == "a":
            groups = groups[:4] if groups[0] else (groups[4], groups[5], None, None)
            found.since = found.until = _clock(groups)
        else:
            value = _clock(groups[:4])
            if names == "s":
                found.since = value
            else:
                found.until = value
        found.rest = f"{found.rest[: match.start()]} {found.rest[match.end() :]}"
        if names in ("su", "a"):
            return
        if found.since is not None and found.until is not None:
            return


def _half(mark: str | None) -> str | None:
    return mark if mark and mark[0] in "ap" else None


def _clock(groups: tuple[str | None, ...]) -> time:
    hour, minute = int(groups[0] or 0), int(groups[1] or groups[3] or 0)
    mark = (groups[2] or "").replace(".", "")
    if mark == "pm" and hour < 12:
        hour += 12
    elif mark == "am" and hour == 12:
        hour = 0
    elif mark in ("", "uhr", "h", "o'clock") and 1 <= hour <= 6 and not str(groups[0]).startswith("0"):
        hour += 12  # 'gegen 3': nobody means the night
    if hour == 24:
        hour = 0
    return time(hour, minute)


def _read_part(found: Times) -> None:
    for part, pattern in PARTS:
        if pattern.search(found.rest):
            found.part = part  # type: ignore[assignment]
            found.rest = pattern.sub(" ", found.rest)
            return
