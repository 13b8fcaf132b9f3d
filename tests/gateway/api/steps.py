"""Steps that many tests of the interface take."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx

BEGIN = "/api/v1/conversations"


def begin(client: httpx.Client, headers: dict[str, str] | None = None, **fields: str) -> str:
    """Begin a conversation; its address."""
    answer = client.post(BEGIN, json=fields, headers=headers)
    assert answer.status_code == 201, answer.text
    return f"{BEGIN}/{answer.json()['id']}"


def say(client: httpx.Client, place: str, headers: dict[str, str] | None = None, **fields: Any) -> httpx.Response:
    return client.post(f"{place}/messages", json=fields, headers=headers)


def fetch(client: httpx.Client, place: str, after: int = 0) -> list[dict[str, Any]]:
    answer = client.get(f"{place}/messages", params={"after": after})
    assert answer.status_code == 200, answer.text
    exchanges: list[dict[str, Any]] = answer.json()["exchanges"]
    return exchanges


def eventually(held: Callable[[], object], seconds: float = 10) -> None:
    """Wait until it holds."""
    end = time.monotonic() + seconds
    while not held():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)
