"""What is personal is encrypted at rest, is in no log, and is gone after its time: in rows and in raw bytes."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from smartcity import deletions
from smartcity.console.database import connect, migrate
from smartcity.console.retention import apply_erasures
from smartcity.inquiries import delivery
from smartcity.inquiries.desk import Desk, Unavailable
from smartcity.inquiries.office import Office
from smartcity.inquiries.retention import purge, rotate
from smartcity.inquiries.store import Store, now
from smartcity.inquiries.tables import METADATA, drafts, events, inquiries, outbox
from smartcity.inquiries.vault import VaultError
from smartcity.privacy.erasures import Erasures
from smartcity.settings import Settings

from .conftest import rows, settings_for
from .mail_server import MailServer
from .people import ERNA, TRACES, another, at

DAY = 86_400_000


def _bytes(store: Store, folder: Path) -> bytes:
    """Everything in all rows of all tables, and of SQLite's files every byte."""
    found = b""
    with store.reading() as connection:
        for table in METADATA.sorted_tables:
            found += "".join(str(tuple(row)) for row in connection.execute(sa.select(table))).encode()
    for path in folder.rglob("*"):
        if path.is_file():
            found += path.read_bytes()
    return found


def _traces(found: bytes) -> list[str]:
    return [word for word in (*TRACES, "Krankheit", "Vermerk") if word.encode() in found]


def test_at_rest_it_is_encrypted(
    desk: Desk, office: Office, store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture, mail_server: MailServer
) -> None:
    caplog.set_level(logging.DEBUG)
    desk.note("web:erna", **ERNA)
    assert _traces(_bytes(store, tmp_path)) == []
    desk.file("web:erna")
    (row,) = office.lists.page().rows
    office.note(row.id, office.read(row.id).version, "Vermerk", by=1)  # type: ignore[union-attr]
    office.confirm(row.id, office.read(row.id).version, at(10), by=1, text="Krankheit")  # type: ignore[union-attr]
    found = _bytes(store, tmp_path)
    assert row.reference.encode() in found, "the search does find what is there"
    assert _traces(found) == [] and b"web:erna" not in found
    mail_server.refuse_recipient = ERNA["email"]
    delivery.send_due(store)
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("mail.")]
    assert ours and _traces("".join(ours).encode()) == [], "all logs but the mail server's own"


def test_after_its_time_nothing_is_left(
    desk: Desk, office: Office, store: Store, tmp_path: Path, mail_server: MailServer
) -> None:
    desk.note("web:erna", **ERNA)
    reference = desk.file("web:erna").reference
    desk.note("web:2", **another(2))
    other = desk.file("web:2").reference
    delivery.send_due(store)
    (row,) = [row for row in office.lists.page().rows if row.reference == reference]
    (sealed,) = [one.payload for one in rows(store, inquiries) if one.reference == reference]
    secrets = [row.email, row.telephone, row.sender, row.uid, reference, sealed[-60:]]
    office.done(row.id, office.read(row.id).version, by=1)  # type: ignore[union-attr]
    assert purge(store, 30, now() + 29 * DAY) == {"inquiries": 0, "mails": 0, "drafts": 2}
    assert all(row.sender is None for row in rows(store, inquiries)), "after a day nobody's session is known"
    assert purge(store, 30, now() + 31 * DAY) == {"inquiries": 1, "mails": 3, "drafts": 0}
    found = _bytes(store, tmp_path)
    assert [text for text in secrets if text.encode() in found] == []
    assert desk.state(reference) is None and desk.state(other) is not None
    assert len(rows(store, inquiries)) == 1 and len(rows(store, outbox)) == 2 and len(rows(store, events)) == 3
    with store.reading() as connection:
        (told,) = deletions.report(connection, 1)
    assert (told.reason, told.counts) == ("retention", {"drafts": 2, "inquiries": 1, "mails": 3})


def test_the_mailer_s_deletions_are_in_the_report(settings: Settings, desk: Desk, store: Store, tmp_path: Path) -> None:
    """It may be the first that ever writes there, and tells numbers alone."""
    desk.note("web:erna", **ERNA)
    desk.file("web:erna")
    with store.writing() as connection:
        connection.execute(inquiries.update().values(state="done", closed=1))
    stop = threading.Event()
    mailer = threading.Thread(target=delivery.follow, args=(settings, stop))
    mailer.start()
    try:
        end = time.monotonic() + 20
        while rows(store, inquiries) and time.monotonic() < end:
            time.sleep(0.05)
    finally:
        stop.set()
        mailer.join(20)
    migrate(store.engine)
    with store.reading() as connection:
        (told,) = deletions.report(connection, 1)
    assert (told.reason, dict(told.counts)) == ("retention", {"inquiries": 1, "mails": 2})
    assert _traces(repr(rows(store, deletions.deletions)).encode()) == []


def test_a_past_appointment_closes_by_itself(office: Office, store: Store, number: int) -> None:
    office.confirm(number, office.read(number).version, at(10), by=1)  # type: ignore[union-attr]
    purge(store, 30, at(10).ends + 6 * DAY)
    assert rows(store, inquiries)[0].state == "confirmed"
    purge(store, 30, at(10).ends + 8 * DAY)
    assert rows(store, inquiries)[0].state == "done" and rows(store, inquiries)[0].closed
    assert purge(store, 30, at(10).ends + 39 * DAY)["inquiries"] == 1


def test_keys_are_rotated(tmp_path: Path, url: str) -> None:
    first, second = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    old = Desk(settings_for(tmp_path, url))
    old.note("web:erna", **ERNA)
    reference = old.file("web:erna").reference
    old.note("web:2", name="Erna Müller")

    settings = settings_for(tmp_path, url, INQUIRY_KEYS=first)
    keyed, store = Desk(settings), Store(settings)
    assert keyed.draft("web:2").name == "Erna Müller", "the derived key still opens"
    assert rotate(store) == 4  # one request, two mails, one draft
    for table in (drafts, inquiries, outbox):
        for row in rows(store, table):
            if row.payload is not None:
                Fernet(first).decrypt(row.payload.encode())
    with pytest.raises(Unavailable):
        old.draft("web:2")

    both = settings_for(tmp_path, url, INQUIRY_KEYS=f"{second},{first}")
    assert rotate(Store(both)) == 4
    only = settings_for(tmp_path, url, INQUIRY_KEYS=second)
    inquiry = Office(only).read(rows(store, inquiries)[0].id)
    assert inquiry is not None and inquiry.name == ERNA["name"] and inquiry.row.reference == reference
    assert Desk(only).withdraw(reference, ERNA["email"]), "digests do not depend on these keys"
    with pytest.raises(VaultError):
        rotate(store)


def test_a_mail_that_cannot_be_decrypted_waits(
    tmp_path: Path, url: str, filed: str, store: Store, mail_server: MailServer
) -> None:
    other = settings_for(tmp_path, url, SMTP_PORT=str(mail_server.port), SECRET="f" * 64)
    assert delivery.send_due(Store(other)) == (0, 2)
    assert all(mail.payload and mail.problem == "cannot be decrypted" for mail in rows(store, outbox))


def test_sqlites_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    desk = Desk(settings_for(tmp_path))
    desk.note("web:erna", **ERNA)
    for path in (tmp_path / "var").glob("console.db*"):
        assert path.stat().st_mode & 0o077 == 0


def test_erasing_a_conversation_takes_its_draft_along(tmp_path: Path, url: str) -> None:
    settings = settings_for(tmp_path, url)
    engine = connect(settings)
    migrate(engine)
    desk = Desk(settings, engine)
    for sender in ("web:1", "web:2", "web:3"):
        desk.note(sender, **another(1))
    desk.file("web:3")
    notes = Erasures(settings)
    for sender in ("web:1", "web:3"):
        notes.note(sender)
    apply_erasures(engine)
    assert desk.draft("web:1").empty and not desk.draft("web:2").empty
    assert desk.draft("web:3").filed, "what was filed is the office's"
    notes.close()
    engine.dispose()
