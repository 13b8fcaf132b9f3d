"""What was talked about reaches the office with the citizen's yes alone: from the chat in a browser to the console."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from smartcity.inquiries.office import Office
from smartcity.inquiries.retention import purge
from smartcity.inquiries.store import Store, now
from smartcity.settings import read_settings

from ...inquiries.mail_server import MailServer
from ...system import PROJECT, RunningSystem
from ...widget.chat import Chat

PASSWORD = "Lastenrad Ostwall 47805"
OFFICE = "buero@beispiel.example"
ASKED = "Ich bin unter 0151 23456789 erreichbar, was kostet der KRuiser?"
DAY = 86_400_000

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def mails() -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory, mails: MailServer) -> dict[str, str]:
    return {
        "SMARTCITY_VAR": str(tmp_path_factory.mktemp("excerpt")),
        "SMARTCITY_CONSOLE": "on",
        "SMARTCITY_OFFICE_MAIL": OFFICE,
        "SMARTCITY_SMTP_HOST": "127.0.0.1",
        "SMARTCITY_SMTP_PORT": str(mails.port),
        "SMARTCITY_SMTP_STARTTLS": "off",
    }


@pytest.fixture(scope="module")
def system(environ: dict[str, str]) -> Iterator[RunningSystem]:
    running = RunningSystem(Path(environ["SMARTCITY_VAR"]), environ)
    try:
        running.wait_until_healthy()
        yield running
    finally:
        left = running.stop()
    assert not left, left


def _idle(chat: Chat) -> None:
    """The chat takes nothing while an answer comes, and the last words of one are there before its end."""
    expect(chat.element.locator(".send")).not_to_have_attribute("aria-disabled", "true")


def _send(chat: Chat, text: str) -> None:
    _idle(chat)
    chat.send(text)


def _leave_a_message(browser: Browser, address: str, answer: str) -> str:
    """As a citizen in the chat; the reference."""
    page = browser.new_context(locale="de-DE").new_page()
    page.goto(address)
    chat = Chat(page)
    if not chat.panel.is_visible():
        chat.open()
    _send(chat, ASKED)
    chat.button("Trotzdem senden").click()
    expect(chat.log).to_contain_text("Den KRuiser gibt es nicht mehr")
    chat.say("ich habe eine idee")
    _idle(chat)
    chat.button("Nachricht hinterlassen").click()
    expect(chat.log).to_contain_text("Wie lautet Ihre Nachricht")
    for said, asked in (
        ("Roller auch am Stadtwald", "Wie ist Ihr Name"),
        ("Erna Grünspecht", "E-Mail-Adresse oder Ihre Telefonnummer"),
        (f"erna{len(answer)}@beispiel.example", "was wir hier vorher besprochen haben"),
    ):
        _send(chat, said)
        expect(chat.log).to_contain_text(asked)
    _send(chat, answer)
    expect(chat.log).to_contain_text("Das habe ich aufgenommen:")
    _idle(chat)
    chat.button("Ja, absenden").click()
    expect(chat.log).to_contain_text("KR-")
    reference = str(chat.log.inner_text()).split("Ihre Nummer dafür: ")[1].split()[0]
    page.context.close()
    return reference


def _staff(browser: Browser, system: RunningSystem, environ: dict[str, str]) -> Page:
    """Somebody signed in at the console."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SMARTCITY_")}
    command = [sys.executable, "-m", "smartcity.cli", "console", "adduser", "rita", "--role", "admin"]
    subprocess.run(command, cwd=PROJECT, env={**inherited, **environ}, input=PASSWORD + "\n", text=True, check=True)
    page = browser.new_context(locale="de-DE").new_page()
    page.goto(system.console)
    page.locator("input[name=name]").fill("rita")
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    return page


def _mail(mails: MailServer, reference: str) -> str:
    """The text of the mail that tells the office of the request; the mailer looks every few seconds."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for mail in mails.to(OFFICE):
            if reference in str(mail["Subject"]):
                assert str(mail["Reply-To"]).endswith("@beispiel.example")
                return str(mail.get_content())
        time.sleep(0.2)
    raise AssertionError("No mail came.")


def test_the_office_reads_the_conversation_with_consent_alone(
    browser: Browser, system: RunningSystem, environ: dict[str, str], mails: MailServer
) -> None:
    agreed = _leave_a_message(browser, system.address, "ja, gern")
    refused = _leave_a_message(browser, system.address, "lieber nicht")
    staff = _staff(browser, system, environ)

    staff.goto(f"{system.console}/inquiries")
    staff.get_by_role("link", name=agreed).click()
    excerpt = staff.get_by_role("region", name="Anliegen")
    expect(excerpt).to_contain_text("Roller auch am Stadtwald")
    expect(excerpt).to_contain_text("Aus dem Gespräch, mit Einverständnis")
    expect(excerpt).to_contain_text("Frage: Ich bin unter <TELEFON> erreichbar, was kostet der KRuiser?")
    expect(excerpt).to_contain_text("Antwort: Den KRuiser gibt es nicht mehr")
    expect(excerpt).not_to_contain_text("23456789")
    expect(excerpt).not_to_contain_text("Wie ist Ihr Name")
    assert "Einverständnis" in _mail(mails, agreed) and "KRuiser" not in _mail(mails, agreed)

    staff.goto(f"{system.console}/inquiries")
    staff.get_by_role("link", name=refused).click()
    expect(excerpt).to_contain_text("Roller auch am Stadtwald")
    expect(excerpt).not_to_contain_text("Einverständnis")
    assert "KRuiser" not in staff.content() and "Einverständnis" not in _mail(mails, refused)

    staff.get_by_role("button", name="Als erledigt abschließen").click()
    expect(staff.get_by_role("status")).to_contain_text("Gespeichert")
    staff.context.close()


def test_it_is_deleted_with_the_request(system: RunningSystem, environ: dict[str, str]) -> None:
    settings = read_settings(environ)
    store = Store(settings)
    office = Office(settings, store.engine)
    try:
        for row in office.lists.page().rows:
            found = office.read(row.id)
            assert found is not None and found.excerpt and "<TELEFON>" in found.excerpt
            office.done(row.id, found.version, by=1)
            assert purge(store, 30, now() + 31 * DAY)["inquiries"]
            assert office.read(row.id) is None
        assert not any(office.lists.counts().values())
    finally:
        store.close()
