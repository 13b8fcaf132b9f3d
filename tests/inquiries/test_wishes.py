"""Wishes: what people say, what is refused and why, and that every wish can be kept and told."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcity.inquiries.days import works
from smartcity.inquiries.wishes import Refused, Wish, furthest, read_wish, read_wishes, tell

TODAY = date(2026, 11, 26)
"""A Thursday."""
TUESDAY = date(2026, 12, 1)
GERMAN, ENGLISH = "Dienstag, 1. Dezember 2026", "Tuesday, 1 December 2026"


@pytest.mark.parametrize(
    ("said", "wish"),
    [
        ("nächsten Dienstag vormittag", Wish(TUESDAY, part="morning")),
        ("naechsten dienstag", Wish(TUESDAY)),
        ("am liebsten nächsten Dienstag, bitte", Wish(TUESDAY)),
        ("3.12. ab 14 Uhr", Wish(date(2026, 12, 3), since=time(14))),
        ("am 3.12.2026 um 9:30", Wish(date(2026, 12, 3), since=time(9, 30), until=time(9, 30))),
        ("03.12.26", Wish(date(2026, 12, 3))),
        ("3/12", Wish(date(2026, 12, 3))),
        ("morgen nachmittag", Wish(date(2026, 11, 27), part="afternoon")),
        ("morgen früh", Wish(date(2026, 11, 27), part="morning")),
        ("Dienstag früh", Wish(TUESDAY, part="morning")),
        ("Dienstagvormittag", Wish(TUESDAY, part="morning")),
        ("am Dienstagnachmittag ab 15 Uhr", Wish(TUESDAY, part="afternoon", since=time(15))),
        ("egal", Wish()),
        ("mir ist es egal", Wish()),
        ("egal, aber vormittags", Wish(part="morning")),
        ("next Tuesday morning", Wish(TUESDAY, part="morning")),
        ("Tuesday", Wish(TUESDAY)),
        ("tomorrow at 3pm", Wish(date(2026, 11, 27), since=time(15), until=time(15))),
        ("2027-01-12", Wish(date(2027, 1, 12))),
        ("zwischen 10 und 12 am Freitag in einer Woche", Wish(date(2026, 12, 4), since=time(10), until=time(12))),
        ("um 11 am Montag", Wish(date(2026, 11, 30), since=time(11), until=time(11))),
        ("um 10 am 7.12.", Wish(date(2026, 12, 7), since=time(10), until=time(10))),
        ("at 10 am on Monday", Wish(date(2026, 11, 30), since=time(10), until=time(10))),
        ("Dienstag so gegen halb drei", Wish(TUESDAY, since=time(14, 30), until=time(14, 30))),
        ("Dienstag um halb eins", Wish(TUESDAY, since=time(12, 30), until=time(12, 30))),
        ("am Dienstag viertel nach zehn", Wish(TUESDAY, since=time(10, 15), until=time(10, 15))),
        ("Tuesday at half past nine", Wish(TUESDAY, since=time(9, 30), until=time(9, 30))),
        ("Dienstag ab zehn", Wish(TUESDAY, since=time(10))),
        ("Dienstag zehn Uhr", Wish(TUESDAY, since=time(10), until=time(10))),
        ("Dienstag zwischen neun und 11", Wish(TUESDAY, since=time(9), until=time(11))),
        ("Heiligabend", Wish(date(2026, 12, 24))),
        ("Dienstag ganz früh", Wish(TUESDAY, part="morning")),
        ("preferably Tuesday after lunch", Wish(TUESDAY, part="afternoon")),
        ("irgendwann nächste Woche", Wish(date(2026, 11, 30), date(2026, 12, 4))),
        ("12. Januar", Wish(date(2027, 1, 12))),
        ("12 January 2027", Wish(date(2027, 1, 12))),
        ("January 12th", Wish(date(2027, 1, 12))),
        ("the 3rd of December", Wish(date(2026, 12, 3))),
        ("ersten Dezember", Wish(TUESDAY)),
        ("Dienstag, den 1. Dezember 2026, um 10 Uhr", Wish(TUESDAY, since=time(10), until=time(10))),
        ("Dienstag in zwei Wochen", Wish(date(2026, 12, 8))),
        ("übernächsten Dienstag", Wish(date(2026, 12, 8))),
        ("kommenden Freitag", Wish(date(2026, 11, 27))),
        ("nächsten Freitag", Wish(date(2026, 12, 4))),
        ("in drei Wochen", Wish(date(2026, 12, 17))),
        ("in 3 months", Wish(date(2027, 2, 26))),
        ("heute in 14 Tagen", Wish(date(2026, 12, 10))),
        ("nächste Woche", Wish(date(2026, 11, 30), date(2026, 12, 4))),
        ("next week in the afternoon", Wish(date(2026, 11, 30), date(2026, 12, 4), part="afternoon")),
        ("Ende nächster Woche", Wish(date(2026, 12, 3), date(2026, 12, 4))),
        ("Freitag nächster Woche", Wish(date(2026, 12, 4))),
        ("the week after next", Wish(date(2026, 12, 7), date(2026, 12, 11))),
        ("im Januar", Wish(date(2027, 1, 4), date(2027, 1, 29))),
        ("vom 7. bis 9. Dezember", Wish(date(2026, 12, 7), date(2026, 12, 9))),
        ("Montag bis Mittwoch", Wish(date(2026, 11, 30), date(2026, 12, 2))),
        ("dienstags", Wish(weekday=1)),
        ("immer dienstags vormittags", Wish(weekday=1, part="morning")),
        ("jeden Montag", Wish(weekday=0)),
        ("zwischen 14 und 16 Uhr", Wish(since=time(14), until=time(16))),
        ("Montag 9-12 Uhr", Wish(date(2026, 11, 30), since=time(9), until=time(12))),
        ("Mittwoch nach 17 Uhr", Wish(date(2026, 12, 2), since=time(17))),
        ("bis 12 Uhr", Wish(until=time(12))),
        ("Dienstag gegen 3", Wish(TUESDAY, since=time(15), until=time(15))),
        ("Donnerstag 14 Uhr 30", Wish(date(2026, 12, 3), since=time(14, 30), until=time(14, 30))),
        ("whenever it suits you", Wish()),
        ("so bald wie möglich", Wish()),
        ("am 15.", Wish(date(2026, 12, 15))),
    ],
)
def test_what_people_say(said: str, wish: Wish) -> None:
    assert read_wish(said, TODAY) == read_wish(said.upper(), TODAY, "en") == wish


@pytest.mark.parametrize(
    ("said", "reason", "following"),
    [
        ("gestern", "past", date(2026, 11, 27)),
        ("20.11.", "past", date(2026, 11, 27)),
        ("1.1.2020", "past", date(2026, 11, 27)),
        ("heute", "too_soon", date(2026, 11, 27)),
        ("Samstag", "weekend", date(2026, 11, 30)),
        ("übermorgen", "weekend", date(2026, 11, 30)),
        ("sonntags", "weekend", date(2026, 11, 27)),
        ("25.12.", "holiday", date(2026, 12, 28)),
        ("1. Januar", "holiday", date(2027, 1, 4)),
        ("Good Friday", "holiday", date(2027, 3, 30)),
        ("an Allerheiligen", "holiday", date(2027, 11, 2)),
        ("31.12.2027", "too_far", date(2026, 11, 27)),
        ("27.5.2027", "holiday", date(2027, 5, 28)),
        ("in 8 Monaten", "too_far", date(2026, 11, 27)),
        ("30.2.", "not_understood", date(2026, 11, 27)),
        ("25:99 Uhr", "not_understood", date(2026, 11, 27)),
        ("Ich hätte gern eine Pizza", "not_understood", date(2026, 11, 27)),
        ("", "not_understood", date(2026, 11, 27)),
        ("Dienstag, 2. Dezember", "not_understood", date(2026, 11, 27)),
        ("x" * 5000, "not_understood", date(2026, 11, 27)),
    ],
)
def test_what_is_refused(said: str, reason: str, following: date) -> None:
    # 26.5.2027 is the last day of the six months; Corpus Christi follows it.
    today = TODAY if said != "27.5.2027" else date(2026, 11, 27)
    refused = read_wish(said, today)
    assert isinstance(refused, Refused)
    if said == "27.5.2027":
        assert (refused.reason, refused.holiday, refused.next) == (reason, "Fronleichnam", following)
    else:
        assert (refused.reason, refused.next) == (reason, following)


@pytest.mark.parametrize(
    ("said", "wishes"),
    [
        ("Dienstag oder Mittwoch vormittag", (Wish(TUESDAY, part="morning"), Wish(date(2026, 12, 2), part="morning"))),
        ("Tuesday morning or Wednesday", (Wish(TUESDAY, part="morning"), Wish(date(2026, 12, 2)))),
        ("3.12., 4.12. oder 7.12. ab 14 Uhr", tuple(Wish(date(2026, 12, day), since=time(14)) for day in (3, 4, 7))),
        ("Dienstag, den 1. Dezember", (Wish(TUESDAY),)),
        ("egal", (Wish(),)),
    ],
)
def test_several_in_one_text(said: str, wishes: tuple[Wish, ...]) -> None:
    assert read_wishes(said, TODAY) == wishes


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("Dienstag oder Samstag", "weekend"),
        ("Dienstag oder Pizza", "not_understood"),
        ("3.12., 4.12., 7.12., 8.12.", "not_understood"),
    ],
)
def test_several_that_are_refused(said: str, reason: str) -> None:
    refused = read_wishes(said, TODAY)
    assert isinstance(refused, Refused) and refused.reason == reason


def test_a_holiday_is_named_in_the_language() -> None:
    german, english = read_wish("25.12.", TODAY, "de"), read_wish("25.12.", TODAY, "en")
    assert isinstance(german, Refused) and german.holiday == "Erster Weihnachtstag" and german.day == date(2026, 12, 25)
    assert isinstance(english, Refused) and english.holiday == "Christmas Day"


@pytest.mark.parametrize(
    ("wish", "german", "english"),
    [
        (Wish(), "egal wann", "any time"),
        (
            Wish(TUESDAY, part="morning"),
            "Dienstag, 1. Dezember 2026, vormittags",
            "Tuesday, 1 December 2026, in the morning",
        ),
        (
            Wish(TUESDAY, since=time(14)),
            "Dienstag, 1. Dezember 2026, ab 14:00 Uhr",
            "Tuesday, 1 December 2026, from 14:00",
        ),
        (Wish(weekday=1), "dienstags", "any Tuesday"),
        (Wish(part="noon"), "an jedem Tag, mittags", "any day, around noon"),
    ],
)
def test_telling(wish: Wish, german: str, english: str) -> None:
    assert tell(wish, "de") == tell(wish, "de-simple") == german
    assert tell(wish, "en") == english


WORDS = st.sampled_from(
    "nächsten Dienstag Montag morgen übermorgen am den ab bis um zwischen und 3. 12. 3.12. 29.2. 31.4. 14 Uhr 14:30 "
    "9-12 vormittags egal woche nächste in zwei Wochen Januar december 2027 2027-01-12 every next week tomorrow at pm "
    "3pm , - ende heute jeden dienstags immer the of 1st ersten von vom tag früh".split()
)
DAYS = st.dates(date(2025, 1, 1), date(2031, 12, 31))


@given(st.lists(WORDS, max_size=8).map(" ".join) | st.text(max_size=60), DAYS, st.sampled_from(["de", "en"]))
def test_whatever_is_said(text: str, today: date, language: str) -> None:
    read = read_wish(text, today, language)
    if isinstance(read, Refused):
        assert works(read.next) and read.next > today
        assert (read.holiday is not None) == (read.reason == "holiday")
        return
    assert Wish.from_dict(read.as_dict()) == read
    assert tell(read, language)
    if read.day is not None:
        assert today < read.day <= furthest(today) and works(read.day)
    if read.last is not None:
        assert read.day is not None and read.day < read.last <= furthest(today) and works(read.last)


@given(DAYS, st.integers(1, 170), st.sampled_from(["{0.day}.{0.month}.", "{0.day}.{0.month}.{0.year}", "{0}"]))
def test_every_written_day_is_that_day(today: date, ahead: int, shape: str) -> None:
    day = today + timedelta(ahead)
    read = read_wish(shape.format(day), today)
    if works(day):
        assert read == Wish(day)
    else:
        assert isinstance(read, Refused) and read.day == day and read.reason in ("weekend", "holiday")


@given(DAYS, st.integers(1, 170))
def test_what_is_told_can_be_read(today: date, ahead: int) -> None:
    day = today + timedelta(ahead)
    if works(day):
        for language in ("de", "en"):
            assert read_wish(tell(Wish(day, part="morning"), language), today) == Wish(day, part="morning")
