"""Wishes of day and time, as people say them in German and English: read, checked against the calendar, told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

from smartcity.inquiries import days
from smartcity.inquiries.phrases import ANY, FILLING, MONTHS_DE, MONTHS_EN, PARTS_TOLD, WEEKDAYS_DE, WEEKDAYS_EN
from smartcity.inquiries.wish import Part, Reason, Refused, Wish
from smartcity.inquiries.wish_days import read_day, without
from smartcity.inquiries.wish_times import Times, read_times

__all__ = ["Part", "Reason", "Refused", "Wish", "furthest", "read_wish", "read_wishes", "tell", "tell_day"]

MONTHS_AHEAD = 6
MOST_AT_ONCE = 3
_BETWEEN_WISHES = re.compile(r"\b(?:oder|or|sonst|alternativ)\b|[;\n]|,(?!\d)", re.IGNORECASE)


def read_wish(text: str, today: date, language: str = "de") -> Wish | Refused:
    """The wish in the text; both languages are understood, `language` says in which a holiday is named."""
    if len(text) > 200:
        return Refused("not_understood", days.next_working(today))
    plain = " ".join(text.lower().replace("\u2013", "-").replace("\u2212", "-").split())
    named = days.next_named(plain, today)
    if named is not None:
        return Refused("holiday", days.next_working(named), named, days.holiday(named, language))
    try:
        return _read(read_times(plain), today, language)
    except (ValueError, OverflowError):  # 31.2., 25:00
        return Refused("not_understood", days.next_working(today))


def read_wishes(text: str, today: date, language: str = "de") -> tuple[Wish, ...] | Refused:
    """Several wishes in one text: 'Dienstag oder Mittwoch vormittag', '3.12., 4.12. oder 7.12. ab 14 Uhr'.

    A time that only the last one names holds for all. Otherwise the first refusal is the answer.
    """
    whole = read_wish(text, today, language)
    parts = [part for part in _BETWEEN_WISHES.split(text) if part.strip()]
    if isinstance(whole, Wish):
        return (whole,)
    if not 1 < len(parts) <= MOST_AT_ONCE:
        return whole
    wishes: list[Wish] = []
    for part in parts:
        read = read_wish(part, today, language)
        if isinstance(read, Refused):
            return whole if read.reason == "not_understood" else read
        wishes.append(read)
    last = wishes[-1]
    if not any(wish.part or wish.since or wish.until for wish in wishes[:-1]):
        wishes = [replace(wish, part=last.part, since=last.since, until=last.until) for wish in wishes]
    return tuple(dict.fromkeys(wishes))


def _read(found: Times, today: date, language: str) -> Wish | Refused:
    rest = without(found.rest, FILLING)
    timed = found.part is not None or found.since is not None or found.until is not None
    times: dict[str, Any] = {"part": found.part, "since": found.since, "until": found.until}
    if not rest and timed:
        return Wish(**times)
    if ANY.search(rest):
        rest = without(ANY.sub(" ", rest), FILLING)
        return Wish(**times) if not rest else Refused("not_understood", days.next_working(today))
    wish = read_day(rest, today)
    if wish is None:
        return Refused("not_understood", days.next_working(today))
    return _possible(Wish(wish.day, wish.last, wish.weekday, **times), today, language)


def _possible(wish: Wish, today: date, language: str) -> Wish | Refused:
    """The wish, cut to working days where it is a span, or why it is none."""
    if wish.day is None:
        if wish.weekday is not None and wish.weekday >= days.SATURDAY:
            return Refused("weekend", days.next_working(today))
        return wish
    tomorrow = days.next_working(today)
    if wish.last is not None:
        return _possible_span(wish, today)
    day = wish.day
    following = days.next_working(max(day, today))
    if day < today:
        return Refused("past", tomorrow, day)
    if day > furthest(today):
        return Refused("too_far", tomorrow, day)
    name = days.holiday(day, language)
    if name is not None:
        return Refused("holiday", following, day, name)
    if day.weekday() >= days.SATURDAY:
        return Refused("weekend", following, day)
    if day == today:
        return Refused("too_soon", tomorrow, day)
    return wish


def _possible_span(wish: Wish, today: date) -> Wish | Refused:
    assert wish.day is not None and wish.last is not None
    tomorrow = days.next_working(today)
    if wish.last < today:
        return Refused("past", tomorrow, wish.day)
    if wish.day > furthest(today):
        return Refused("too_far", tomorrow, wish.day)
    first = days.next_working(max(wish.day, today + timedelta(1)) - timedelta(1))
    last = min(wish.last, furthest(today))
    while last >= first and not days.works(last):
        last -= timedelta(1)
    if last < first:
        return Refused("too_soon", tomorrow, wish.day)
    return Wish(first, last if last > first else None, None, wish.part, wish.since, wish.until)


def furthest(today: date) -> date:
    """The last day that may be wished."""
    month = today.month - 1 + MONTHS_AHEAD
    year, month = today.year + month // 12, month % 12 + 1
    return date(year, month, min(today.day, (date(year + month // 12, month % 12 + 1, 1) - timedelta(1)).day))


def tell(wish: Wish, language: str = "de") -> str:
    """The wish in words: 'Dienstag, 1. Dezember 2026, vormittags', 'Tuesday, 1 December 2026, from 14:00'."""
    english = language == "en"
    return ", ".join(_told(wish, english)) or ("any time" if english else "egal wann")


def tell_day(day: date, language: str = "de") -> str:
    """'Dienstag, 1. Dezember 2026', 'Tuesday, 1 December 2026'."""
    if language == "en":
        return f"{WEEKDAYS_EN[day.weekday()]}, {day.day} {MONTHS_EN[day.month - 1]} {day.year}"
    return f"{WEEKDAYS_DE[day.weekday()]}, {day.day}. {MONTHS_DE[day.month - 1]} {day.year}"


def _told(wish: Wish, english: bool) -> Iterator[str]:
    language = "en" if english else "de"
    if wish.day is not None and wish.last is not None:
        yield f"{tell_day(wish.day, language)} {'to' if english else 'bis'} {tell_day(wish.last, language)}"
    elif wish.day is not None:
        yield tell_day(wish.day, language)
    elif wish.weekday is not None:
        yield f"any {WEEKDAYS_EN[wish.weekday]}" if english else f"{WEEKDAYS_DE[wish.weekday].lower()}s"
    elif wish.part or wish.since or wish.until:
        yield "any day" if english else "an jedem Tag"
    if wish.part:
        yield PARTS_TOLD[wish.part][english]
    if wish.since is not None and wish.since == wish.until:
        yield f"at {_told_time(wish.since)}" if english else f"um {_told_time(wish.since)} Uhr"
    elif wish.since is not None and wish.until is not None:
        since, until = _told_time(wish.since), _told_time(wish.until)
        yield f"between {since} and {until}" if english else f"zwischen {since} und {until} Uhr"
    elif wish.since is not None:
        yield f"from {_told_time(wish.since)}" if english else f"ab {_told_time(wish.since)} Uhr"
    elif wish.until is not None:
        yield f"until {_told_time(wish.until)}" if english else f"bis {_told_time(wish.until)} Uhr"


def _told_time(value: time) -> str:
    return value.strftime("%H:%M")
