"""kill -9 of the filing process at random moments leaves a complete request, or none."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from smartcity.inquiries.desk import Desk, Receipt, Unavailable
from smartcity.inquiries.store import Store
from smartcity.inquiries.tables import drafts, events, inquiries, outbox
from smartcity.settings import Settings

from ..databases import postgresql_url
from .conftest import SECRET, rows, settings_for
from .people import OFFICE, another

ROUNDS = 8
FILER = """
import sys
from smartcity.inquiries.desk import Desk, Receipt, Unavailable
from smartcity.settings import read_settings
desk = Desk(read_settings())
desk.draft("web:0")
print("ready", flush=True)
for number in range(10_000):
    sender = f"web:{sys.argv[1]}-{number}"
    desk.note(sender, kind="message", subject="Idee", name="Erna Test", email=f"a{sys.argv[1]}-{number}@b.example")
    print(sender, desk.file(sender).reference, flush=True)
"""


def test_killed_at_any_moment(settings: Settings, desk: Desk, store: Store) -> None:
    chance = random.Random(6)
    environment = {
        "SMARTCITY_DATABASE": settings.database,
        "SMARTCITY_SECRET": SECRET,
        "SMARTCITY_OFFICE_MAIL": OFFICE,
        "SMARTCITY_INQUIRIES_A_DAY": "1000000",
        "PATH": os.environ["PATH"],
    }
    told: dict[str, str] = {}
    started = 0
    for number in range(ROUNDS):
        command = [sys.executable, "-c", FILER, str(number)]
        filer = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert filer.stdout is not None and filer.stdout.readline() == "ready\n"
        heard = [filer.stdout.readline() for _ in range(chance.randint(1, 4))]
        time.sleep(chance.uniform(0, 0.06))
        filer.send_signal(signal.SIGKILL)
        heard += filer.stdout.read().splitlines()
        lines = [line.split() for line in heard if line.count("KR-") == 1]
        told.update({line[0]: line[1] for line in lines if len(line) == 2})
        filer.wait()
        filer.stdout.close()
        started += len(lines) + 1
    found = {row.id: row for row in rows(store, inquiries)}
    mails = Counter((mail.inquiry_id, mail.recipient) for mail in rows(store, outbox))
    filings = Counter(event.inquiry_id for event in rows(store, events))
    assert len(told) >= ROUNDS and len(told) <= len(found) <= started
    # Each is whole, with both mails and its history; whoever was told a reference has a request.
    for number in found:
        assert mails[number, "office"] == mails[number, "citizen"] == filings[number] == 1
    assert len(mails) == 2 * len(found)
    assert set(told.values()) <= {row.reference for row in found.values()}
    # Who was not told asks again, and gets the same request or the first one; never a second.
    for row in rows(store, drafts):
        if row.payload is None:
            assert row.filed in {one.reference for one in found.values()}
    for number in range(ROUNDS):
        last = max((int(sender.split("-")[1]) for sender in told if sender.startswith(f"web:{number}-")), default=-1)
        sender = f"web:{number}-{last + 1}"
        if not desk.draft(sender).empty or desk.draft(sender).filed:
            before = desk.draft(sender).filed
            if before or not desk.draft(sender).missing:
                again = desk.file(sender).reference
                assert before in (None, again)
    final = [row.email for row in rows(store, inquiries)]
    assert len(final) == len(set(final))


def test_the_database_hangs_up_at_any_moment(tmp_path: Path) -> None:
    chance = random.Random(7)
    with postgresql_url() as url:
        name = f"filer-{os.getpid()}"
        desk = Desk(settings_for(tmp_path, f"{url}&application_name={name}"))
        killer = sa.create_engine(url, future=True)
        hang_up = sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name")

        def after(seconds: float) -> None:
            time.sleep(seconds)
            with killer.begin() as connection:
                connection.execute(hang_up, {"name": name})

        failed = 0
        for number in range(40):
            desk.note(f"web:{number}", **another(number))
            thread = threading.Thread(target=after, args=(chance.uniform(0, 0.02),))
            thread.start()
            first: Receipt | None = None
            try:
                first = desk.file(f"web:{number}")
            except Unavailable:
                failed += 1
            thread.join()
            # Whoever was not told asks again: it is the same request, or the first one.
            again = _again(desk, f"web:{number}")
            assert first in (None, again)
        store = Store(settings_for(tmp_path, url))
        assert failed, "some were cut off"
        assert len(rows(store, inquiries)) == 40 and len(rows(store, outbox)) == 80 and len(rows(store, events)) == 40
        for engine in (store, desk):
            engine.close()
        killer.dispose()


def _again(desk: Desk, sender: str) -> Receipt:
    for _ in range(5):
        try:
            return desk.file(sender)
        except Unavailable:
            time.sleep(0.05)
    pytest.fail("The database does not come back.")
