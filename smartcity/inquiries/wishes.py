"""Wishes of day and time, as people say them in German and English.

Weekdays, weeks, written dates and times of day are read here; months by name and phrases such as 'in drei Wochen' by
dateparser, which is asked only about what is left then, since it finds a date in nearly everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from smartcity.inquiries import days
from smartcity.inquiries.phrases import (
    ANY,
    FILLING,
    MONTHS_DE,
    MONTHS_EN,
    NUMBERS,
    PARTS,
    PARTS_TOLD,
    RELATIVE,
    WEEKDAYS,
    WEEKDAYS_DE,
    WEEKDAYS_EN,
)  # fmt: skip

MONTHS_AHEAD = 6
Part = Literal["morning", "noon", "afternoon", "evening"]
Reason = Literal["past", "too_soon", "weekend", "holiday", "too_far", "not_understood"]
"""past: before today. too_soon: today, for which the office is better called."""


@dataclass(frozen=True)
class Wish:
    """A day, the days of a span, a weekday, or any day (all None); with a part of the day or times."""

    day: date | None = None
    last: date | None = None
    """The last day of a span that begins at `day`, such as next week."""
    weekday: int | None = None
    """Any such day of the week, 0 is Monday: 'dienstags'."""
    part: Part | None = None
    since: time | None = None
    until: time | None = None
    """The same as `since`: exactly at that time."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it; `Wish.from_dict` reads it back."""
        found = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {
            name: value.isoformat() if isinstance(value, (date, time)) else value
            for name, value in found.items()
            if value is not None
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Wish:
        read: dict[str, Any] = dict(values)
        for name in ("day", "last"):
            if name in read:
                read[name] = date.fromisoformat(read[name])
        for name in ("since", "until"):
            if name in read:
                read[name] = time.fromisoformat(read[name])
        return cls(**read)


@dataclass(frozen=True)
class Refused:
    """Why a wish cannot be one: the day as it was read, a holiday's name, and the next possible day."""

    reason: Reason
    next: date
    day: date | None = None
    holiday: str | None = None


@dataclass
class _Found:
    """What is read so far, and the words that are left."""

    rest: str
    part: Part | None = None
    since: time | None = None
    until: time | None = None


def read_wish(text: str, today: date, language: str = "de") -> Wish | Refused:
    """The wish in the text; both languages are understood, `language` says in which a holiday is named."""
    if len(text) > 200:
        return Refused("not_understood", days.next_working(today))
    found = _Found(" ".join(text.casefold().replace("\u2013", "-").replace("\u2212", "-").split()))
    try:
        _read_times(found)
        _read_part(found)
        return _read_day(found, today, language)
    except (ValueError, OverflowError):  # 31.2., 25:00
        return Refused("not_understood", days.next_working(today))


def _read_day(found: _Found, today: date, language: str) -> Wish | Refused:
    rest = _without(found.rest, FILLING)
    timed = found.part is not None or found.since is not None or found.until is not None
    times: dict[str, Any] = {"part": found.part, "since": found.since, "until": found.until}
    if not rest and timed:
        return Wish(**times)
    if ANY.search(rest):
        rest = _without(ANY.sub(" ", rest), FILLING)
        return Wish(**times) if not rest else Refused("not_understood", days.next_working(today))
    for read in (_every_weekday, _span, _weekday, _written, _relative, _parsed):
        wish = read(rest, today)
        if wish is not None:
            return _possible(Wish(wish.day, wish.last, wish.weekday, **times), today, language)
    return Refused("not_understood", days.next_working(today))


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


# -- times and parts of the day

_CLOCK = r"(\d{1,2})(?:(?::|\.|h)([0-5]\d))?\s*(uhr|h\b|o'clock|a\.?m\b\.?|p\.?m\b\.?)?(?:\s*([0-5]\d)\b(?![.:/]))?"
_BETWEEN = re.compile(
    rf"\b(?:zwischen|between|von|from)\s+{_CLOCK}\s*(?:und|and|bis|to|until|till|-)\s*{_CLOCK}(?!\.?\d)"
)
_RANGE = re.compile(rf"(?<![\d.:/-]){_CLOCK}\s*(?:bis|to|-)\s*{_CLOCK}(?![.:/-]?\d)")
_SINCE = re.compile(
    rf"\b(?:ab|nach|frühestens|nicht vor|from|after|since|not before|starting at|ab etwa|ab ca\.?)\s+(?:um\s+)?{_CLOCK}(?![./-]?\d)"
)
_UNTIL = re.compile(rf"\b(?:bis|vor|spätestens|before|until|till|by|no later than)\s+(?:um\s+)?{_CLOCK}(?![./-]?\d)")
_AT = re.compile(rf"\b(?:um|gegen|at|around|circa|ca\.?|etwa)\s+{_CLOCK}(?![./-]?\d)")
_BARE = re.compile(
    r"(?<![\d.:/-])(\d{1,2})(?:(?::|\.)([0-5]\d))?\s*(uhr\b|h\b|o'clock|a\.?m\b\.?|p\.?m\b\.?)(?:\s*([0-5]\d)\b(?![.:/]))?"
    r"|(?<![\d.:/-])(\d{1,2}):([0-5]\d)(?![.:/-]?\d)"
)


def _read_times(found: _Found) -> None:
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
            if pattern is _UNTIL and found.since is not None and found.until is None:
                pass
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
    elif not mark and 1 <= hour <= 6:
        hour += 12  # 'gegen 3': nobody means the night
    if hour == 24:
        hour = 0
    return time(hour, minute)


def _read_part(found: _Found) -> None:
    for part, pattern in PARTS:
        if pattern.search(found.rest):
            found.part = part  # type: ignore[assignment]
            found.rest = pattern.sub(" ", found.rest)
            return


# -- days

_NEXT = r"(?P<which>nächste[rnms]?|naechste[rnms]?|kommende[rnms]?|diese[rnms]?|übernächste[rnms]?|uebernaechste[rnms]?|folgende[rnms]?|next|this|coming|this coming|the week after next|after next)"
_DAY_WORD = r"(?P<day>" + "|".join(sorted(WEEKDAYS, key=len, reverse=True)) + r")"
_WEEK = re.compile(rf"\b(?:{_NEXT}\s+)?(?:woche|week)(?P<late>\s+after\s+next)?\b")
_WEEKDAY = re.compile(rf"\b(?:{_NEXT}\s+)?{_DAY_WORD}\b\.?")
_EVERY = re.compile(r"\b(?:(?:immer|jeden|every|on|any)\s+)?(?P<day>" + "|".join(WEEKDAYS) + r")(?P<every>s)\b")
_JEDEN = re.compile(rf"\b(?:jeden|every|any)\s+{_DAY_WORD}\b")
_END = re.compile(r"\b(?:ende|anfang|mitte|end of|beginning of|start of|middle of|early|late|mid)\b")


def _every_weekday(rest: str, today: date) -> Wish | None:
    for pattern in (_EVERY, _JEDEN):
        match = pattern.search(rest)
        if match and not _left(pattern.sub(" ", rest)):
            return Wish(weekday=WEEKDAYS[match["day"]])
    return None


def _monday(today: date) -> date:
    return today - timedelta(today.weekday())


def _weeks_on(which: str | None, late: str | None = None) -> int:
    if late:
        return 2
    if not which or which.startswith(("diese", "this")):
        return 0
    return 2 if which.startswith(("über", "ueber", "the week after", "after")) else 1


def _span(rest: str, today: date) -> Wish | None:
    match = _WEEK.search(rest)
    if match is None or not (match["which"] or match["late"]):
        return None
    monday = _monday(today) + timedelta(7 * _weeks_on(match["which"], match["late"]))
    left = _left(_WEEK.sub(" ", rest, count=1))
    if not left:
        return Wish(monday, monday + timedelta(4))
    place = _END.search(left)
    if place and not _left(_END.sub(" ", left)):
        word = place.group()
        if word.startswith(("ende", "end", "late")):
            return Wish(monday + timedelta(3), monday + timedelta(4))
        if word.startswith(("mitte", "mid")):
            return Wish(monday + timedelta(1), monday + timedelta(3))
        return Wish(monday, monday + timedelta(1))
    day = _WEEKDAY.fullmatch(left)
    return Wish(monday + timedelta(WEEKDAYS[day["day"]])) if day and not day["which"] else None


def _weekday(rest: str, today: date) -> Wish | None:
    """'Dienstag' is the next one to come; 'nächsten Dienstag' is the one of next week."""
    match = _WEEKDAY.search(rest)
    if match is None:
        return None
    left = _left(_WEEKDAY.sub(" ", rest, count=1))
    number = WEEKDAYS[match["day"]]
    if left:
        # 'Dienstag, den 1. Dezember': the date counts, if it is that day.
        written = _written(left, today) or _parsed(left, today) or _weeks_away(left, number, today)
        return written if written and written.day and written.day.weekday() == number else None
    which = match["which"] or ""
    if which.startswith(("nächst", "naechst", "next", "über", "ueber", "folgend")):
        return Wish(_monday(today) + timedelta(7 * _weeks_on(which) + number))
    return Wish(today + timedelta((number - today.weekday() - 1) % 7 + 1))


_AWAY = re.compile(r"(?:in\s+)?(?P<number>\d{1,2}|[a-zäöü]+)\s+(?:wochen?|weeks?)(?:\s+time)?")


def _weeks_away(left: str, number: int, today: date) -> Wish | None:
    match = _AWAY.fullmatch(left)
    count = _number(match["number"]) if match else None
    if count is None:
        return None
    return Wish(_monday(today + timedelta(7 * count)) + timedelta(number))


_ISO = re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})")
_DOTTED = re.compile(r"(?P<d>\d{1,2})\s?[./]\s?(?P<m>\d{1,2})(?:\s?[./]\s?(?P<y>\d{4}|\d{2})?)?")
_DAY_ALONE = re.compile(r"(?P<d>\d{1,2})\.|the (?P<e>\d{1,2})(?:st|nd|rd|th)|(?P<f>\d{1,2})(?:st|nd|rd|th)")


def _written(rest: str, today: date) -> Wish | None:
    """2027-01-12, 3.12., 3.12.26, 3/12; without a year it is the next such day."""
    match = _ISO.fullmatch(rest) or _DOTTED.fullmatch(rest)
    if match is None:
        match = _DAY_ALONE.fullmatch(rest)
        if match is None:
            return None
        return Wish(_next_month_day(int(match["d"] or match["e"] or match["f"]), today))
    day, month = int(match["d"]), int(match["m"])
    if match["y"]:
        return Wish(date(int(match["y"]) + (2000 if len(match["y"]) == 2 else 0), month, day))
    return Wish(_coming(day, month, today))


def _coming(day: int, month: int, today: date) -> date:
    """This year's day, or next year's where this year's lies more than half a year back."""
    for year in range(today.year, today.year + 9):  # 29.2.
        try:
            found = date(year, month, day)
        except ValueError:
            if (month, day) != (2, 29):
                raise
            continue
        # 'am 20.11.' said on 26 November is a day that is past, and no wish for next year.
        if found >= today - timedelta(180):
            return found
    raise ValueError


def _next_month_day(day: int, today: date) -> date:
    year, month = today.year, today.month
    for _ in range(13):
        try:
            found = date(year, month, day)
        except ValueError:
            found = None  # type: ignore[assignment]
        if found is not None and found > today:
            return found
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    raise ValueError


def _relative(rest: str, today: date) -> Wish | None:
    for pattern, number in RELATIVE:
        if pattern.fullmatch(rest):
            return Wish(today + timedelta(number))
    return None


_MONTH_WORD = re.compile(
    r"\b(?:jan(?:uary|uar)?|jänner|feb(?:ruary|ruar)?|mar(?:ch)?|märz|maerz|mrz|apr(?:il)?|mai|may|jun[ie]?|jul[iy]?|"
    r"aug(?:ust)?|sept?(?:ember)?|okt(?:ober)?|oct(?:ober)?|nov(?:ember)?|de[zc](?:ember)?)\b\.?"
)
_UNIT = re.compile(r"\b(?:tag(?:en)?|wochen?|monat(?:en)?|days?|weeks?|months?)\b")


def _parsed(rest: str, today: date) -> Wish | None:
    """What dateparser makes of a month by name, or of days, weeks and months from now."""
    month = _MONTH_WORD.search(rest)
    if not month and not (_UNIT.search(rest) and re.match(r"in\b|heute in\b", rest)):
        return None
    if not month:
        match = re.fullmatch(r"(?:heute )?in (?P<number>\d{1,3}|[a-zäöü]+) (?P<unit>[a-z]+)(?: time)?", rest)
        number = _number(match["number"]) if match else None
        if match is None or number is None:
            return None
        rest = f"in {number} {match['unit']}"
    else:
        rest = re.sub(r"(\d)(?:st|nd|rd|th)\b", r"\1", rest)
        rest = re.sub(r"(\d)\.(?=\S)", r"\1. ", rest)
        words = [str(NUMBERS.get(word, word)) for word in rest.split() if word not in ("of", "the", "den")]
        rest = " ".join(words)
        if not re.search(r"\d", rest):
            return _month(rest, today) if _MONTH_WORD.fullmatch(rest) else None
        if not re.fullmatch(
            rf"\d{{1,2}}\.? {_MONTH_WORD.pattern},?(?: \d{{4}})?|{_MONTH_WORD.pattern} \d{{1,2}},?(?: \d{{4}})?", rest
        ):
            return None
    day = _ask_dateparser(rest, today)
    if day is None:
        return None
    return Wish(_coming(day.day, day.month, today) if month and not re.search(r"\d{4}", rest) else day)


def _ask_dateparser(text: str, today: date) -> date | None:
    import dateparser  # a fifth of a second, and the assistant should start fast

    found = dateparser.parse(
        text,
        languages=["de", "en"],
        settings={
            "RELATIVE_BASE": datetime(today.year, today.month, today.day, 12),
            "DATE_ORDER": "DMY",
            "PARSERS": ["absolute-time", "relative-time"],
            "REQUIRE_PARTS": ["day", "month"],
            "TIMEZONE": "Europe/Berlin",
        },
    )
    return found.date() if found else None


def _month(rest: str, today: date) -> Wish | None:
    """'im Januar': from its first to its last day."""
    first = _ask_dateparser(f"1 {rest}", today)
    if first is None:
        return None
    begin = date(today.year, first.month, 1)
    end = _end_of_month(begin)
    if end < today:
        begin = date(today.year + 1, first.month, 1)
        end = _end_of_month(begin)
    return Wish(begin, end)


def _end_of_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1) - timedelta(1)


def _number(word: str) -> int | None:
    return int(word) if word.isdigit() else NUMBERS.get(word)


def _without(text: str, pattern: re.Pattern[str]) -> str:
    return " ".join(pattern.sub(" ", text).split()).strip(" ,;!?-")


def _left(text: str) -> str:
    return _without(text, FILLING)


# -- telling


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
