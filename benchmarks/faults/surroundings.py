"""What the assistant stands on and cannot mend: the disk, the clock, and the CMS that content comes from."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import threading
import time
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Dict, Optional

import psycopg2

from benchmarks.own_assistant import SMARTCITY
from benchmarks.places import ROOT
from benchmarks.programs import LOOPBACK, environment
from benchmarks.stack import servers

FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
DISK_MEGABYTES = 24
SERVER_MEGABYTES = 160
"""An empty cluster of PostgreSQL takes 40, its log 16 for each piece."""
ASKED_SECONDS = 180.0
LOG_PIECES = 40


class Disk:
    """A small file system in memory, which can be filled to the last byte; needs root."""

    def __init__(self, place: Path, megabytes: int = DISK_MEGABYTES) -> None:
        self.place = place
        self._megabytes = megabytes
        self._ballast = place / "ballast"

    def __enter__(self) -> Disk:
        self.place.mkdir()
        options = f"size={self._megabytes}m"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self.place)], check=True)
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        subprocess.run(["umount", "--lazy", str(self.place)], check=False)

    def fill(self, database: Path) -> None:
        """Leave no byte; the log of `database` is emptied before, or it would be written to again and never grow."""
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.fill_up()

    def fill_up(self) -> None:
        """Leave no byte."""
        with self._ballast.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * 4096)
            except OSError:
                pass

    def free(self) -> None:
        self._ballast.unlink()


def fill_log(port: int) -> None:
    """Have PostgreSQL write until its log needs a new piece, for which a full disk has no room: it ends itself."""
    with suppress(psycopg2.Error):
        connection = psycopg2.connect(servers.postgresql_url(port), connect_timeout=3)
        connection.autocommit = True
        with closing(connection):
            for _ in range(LOG_PIECES):
                connection.cursor().execute("SELECT pg_logical_emit_message(false, 'ballast', repeat('x', 4000000))")
                connection.cursor().execute("SELECT pg_switch_wal()")
            raise TimeoutError("PostgreSQL found room for its log on a disk that was full.")


class Clock:
    """The time of day of processes that are started with `changes`, by libfaketime; monotonic clocks do not jump."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "time"
        self.set("+0")

    @property
    def changes(self) -> Dict[str, str]:
        return {
            "LD_PRELOAD": str(FAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, offset: str) -> None:
        self._file.write_text(offset + "\n", "ascii")


class ContentSource:
    """The CMS: an HTTP server that gives the export, or rubbish."""

    rubbish = (
        "status 500", "nothing", "a page of HTML", "half of the export", "other JSON", "an initiative without a name",
        "bytes that are no text", "too slow", "a byte a second",
    )  # fmt: skip

    def __init__(self) -> None:
        command = [*SMARTCITY, "content", "export"]
        self._good = subprocess.run(command, cwd=ROOT, env=environment({}), check=True, capture_output=True).stdout
        self._served = "good"
        self.asked = 0
        source = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                source.asked += 1
                source.answer(self)

            def log_message(self, format: str, *arguments: object) -> None:
                return

        self._server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://{LOOPBACK}:{self._server.server_address[1]}/export.json"

    def __enter__(self) -> ContentSource:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._server.shutdown()

    def serve(self, what: str) -> None:
        self._served = what

    def serve_until_asked(self, what: str) -> None:
        """The same, and return when somebody has asked for it: a running assistant does once a minute."""
        self.serve(what)
        before, end = self.asked, time.monotonic() + ASKED_SECONDS
        while self.asked == before:
            if time.monotonic() > end:
                raise TimeoutError(f"Nobody has asked the content source within {ASKED_SECONDS:g} s.")
            time.sleep(0.1)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """What is served at the moment."""
        what = self._served
        bodies = {
            "nothing": b"",
            "a page of HTML": b"<!doctype html><title>Wartung</title>",
            "half of the export": self._good[: len(self._good) // 2],
            "other JSON": b'{"a": [1, 2, {"b": null}]}',
            "an initiative without a name": self._good.replace(b'"name"', b'"nam"', 3),
            "bytes that are no text": os.urandom(5_000),
        }
        body = bodies.get(what, self._good)
        if what == "too slow":
            time.sleep(30)
        handler.send_response(500 if what == "status 500" else 200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        try:
            if what == "a byte a second":
                for place in range(60):
                    handler.wfile.write(body[place : place + 1])
                    time.sleep(1)
            else:
                handler.wfile.write(body)
        except OSError:
            return
