"""kill -9 of the filing process at random moments leaves a complete request, or none."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

from smartcity.inquiries.desk import Desk
from smartcity.inquiries.store import Store
from smartcity.inquiries.tables import drafts, events, inquiries, outbox
from smartcity.settings import Settings

from .conftest import SECRET, rows
from .people import OFFICE

ROUNDS = 8
FILER = """
import sys
from smartcity.inquiries.desk import Desk
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
