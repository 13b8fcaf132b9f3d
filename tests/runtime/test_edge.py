"""Rasa's real process at its edges: SIGTERM during an answer, and an action server that is slow, then gone."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from smartcity.settings import read_settings

from ..gateway.standin import SECRET, running
from ..ports import free_port
from ..system import PROJECT

pytestmark = pytest.mark.system
CHANNEL = "/webhooks/internal"


class SlowActions:
    """An action server that answers every action with one message, after `delay` seconds."""

    def __init__(self) -> None:
        self.delay = 0.0
        self.healthy = True
        self.asked: list[str] = []
        self.came = threading.Event()
        self.app = Starlette(
            routes=[Route("/webhook", self._run, methods=["POST"]), Route("/health", self._health, methods=["GET"])]
        )

    async def _run(self, request: Request) -> JSONResponse:
        self.asked.append(request.headers.get("x-request-id", ""))
        self.came.set()
        await asyncio.sleep(self.delay)
        return JSONResponse({"events": [], "responses": [{"text": "Hier ist die Antwort.", "custom": {"id": "1"}}]})

    async def _health(self, request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"}, 200 if self.healthy else 503)


@pytest.fixture(scope="module")
def actions() -> Iterator[tuple[SlowActions, int]]:
    server = SlowActions()
    with running(server.app) as port:
        yield server, port


@pytest.fixture
def rasa(actions: tuple[SlowActions, int], tmp_path: Path) -> Iterator[tuple[httpx.Client, subprocess.Popen[bytes]]]:
    port = free_port()
    own = {
        "SMARTCITY_RASA_PORT": str(port),
        "SMARTCITY_ACTIONS": "http",
        "SMARTCITY_ACTIONS_PORT": str(actions[1]),
        "SMARTCITY_ANSWER_SECONDS": "2",
        "SMARTCITY_SECRET": SECRET,
        "SMARTCITY_VAR": str(tmp_path),
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SMARTCITY_")}
    with (tmp_path / "rasa.log").open("wb") as log:
        command = [sys.executable, "-m", "smartcity.cli", "rasa", "run"]
        process = subprocess.Popen(command, cwd=PROJECT, env={**inherited, **own}, stdout=log, stderr=subprocess.STDOUT)
    secret = read_settings({"SMARTCITY_SECRET": SECRET}).secret_for("internal")
    client = httpx.Client(
        base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {secret}"}, timeout=20, trust_env=False
    )
    try:
        _wait(client, process)
        yield client, process
    finally:
        client.close()
        process.kill()
        process.wait()


def _wait(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end and process.poll() is None:
        try:
            if client.get(f"{CHANNEL}/health").json().get("rasa") == "ok":
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise AssertionError("Rasa did not start")


def _say(client: httpx.Client, sender: str, **headers: str) -> httpx.Response:
    body: dict[str, Any] = {"sender": sender, "channel": "web", "language": "de", "text": "Was ist der KReathon?"}
    return client.post(f"{CHANNEL}/webhook", json=body, headers=headers)


def test_an_action_server_that_does_not_answer_is_not_waited_for(
    rasa: tuple[httpx.Client, subprocess.Popen[bytes]], actions: tuple[SlowActions, int]
) -> None:
    client, server = rasa[0], actions[0]
    server.delay = 0.0
    assert "Hier ist die Antwort." in _say(client, "web:1", **{"X-Request-Id": "0123abcd"}).text
    assert set(server.asked) == {"0123abcd"}
    server.delay, server.healthy = 30.0, False
    began, statuses = time.monotonic(), []
    with ThreadPoolExecutor(5) as pool:
        statuses += [answer.status_code for answer in pool.map(lambda n: _say(client, f"web:{n}"), range(10, 15))]
    assert statuses == [503] * 5
    assert time.monotonic() - began < 20, "Rasa's own time-out is five minutes"
    asked = len(server.asked)
    assert _say(client, "web:20").status_code == 503
    assert len(server.asked) == asked, "it failed five times in a row and is not asked"
    server.delay, server.healthy = 0.0, True
    end = time.monotonic() + 30
    while (answer := _say(client, "web:21")).status_code != 200 and time.monotonic() < end:
        time.sleep(0.3)
    assert "Hier ist die Antwort." in answer.text


def test_told_to_end_it_finishes_the_answer(
    rasa: tuple[httpx.Client, subprocess.Popen[bytes]], actions: tuple[SlowActions, int]
) -> None:
    (client, process), server = rasa, actions[0]
    server.delay = 1.0
    server.came.clear()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(_say, client, "web:1")
        assert server.came.wait(20)
        process.send_signal(signal.SIGTERM)
        answer = slow.result()
    assert answer.text.endswith('{"done": true}\n')
    assert "Hier ist die Antwort." in answer.text
    assert process.wait(30) in (0, -signal.SIGTERM)
