"""Two processes with the internal channel on one PostgreSQL and one Redis: one turn a message, deletion, outages."""

from __future__ import annotations

import json
import secrets
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis as redis_client
import sqlalchemy as sa

from ..databases import postgresql_url
from ..ports import free_ports
from ..proxies import Proxy
from .channel_client import wait_until_it_listens
from .test_redis_locks import PORT, URL

SECRET = "s" * 32


@contextmanager
def _channel(database: str, *redis: str) -> Iterator[httpx.Client]:
    (port,) = free_ports(1)
    script = str(Path(__file__).with_name("channel_server.py"))
    server = subprocess.Popen([sys.executable, "-W", "ignore", script, str(port), SECRET, database, *redis])
    headers = {"Authorization": f"Bearer {SECRET}"}
    address = f"http://127.0.0.1:{port}/webhooks/internal"
    try:
        with httpx.Client(base_url=address, headers=headers, timeout=40, trust_env=False) as client:
            wait_until_it_listens(client)
            yield client
    finally:
        server.terminate()
        server.wait(10)


@dataclass
class Place:
    """Two channels, the way to what they share, and that itself."""

    first: httpx.Client
    second: httpx.Client
    postgresql: Proxy
    redis: Proxy
    engine: Any
    keys: Any

    def events(self, sender: str, kind: str = "user") -> list[dict[str, Any]]:
        query = sa.text("SELECT data FROM events WHERE sender_id = :sender AND type_name = :kind ORDER BY id")
        with self.engine.connect() as connection:
            return [json.loads(data) for (data,) in connection.execute(query, {"sender": sender, "kind": kind})]


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with ExitStack() as stack:
        url = sa.engine.make_url(stack.enter_context(postgresql_url()))
        postgresql = stack.enter_context(Proxy(url.port, url.host))
        redis = stack.enter_context(Proxy(PORT))
        through = url.set(host="127.0.0.1", port=postgresql.port).render_as_string(hide_password=False)
        shared = through, f"redis://127.0.0.1:{redis.port}/0"
        channels = [stack.enter_context(_channel(*shared)) for _ in range(2)]
        engine = sa.create_engine(url)
        stack.callback(engine.dispose)
        keys = stack.enter_context(closing(redis_client.Redis.from_url(URL)))
        yield Place(*channels, postgresql, redis, engine, keys)


@pytest.fixture
def sender() -> str:
    return f"web:{secrets.token_hex(8)}"


def _say(channel: httpx.Client, sender: str, text: str, **more: Any) -> httpx.Response:
    return channel.post("/webhook", json={"sender": sender, "text": text, **more})


def _texts(answer: httpx.Response) -> list[str]:
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert lines[-1] == {"done": True}
    return [line["message"]["text"] for line in lines[:-1]]


def test_a_conversation_goes_on_in_another_process(place: Place, sender: str) -> None:
    for number, channel in enumerate((place.first, place.second) * 3):
        assert _texts(_say(channel, sender, f"Frage {number}")) == [f"Frage {number}"]
    assert [event["text"] for event in place.events(sender)] == [f"Frage {number}" for number in range(6)]


def test_turns_of_one_conversation_never_mix(place: Place, sender: str) -> None:
    with ThreadPoolExecutor(12) as pool:
        said = [pool.submit(_say, (place.first, place.second)[n % 2], sender, f"Frage {n}") for n in range(24)]
        assert all(_texts(one.result()) for one in said)
    order = [event["text"] for event in place.events(sender)]
    assert sorted(order) == sorted(f"Frage {number}" for number in range(24))
    assert [event["text"] for event in place.events(sender, "bot")] == order, "each answer follows its question"


def test_a_message_that_is_sent_again_elsewhere_is_one_turn(place: Place, sender: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        said = [pool.submit(_say, channel, sender, "slow", key="k1") for channel in (place.first, place.second)]
        assert [_texts(one.result()) for one in said] == [["slow", "and on"]] * 2
    assert _texts(_say(place.first, sender, "slow", key="k1")) == ["slow", "and on"]
    assert len(place.events(sender)) == 1
    assert _say(place.second, sender, "otherwise", key="k1").status_code == 409
    assert _texts(_say(place.second, sender, "otherwise", key="k2")) == ["otherwise"]
    assert len(place.events(sender)) == 2


def test_a_turn_that_failed_may_be_tried_again(place: Place, sender: str) -> None:
    assert _say(place.first, sender, "broken", key="k1").status_code == 500
    assert _say(place.second, sender, "broken", key="k1").status_code == 500, "asked anew"
    assert not place.events(sender)


def test_deletion_reaches_turns_in_other_processes(place: Place, sender: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        turn = pool.submit(_say, place.first, sender, "slow", key="k1")
        while not place.keys.exists(f"smartcity:lock:{{{sender}}}"):
            time.sleep(0.005)
        assert place.second.post("/forget", json={"sender": sender}).status_code == 204
        turn.result()
    for channel in (place.first, place.second):
        assert _say(channel, sender, "noch da?", key="k2").status_code == 410
        rating = channel.post("/feedback", json={"sender": sender, "rating": "up"})
        assert rating.status_code == 404
    assert not place.events(sender)
    left = [key for key in place.keys.scan_iter(f"smartcity:*{sender}*") if not key.startswith(b"smartcity:deleted:")]
    assert not left


def test_without_the_database_turns_are_refused_and_go_on_when_it_is_back(place: Place, sender: str) -> None:
    assert _texts(_say(place.first, sender, "vorher")) == ["vorher"]
    place.postgresql.cut()
    try:
        refused = [
            _say(place.first, sender, "ohne"),
            _say(place.second, sender, "ohne"),
            _say(place.first, f"{sender}9", "ohne"),
            place.first.post("/feedback", json={"sender": sender, "rating": "up"}),
            place.second.post("/forget", json={"sender": f"{sender}8"}),
        ]
        assert [answer.status_code for answer in refused] == [503] * 5
    finally:
        place.postgresql.mend()
    for channel in (place.first, place.second):
        assert _texts(_say(channel, sender, "nachher")) == ["nachher"]
    assert [event["text"] for event in place.events(sender)] == ["vorher", "nachher", "nachher"]
    assert not place.events(f"{sender}9")


def test_without_redis_turns_are_refused_and_go_on_when_it_is_back(place: Place, sender: str) -> None:
    assert _texts(_say(place.first, sender, "vorher", key="k1")) == ["vorher"]
    place.redis.cut()
    try:
        assert _say(place.first, sender, "ohne", key="k2").status_code == 503
        assert _say(place.second, sender, "ohne").status_code == 503
        assert place.second.post("/forget", json={"sender": f"{sender}8"}).status_code == 503
    finally:
        place.redis.mend()
    for channel in (place.first, place.second):
        assert _texts(_say(channel, sender, "nachher")) == ["nachher"]
    assert [event["text"] for event in place.events(sender)] == ["vorher", "nachher", "nachher"]


def test_a_file_that_cannot_be_written_is_told_and_its_return_noticed(tmp_path: Path) -> None:
    file = tmp_path / "conversations.db"
    with _channel(str(file)) as channel:
        assert _texts(_say(channel, "web:1", "vorher")) == ["vorher"]
        with closing(sqlite3.connect(file, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            # The turn has spoken when it cannot be stored: an answer without its end is none.
            answer = _refused(channel, "web:1", "ohne")
            holder.execute("ROLLBACK")
        assert answer
        assert _texts(_say(channel, "web:1", "nachher")) == ["nachher"]
        with closing(sqlite3.connect(file)) as reader:
            texts = reader.execute("SELECT data FROM events WHERE type_name = 'user' ORDER BY id").fetchall()
        assert [json.loads(text)["text"] for (text,) in texts] == ["vorher", "nachher"]


def _refused(channel: httpx.Client, sender: str, text: str) -> bool:
    try:
        answer = _say(channel, sender, text)
    except httpx.RemoteProtocolError:
        return True
    return answer.status_code == 503 or '"done"' not in answer.text
