"""`smartcity inquiries ...` as processes of their own, two at once, one of them killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from smartcity.cli import main
from smartcity.inquiries.desk import Desk
from smartcity.inquiries.store import Store
from smartcity.inquiries.tables import inquiries, outbox
from smartcity.processes import StartError, run
from smartcity.settings import SettingError, Settings, read_settings

from .conftest import SECRET, rows, settings_for
from .mail_server import MailServer
from .people import OFFICE, another


@pytest.fixture
def environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    values = {
        "SMARTCITY_DATABASE": settings.database,
        "SMARTCITY_VAR": str(settings.var),
        "SMARTCITY_SECRET": SECRET,
        "SMARTCITY_OFFICE_MAIL": OFFICE,
        "SMARTCITY_SMTP_HOST": "127.0.0.1",
        "SMARTCITY_SMTP_PORT": str(settings.smtp_port),
        "SMARTCITY_SMTP_STARTTLS": "off",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return {**values, "PATH": os.environ["PATH"]}


def _file(desk: Desk, many: int) -> None:
    for number in range(many):
        desk.note(f"web:{number}", **another(number))
        desk.file(f"web:{number}")


def test_sent_deleted_and_told(
    environment: dict[str, str], desk: Desk, store: Store, capsys: pytest.CaptureFixture[str], mail_server: MailServer
) -> None:
    _file(desk, 2)
    assert main(["inquiries", "send"]) == 0
    assert main(["inquiries", "status"]) == 0
    told = capsys.readouterr().out
    assert "4 mails sent, 0 tries failed." in told and "new        2" in told and "0 mails wait" in told
    with store.writing() as connection:
        connection.execute(inquiries.update().values(state="done", closed=1))
    assert main(["inquiries", "rotate"]) == 0
    assert main(["inquiries", "purge"]) == 0
    told = capsys.readouterr().out
    assert "2 entries are encrypted" in told and "Deleted: 2 requests" in told
    assert "Open for more than" not in told
    mail_server.stop()
    _file(desk, 1)
    with store.writing() as connection:
        connection.execute(inquiries.update().values(at=1))
    assert main(["inquiries", "status"]) == 0
    told = capsys.readouterr().out
    reference = rows(store, inquiries)[-1].reference
    assert "stale      1" in told
    assert f"Open for more than 180 days, and kept until somebody closes them: {reference}\n" in told
    assert main(["inquiries", "send"]) == 1


def test_two_processes_one_killed(
    environment: dict[str, str], desk: Desk, store: Store, mail_server: MailServer
) -> None:
    _file(desk, 6)
    command = [sys.executable, "-m", "smartcity.cli", "inquiries", "send", "--follow"]
    workers = [subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) for _ in range(2)]
    end = time.monotonic() + 60
    while not mail_server.received and time.monotonic() < end:
        time.sleep(0.01)
    workers[0].send_signal(signal.SIGKILL)
    while any(mail.payload for mail in rows(store, outbox)) and time.monotonic() < end:
        time.sleep(0.2)
        with store.writing() as connection:  # what the dead one held, as if its ten minutes were over
            connection.execute(outbox.update().where(outbox.c.claimed_until.is_not(None)).values(claimed_until=0))
    workers[1].send_signal(signal.SIGTERM)
    assert workers[1].wait(20) == 0
    workers[0].wait(5)
    assert all(mail.sent for mail in rows(store, outbox))
    assert len({mail["Message-ID"] for mail in mail_server.received}) == 12


def test_settings_are_checked_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises((SettingError, StartError)):
        run(settings_for(tmp_path, SMTP_HOST="mail.example.org", SMTP_USER="bot", CONSOLE="off"))


@pytest.mark.parametrize(
    ("name", "value"),
    [("OFFICE_MAIL", "a@b.de\nBcc: x@y.de"), ("MAIL_FROM", "x"), ("SMTP_STARTTLS", "maybe"), ("INQUIRY_KEYS", "kurz"),
     ("SMTP_PASSWORD", "a\nb"), ("SMTP_HOST", "mail example")],
)  # fmt: skip
def test_bad_settings_stop_the_start(name: str, value: str) -> None:
    with pytest.raises(SettingError) as told:
        read_settings({f"SMARTCITY_{name}": value})
    assert name in str(told.value)
    assert (value in str(told.value)) == (name not in ("INQUIRY_KEYS", "SMTP_PASSWORD"))
