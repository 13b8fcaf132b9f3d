from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from .conftest import StartGateway
from .standin import StandIn
from .steps import begin, error_of, say

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "json"])
def test_other_content_types_are_refused(gateway: httpx.Client, rasa: StandIn, kind: str) -> None:
    headers = {**begin(gateway), "Content-Type": kind}
    error_of(gateway.post("/chat/messages", headers=headers, content=b'{"text": "x"}'), 415, "not_json")
    error_of(gateway.post("/chat/sessions", headers=headers, content=b'{"language": "de"}'), 415, "not_json")
    assert len(rasa.received) == 1


def test_content_type_may_name_its_charset(gateway: httpx.Client) -> None:
    headers = {**begin(gateway), "Content-Type": "Application/JSON; charset=utf-8"}
    assert gateway.post("/chat/messages", headers=headers, content=b'{"text": "x"}').status_code == 200


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"text": "x"', b"text=x", b'{"text": "\xff"}', b"[" * 15000, b"{\"text\": 'x'}", b"1" * 9000]
)
def test_malformed_json_is_refused(gateway: httpx.Client, body: bytes) -> None:
    error_of(gateway.post("/chat/messages", headers={**begin(gateway), **JSON}, content=body), 400, "malformed_json")


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"null", b"1", b"true"])
def test_json_that_is_no_object_is_refused(gateway: httpx.Client, body: bytes) -> None:
    for path in ("/chat/messages", "/chat/sessions"):
        error_of(gateway.post(path, headers={**begin(gateway), **JSON}, content=body), 422, "not_an_object")


@pytest.mark.parametrize("key", ["message", "metadata", "sender", "TEXT", "", "x" * 900, "é\n<b>"])
def test_unknown_key_is_named(gateway: httpx.Client, rasa: StandIn, key: str) -> None:
    error = error_of(say(gateway, begin(gateway), text="x", **{key: "y"}), 422, "unknown_key")
    assert "text, payload, language" in error["message"]
    assert len(error["message"]) < 160
    error = error_of(gateway.post("/chat/sessions", json={"lang": "de"}), 422, "unknown_key")
    assert "'lang'" in error["message"]
    assert len(rasa.received) == 1


def test_unknown_key_of_half_a_surrogate_pair_is_refused(gateway: httpx.Client) -> None:
    headers = {**begin(gateway), **JSON}
    error_of(gateway.post("/chat/messages", headers=headers, content=b'{"\\ud800": "x"}'), 422, "unknown_key")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "text_or_payload"),
        ({"language": "de"}, "text_or_payload"),
        ({"text": "a", "payload": "b"}, "text_or_payload"),
        ({"text": 1}, "wrong_type"),
        ({"text": None}, "wrong_type"),
        ({"payload": ["/x"]}, "wrong_type"),
        ({"text": "a", "language": 7}, "wrong_type"),
        ({"text": "a", "language": "fr"}, "unknown_language"),
        ({"text": "a", "language": ""}, "unknown_language"),
        ({"text": ""}, "blank"),
        ({"text": " \n\t "}, "blank"),
        ({"text": "\x00\x1f\x7f"}, "blank"),
        ({"text": "\u200b\u00a0\ufeff"}, "blank"),
        ({"text": "a" * 1001}, "too_long"),
    ],
)
def test_unfit_fields_are_refused(gateway: httpx.Client, rasa: StandIn, fields: dict[str, Any], code: str) -> None:
    error_of(say(gateway, begin(gateway), **fields), 422, code)
    assert len(rasa.received) == 1


def test_longest_text_passes_and_its_length_is_told(start: StartGateway) -> None:
    client = start(MAX_TEXT="5")
    headers = begin(client)
    assert say(client, headers, text="äöü😀!").status_code == 200
    assert "5" in error_of(say(client, headers, text="äöü😀!?"), 422, "too_long")["message"]


def test_errors_speak_the_language_of_the_request(gateway: httpx.Client) -> None:
    headers = begin(gateway)
    assert "Please" in error_of(say(gateway, headers, text="", language="en"), 422, "blank")["message"]
    assert "Bitte" in error_of(say(gateway, headers, text=""), 422, "blank")["message"]
    english = gateway.get("/nowhere", headers={"Accept-Language": "fr, en-GB;q=0.8, de;q=0.5"})
    assert "no such page" in error_of(english, 404, "not_found")["message"]
    assert "Seite" in error_of(gateway.get("/nowhere"), 404, "not_found")["message"]


@pytest.mark.parametrize("path", ["/chat/messages", "/chat/sessions"])
def test_large_body_is_refused(gateway: httpx.Client, rasa: StandIn, path: str) -> None:
    headers = begin(gateway)
    content = json.dumps({"text": "x" * 17000}).encode()
    answer = gateway.post(path, headers={**headers, **JSON}, content=content)
    error_of(answer, 413, "body_too_large")
    assert answer.headers["connection"] == "close"

    def chunks() -> Iterator[bytes]:
        for start in range(0, len(content), 4096):
            yield content[start : start + 4096]

    error_of(gateway.post(path, headers={**headers, **JSON}, content=chunks()), 413, "body_too_large")
    assert len(rasa.received) == 1


def test_endless_body_is_cut_off_early(gateway: httpx.Client) -> None:
    """Chunked, without a length, and never ending: answered when the limit is passed, then closed."""
    token = begin(gateway)["Authorization"]
    url = gateway.base_url
    with socket.create_connection((url.host, url.port or 80), timeout=5) as connection:
        head = f"POST /chat/messages HTTP/1.1\r\nHost: {url.host}\r\nAuthorization: {token}\r\n"
        connection.sendall(f"{head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        for _ in range(5):
            connection.sendall(b"1000\r\n" + b" " * 0x1000 + b"\r\n")
        answer = b""
        while part := connection.recv(65536):
            answer += part
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"code":"body_too_large"' in answer


def test_announced_large_body_is_refused_before_it_comes(gateway: httpx.Client) -> None:
    url = gateway.base_url
    with socket.create_connection((url.host, url.port or 80), timeout=5) as connection:
        head = f"POST /chat/sessions HTTP/1.1\r\nHost: {url.host}\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Content-Length: 1000000\r\n\r\n".encode())
        began = time.monotonic()
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")
        assert time.monotonic() - began < 1
