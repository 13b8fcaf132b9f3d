"""The running assistant with its reader: what is said arrives, and what is deleted leaves no byte."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from ...system import RunningSystem

pytestmark = pytest.mark.system
WORDS = "Ich heiße Quendolin Zauberwort, was kostet der Kruiser, Schwuppdiwupp?"


def test_said_rated_read_and_deleted(tmp_path: Path) -> None:
    system = RunningSystem(tmp_path)
    try:
        system.wait_until_healthy()
        with httpx.Client(base_url=system.address, timeout=20, trust_env=False) as client:
            begun = client.post("/chat/sessions", json={"language": "de"}).json()
            client.headers["Authorization"] = f"Bearer {begun['session']}"
            said = client.post("/chat/messages", json={"text": WORDS}).json()["messages"]
            button = said[0]["buttons"][0]
            client.post("/chat/messages", json={"payload": button["payload"]})
            rated = {"message": said[0]["id"], "rating": "down", "comment": "Schwuppdiwupp 0171 3920011"}
            assert client.post("/chat/feedback", json=rated).status_code == 204
            _wait(lambda: _all(tmp_path, "SELECT count(*) FROM turns WHERE feedback IS NOT NULL") == [(1,)])
            rows = _all(
                tmp_path, "SELECT number, said, pressed, intent, answer, comment, outcome FROM turns ORDER BY id"
            )
            assert rows[0][:4] == (1, "/greet", 1, "greet") and rows[0][6] == "talk"
            asked = "Ich heiße <NAME>, was kostet der Kruiser, Schwuppdiwupp?"
            assert rows[1][:3] == (2, asked, 0) and rows[1][4:6] == (said[0]["answer"], "Schwuppdiwupp <TELEFON>")
            assert rows[2][1:3] == (button["title"], 1)
            assert b"Quendolin" not in _bytes(tmp_path, "console.db")
            assert b"Schwuppdiwupp" in _bytes(tmp_path, "console.db")
            assert client.delete("/chat/sessions").status_code == 204
            # Noted before the answer, done soon after.
            assert len(_all(tmp_path, "SELECT pseudonym FROM erasures")) == 1
            _wait(lambda: _all(tmp_path, "SELECT count(*) FROM erasures WHERE done IS NOT NULL") == [(1,)])
        assert _all(tmp_path, "SELECT count(*) FROM turns") == [(0,)]
        counts = '{"conversations": 1, "turns": 3}'
        assert _all(tmp_path, "SELECT reason, counts FROM deletions") == [("citizen", counts)]
        for name in ("console.db", "conversations.db"):
            assert b"chwuppdiwupp" not in _bytes(tmp_path, name), name
    finally:
        left = system.stop()
    assert not left
    log = system.log.read_text("utf-8")
    lines = [line for line in log.splitlines() if "reader.1" in line]
    noise = [
        line for line in lines if not any(word in line for word in ("started", "stopped", "terminating", "SIGTERM"))
    ]
    assert lines and not noise


def _all(var: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(var / "console.db")) as connection:
        return connection.execute(query).fetchall()


def _bytes(var: Path, name: str) -> bytes:
    return b"".join(path.read_bytes() for path in var.glob(f"{name}*"))


def _wait(condition: Any) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            if condition():
                return
        except sqlite3.OperationalError:
            pass  # the reader is about to make it
        time.sleep(0.1)
    raise AssertionError("it did not come about in time")
