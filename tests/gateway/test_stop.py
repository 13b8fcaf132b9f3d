"""SIGTERM to the real process: what is in the making is answered, what comes is refused, then it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from ..ports import free_port
from .standin import SECRET, StandIn
from .steps import begin, error_of, events, say


@pytest.fixture
def process(rasa: StandIn, _rasa_server: tuple[StandIn, int], tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    port = free_port()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SMARTCITY_")}
    environ |= {
        "SMARTCITY_PORT": str(port),
        "SMARTCITY_RASA_PORT": str(_rasa_server[1]),
        "SMARTCITY_SECRET": SECRET,
        "SMARTCITY_VAR": str(tmp_path),
    }
    command = [sys.executable, "-m", "smartcity.cli", "gateway"]
    running = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    setattr(running, "address", f"http://127.0.0.1:{port}")
    yield running
    running.kill()
    running.communicate()


def _client(process: subprocess.Popen[str]) -> httpx.Client:
    return httpx.Client(base_url=getattr(process, "address"), timeout=20, trust_env=False)


def test_answers_in_the_making_are_finished_and_nothing_else_begins(
    process: subprocess.Popen[str], rasa: StandIn
) -> None:
    with _client(process) as client, _client(process) as other, _client(process) as kept, ThreadPoolExecutor(2) as pool:
        for _ in range(400):
            try:
                assert client.get("/health").status_code == 200
                break
            except httpx.ConnectError:
                time.sleep(0.05)
        headers, streaming = begin(client), begin(client)
        assert other.get("/health").status_code == kept.get("/health").status_code == 200, "both are connected"
        rasa.delay, rasa.messages = 1.5, [*rasa.messages, {**rasa.messages[0], "text": "Und noch etwas."}]
        rasa.pause = 0.5
        answer = pool.submit(say, client, headers, text="Was ist der KReathon?")
        stream = pool.submit(lambda: [name for name, _, _ in events(client, streaming, text="Und der KRuiser?")])
        while len(rasa.received) < 4:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        while (refused := other.post("/chat/sessions")).status_code == 201:
            pass
        error = error_of(refused, 503, "stopping")
        assert error["retry_after"] == 5
        assert refused.headers["connection"] == "close"
        health = kept.get("/health")
        assert (health.status_code, health.json()["status"]) == (503, "stopping")
        with pytest.raises(httpx.TransportError):
            while True:
                httpx.get(f"{kept.base_url}/health", timeout=20, trust_env=False)
        assert len(answer.result().json()["messages"]) == 2
        assert stream.result() == ["message", "message", "done"]
    out, _ = process.communicate(timeout=20)
    assert process.returncode in (0, -signal.SIGTERM)
    assert "Traceback" not in out
