"""Steps that many tests take."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx


def begin(client: httpx.Client, **headers: str) -> dict[str, str]:
    """Begin a session; gives the headers that go on with it."""
    answer = client.post("/chat/sessions", headers=headers)
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['session']}", **headers}


def begun(client: httpx.Client) -> tuple[dict[str, str], str]:
    """Begin a session; gives its headers and the sealed payload of the greeting's button."""
    answer = client.post("/chat/sessions").json()
    payload = answer["messages"][0]["buttons"][0]["payload"]
    return {"Authorization": f"Bearer {answer['session']}"}, payload


def say(client: httpx.Client, headers: dict[str, str] | httpx.Headers, **fields: Any) -> httpx.Response:
    return client.post("/chat/messages", headers=headers, json=fields)


def events(client: httpx.Client, headers: dict[str, str], **fields: Any) -> Iterator[tuple[str, dict[str, Any], float]]:
    """The server-sent events of an answer as they come: name, data and when, in seconds from the request on."""
    began = time.monotonic()
    headers = {**headers, "Accept": "text/event-stream"}
    with client.stream("POST", "/chat/messages", headers=headers, json=fields) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        rest = b""
        for part in answer.iter_raw():
            *whole, rest = (rest + part).split(b"\n\n")
            for event in whole:
                first, second = event.split(b"\n")
                name, data = first.removeprefix(b"event: "), second.removeprefix(b"data: ")
                yield name.decode(), json.loads(data), time.monotonic() - began
        assert not rest


def error_of(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The error of an answer, after checking that it has the one shape."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert set(answer.json()) == {"error"}
    error: dict[str, Any] = answer.json()["error"]
    assert {"code", "message"} <= set(error) <= {"code", "message", "retry_after"}
    assert error["code"] == code
    assert error["message"].endswith((".", "}."))
    assert "Traceback" not in answer.text
    assert answer.headers.get("retry-after") == (str(error["retry_after"]) if "retry_after" in error else None)
    return error
