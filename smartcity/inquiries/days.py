"""Days on which an office in Krefeld works, and the holidays of North Rhine-Westphalia by name."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

KREFELD = ZoneInfo("Europe/Berlin")
SATURDAY = 5


@lru_cache(maxsize=64)
def _of_year(year: int, language: str) -> dict[date, str]:
    return dict(holidays.country_holidays("DE", subdiv="NW", years=year, language=language))


def holiday(day: date, language: str = "de") -> str | None:
    """The name of the holiday on this day, in German or English; None where it is none."""
    return _of_year(day.year, "en_US" if language == "en" else "de").get(day)


def next_named(text: str, today: date) -> date | None:
    """The next holiday whose German or English name stands in the text, which is in lower case."""
    for year in (today.year, today.year + 1):
        for language in ("de", "en_US"):
            for day, name in sorted(_of_year(year, language).items()):
                if day >= today and re.search(rf"\b{re.escape(name.lower())}\b", text):
                    return day
    return None


def works(day: date) -> bool:
    """Whether it is a working day: no Saturday, no Sunday, no holiday."""
    return day.weekday() < SATURDAY and holiday(day) is None


def next_working(day: date) -> date:
    """The first working day after this day."""
    day += timedelta(1)
    while not works(day):
        day += timedelta(1)
    return day


def after(day: date, number: int) -> date:
    """The working day that many working days later."""
    for _ in range(number):
        day = next_working(day)
    return day
