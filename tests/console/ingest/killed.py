"""Readers that are killed, for `test_killing.py`: `python -m tests.console.ingest.killed TRACKER CONSOLE KILLS SEED`.

Each is a process of its own, forked from this one, which has imported everything already.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time

import sqlalchemy as sa

from smartcity.console.database import open_database
from smartcity.console.ingest.known import Known
from smartcity.console.ingest.reader import Reader
from smartcity.privacy.pseudonyms import Pseudonyms
from smartcity.settings import read_settings


def read_for_good(urls: list[str], ready: int) -> None:
    tracker, console = (open_database(sa.engine.make_url(url)) for url in urls)
    settings = read_settings({"SMARTCITY_SECRET": "s" * 40})
    reader = Reader(tracker, console, Pseudonyms(settings), Known, "smart-city-krefeld", batch=60)
    reader.read_batch()
    os.write(ready, b"!")
    while True:
        reader.read_all()
        time.sleep(0.002)


if __name__ == "__main__":
    chance = random.Random(sys.argv[4])
    for _ in range(int(sys.argv[3])):
        told, ready = os.pipe()
        child = os.fork()
        if not child:
            read_for_good(sys.argv[1:3], ready)
        # Sometimes before it has done anything, mostly in the middle of its work, however busy the machine is.
        if chance.random() < 0.8:
            os.read(told, 1)
        time.sleep(chance.uniform(0.0, 0.15))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), "the reader ended by itself"
        os.close(told)
        os.close(ready)
    print("killed")
