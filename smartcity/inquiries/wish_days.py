"""Days in what people say: weekdays, weeks, written dates, months by name, 'in drei Wochen'.

Months by name and phrases such as 'in three weeks' are dateparser's, which is asked only about what looks like one:
it finds a date in nearly everything.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from smartcity.inquiries.phrases import FILLING, MONTH_WORD, NAMED, NEXT, NUMBERS, RELATIVE, WEEKDAYS
from smartcity.inquiries.wish import Wish


def read_day(text: str, today: date) -> Wish | None:
    """The day, the span or the weekday in the text, in lower case; None where there is none.

    Raises ValueError for a day that there is not, such as 31.2.
    """
    for read in (_every_weekday, _span, _from_to, _weekday, _written, _relative, _parsed):
        wish = read(text, today)
        if wish is not None:
            return wish
    return None


def without(text: str, pattern: re.Pattern[str]) -> str:
    """The text without what the pattern finds, and without what then hangs loose."""
    return " ".join(pattern.sub(" ", text).split()).strip(" ,;!?-")


_DAY_WORD = r"(?P<day>" + "|".join(sorted(WEEKDAYS, key=len, reverse=True)) + r")"
_WEEK = re.compile(rf"\b(?:{NEXT}\s+)?(?:woche|week)(?P<late>\s+after\s+next)?\b(?!\s+time)")
_WEEKDAY = re.compile(rf"\b(?:{NEXT}\s+)?{_DAY_WORD}\b\.?")
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
    rest = re.sub(r"\bthe\b", " ", rest)
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


_FROM_TO = re.compile(
    r"(?:(?:vom|von|from|between|zwischen)\s+)?(?P<first>.+?)"
    r"\s*(?:\bbis(?: zum)?\b|\b(?:to|until|through|und|and)\b|-)\s*(?P<last>.+)"
)


def _from_to(rest: str, today: date) -> Wish | None:
    """'Montag bis Mittwoch', 'vom 3. bis 5. Dezember'."""
    match = _FROM_TO.fullmatch(rest)
    if match is None or _ISO.fullmatch(rest):
        return None
    first, last = _left(match["first"]), _left(match["last"])
    begin = _single(first, today)
    if begin is None or begin.day is None:
        return None
    if last in WEEKDAYS:
        end: Wish | None = Wish(begin.day + timedelta((WEEKDAYS[last] - begin.day.weekday() - 1) % 7 + 1))
    else:
        end = _single(last, today)
    if end is None or end.day is None:
        return None
    alone = _DAY_ALONE.fullmatch(first)
    if alone:
        begin = Wish(end.day.replace(day=int(alone["d"] or alone["e"] or alone["f"])))
    return Wish(begin.day, end.day) if begin.day and begin.day < end.day <= begin.day + timedelta(62) else None


def _single(text: str, today: date) -> Wish | None:
    return _weekday(text, today) or _written(text, today) or _relative(text, today) or _parsed(text, today)


def _weekday(rest: str, today: date) -> Wish | None:
    """'Dienstag' is the next one to come; 'nächsten Dienstag' is the one of next week."""
    match = _WEEKDAY.search(rest)
    if match is None:
        return None
    left = _left(_WEEKDAY.sub(" ", rest, count=1))
    number = WEEKDAYS[match["day"]]
    if left:
        # 'Dienstag, den 1. Dezember': the date counts, if it is that day.
        written = _weeks_away(left, number, today) or _written(left, today) or _parsed(left, today)
        return written if written and written.day and written.day.weekday() == number else None
    which = match["which"] or ""
    if which.startswith(("nächst", "naechst", "next", "über", "ueber", "folgend")):
        return Wish(_monday(today) + timedelta(7 * _weeks_on(which) + number))
    return Wish(today + timedelta((number - today.weekday() - 1) % 7 + 1))


_AWAY = re.compile(r"(?:in|heute in)\s+(?P<number>\d{1,2}|[a-zäöü]+)\s+(?:wochen?|weeks?)(?:\s+time)?")


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
    if rest in NAMED:
        return Wish(_coming(*NAMED[rest], today))
    for pattern, number in RELATIVE:
        if pattern.fullmatch(rest):
            return Wish(today + timedelta(number))
    return None


_MONTH_WORD = re.compile(MONTH_WORD)
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
        if not re.fullmatch(rf"\d{{1,2}}\.? {MONTH_WORD},?(?: \d{{4}})?|{MONTH_WORD} \d{{1,2}},?(?: \d{{4}})?", rest):
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


def _left(text: str) -> str:
    return without(text, FILLING)
