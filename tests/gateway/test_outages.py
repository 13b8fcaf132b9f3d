from __future__ import annotations

import time

import httpx
import pytest

from smartcity.gateway import health

from ..ports import free_port
from .conftest import StartGateway
from .standin import StandIn
from .steps import begin, error_of, say


def _unavailable(answer: httpx.Response) -> None:
    error = error_of(answer, 503, "unavailable")
    assert error["retry_after"] == 5
    assert "www.krefeld.de" in error["message"]
    assert "02151 86-1085" in error["message"] and "markus.lewitzki@krefeld.de" in error["message"]


def test_rasa_down(start: StartGateway, gateway: httpx.Client) -> None:
    client = start(RASA_PORT=str(free_port()))
    headers = begin(gateway)
    began = time.monotonic()
    _unavailable(client.post("/chat/sessions"))
    _unavailable(say(client, headers, text="Hallo"))
    assert time.monotonic() - began < 1


def test_rasa_slow(start: StartGateway, rasa: StandIn) -> None:
    client = start(ANSWER_SECONDS="0.3")
    headers = begin(client)
    rasa.delay = 3
    began = time.monotonic()
    _unavailable(say(client, headers, text="Hallo"))
    assert time.monotonic() - began < 1
    rasa.delay = 0
    assert say(client, headers, text="Hallo").status_code == 200, "the next message works again"


@pytest.mark.parametrize("messages", [[], [None], ["text"], [[]], [{"text": "ja"}, 1], [{"text": "ja"}, "text"]])
def test_rasa_answers_nothing_that_can_be_read(gateway: httpx.Client, rasa: StandIn, messages: list[object]) -> None:
    headers = begin(gateway)
    rasa.messages = messages
    _unavailable(say(gateway, headers, text="Hallo"))
    _unavailable(gateway.post("/chat/sessions"))


def test_an_answer_that_was_cut_off_is_none(gateway: httpx.Client, rasa: StandIn) -> None:
    headers = begin(gateway)
    rasa.done = False
    _unavailable(say(gateway, headers, text="Hallo"))
    rasa.messages = []
    _unavailable(say(gateway, headers, text="Hallo"))


@pytest.mark.parametrize("status", [400, 404, 500, 502, 503])
def test_rasa_fails(gateway: httpx.Client, rasa: StandIn, status: int) -> None:
    headers = begin(gateway)
    rasa.status = status
    _unavailable(say(gateway, headers, text="Hallo"))


def test_secret_differs(start: StartGateway, caplog: pytest.LogCaptureFixture) -> None:
    client = start(SECRET="e" * 64)
    _unavailable(client.post("/chat/sessions"))
    assert "SMARTCITY_SECRET" in caplog.text


def test_unavailable_in_english(start: StartGateway) -> None:
    client = start(RASA_PORT=str(free_port()))
    assert "try again" in client.post("/chat/sessions", json={"language": "en"}).json()["error"]["message"]


class _Broken(httpx.AsyncBaseTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise RuntimeError(f"with a citizen's words: {request.content!r}")


def test_unexpected_failure_is_a_500_and_tells_nothing(start: StartGateway, caplog: pytest.LogCaptureFixture) -> None:
    client = start(transport=_Broken())
    answer = client.post("/chat/sessions", headers={"Origin": str(client.base_url)})
    error_of(answer, 500, "internal")
    assert "citizen" not in answer.text
    assert answer.headers["access-control-allow-origin"] == str(client.base_url)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "RuntimeError" in caplog.text
    assert "citizen" not in caplog.text
    assert "/greet" not in caplog.text


def test_health(gateway: httpx.Client) -> None:
    answer = gateway.get("/health")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert answer.json()["parts"] == {"gateway": "ok", "rasa": "ok", "actions": "ok"}
    assert answer.json()["version"]


def test_health_names_the_part_that_is_down(start: StartGateway, rasa: StandIn) -> None:
    rasa.health = {"rasa": "ok", "actions": "down"}
    answer = start().get("/health")
    assert answer.status_code == 503
    assert answer.json()["status"] == "degraded"
    assert answer.json()["parts"] == {"gateway": "ok", "rasa": "ok", "actions": "down"}

    answer = start(RASA_PORT=str(free_port())).get("/health")
    assert answer.status_code == 503
    assert answer.json()["parts"] == {"gateway": "ok", "rasa": "down", "actions": "unknown"}


def test_what_is_back_is_seen_at_once_and_what_is_fine_is_not_asked_for_again(
    start: StartGateway, rasa: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "FRESH_SECONDS", 3600.0)
    client = start()
    rasa.health = {"rasa": "down", "actions": "down"}
    assert client.get("/health").status_code == 503
    rasa.health = {"rasa": "ok", "actions": "ok"}
    end = time.monotonic() + 20
    while client.get("/health").status_code != 200 and time.monotonic() < end:
        time.sleep(0.05)
    rasa.health = {"rasa": "down", "actions": "down"}
    assert client.get("/health").status_code == 200


def test_health_does_not_hang(start: StartGateway, rasa: StandIn) -> None:
    rasa.delay = 10
    began = time.monotonic()
    assert start().get("/health").json()["parts"]["rasa"] == "down"
    assert time.monotonic() - began < 3
