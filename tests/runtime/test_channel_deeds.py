"""What the internal channel does with a conversation from outside its turns: feedback and deletion."""

from __future__ import annotations

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from .channel_client import lines, say, stored


def _rate(channel: httpx.Client, sender: str, message: str | None, rating: str = "up", **more: Any) -> int:
    return channel.post("/feedback", json={"sender": sender, "message": message, "rating": rating, **more}).status_code


def _ratings(database: Path, sender: str) -> list[Any]:
    return [event["value"] for event in stored(database, sender, "slot") if event["name"] == "feedback"]


def test_feedback_is_stored_with_the_conversation_and_the_slot_is_empty_again(
    channel: httpx.Client, database: Path
) -> None:
    say(channel, "rated", "hallo")
    assert _rate(channel, "rated", "id of hallo", comment="gut!") == 204
    assert _rate(channel, "rated", None, "5") == 204
    assert _ratings(database, "rated") == [
        {"message": "id of hallo", "rating": "up", "comment": "gut!"},
        None,
        {"message": None, "rating": "5", "comment": None},
        None,
    ]
    assert lines(say(channel, "rated", "und weiter"))[-1] == {"done": True}
    assert [event["text"] for event in stored(database, "rated", "bot")] == ["hallo", "und weiter"]


def test_a_message_of_an_earlier_session_may_be_rated(channel: httpx.Client, database: Path) -> None:
    say(channel, "old", "hallo")
    say(channel, "old", "a new session")
    say(channel, "old", "später")
    assert _rate(channel, "old", "id of hallo", "down") == 204
    assert _rate(channel, "old", "id of später", "down") == 204
    assert [value["message"] for value in _ratings(database, "old") if value] == ["id of hallo", "id of später"]


@pytest.mark.parametrize(
    ("sender", "message"), [("nobody", None), ("nobody", "id of hallo"), ("mine", "id of yours"), ("mine", "")]
)
def test_what_is_not_there_is_not_rated(
    channel: httpx.Client, database: Path, sender: str, message: str | None
) -> None:
    say(channel, "mine", "hallo")
    say(channel, "yours", "yours")
    assert _rate(channel, sender, message) == 404
    assert _ratings(database, sender) == []


@pytest.mark.parametrize(
    "body",
    [{}, {"sender": "mine"}, {"rating": "up"}, {"sender": "mine", "rating": 5}, {"sender": 1, "rating": "up"},
     {"sender": "mine", "rating": "up", "message": 1}, {"sender": "mine", "rating": "up", "comment": ["x"]}, []],
)  # fmt: skip
def test_malformed_feedback_is_refused(channel: httpx.Client, body: Any) -> None:
    assert channel.post("/feedback", json=body).status_code == 400


def test_feedback_waits_for_the_turn(channel: httpx.Client, database: Path) -> None:
    say(channel, "waits", "hallo")
    with ThreadPoolExecutor(1) as pool:
        turn = pool.submit(say, channel, "waits", "slow")
        time.sleep(0.2)
        assert _rate(channel, "waits", "id of and on") == 204
        assert lines(turn.result())[-1] == {"done": True}
    assert [value["message"] for value in _ratings(database, "waits") if value] == ["id of and on"]
    assert [event["text"] for event in stored(database, "waits", "bot")] == ["hallo", "slow", "and on"]


def _forget(channel: httpx.Client, sender: str) -> int:
    return channel.post("/forget", json={"sender": sender}).status_code


def _traces(database: Path, text: str) -> list[str]:
    """Files of the database in whose bytes the text stands."""
    files = database.parent.glob(database.name + "*")
    return [path.name for path in files if text.encode() in path.read_bytes()]


def test_a_deleted_conversation_leaves_no_byte_behind(channel: httpx.Client, database: Path) -> None:
    secret = "Mein Nachbar Otto Beispiel hat Schulden"
    for number in range(40):
        # Long ones move to pages of their own, and others move when a page is full.
        say(channel, "deleted", f"{secret} {number} " + "x" * (number * 100))
        say(channel, "stays", f"bleibt {number}")
    assert _rate(channel, "deleted", None, "5", comment=secret) == 204
    assert _traces(database, secret)
    assert _forget(channel, "deleted") == 204
    assert _traces(database, secret) == []
    assert _traces(database, "deleted") == []
    assert len(stored(database, "stays", "bot")) == 40
    assert lines(say(channel, "stays", "hallo"))[-1] == {"done": True}
    assert _forget(channel, "deleted") == 204, "also when there is nothing"
    assert _forget(channel, "nobody") == 204
    assert channel.post("/forget", json={}).status_code == 400


def test_what_comes_after_the_deletion_does_not_begin_it_anew(channel: httpx.Client, database: Path) -> None:
    say(channel, "over", "hallo")
    assert _forget(channel, "over") == 204
    assert say(channel, "over", "hallo").status_code == 410
    assert _rate(channel, "over", None, "5") == 404
    assert stored(database, "over", "user") == []


@pytest.mark.parametrize("text", ["slow", "slower than its lock", "hallo"])
def test_turns_under_way_are_deleted_as_well(channel: httpx.Client, database: Path, text: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        for number in range(20 if text == "hallo" else 2):
            sender = f"race {text} {number}"
            turns = [pool.submit(say, channel, sender, text) for _ in range(1 if "lock" in text else 3)]
            time.sleep(number * 0.001 if text == "hallo" else 0.2)
            assert _forget(channel, sender) == 204
            assert stored(database, sender, "user") == []
            assert {turn.result().status_code for turn in turns} <= {200, 410}
            assert stored(database, sender, "user") == []


def test_a_deletion_is_done_though_nobody_waits_for_it(channel: httpx.Client, database: Path) -> None:
    say(channel, "impatient", "hallo")
    with ThreadPoolExecutor(1) as pool:
        turn = pool.submit(say, channel, "impatient", "slow")
        time.sleep(0.2)
        with pytest.raises(httpx.ReadTimeout):
            channel.post("/forget", json={"sender": "impatient"}, timeout=0.1)
        turn.result()
    time.sleep(0.5)
    assert stored(database, "impatient", "user") == []


def test_a_reader_of_the_database_is_no_reason_to_say_deleted(channel: httpx.Client, database: Path) -> None:
    """As long as another program reads an older state, SQLite keeps it in its log."""
    say(channel, "read", "Otto Beispiel liest mit")
    with closing(sqlite3.connect(database, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        say(channel, "other", "hallo")
        assert _forget(channel, "read") == 500
        assert _traces(database, "Otto Beispiel liest mit"), "the log keeps it"
        reader.execute("COMMIT")
    # Nobody asks again: it is emptied all the same.
    end = time.monotonic() + 30
    while _traces(database, "Otto Beispiel liest mit") and time.monotonic() < end:
        time.sleep(0.2)
    assert _traces(database, "Otto Beispiel liest mit") == []
    assert _forget(channel, "read") == 204


def test_nothing_is_said_again_of_a_deleted_conversation(channel: httpx.Client) -> None:
    lines(say(channel, "deleted again", "hallo", key="k1"))
    assert _forget(channel, "deleted again") == 204
    assert say(channel, "deleted again", "hallo", key="k1").status_code == 410
