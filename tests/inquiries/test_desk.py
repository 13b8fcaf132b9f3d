"""Drafts, filing, limits, states and withdrawal, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest

from smartcity.inquiries.days import KREFELD
from smartcity.inquiries.desk import Desk, Draft, Incomplete, TooMany, Unavailable
from smartcity.inquiries.office import Office
from smartcity.inquiries.store import Store
from smartcity.inquiries.tables import drafts, events, inquiries, outbox
from smartcity.inquiries.wishes import Wish

from .conftest import rows, settings_for
from .people import ERNA, OFFICE, another

HOUR = 3_600_000


def test_a_draft_grows_and_is_forgotten(desk: Desk) -> None:
    assert desk.draft("web:1") == Draft() and desk.draft("web:1").empty
    assert desk.draft("web:1").missing == ("kind", "subject", "name", "contact")
    desk.note("web:1", kind="appointment", subject="  Sensoren ")
    assert desk.draft("web:1").missing == ("manner", "wishes", "name", "contact")
    desk.note("web:1", manner="telephone", wishes=[Wish(), Wish(weekday=1)], name="ich heiße Erna Müller")
    draft = desk.draft("web:1")
    assert (draft.subject, draft.name, draft.wishes) == ("Sensoren", "Erna Müller", (Wish(), Wish(weekday=1)))
    assert draft.missing == ("telephone",)
    assert draft.given == ("kind", "subject", "wishes", "manner", "name")
    desk.note("web:1", manner="in_person", email="Erna@Example.DE", subject=None)
    assert desk.draft("web:1").missing == ("subject",) and desk.draft("web:1").email == "Erna@example.de"
    assert desk.draft("web:2").empty
    desk.forget("web:1")
    assert desk.draft("web:1") == Draft()


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "x"}, {"email": "x"}, {"telephone": "110"}, {"name": "a\nb"}, {"manner": "mail"}, {"language": "fr"},
     {"wishes": [Wish()] * 4}, {"wishes": ["egal"]}, {"filed": "KR-1"}, {"shoe_size": 44}, {"subject": " \n"},
     {"channel": "web\r\nBcc"}],
)  # fmt: skip
def test_what_is_no_answer_is_refused_and_changes_nothing(desk: Desk, wrong: dict[str, object]) -> None:
    desk.note("web:1", subject="Sensoren")
    with pytest.raises(ValueError) as told:
        desk.note("web:1", language="de", **wrong) if "language" not in wrong else desk.note("web:1", **wrong)
    assert str(next(iter(wrong.values()))) not in str(told.value)
    assert desk.draft("web:1") == Draft(subject="Sensoren")


def test_an_old_draft_is_none(desk: Desk, store: Store) -> None:
    desk.note("web:1", subject="Sensoren")
    with store.writing() as connection:
        connection.execute(drafts.update().values(at=drafts.c.at - 25 * HOUR))
    assert desk.draft("web:1") == Draft()
    with pytest.raises(Incomplete):
        desk.file("web:1")
    desk.note("web:1", name="Erna Müller")
    assert desk.draft("web:1") == Draft(name="Erna Müller")


def test_filing_makes_the_request_and_its_mails(desk: Desk, store: Store) -> None:
    desk.note("web:erna", **ERNA)
    receipt = desk.file("web:erna")
    assert receipt.mailed
    (row,) = rows(store, inquiries)
    assert (row.reference, row.state, row.kind, row.language) == (receipt.reference, "new", "appointment", "de")
    assert [(mail.recipient, mail.kind) for mail in rows(store, outbox)] == [("office", "new"), ("citizen", "received")]
    assert [event.deed for event in rows(store, events)] == ["filed"]
    (draft,) = rows(store, drafts)
    assert draft.payload is None and desk.draft("web:erna") == Draft(filed=receipt.reference)


def test_filing_the_same_draft_again_gives_the_same_receipt(desk: Desk, store: Store) -> None:
    desk.note("web:erna", **ERNA)
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda _: desk.file("web:erna"), range(8)))
    assert len(set(receipts)) == 1
    assert len(rows(store, inquiries)) == 1 and len(rows(store, outbox)) == 2
    desk.note("web:erna", **another(1))
    assert desk.draft("web:erna").filed is None
    assert desk.file("web:erna").reference != receipts[0].reference


def test_incomplete_is_not_filed(desk: Desk, store: Store) -> None:
    with pytest.raises(Incomplete) as told:
        desk.file("web:1")
    assert told.value.missing == ("kind", "subject", "name", "contact")
    desk.note("web:1", kind="callback", subject="x", name="Erna Müller", email="a@b.de")
    with pytest.raises(Incomplete) as told:
        desk.file("web:1")
    assert told.value.missing == ("telephone",)
    assert rows(store, inquiries) == []


def test_three_a_session_and_day(desk: Desk, store: Store) -> None:
    for number in range(3):
        desk.note("web:1", **another(number))
        desk.file("web:1")
    desk.note("web:1", **another(3))
    with pytest.raises(TooMany) as told:
        desk.file("web:1")
    assert told.value.of == "session"
    assert not desk.draft("web:1").empty, "the draft is kept"
    with store.writing() as connection:
        connection.execute(inquiries.update().values(at=inquiries.c.at - 25 * HOUR))
    desk.file("web:1")


def test_five_a_contact_and_day(desk: Desk) -> None:
    for number in range(5):
        desk.note(f"web:{number}", **another(number, email="Same@Buerger.example"))
        desk.file(f"web:{number}")
    desk.note("web:9", **another(9, email="same@buerger.example", telephone="02151 861085"))
    with pytest.raises(TooMany) as told:
        desk.file("web:9")
    assert told.value.of == "contact"


def test_a_brake_for_all(tmp_path: Path, url: str) -> None:
    desk = Desk(settings_for(tmp_path, url, INQUIRIES_A_DAY="3"))
    for number in range(4):
        desk.note(f"web:{number}", **another(number))
    with ThreadPoolExecutor(4) as pool:
        filed = list(pool.map(lambda number: _try(desk, f"web:{number}"), range(4)))
    assert sorted(filed) == ["all", "filed", "filed", "filed"]
    desk.close()


def _try(desk: Desk, sender: str) -> str:
    try:
        desk.file(sender)
    except TooMany as error:
        return error.of
    return "filed"


def test_an_address_gets_one_confirmation(desk: Desk, store: Store) -> None:
    desk.note("web:1", **another(1, email="stranger@elsewhere.example"))
    assert desk.file("web:1").mailed
    desk.note("web:2", **another(2, email="Stranger@Elsewhere.example"))
    assert not desk.file("web:2").mailed
    assert not desk.file("web:2").mailed
    assert [mail.recipient for mail in rows(store, outbox)] == ["office", "citizen", "office"]


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ("victim@example.org", "Victim+1@Example.ORG"),
        ("victim@gmail.com", "v.i.c.tim+shop@googlemail.com"),
        ("victim+a@example.org", "victim+b@example.org"),
    ],
)
def test_spellings_of_one_mailbox_get_one_confirmation(desk: Desk, first: str, other: str) -> None:
    desk.note("web:1", **another(1, email=first))
    desk.note("web:2", **another(2, email=other))
    reference = desk.file("web:1").reference
    assert not desk.file("web:2").mailed
    assert desk.withdraw(reference, other), "whoever reads the one reads the other"


def test_the_office_gets_no_confirmation_of_its_own(desk: Desk) -> None:
    desk.note("web:1", **another(1, email=OFFICE.upper()))
    assert not desk.file("web:1").mailed


def test_without_an_address_there_is_no_confirmation(desk: Desk) -> None:
    desk.note("web:1", **another(1, email=None, telephone="02151 861085"))
    assert not desk.file("web:1").mailed


def test_the_state_tells_no_more_than_dates(desk: Desk, office: Office, filed: str) -> None:
    state = desk.state(f"Was ist mit {filed.lower()}?")
    assert state is not None
    today = datetime.now(KREFELD).date()
    assert (state.reference, state.state, state.filed, state.changed) == (filed, "new", today, today)
    assert desk.state("KR-2222-22") is None and desk.state("Hallo") is None


@pytest.mark.parametrize(
    "contact",
    ["erna.gruenspecht@buerger.example", "Erna.Gruenspecht@BUERGER.example", "+49 2151 861085", "02151/86-1085"],
)
def test_withdrawal_with_what_was_used(desk: Desk, store: Store, filed: str, contact: str) -> None:
    assert desk.withdraw(f"{filed} bitte", contact)
    assert desk.withdraw(filed, contact), "again says the same"
    state = desk.state(filed)
    assert state is not None and state.state == "withdrawn"
    assert [(mail.recipient, mail.kind) for mail in rows(store, outbox)][2:] == [("office", "withdrawn")]


def test_withdrawal_is_refused_alike(desk: Desk, filed: str) -> None:
    for reference, contact in (
        (filed, "other@buerger.example"),
        (filed, ""),
        (filed, "a@buerger.example erna.gruenspecht@buerger.example"),
        ("KR-2222-22", "erna.gruenspecht@buerger.example"),
        ("", ""),
    ):
        assert desk.withdraw(reference, contact) is False
    state = desk.state(filed)
    assert state is not None and state.state == "new"


def test_contacts_cannot_be_tried_for_long(desk: Desk, store: Store, filed: str) -> None:
    for number in range(5):
        assert not desk.withdraw(filed, f"guess{number}@buerger.example")
    assert not desk.withdraw(filed, "erna.gruenspecht@buerger.example")
    with store.writing() as connection:
        connection.execute(inquiries.update().values(tried=inquiries.c.tried - 25 * HOUR))
    assert desk.withdraw(filed, "erna.gruenspecht@buerger.example")


def test_it_is_open_with_an_address_and_a_server(tmp_path: Path) -> None:
    assert Desk(settings_for(tmp_path)).open
    assert not Desk(settings_for(tmp_path, OFFICE_MAIL="")).open
    assert not Desk(settings_for(tmp_path, SMTP_HOST="")).open


def test_a_database_that_is_away_is_told(tmp_path: Path) -> None:
    desk = Desk(settings_for(tmp_path, "postgresql://nobody@127.0.0.1:1/none"))
    for call in (
        lambda: desk.draft("web:1"),
        lambda: desk.note("web:1", **ERNA),
        lambda: desk.file("web:1"),
        lambda: desk.forget("web:1"),
        lambda: desk.state("KR-2222-22"),
        lambda: desk.withdraw("KR-2222-22", "a@b.de"),
    ):
        with pytest.raises(Unavailable) as told:
            call()
        assert "Grünspecht" not in str(told.value)
