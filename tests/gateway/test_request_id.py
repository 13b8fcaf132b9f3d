from __future__ import annotations

import re

import httpx

from .conftest import StartGateway
from .steps import begin, say

GIVEN = "0123456789abcdef0123456789abcdef"


def test_every_answer_has_an_id_of_ours_and_nobody_chooses_it(gateway: httpx.Client) -> None:
    headers = begin(gateway)
    answers = [
        gateway.get("/"),
        gateway.get("/nowhere"),
        say(gateway, headers, text="Hallo"),
        say(gateway, headers, text=""),
        gateway.post("/chat/sessions", headers={"Origin": "https://evil.example"}),
    ]
    ids = [answer.headers["x-request-id"] for answer in answers]
    assert all(re.fullmatch(r"[0-9a-f]{16}", one) for one in ids) and len(set(ids)) == len(ids)
    assert gateway.get("/", headers={"X-Request-Id": GIVEN}).headers["x-request-id"] != GIVEN


def test_a_trusted_proxy_names_it(start: StartGateway) -> None:
    client = start(TRUSTED_PROXIES="127.0.0.1")
    assert client.get("/", headers={"X-Request-Id": GIVEN}).headers["x-request-id"] == GIVEN
    named = client.get("/", headers={"X-Request-Id": "Erika Beispiel"}).headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{16}", named)
