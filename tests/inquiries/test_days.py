"""Holidays of North Rhine-Westphalia over five years, against the law's own list and Gauss's Easter."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from smartcity.inquiries.days import after, holiday, next_working, works

YEARS = range(2026, 2031)


def _easter(year: int) -> date:
    """The Easter of Gauss, by Butcher's formula."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def _law(year: int) -> dict[date, tuple[str, str]]:
    """Feiertagsgesetz NW, paragraph 2: eleven days that are none by being Sundays."""
    easter = _easter(year)
    return {
        date(year, 1, 1): ("Neujahr", "New Year"),
        easter - timedelta(2): ("Karfreitag", "Good Friday"),
        easter + timedelta(1): ("Ostermontag", "Easter Monday"),
        date(year, 5, 1): ("Erster Mai", "Labor Day"),
        easter + timedelta(39): ("Christi Himmelfahrt", "Ascension Day"),
        easter + timedelta(50): ("Pfingstmontag", "Whit Monday"),
        easter + timedelta(60): ("Fronleichnam", "Corpus Christi"),
        date(year, 10, 3): ("Tag der Deutschen Einheit", "German Unity Day"),
        date(year, 11, 1): ("Allerheiligen", "All Saints' Day"),
        date(year, 12, 25): ("Erster Weihnachtstag", "Christmas Day"),
        date(year, 12, 26): ("Zweiter Weihnachtstag", "Second Day of Christmas"),
    }


@pytest.mark.parametrize("year", YEARS)
def test_exactly_the_days_of_the_law(year: int) -> None:
    law = _law(year)
    first = date(year, 1, 1)
    every = [first + timedelta(number) for number in range(365 + (year % 4 == 0))]
    assert [day for day in every if holiday(day)] == sorted(law)
    for day, (german, english) in law.items():
        assert holiday(day) == holiday(day, "de-simple") == german
        assert english in str(holiday(day, "en"))
    assert [day for day in every if works(day)] == [day for day in every if day.weekday() < 5 and day not in law]


def test_no_carnival_nor_christmas_eve() -> None:
    assert works(date(2027, 2, 8)) and works(date(2026, 12, 24)) and works(date(2026, 12, 31))


def test_the_next_working_day() -> None:
    assert next_working(date(2026, 12, 23)) == date(2026, 12, 24)
    assert next_working(date(2026, 12, 24)) == date(2026, 12, 28)
    assert next_working(date(2027, 3, 25)) == date(2027, 3, 30)
    assert after(date(2026, 12, 23), 3) == date(2026, 12, 29)
