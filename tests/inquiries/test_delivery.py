"""Mails through a real SMTP server: what they say, and what becomes of them when it fails."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from pathlib import Path

import pytest

from smartcity.inquiries import delivery
from smartcity.inquiries.desk import Desk
from smartcity.inquiries.office import Office
from smartcity.inquiries.store import Store, now
from smartcity.inquiries.tables import events, outbox
from smartcity.settings import SettingError

from .certificates import Certificate
from .conftest import rows, settings_for
from .mail_server import MailServer
from .people import ERNA, OFFICE, TRACES, another, at

CITIZEN = ERNA["email"]


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def _make_due(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(outbox.update().values(due=0))


def test_the_office_and_the_citizen_get_their_mail(store: Store, filed: str, mail_server: MailServer) -> None:
    assert delivery.send_due(store) == (2, 0)
    (to_office,), (to_citizen,) = mail_server.to(OFFICE), mail_server.to(CITIZEN)
    assert to_office["Subject"] == f"Terminwunsch {filed}"
    assert to_office["Reply-To"] == CITIZEN and to_office["To"] == OFFICE
    text = _text(to_office)
    for line in (f"Aktenzeichen: {filed}", "Name: Erna Grünspecht", "Telefon: +492151861085", "Gewünscht: vor Ort"):
        assert line in text.splitlines()
    assert "> Sensoren im Stadtwald\n> und Zwetschgenbäume\n" in text
    assert "Quitten" not in text and "einen Auszug aus dem Gespräch" in text, "in a mailbox it would stay for good"
    assert "vormittags\n- egal wann\n" in text

    assert to_citizen["Subject"] == f"Ihre Anfrage {filed}" and to_citizen["Reply-To"] == OFFICE
    assert to_citizen["Auto-Submitted"] == "auto-generated" and to_citizen["Content-Language"] == "de"
    for mail in mail_server.received:
        assert mail.get_content_type() == "text/plain" and OFFICE in mail["From"]
    assert delivery.send_due(store) == (0, 0)
    assert all(mail.payload is None and mail.sent for mail in rows(store, outbox))
    assert [(event.deed, event.details.get("to")) for event in rows(store, events)] == [
        ("filed", None), ("mailed", "office"), ("mailed", "citizen"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "subject", "words"),
    [("en", "Your request", "reached the Smart City office"), ("de-simple", "Ihre Anfrage", "Ein Mensch liest")],
)
def test_the_confirmation_speaks_the_language(
    desk: Desk, store: Store, mail_server: MailServer, language: str, subject: str, words: str
) -> None:
    desk.note("web:erna", **{**ERNA, "language": language})
    desk.file("web:erna")
    delivery.send_due(store)
    (mail,) = mail_server.to(CITIZEN)
    assert mail["Subject"].startswith(subject) and words in _text(mail)
    assert mail_server.to(OFFICE)[0]["Subject"].startswith("Terminwunsch")


def test_the_confirmation_repeats_nothing_that_was_typed(store: Store, filed: str, mail_server: MailServer) -> None:
    delivery.send_due(store)
    (mail,) = mail_server.to(CITIZEN)
    written = mail.as_string() + _text(mail) + mail["Subject"]
    assert not [word for word in TRACES if word != "gruenspecht" and word in written]


def test_no_header_can_be_smuggled_in(desk: Desk, store: Store, mail_server: MailServer) -> None:
    evil = "Hallo\r\nBcc: victim@elsewhere.example\r\n\r\n.\r\nMAIL FROM:<x@y.de>\r\nSubject: =?utf-8?q?evil?="
    desk.note("web:1", **another(1, subject=evil, excerpt=evil))
    for name, text in (("email", f"a@b.de\r\nBcc: {CITIZEN}"), ("name", "Erna\r\nBcc: a@b.de"), ("channel", "web\n")):
        with pytest.raises(ValueError):
            desk.note("web:1", **{name: text})
    desk.file("web:1")
    assert delivery.send_due(store) == (2, 0)
    assert [envelope.rcpt_tos for envelope in mail_server.envelopes] == [[OFFICE], ["person1@buerger.example"]]
    assert len(mail_server.received) == 2
    (mail,) = mail_server.to(OFFICE)
    assert mail["Bcc"] is None and mail["Subject"].startswith("Nachricht KR-")
    assert "> Bcc: victim@elsewhere.example\n" in _text(mail) and "> .\n" in _text(mail)


def test_a_dead_server_loses_nothing_and_sends_nothing_twice(store: Store, filed: str, mail_server: MailServer) -> None:
    mail_server.stop()
    assert delivery.send_due(store) == (0, 1), "one try is enough to know"
    assert delivery.send_due(store) == (0, 1)
    assert delivery.send_due(store) == (0, 0), "each has its pause"
    first = rows(store, outbox)[0]
    assert first.tries == 1 and 25_000 < first.due - now() <= 33_000 and first.problem == "ConnectionRefusedError"
    _make_due(store)
    assert delivery.send_due(store)[0] == 0
    assert rows(store, outbox)[0].due - now() > 50_000, "the pause grows"
    mail_server.start()
    _make_due(store)
    assert delivery.send_due(store) == (2, 0)
    _make_due(store)
    assert delivery.send_due(store) == (0, 0)
    assert len(mail_server.received) == 2


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # aiosmtpd's tasks that were killed
def test_a_server_that_dies_between_two_mails(store: Store, desk: Desk, mail_server: MailServer) -> None:
    for number in range(4):
        desk.note(f"web:{number}", **another(number))
        desk.file(f"web:{number}")
    stop = threading.Event()
    worker = threading.Thread(target=_keep_sending, args=(store, stop))
    worker.start()
    for _ in range(3):
        stop.wait(0.05)
        mail_server.stop()
        stop.wait(0.05)
        mail_server.start()
    stop.wait(0.5)
    stop.set()
    worker.join(20)
    _make_due(store)
    delivery.send_due(store)
    ids = [mail["Message-ID"] for mail in mail_server.received]
    assert len(set(ids)) == 8
    assert all(mail.sent for mail in rows(store, outbox))


def _keep_sending(store: Store, stop: threading.Event) -> None:
    while not stop.is_set():
        _make_due(store)
        delivery.send_due(store)


def test_a_server_that_is_busy_is_asked_again(store: Store, filed: str, mail_server: MailServer) -> None:
    mail_server.answers = ["451 4.3.0 try again later", "452 4.2.2 full"]
    assert delivery.send_due(store) == (0, 2)
    assert [mail.problem for mail in rows(store, outbox)] == ["smtp 451", "smtp 452"]
    _make_due(store)
    assert delivery.send_due(store) == (2, 0)


def test_an_address_that_there_is_not(store: Store, office: Office, number: int, mail_server: MailServer) -> None:
    mail_server.refuse_recipient = CITIZEN
    assert delivery.send_due(store) == (1, 1)
    inquiry = office.read(number)
    assert inquiry is not None
    assert [event.deed for event in inquiry.history] == ["filed", "mailed", "mail_failed"]
    assert inquiry.mails[1].given_up and inquiry.mails[1].problem == "smtp 550"
    assert rows(store, outbox)[1].payload is None


def test_the_offices_mail_is_never_given_up(store: Store, filed: str, mail_server: MailServer) -> None:
    mail_server.refuse_recipient = OFFICE
    with store.writing() as connection:
        connection.execute(outbox.update().values(made=now() - 30 * 86_400_000))
    delivery.send_due(store)
    assert rows(store, outbox)[0].payload is not None
    mail_server.refuse_recipient = ""
    _make_due(store)
    delivery.send_due(store)
    assert len(mail_server.to(OFFICE)) == 1


def test_two_workers_send_nothing_twice(desk: Desk, store: Store, mail_server: MailServer) -> None:
    for number in range(10):
        desk.note(f"web:{number}", **another(number))
        desk.file(f"web:{number}")
    with ThreadPoolExecutor(4) as pool:
        sent = sum(sent for sent, _ in pool.map(lambda _: delivery.send_due(store), range(4)))
    assert sent == 20 == len(mail_server.received)
    assert len({mail["Message-ID"] for mail in mail_server.received}) == 20


def test_a_claim_of_somebody_else_is_respected_until_it_runs_out(
    store: Store, filed: str, mail_server: MailServer
) -> None:
    with store.writing() as connection:
        connection.execute(outbox.update().values(claim="other", claimed_until=now() + 60_000))
    assert delivery.send_due(store) == (0, 0)
    with store.writing() as connection:
        connection.execute(outbox.update().values(claimed_until=now() - 1))
    assert delivery.send_due(store) == (2, 0)


def test_a_crash_after_the_servers_250_repeats_the_same_mail(
    store: Store, filed: str, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(delivery, "_settle", dies)
        with pytest.raises(KeyboardInterrupt):
            delivery.send_due(store)
    with store.writing() as connection:
        connection.execute(outbox.update().values(claimed_until=0))
    delivery.send_due(store)
    first, again = mail_server.to(OFFICE)
    assert first.as_bytes() == again.as_bytes() and first["Message-ID"]


def test_mails_of_a_request_keep_their_order(
    store: Store, office: Office, number: int, mail_server: MailServer
) -> None:
    mail_server.answers = ["250 OK", "451 later"]
    delivery.send_due(store)
    inquiry = office.read(number)
    assert inquiry is not None
    office.confirm(number, inquiry.version, at(10), by=1)
    assert delivery.send_due(store) == (0, 0), "the confirmation of receipt waits still"
    _make_due(store)
    assert delivery.send_due(store) == (2, 0)
    assert [mail["Subject"].split(":")[0] for mail in mail_server.to(CITIZEN)][-1] == "Ihr Termin steht fest"


@pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")
@pytest.mark.parametrize("how", ["on", "tls"])
def test_encrypted_and_signed_in(
    tmp_path: Path, url: str, how: str, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = MailServer(certificate.context(), implicit=how == "tls", account="bot:geheim")
    server.start()
    try:
        more = {"SMTP_PORT": str(server.port), "SMTP_STARTTLS": how, "SMTP_USER": "bot", "SMTP_HOST": "localhost"}
        settings = settings_for(tmp_path, url, **more, SMTP_PASSWORD="geheim")
        desk = Desk(settings)
        desk.note("web:1", **another(1))
        desk.file("web:1")
        store = Store(settings)
        assert delivery.send_due(store) == (0, 1), "the certificate is nobody's"
        assert rows(store, outbox)[0].problem == "SSLCertVerificationError"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
        _make_due(store)
        assert delivery.send_due(store) == (2, 0)
        wrong = Store(settings_for(tmp_path, url, **more, SMTP_PASSWORD="falsch"))
        desk.note("web:2", **another(2))
        desk.file("web:2")
        assert delivery.send_due(wrong) == (0, 1)
        assert rows(store, outbox)[2].payload is not None, "a wrong password loses nothing"
        assert len(server.received) == 2
    finally:
        server.stop()


def test_starttls_is_demanded(store: Store, filed: str, tmp_path: Path, url: str, mail_server: MailServer) -> None:
    strict = Store(settings_for(tmp_path, url, SMTP_PORT=str(mail_server.port), SMTP_STARTTLS="on"))
    assert delivery.send_due(strict) == (0, 1)
    assert mail_server.received == []


def test_no_password_in_the_clear(tmp_path: Path) -> None:
    delivery.check(settings_for(tmp_path, SMTP_USER="bot"))
    with pytest.raises(SettingError, match="in the clear"):
        delivery.check(settings_for(tmp_path, SMTP_USER="bot", SMTP_HOST="mail.example.org"))
    with pytest.raises(SettingError, match="must be set"):
        delivery.check(settings_for(tmp_path, OFFICE_MAIL=""))


def test_the_worker_goes_on_until_it_is_stopped(
    store: Store, filed: str, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "PAUSE_SECONDS", 0.05)
    stop = threading.Event()
    worker = threading.Thread(target=delivery.follow, args=(store.settings, stop))
    worker.start()
    for _ in range(200):
        if len(mail_server.received) == 2:
            break
        stop.wait(0.05)
    stop.set()
    worker.join(10)
    assert not worker.is_alive() and len(mail_server.received) == 2
