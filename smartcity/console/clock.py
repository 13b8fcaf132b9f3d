"""Times: whole milliseconds since 1970 in UTC in the tables, Krefeld's clock on the pages."""

from __future__ import annotations

import datetime as dt
import time
from zoneinfo import ZoneInfo

KREFELD = ZoneInfo("Europe/Berlin")
DAY = 24 * 60 * 60 * 1000
_SHAPES = {"de": "%d.%m.%Y, %H:%M", "en": "%d %b %Y, %H:%M"}


def now() -> int:
    """This moment in milliseconds."""
    return time.time_ns() // 1_000_000


def in_krefeld(moment: int) -> dt.datetime:
    """The moment on Krefeld's clock; what lies beyond the calendar is its nearest end."""
    try:
        return dt.datetime.fromtimestamp(moment / 1000, KREFELD)
    except (OverflowError, ValueError, OSError):
        return dt.datetime(9999 if moment > 0 else 1, 6, 1, tzinfo=KREFELD)


def shown(moment: int, language: str = "de") -> str:
    """The moment as staff read it: 26.11.2026, 14:23."""
    return in_krefeld(moment).strftime(_SHAPES.get(language, _SHAPES["de"]))


def start_of(day: dt.date) -> int:
    """The first millisecond of the day in Krefeld."""
    return int(dt.datetime.combine(day, dt.time(), KREFELD).timestamp() * 1000)


def today() -> dt.date:
    """The day in Krefeld, wherever the machine stands."""
    return dt.datetime.now(KREFELD).date()
