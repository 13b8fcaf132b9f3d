"""A client of the internal channel on a real server of its own, and what that has stored.

Its fixtures are taken up in conftest.py.
"""

from __future__ import annotations

import json
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

SECRET = "s" * 32
START_SECONDS = 60


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("channel") / "conversations.db"


@pytest.fixture(scope="module")
def channel(database: Path) -> Iterator[httpx.Client]:
    """A client of the channel on a real server of its own, with the secret."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    script = Path(__file__).with_name("channel_server.py")
    server = subprocess.Popen([sys.executable, "-W", "ignore", str(script), str(port), SECRET, str(database)])
    address = f"http://127.0.0.1:{port}/webhooks/internal"
    headers = {"Authorization": f"Bearer {SECRET}"}
    try:
        with httpx.Client(base_url=address, headers=headers, timeout=20, trust_env=False) as client:
            wait_until_it_listens(client)
            yield client
    finally:
        server.terminate()
        server.wait(10)


def wait_until_it_listens(client: httpx.Client) -> None:
    """Return when the server answers anything. Raises TimeoutError."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            client.get("/")
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError(f"Nothing listens at {client.base_url} after {START_SECONDS} s.")


def say(channel: httpx.Client, sender: str, text: str, **more: Any) -> httpx.Response:
    return channel.post("/webhook", json={"sender": sender, "text": text, **more})


def lines(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.text.endswith("\n")
    return [json.loads(line) for line in answer.text.splitlines()]


def stored(database: Path, sender: str, kind: str) -> list[dict[str, Any]]:
    """Events of this type in the database, the oldest first."""
    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute(
            "SELECT data FROM events WHERE sender_id = ? AND type_name = ? ORDER BY id", (sender, kind)
        )
        return [json.loads(data) for (data,) in found]
