"""The office's deeds, the mails they lead to, and the calendar files, read back by the library."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from smartcity.inquiries import delivery, lists
from smartcity.inquiries.appointments import Appointment
from smartcity.inquiries.days import KREFELD
from smartcity.inquiries.desk import Desk, due
from smartcity.inquiries.office import Changed, DeedError, Inquiry, Office
from smartcity.inquiries.retention import purge
from smartcity.inquiries.store import Store, now
from smartcity.inquiries.tables import inquiries

from .conftest import settings_for
from .mail_server import MailServer
from .people import ERNA, OFFICE, SOON, another, at

CITIZEN = ERNA["email"]


def _read(office: Office, number: int) -> Inquiry:
    inquiry = office.read(number)
    assert inquiry is not None
    return inquiry


def _calendars(store: Store, mail_server: MailServer) -> list[Any]:
    """The calendar of each mail to the citizen that has one, the same in both of its places."""
    delivery.send_due(store)
    found = []
    for mail in mail_server.to(CITIZEN):
        parts = [part for part in mail.walk() if part.get_content_type() in ("text/calendar", "application/ics")]
        if parts:
            texts = {part.get_payload(decode=True).replace(b"\r\n", b"\n").strip() for part in parts}
            assert len(parts) == 2 and len(texts) == 1
            calendar: Any = Calendar.from_ical(parts[0].get_payload(decode=True))
            assert parts[0].get_param("method") == calendar["method"]
            found.append(calendar)
    return found


def test_one_request_in_full(office: Office, number: int, filed: str) -> None:
    inquiry = _read(office, number)
    assert inquiry.row.reference == filed and inquiry.is_open and not inquiry.overdue
    assert (inquiry.name, inquiry.email, inquiry.telephone) == (ERNA["name"], CITIZEN, "+492151861085")
    assert inquiry.subject == ERNA["subject"] and inquiry.excerpt == ERNA["excerpt"]
    assert list(inquiry.wishes) == ERNA["wishes"] and inquiry.manner == "in_person"
    assert office.read(999) is None


def test_lists_hold_nothing_personal(office: Office, number: int) -> None:
    (row,) = office.lists.page().rows
    assert "payload" not in row._mapping
    assert office.lists.page("new").rows == office.lists.page().rows and office.lists.page("done").rows == []
    assert office.lists.counts() == {
        "overdue": 0, "stale": 0, "new": 1, "in_work": 0, "confirmed": 0, "declined": 0, "withdrawn": 0, "done": 0,
    }  # fmt: skip


def test_proposed_confirmed_moved_and_withdrawn(
    desk: Desk, office: Office, store: Store, number: int, filed: str, mail_server: MailServer
) -> None:
    office.propose(number, _read(office, number).version, at(10), by=7, text="Passt {das}?")
    assert _read(office, number).row.state == "in_work"
    office.confirm(number, _read(office, number).version, at(11), by=7)
    office.confirm(number, _read(office, number).version, at(14, 60, "Zimmer 5"), by=8)
    inquiry = _read(office, number)
    assert inquiry.row.state == "confirmed" and inquiry.row.ends == at(14, 60).ends
    assert desk.withdraw(filed, CITIZEN)
    calendars = _calendars(store, mail_server)
    assert [str(calendar["method"]) for calendar in calendars] == ["REQUEST", "REQUEST", "REQUEST", "CANCEL"]
    events = [calendar.walk("VEVENT")[0] for calendar in calendars]
    assert len({str(event["uid"]) for event in events}) == 1
    assert [int(event["sequence"]) for event in events] == [1, 2, 3, 4]
    assert [str(event["status"]) for event in events] == ["TENTATIVE", "CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert [event["dtstart"].dt.hour for event in events] == [10, 11, 14, 14]
    last = events[2]
    assert last["dtstart"].dt == dt.datetime.combine(SOON, dt.time(14), KREFELD)
    assert last["dtend"].dt - last["dtstart"].dt == dt.timedelta(hours=1) and str(last["location"]) == "Zimmer 5"
    assert last["organizer"] == f"mailto:{OFFICE}" and last["attendee"] == f"mailto:{CITIZEN}"
    assert "Erna" not in str(calendars[2].to_ical()) and "Sensoren" not in str(calendars[2].to_ical())
    for calendar in calendars:
        assert str(calendar.walk("VTIMEZONE")[0]["tzid"]) == "Europe/Berlin"
    subjects = [str(mail["Subject"]).replace(filed, "KR") for mail in mail_server.to(CITIZEN)]
    assert subjects == [
        "Ihre Anfrage KR", "Terminvorschlag zu KR", "Ihr Termin steht fest: KR", "Ihr Termin hat sich geändert: KR",
        "Ihr Termin ist abgesagt: KR",
    ]  # fmt: skip
    body = mail_server.to(CITIZEN)[1].get_body(("plain",))
    assert body is not None and "Passt {das}?" in body.get_content() and "10:00 bis 10:30 Uhr" in body.get_content()
    assert [event.deed for event in _read(office, number).history if event.deed != "mailed"] == [
        "filed", "proposed", "confirmed", "moved", "withdrawn",
    ]  # fmt: skip


def test_declined_with_a_text_cancels_the_time(
    office: Office, store: Store, number: int, mail_server: MailServer
) -> None:
    office.confirm(number, _read(office, number).version, at(10), by=7)
    with pytest.raises(DeedError, match="no_text"):
        office.decline(number, _read(office, number).version, " \n", by=7)
    office.decline(number, _read(office, number).version, "Leider krank.", by=7)
    assert [str(calendar["method"]) for calendar in _calendars(store, mail_server)] == ["REQUEST", "CANCEL"]
    body = mail_server.to(CITIZEN)[-1].get_body(("plain",))
    assert body is not None and "Leider krank." in body.get_content() and "abgesagt" in body.get_content()
    inquiry = _read(office, number)
    assert inquiry.row.state == "declined" and inquiry.row.closed and inquiry.row.ends is None


def test_done_noted_and_assigned(office: Office, store: Store, number: int, mail_server: MailServer) -> None:
    office.assign(number, _read(office, number).version, 5, by=7)
    assert _read(office, number).row.state == "in_work" and office.lists.page(assigned_to=5).rows
    office.note(number, _read(office, number).version, "Ruft selbst an.", by=7)
    office.done(number, _read(office, number).version, by=7, text="Danke für die Idee.")
    office.note(number, _read(office, number).version, "War zufrieden.", by=5)
    assert [(note.by, note.text) for note in _read(office, number).notes] == [
        (7, "Ruft selbst an."),
        (5, "War zufrieden."),
    ]
    assert _calendars(store, mail_server) == []
    body = mail_server.to(CITIZEN)[-1].get_body(("plain",))
    assert body is not None and "Danke für die Idee." in body.get_content()
    for deed in (
        lambda version: office.done(number, version, by=7),
        lambda version: office.assign(number, version, 5, by=7),
        lambda version: office.confirm(number, version, at(10), by=7),
        lambda version: office.decline(number, version, "x", by=7),
    ):
        with pytest.raises(DeedError, match="closed"):
            deed(_read(office, number).version)


def test_without_an_address_nobody_is_written_to(
    desk: Desk, office: Office, store: Store, mail_server: MailServer
) -> None:
    desk.note("web:1", **another(1, kind="callback", email=None, telephone="02151 861085"))
    desk.file("web:1")
    (row,) = office.lists.page().rows
    office.confirm(row.id, _read(office, row.id).version, at(10), by=7)
    office.done(row.id, _read(office, row.id).version, by=7)
    delivery.send_due(store)
    assert [envelope.rcpt_tos for envelope in mail_server.envelopes] == [[OFFICE]]


def test_whoever_comes_second_changes_nothing(
    desk: Desk, office: Office, store: Store, number: int, filed: str
) -> None:
    version = _read(office, number).version
    delivery.send_due(store)
    office.note(number, version, "Der Mailer ändert nichts.", by=7)
    with pytest.raises(Changed):
        office.done(number, version, by=8)
    fresh = _read(office, number).version
    desk.withdraw(filed, CITIZEN)
    with pytest.raises(Changed):
        office.confirm(number, fresh, at(10), by=7)
    with pytest.raises(DeedError, match="gone"):
        office.done(999, 0, by=7)


def test_overdue_after_three_working_days(office: Office, store: Store, number: int) -> None:
    def day(text: str) -> int:
        return int(dt.datetime.fromisoformat(text).replace(tzinfo=KREFELD).timestamp() * 1000)

    # Wednesday before Christmas: Thursday, Monday, Tuesday are the working days.
    assert due(day("2026-12-23T09:00")) == day("2026-12-30T00:00")
    assert due(day("2026-11-27T23:59")) == day("2026-12-03T00:00")
    with store.writing() as connection:
        connection.execute(inquiries.update().values(due=now() - 1))
    assert (
        office.lists.counts()["overdue"] == 1
        and _read(office, number).overdue
        and len(office.lists.page("overdue").rows) == 1
    )
    office.confirm(number, _read(office, number).version, at(10), by=7)
    assert office.lists.counts()["overdue"] == 0 and not _read(office, number).overdue


def test_open_requests_lie_for_too_long_and_are_not_lost(
    tmp_path: Path, url: str, desk: Desk, store: Store, number: int
) -> None:
    office = Office(settings_for(tmp_path, url, STALE_INQUIRIES_DAYS="10"), store.engine)
    day = 86_400_000

    def stale() -> tuple[int, list[int], bool]:
        rows_ = office.lists.page("stale").rows
        return (
            office.lists.counts()["stale"],
            [row.id for row in rows_],
            office.lists.is_stale(_read(office, number).row),
        )

    def came(days: int) -> None:
        with store.writing() as connection:
            connection.execute(inquiries.update().values(at=now() - days * day))

    came(9)
    assert stale() == (0, [], False)
    came(11)
    assert stale() == (1, [number], True)
    office.assign(number, _read(office, number).version, 5, by=7)
    assert stale() == (1, [number], True), "to be in work is not to be answered"
    assert purge(store, 1, now() + 400 * day)["inquiries"] == 0
    office.confirm(number, _read(office, number).version, at(10), by=7)
    assert stale() == (0, [], False), "a confirmed appointment closes by itself"
    office.propose(number, _read(office, number).version, at(10), by=7)
    assert stale()[0] == 1
    office.done(number, _read(office, number).version, by=7)
    assert stale() == (0, [], False)


@pytest.mark.parametrize("name", [None, "new", "overdue", "stale", "done"])
def test_pages_hold_every_request_once_in_order(
    name: str | None, office: Office, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE", 3)
    # Many at the same time: the id tells them apart.
    times = [5, 3, 3, 3, 3, 1, 9, 9]
    closed = {"state": "done", "closed": 1} if name == "done" else {"state": "new"}
    with store.writing() as connection:
        for number, at_ in enumerate(times):
            row = {"reference": f"KR-{number}", "kind": "message", "language": "de", "channel": "web", "payload": "x"}
            row |= {"at": at_, "due": 1, "changed": 1, "uid": str(number), "assigned_to": 7 if number % 2 else None}
            connection.execute(inquiries.insert().values({**row, **closed}))
    wanted = sorted(((at_, number) for number, at_ in enumerate(times, 1)), reverse=name == "done")

    def walk(cursor: str, way: str) -> list[list[tuple[int, int]]]:
        found = []
        while True:
            page = office.lists.page(name, cursor=cursor)
            found.append([(row.at, row.id) for row in page.rows])
            following = page.after if way == "after" else page.before
            if following is None:
                return found
            cursor = following

    there = walk("", "after")
    assert [len(page) for page in there] == [3, 3, 2] and [one for page in there for one in page] == wanted
    last = office.lists.page(name, cursor=f"after.{there[1][-1][0]}.{there[1][-1][1]}")
    assert last.before and last.after is None
    back = walk(last.before, "before")
    assert back == [there[1], there[0]], "the same pages on the way back"
    assert [row.id for row in office.lists.page(name, assigned_to=7).rows] == [
        number for _, number in wanted if number % 2 == 0
    ][:3]
    for odd in ("", "after", "after.1", "after.x.y", "before.-1.2", f"after.{10**19}.1", "AFTER.1.1"):
        assert [(row.at, row.id) for row in office.lists.page(name, cursor=odd).rows] == there[0]


@pytest.mark.parametrize("day", [dt.date(2027, 3, 28), dt.date(2026, 10, 25), dt.date(2027, 7, 1), dt.date(2027, 1, 4)])
def test_summer_and_winter_time(day: dt.date) -> None:
    appointment = Appointment(dt.datetime.combine(day, dt.time(9)), 45)
    moment = dt.datetime.fromtimestamp(appointment.ends / 1000, KREFELD)
    assert (moment.hour, moment.minute) == (9, 45)


def test_no_time_without_a_length() -> None:
    for minutes in (0, 4, 481):
        with pytest.raises(ValueError):
            at(10, minutes)
