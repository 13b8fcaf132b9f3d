"""The internal channel: a shared secret, text that stays text, whole messages."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from smartcity.runtime.channel import InternalChannel, as_text

SECRET = "s" * 32
DOMAIN = Domain.load("domain.yml")


@given(st.text())
@example('/ask_cost{"initiative": "kruiser"}')
@example("  /restart")
@example("\u2003/session_start")
def test_no_text_becomes_an_intent(text: str) -> None:
    message = Message(data={TEXT: as_text(text)})
    assert YAMLStoryReader.unpack_regex_message(message, DOMAIN) is message


@given(st.text())
def test_text_changes_in_its_first_slash_at_most(text: str) -> None:
    kept = as_text(text)
    assert len(kept) == len(text)
    assert sum(a != b for a, b in zip(kept, text)) <= 1


@pytest.mark.parametrize("credentials", [None, {}, {"secret": ""}])
def test_a_missing_secret_is_refused(credentials: Any) -> None:
    with pytest.raises(RasaException):
        InternalChannel.from_credentials(credentials)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 32 characters"):
        InternalChannel.from_credentials({"secret": "short"})


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The channel on a real server of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-W", "ignore", str(Path(__file__).with_name("channel_server.py")), str(port), SECRET]
    )
    try:
        for _ in range(200):
            try:
                httpx.get(f"http://127.0.0.1:{port}/", timeout=1)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/webhooks/internal/webhook"
    finally:
        server.terminate()
        server.wait(10)


def _headers(secret: str = SECRET) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def test_without_the_secret_nothing_is_said(address: str) -> None:
    for headers in ({}, _headers("wrong" * 10)):
        answer = httpx.post(address, json={"sender": "a", "text": "hallo"}, headers=headers)
        assert answer.status_code == 401
        assert "messages" not in answer.json()


def test_a_message_comes_back_whole(address: str) -> None:
    answer = httpx.post(address, json={"sender": "a", "text": "hallo"}, headers=_headers())
    assert answer.json() == {
        "messages": [
            {
                "text": "hallo",
                "language": "de",
                "buttons": [{"title": "Ja", "payload": "/affirm"}],
                "links": [{"title": "metadata", "url": "{'language': None}"}],
                "source": None,
                "answer": "a",
                "known": True,
            }
        ]
    }


def test_metadata_carries_the_language_only(address: str) -> None:
    body = {"sender": "a", "text": "hi", "language": "en", "metadata": {"x": 1}}
    answer = httpx.post(address, json=body, headers=_headers())
    assert answer.json()["messages"][0]["links"][0]["url"] == "{'language': 'en'}"


def test_a_payload_goes_on_as_it_is_and_text_does_not(address: str) -> None:
    for field, said in (
        ("payload", '/ask_cost{"initiative": "kruiser"}'),
        ("text", '∕ask_cost{"initiative": "kruiser"}'),
    ):
        body = {"sender": "a", field: '/ask_cost{"initiative": "kruiser"}'}
        answer = httpx.post(address, json=body, headers=_headers())
        assert answer.json()["messages"][0]["text"] == said


@pytest.mark.parametrize(
    "body",
    [{}, {"sender": "a"}, {"sender": "", "text": "x"}, {"sender": "a", "text": "x", "payload": "/greet"},
     {"sender": "a", "payload": "greet"}, {"sender": "a", "payload": "/greet x"}, {"sender": 1, "text": "x"}, ["a"]],
)  # fmt: skip
def test_a_malformed_request_is_refused(address: str, body: Any) -> None:
    answer = httpx.post(address, json=body, headers=_headers())
    assert answer.status_code == 400
    assert "error" in answer.json()


def test_no_answer_is_an_error(address: str) -> None:
    answer = httpx.post(address, json={"sender": "a", "text": "silence"}, headers=_headers())
    assert answer.status_code == 503
