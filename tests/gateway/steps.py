"""Steps that many tests take."""

from __future__ import annotations

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
