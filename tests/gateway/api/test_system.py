"""The interface with the real Rasa behind it: what reaches the database, and content as the assistant knows it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from smartcity.gateway.api.keys import SCOPES, ApiKeys
from smartcity.settings import read_settings

from ...system import RunningSystem
from ..steps import error_of
from .conftest import CITY
from .steps import begin, say

pytestmark = pytest.mark.system
REFERENCE = "Erika-Mustermann-0151234567"
QUESTION = "Gibt es den KRuiser noch?"


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("system")


@pytest.fixture(scope="module")
def whole(var: Path) -> Iterator[httpx.Client]:
    _, key = ApiKeys(read_settings({"SMARTCITY_VAR": str(var)})).create("app-1", SCOPES, None, 100_000)
    system = RunningSystem(var)
    try:
        system.wait_until_healthy()
        headers = {"Authorization": f"Bearer {key}"}
        with httpx.Client(base_url=system.address, headers=headers, timeout=20, trust_env=False) as client:
            yield client
    finally:
        left = system.stop()
    assert not left


def _stored(var: Path) -> list[tuple[str, dict[str, Any]]]:
    """Sender and content of every event."""
    with closing(sqlite3.connect(var / "conversations.db")) as connection:
        return [(sender, json.loads(data)) for sender, data in connection.execute("SELECT sender_id, data FROM events")]


def test_a_conversation_is_held_rated_and_deleted(whole: httpx.Client, var: Path) -> None:
    place = begin(whole, user=REFERENCE)
    [message, *_] = say(whole, place, text=QUESTION).json()["messages"]
    assert message["answer"] == "initiative/kruiser/status" and message["source"]["url"]
    pressed = say(whole, place, payload=message["buttons"][0]["payload"]).json()["messages"]
    assert pressed[0]["answer"].startswith("initiative/kruiser/")
    rating = {"message": message["id"], "rating": "up"}
    assert whole.post(f"{place}/feedback", json=rating).status_code == 204
    error_of(whole.post(f"{place}/feedback", json={**rating, "message": "x"}), 404, "unknown_message")

    senders = {sender for sender, _ in _stored(var)}
    assert len(senders) == 1 and senders.pop().startswith("api:")
    assert any(data.get("input_channel") == "api" for _, data in _stored(var))
    assert whole.delete(place).status_code == 204
    assert _stored(var) == []
    error_of(say(whole, place, text=QUESTION), 404, "unknown_conversation")
    assert _stored(var) == []
    assert not any(REFERENCE.encode() in path.read_bytes() for path in var.rglob("*") if path.is_file())


def test_typed_text_never_becomes_an_intent(whole: httpx.Client, var: Path) -> None:
    place = begin(whole)
    assert say(whole, place, text="/restart").status_code == 200
    assert not any(data["event"] == "restart" for _, data in _stored(var))


def test_forged_requests_leave_no_event(whole: httpx.Client, var: Path) -> None:
    place, before = begin(whole), _stored(var)
    wrong = {"Authorization": f"Bearer krefeld_{'0' * 12}_{'A' * 43}"}
    error_of(say(whole, place, wrong, text=QUESTION), 401, "bad_api_key")
    error_of(whole.post("/api/v1/conversations", headers=wrong), 401, "bad_api_key")
    error_of(say(whole, place[:-1] + ("A" if place[-1] != "A" else "B"), text=QUESTION), 404, "unknown_conversation")
    error_of(say(whole, place, payload="/restart"), 400, "bad_payload")
    assert _stored(var) == before


@pytest.mark.parametrize("language", ["de", "en", "de-simple"])
def test_content_is_what_the_assistant_knows(whole: httpx.Client, language: str) -> None:
    answer = whole.get("/api/v1/content", params={"language": language})
    assert answer.status_code == 200 and answer.json() == CITY[language]
    tag = {"If-None-Match": answer.headers["etag"]}
    assert whole.get("/api/v1/content", params={"language": language}, headers=tag).status_code == 304
