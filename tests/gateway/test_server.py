from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from ..ports import free_port
from .standin import SECRET
from .steps import error_of

CODE = (
    "from smartcity.gateway.server import serve; from smartcity.settings import read_settings; serve(read_settings())"
)


def _command(port: int, var: Path) -> subprocess.Popen[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SMARTCITY_")}
    environ |= {
        "SMARTCITY_PORT": str(port),
        "SMARTCITY_RASA_PORT": str(free_port()),
        "SMARTCITY_SECRET": SECRET,
        "SMARTCITY_LIMITS": "off",
        "SMARTCITY_VAR": str(var),
        "SMARTCITY_LOG_FORMAT": "json",
    }
    return subprocess.Popen(
        [sys.executable, "-c", CODE], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_taken_port_is_told_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = _command(port, tmp_path)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert out == ""
    assert err.count("\n") == 1
    assert f"Port {port}" in err
    assert "SMARTCITY_PORT" in err


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_serves_until_told_to_end_and_logs_no_words(ending: signal.Signals, tmp_path: Path) -> None:
    port = free_port()
    process = _command(port, tmp_path)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            for _ in range(200):
                try:
                    client.get("/")
                    break
                except httpx.ConnectError:
                    time.sleep(0.05)
            answer = client.get("/Mein-Name-ist-Erika?frage=geheim", headers={"X-Forwarded-For": "198.51.100.9"})
            error_of(answer, 404, "not_found")
            assert "server" not in answer.headers
            error_of(client.post("/chat/sessions", json={"language": "de"}), 503, "unavailable")
    finally:
        process.send_signal(ending)
        out, err = process.communicate(timeout=20)
    assert process.returncode in (0, -ending)
    assert err == ""
    lines = [line for line in map(json.loads, out.splitlines()) if "path" in line]
    assert [(line["method"], line["path"], line["status"]) for line in lines] == [
        ("GET", "/", 200),
        ("GET", "(none)", 404),
        ("POST", "/chat/sessions", 503),
    ]
    known = {"time", "level", "logger", "request", "method", "path", "status", "ms"}
    assert all(set(line) == known for line in lines)
    for secret in ("Erika", "geheim", "198.51.100.9", "127.0.0.1:", SECRET):
        assert secret not in out
