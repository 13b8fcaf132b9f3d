"""Rasa's own HTTP API is closed, and Rasa listens on loopback alone."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from ..system import RunningSystem

CLOSED = (
    ("GET", "/model/parse"),
    ("POST", "/model/parse"),
    ("PUT", "/model"),
    ("DELETE", "/model"),
    ("POST", "/model/train"),
    ("GET", "/status"),
    ("GET", "/version"),
    ("GET", "/domain"),
    ("GET", "/conversations/web:1/tracker"),
    ("POST", "/conversations/web:1/messages"),
    ("POST", "/conversations/web:1/execute"),
    ("POST", "/webhooks/rest/webhook"),
    ("GET", "/webhooks/rest/"),
    ("POST", "/webhooks/callback/webhook"),
)


@pytest.fixture
def rasa(running: RunningSystem) -> int:
    """The port of Rasa in the running assistant."""
    return int(running.settings["SMARTCITY_RASA_PORT"])


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_there_is_no_such_route(rasa: int, method: str, path: str) -> None:
    answer = httpx.request(method, f"http://127.0.0.1:{rasa}{path}", json={}, trust_env=False, timeout=20)
    assert answer.status_code in (404, 405), path


@pytest.mark.parametrize("path", ["/webhook", "/feedback", "/forget"])
def test_the_one_channel_wants_its_secret(rasa: int, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer " + "0" * 64}):
        answer = httpx.post(
            f"http://127.0.0.1:{rasa}/webhooks/internal{path}", json={"sender": "web:1", "text": "Hallo"},
            headers=headers, trust_env=False, timeout=20,
        )  # fmt: skip
        assert answer.status_code == 401


def test_only_loopback_is_listened_on(rasa: int) -> None:
    lines = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    listening = {where for _, where, _, state, *_ in lines if state == "0A"}
    assert {where[:8] for where in listening if int(where[9:], 16) == rasa} == {"0100007F"}
