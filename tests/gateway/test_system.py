"""The edge with the real Rasa behind it: streaming, feedback and deletion as they reach the database."""

from __future__ import annotations

import json
import random
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from ..system import RunningSystem
from .steps import begin, error_of, events, say

pytestmark = pytest.mark.system
SECRET = "Mein Nachbar Otto Beispiel hat Schulden, und was kostet der KRuiser?"


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("system")


@pytest.fixture(scope="module")
def whole(var: Path) -> Iterator[httpx.Client]:
    system = RunningSystem(var)
    try:
        system.wait_until_healthy()
        with httpx.Client(base_url=system.address, timeout=20, trust_env=False) as client:
            yield client
    finally:
        left = system.stop()
    assert not left


def _stored(var: Path) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(var / "conversations.db")) as connection:
        return [json.loads(data) for (data,) in connection.execute("SELECT data FROM events ORDER BY id")]


def _ratings(var: Path) -> list[Any]:
    return [event["value"] for event in _stored(var) if event["event"] == "slot" and event["name"] == "feedback"]


def test_a_streamed_answer_is_the_same_as_a_plain_one(whole: httpx.Client) -> None:
    headers = begin(whole)
    *streamed, (last, _, _) = events(whole, headers, text="Gibt es den KRuiser noch?")
    assert last == "done"
    plain = say(whole, begin(whole), text="Gibt es den KRuiser noch?").json()["messages"]
    for (name, message, _), other in zip(streamed, plain, strict=True):
        assert name == "message"
        assert message["text"] == other["text"]
        assert message["id"] and message["id"] != other["id"], "every message has an id of its own"
    assert streamed[0][1]["kind"] == "answer"


def test_the_same_key_is_one_turn_in_the_conversation(whole: httpx.Client, var: Path) -> None:
    headers = {**begin(whole), "Idempotency-Key": "k-1"}
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: say(whole, headers, text="Eine Frage, fünfmal gesendet"), range(5)))
    assert len({answer.text for answer in answers}) == 1
    said = [event for event in _stored(var) if event.get("text") == "Eine Frage, fünfmal gesendet"]
    assert len(said) == 1


def test_feedback_on_a_message_reaches_the_database_and_changes_no_answer(whole: httpx.Client, var: Path) -> None:
    headers, other = begin(whole), begin(whole)
    [message, *_] = say(whole, headers, text="Was ist der KReathon?").json()["messages"]
    told = {"message": message["id"], "rating": "down", "comment": "zu kurz"}
    assert whole.post("/chat/feedback", headers=headers, json=told).status_code == 204
    assert _ratings(var)[-2:] == [told, None]
    foreign = whole.post("/chat/feedback", headers=other, json=told)
    error_of(foreign, 404, "unknown_message")
    assert whole.post("/chat/feedback", headers=headers, json={"rating": "4"}).status_code == 204
    assert _ratings(var)[-2] == {"message": None, "rating": "4", "comment": None}
    [follow_up, *_] = say(whole, headers, text="Und was kostet das?").json()["messages"]
    assert follow_up["answer"] == "initiative/kreathon/cost"
    error_of(say(whole, other, text=""), 422, "blank")


def test_whatever_is_under_way_a_deleted_conversation_leaves_nothing(whole: httpx.Client, var: Path) -> None:
    """Messages before, during and after the deletion, at every distance from it; not a byte of them is left."""
    dice = random.Random(1)

    def conversation(number: int) -> None:
        headers = begin(whole)
        assert say(whole, headers, text=SECRET).status_code == 200
        with ThreadPoolExecutor(4) as pool:
            late = []
            for turn in range(3):
                keyed = {**headers, "Idempotency-Key": f"k-{turn}"}
                late.append(pool.submit(say, whole, keyed, text=SECRET))
                time.sleep(dice.random() * 0.006)
            late.append(pool.submit(whole.post, "/chat/feedback", headers=headers, json={"rating": "1"}))
            assert whole.delete("/chat/sessions", headers=headers).status_code == 204
            statuses = {answer.result().status_code for answer in late}
        assert statuses <= {200, 204, 401}, statuses
        error_of(say(whole, headers, text=SECRET), 401, "session_ended")

    for number in range(25):
        conversation(number)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(conversation, range(25, 45)))
    assert not [event for event in _stored(var) if SECRET in json.dumps(event, ensure_ascii=False)]
    for path in var.iterdir():
        if path.is_file():
            assert b"Otto Beispiel" not in path.read_bytes(), path.name
