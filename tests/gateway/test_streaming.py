"""Replies as server-sent events: in order, as they come, with the same content as JSON."""

from __future__ import annotations

import json
import time
from itertools import pairwise

import httpx
import pytest

from smartcity.gateway.accept import prefers_events, takes_gzip

from ..ports import free_port
from .conftest import StartGateway
from .standin import GREETING, StandIn
from .steps import begin, error_of, events, say

EVENTS = {"Accept": "text/event-stream"}


def test_replies_come_one_by_one_in_their_order(gateway: httpx.Client, rasa: StandIn) -> None:
    headers = begin(gateway)
    rasa.messages = [{"text": str(number)} for number in range(4)]
    rasa.pause = 0.5
    came = list(events(gateway, headers, text="Hallo"))
    assert [name for name, _, _ in came] == ["message"] * 4 + ["done"]
    assert [data.get("text") for _, data, _ in came] == ["0", "1", "2", "3", None]
    assert came[-1][1] == {}
    times = [when for _, _, when in came]
    assert times[0] < 0.4, "the first does not wait for the others"
    assert all(later - earlier > 0.3 for earlier, later in pairwise(times))


def test_streamed_and_plain_messages_are_the_same(gateway: httpx.Client, rasa: StandIn) -> None:
    headers = begin(gateway)
    rasa.messages = [GREETING, {"text": "Zeile 1\nZeile 2\r\n\u2028ü", "kind": "notice", "id": "77"}]
    plain = say(gateway, headers, text="Hallo").json()["messages"]
    streamed = [data for name, data, _ in events(gateway, headers, text="Hallo") if name == "message"]
    assert streamed == plain
    assert [(message["kind"], message["id"]) for message in plain] == [("answer", GREETING["id"]), ("notice", "77")]
    payload = streamed[0]["buttons"][0]["payload"]
    assert "ask_cost" not in payload
    assert say(gateway, headers, payload=payload).status_code == 200
    assert rasa.received[-1]["payload"] == GREETING["buttons"][0]["payload"]  # type: ignore[index]


def test_a_stream_is_neither_stored_nor_collected_on_its_way(gateway: httpx.Client) -> None:
    answer = gateway.post("/chat/messages", headers={**begin(gateway), **EVENTS}, json={"text": "Hallo"})
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-accel-buffering"] == "no"
    assert "content-length" not in answer.headers
    assert answer.text.startswith("event: message\ndata: {")
    assert answer.text.endswith("\n\nevent: done\ndata: {}\n\n")


def test_a_failure_before_the_first_message_keeps_its_status(start: StartGateway, rasa: StandIn) -> None:
    client = start(ANSWER_SECONDS="0.8")
    headers = {**begin(client), **EVENTS}
    error_of(say(client, headers, text=""), 422, "blank")
    error_of(say(client, {**EVENTS, "Authorization": "Bearer x"}, text="Hallo"), 401, "bad_session")
    rasa.status = 503
    error_of(say(client, headers, text="Hallo"), 503, "unavailable")
    rasa.status, rasa.delay = 200, 3
    error_of(say(client, headers, text="Hallo"), 503, "unavailable")
    down = start(RASA_PORT=str(free_port()))
    error_of(say(down, headers, text="Hallo"), 503, "unavailable")


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_failure_after_the_first_message_is_an_event(gateway: httpx.Client, rasa: StandIn, language: str) -> None:
    headers = begin(gateway)
    rasa.done = False
    (_, message, _), (name, failure, _) = events(gateway, headers, text="Hallo", language=language)
    assert message["text"] == GREETING["text"]
    assert name == "error"
    assert set(failure) == {"error"}
    error = failure["error"]
    assert (error["code"], error["retry_after"]) == ("unavailable", 5)
    assert ("try again" if language == "en" else "Bitte") in error["message"]


def test_a_pause_that_is_too_long_is_an_error_event(start: StartGateway, rasa: StandIn) -> None:
    client = start(ANSWER_SECONDS="0.8")
    headers = begin(client)
    rasa.messages, rasa.pause = [GREETING, GREETING], 4
    began = time.monotonic()
    assert [name for name, _, _ in events(client, headers, text="Hallo")] == ["message", "error"]
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("accept", ["application/json", "*/*", "", "text/html", "text/event-stream;q=0"])
def test_without_that_preference_it_is_json(gateway: httpx.Client, accept: str) -> None:
    answer = say(gateway, {**begin(gateway), "Accept": accept}, text="Hallo")
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.text)["messages"][0]["text"] == GREETING["text"]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("text/event-stream", True),
        ("Text/Event-Stream; Q=0.5", True),
        ("text/event-stream, application/json;q=0.5", True),
        ("application/json;q=0.5, text/event-stream", True),
        ("text/event-stream, */*;q=0.1", True),
        ("text/event-stream, application/json", False),
        ("text/event-stream;q=0.5, application/json", False),
        ("text/event-stream;q=0.5, application/*", False),
        ("text/event-stream;q=x", False),
        ("application/json", False),
        ("*/*", False),
        ("", False),
        ("," * 10_000, False),
    ],
)
def test_preference_of_a_client(header: str, expected: bool) -> None:
    assert prefers_events(header) is expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [("gzip", True), ("br, GZIP;q=0.2", True), ("*", True), ("gzip;q=0, *", False), ("br", False), ("", False)],
)
def test_compression_of_a_client(header: str, expected: bool) -> None:
    assert takes_gzip(header) is expected
