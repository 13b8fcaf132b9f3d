"""Times and parts of the day in what people say: 'ab 14 Uhr', 'zwischen 9 und 11', 'at 3pm', 'vormittags'."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

from smartcity.inquiries.phrases import COMPOUND, MONTH_WORD, NUMBERS, PARTS, WEEKDAYS_DE
from smartcity.inquiries.wish import Part


@dataclass
class Times:
    """The part of the day and the times in a text, and the words that are left."""

    rest: str
    part: Part | None = None
    since: time | None = None
    until: time | None = None


_GERMAN_AM = (
    rf"(?!\s+(?:(?:{'|'.join(WEEKDAYS_DE).lower()}|sonnabend|[a-zäöü]*(?:mittag|abend|morgen)|[a-zäöü]+(?:sten|ten|den))\b"
    r"|\d{1,2}\.))"
)
"""After 'zwischen 10 und 12 am Freitag' no morning is meant."""
_MARK = rf"(uhr|h\b|o'clock|a\.?m\b\.?{_GERMAN_AM}|p\.?m\b\.?)"
_CLOCK = rf"(\d{{1,2}})(?:(?::|\.|h)([0-5]\d))?\s*{_MARK}?(?:\s*([0-5]\d)\b(?![.:/]))?"
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
    rf"(?<![\d.:/-])(\d{{1,2}})(?:(?::|\.)([0-5]\d))?\s*{_MARK}(?:\s*([0-5]\d)\b(?![.:/]))?"
    r"|(?<![\d.:/-])(\d{1,2}):([0-5]\d)(?![.:/-]?\d)"
)


def read_times(text: str) -> Times:
    """What the text, in lower case, says of times. Raises ValueError for a time that there is not."""
    found = Times(_in_figures(COMPOUND.sub(r"\1 \2", text)))
    _read_clock(found)
    _read_part(found)
    return found


_HOURS = {word: hour for word, hour in NUMBERS.items() if 2 <= hour <= 12 and not word.endswith(("ten", "th", "rd"))}
_HOURS |= {"ein": 1, "eins": 1, "one": 1}
_HOUR = rf"(\d{{1,2}}|{'|'.join(sorted(_HOURS, key=len, reverse=True))})"
_SPOKEN = tuple(
    (re.compile(rf"\b{words}\s+{_HOUR}\b(?![.:/]?\d)(?:\s*uhr\b)?"), before, minutes)
    for words, before, minutes in (
        ("dreiviertel", 1, 45),
        ("(?:viertel vor|(?:a )?quarter to)", 1, 45),
        ("(?:viertel nach|(?:a )?quarter past)", 0, 15),
        ("half past", 0, 30),
        ("halb", 1, 30),
    )
)
_IN_WORDS = re.compile(
    rf"\b(um|gegen|ab|bis|nach|vor|zwischen|at|around|from|after|before|between)\s+({'|'.join(_HOURS)})\b"
    r"(?!\s*(?:tag|woche|monat|stunde|day|week|month|hour))"
)
_UHR = re.compile(rf"\b({'|'.join(_HOURS)})(?=\s+(?:uhr|o'clock)\b)")


def _in_figures(text: str) -> str:
    """'halb drei' as 2:30, 'um zehn' as 'um 10'."""
    for pattern, before, minutes in _SPOKEN:
        for found in reversed(list(pattern.finditer(text))):
            time_told = f" um {_figure(found[1], before)}:{minutes} "
            text = text[: found.start()] + time_told + text[found.end() :]
    text = re.sub(r"\b(gegen|um|ab|bis|at|around|nach|vor)\s+um\b", r"\1", text)
    text = _IN_WORDS.sub(lambda found: f"{found[1]} {_HOURS[found[2]]}", text)
    return _UHR.sub(lambda found: str(_HOURS[found[1]]), text)


def _figure(word: str, before: int) -> int:
    hour = int(word) if word.isdigit() else _HOURS[word]
    return (hour - before) or 12


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
