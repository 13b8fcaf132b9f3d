from __future__ import annotations

import httpx
import pytest

from .conftest import StartGateway
from .standin import StandIn
from .steps import begin, error_of

KREFELD = "https://www.krefeld.de"
FOREIGN = [
    "https://evil.example",
    "https://www.krefeld.de.evil.example",
    "https://evilwww.krefeld.de",
    "https://wwwxkrefeld.de",
    "http://www.krefeld.de",
    "https://www.krefeld.de:8443",
    "https://krefeld.de",
    "https://www.krefeld.de/",
    "null",
    "",
    "http://127.0.0.1",
    "file://127.0.0.1",
]


@pytest.mark.parametrize("origin", FOREIGN)
def test_foreign_origins_are_refused(gateway: httpx.Client, rasa: StandIn, origin: str) -> None:
    for method, path in (("POST", "/chat/sessions"), ("POST", "/chat/messages"), ("GET", "/health")):
        answer = gateway.request(method, path, headers={"Origin": origin})
        error_of(answer, 403, "origin_not_allowed")
        assert "access-control-allow-origin" not in answer.headers
        assert "Origin" in answer.headers["vary"]
    preflight = gateway.options("/chat/messages", headers={"Origin": origin, "Access-Control-Request-Method": "POST"})
    error_of(preflight, 403, "origin_not_allowed")
    assert "access-control-allow-origin" not in preflight.headers
    assert not rasa.received


def test_two_origins_are_refused(gateway: httpx.Client) -> None:
    headers = [("Origin", KREFELD), ("Origin", "https://evil.example")]
    error_of(gateway.post("/chat/sessions", headers=headers), 403, "origin_not_allowed")


def test_allowed_origins_get_cors_answers(gateway: httpx.Client) -> None:
    for origin in (KREFELD, str(gateway.base_url)):
        answer = gateway.post("/chat/sessions", headers={"Origin": origin})
        assert answer.status_code == 201
        assert answer.headers["access-control-allow-origin"] == origin
        assert "Origin" in answer.headers["vary"]
        assert "access-control-allow-credentials" not in answer.headers


def test_errors_can_be_read_by_allowed_origins(gateway: httpx.Client) -> None:
    answer = gateway.post("/chat/messages", headers={"Origin": KREFELD}, json={})
    error_of(answer, 401, "no_session")
    assert answer.headers["access-control-allow-origin"] == KREFELD
    assert answer.headers["access-control-expose-headers"] == "Retry-After"


def test_preflight(gateway: httpx.Client) -> None:
    asked = {
        "Origin": KREFELD,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
    }
    for path in ("/chat/messages", "/chat/sessions", "/chat/feedback"):
        answer = gateway.options(path, headers=asked)
        assert answer.status_code == 204
        assert answer.headers["access-control-allow-origin"] == KREFELD
        assert set(answer.headers["access-control-allow-methods"].split(", ")) == {"GET", "POST", "DELETE"}
        assert set(answer.headers["access-control-allow-headers"].split(", ")) == {
            "authorization",
            "content-type",
            "idempotency-key",
        }
        assert "Origin" in answer.headers["vary"]


def test_without_origin_nothing_is_allowed_or_refused(gateway: httpx.Client) -> None:
    begin(gateway)
    answer = gateway.get("/")
    assert "access-control-allow-origin" not in answer.headers
    assert "Origin" in answer.headers["vary"]


def test_own_origin_by_host(start: StartGateway) -> None:
    client = start(TRUSTED_PROXIES="127.0.0.1")

    def status(origin: str, **headers: str) -> int:
        return client.post(
            "/chat/sessions", headers={"Host": "chat.krefeld.de", "Origin": origin, **headers}
        ).status_code

    https = {"X-Forwarded-Proto": "https"}
    assert status("https://chat.krefeld.de", **https) == 201
    assert status("http://chat.krefeld.de", **https) == 403, "a page over http may not use a chat over https"
    assert status("https://chat.krefeld.de") == 201, "a proxy that does not tell its scheme"
    assert status("https://other.krefeld.de", **https) == 403
