"""The internal channel: a shared secret, text that stays text, whole messages; feedback and deletion."""

from __future__ import annotations

import json
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
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


@pytest.mark.parametrize("name", ["nothing", "smartcity.nothing.at_all", "smartcity.knowledge.catalogue.nothing", "."])
def test_content_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"credentials\.yml: content"):
        InternalChannel.from_credentials({"secret": SECRET, "content": name})


def test_the_content_that_the_project_names_is_what_the_assistant_knows() -> None:
    credentials = yaml.safe_load(Path("credentials.yml").read_text("utf-8"))[
        "smartcity.runtime.channel.InternalChannel"
    ]
    content = InternalChannel.from_credentials({**credentials, "secret": SECRET})._content
    assert content is not None
    assert any(initiative["id"] == "kruiser" for initiative in (content("de") or {})["initiatives"])
    assert content("fr") is None


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("channel") / "conversations.db"


@pytest.fixture(scope="module")
def channel(database: Path) -> Iterator[httpx.Client]:
    """A client of the channel on a real server of its own, with the secret."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    script = Path(__file__).with_name("channel_server.py")
    server = subprocess.Popen([sys.executable, "-W", "ignore", str(script), str(port), SECRET, str(database)])
    address = f"http://127.0.0.1:{port}/webhooks/internal"
    headers = {"Authorization": f"Bearer {SECRET}"}
    try:
        with httpx.Client(base_url=address, headers=headers, timeout=20, trust_env=False) as client:
            for _ in range(200):
                try:
                    client.get("/")
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            yield client
    finally:
        server.terminate()
        server.wait(10)


def _say(channel: httpx.Client, sender: str, text: str, **more: Any) -> httpx.Response:
    return channel.post("/webhook", json={"sender": sender, "text": text, **more})


def _lines(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.text.endswith("\n")
    return [json.loads(line) for line in answer.text.splitlines()]


def _stored(database: Path, sender: str, kind: str) -> list[dict[str, Any]]:
    """Events of this type in the database, the oldest first."""
    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute(
            "SELECT data FROM events WHERE sender_id = ? AND type_name = ? ORDER BY id", (sender, kind)
        )
        return [json.loads(data) for (data,) in found]


@pytest.mark.parametrize("path", ["/webhook", "/feedback", "/forget", "/content", "/health"])
@pytest.mark.parametrize("secret", [None, "", "Bearer " + "wrong" * 10, f"Basic {SECRET}", SECRET])
def test_without_the_secret_nothing_is_done(
    channel: httpx.Client, database: Path, path: str, secret: str | None
) -> None:
    with httpx.Client(base_url=channel.base_url, trust_env=False) as stranger:
        headers = {} if secret is None else {"Authorization": secret}
        body = {"sender": "stranger", "text": "hallo", "rating": "up"}
        answer = stranger.request(
            "GET" if path in ("/content", "/health") else "POST", path, json=body, headers=headers
        )
    assert answer.status_code == 401
    assert set(answer.json()) == {"error"}
    assert _stored(database, "stranger", "user") == []


@pytest.mark.parametrize(("sent", "told"), [({"forms": False}, True), ({"forms": True}, False), ({}, False)])
def test_a_channel_may_do_without_forms(channel: httpx.Client, sent: dict[str, bool], told: bool) -> None:
    (said, _) = _lines(_say(channel, "a", "hallo", **sent))
    assert ("'forms': False" in said["message"]["links"][0]["url"]) == told


def test_a_message_comes_back_whole(channel: httpx.Client) -> None:
    assert _lines(_say(channel, "a", "hallo")) == [
        {
            "message": {
                "id": "id of hallo",
                "kind": "answer",
                "text": "hallo",
                "language": "de",
                "buttons": [{"title": "Ja", "payload": "/affirm"}],
                "links": [{"title": "metadata", "url": "{'language': None}"}],
                "source": None,
                "answer": "a",
                "known": True,
                "expects": None,
            }
        },
        {"done": True},
    ]
    assert _lines(_say(channel, "a", "notice"))[0]["message"]["kind"] == "notice"


@pytest.mark.parametrize("text", ["busy", "slow"])
def test_each_message_goes_out_as_it_comes(channel: httpx.Client, text: str) -> None:
    began = time.monotonic()
    with channel.stream("POST", "/webhook", json={"sender": text, "text": text}) as answer:
        came = [(json.loads(line), time.monotonic() - began) for line in answer.iter_lines()]
    assert [line.get("message", {}).get("text") for line, _ in came] == [text, "and on", None]
    assert came[-1][0] == {"done": True}
    assert came[1][1] - came[0][1] > 0.3, "although the assistant goes on without a pause"


def test_lines_hold_any_text(channel: httpx.Client) -> None:
    text = "eins\nzwei\u2028drei\x85 ü 😀"
    (message, done) = _lines(_say(channel, "a", text))
    assert (message["message"]["text"], done) == (text, {"done": True})


def test_metadata_carries_the_language_only(channel: httpx.Client) -> None:
    (line, _) = _lines(_say(channel, "a", "hi", language="en", metadata={"x": 1}))
    assert line["message"]["links"][0]["url"] == "{'language': 'en'}"


def test_a_payload_goes_on_as_it_is_and_text_does_not(channel: httpx.Client) -> None:
    for field, said in (
        ("payload", '/ask_cost{"initiative": "kruiser"}'),
        ("text", '∕ask_cost{"initiative": "kruiser"}'),
    ):
        body = {"sender": "a", field: '/ask_cost{"initiative": "kruiser"}'}
        assert _lines(channel.post("/webhook", json=body))[0]["message"]["text"] == said


@pytest.mark.parametrize(
    "body",
    [{}, {"sender": "a"}, {"sender": "", "text": "x"}, {"sender": "a", "text": "x", "payload": "/greet"},
     {"sender": "a", "payload": "greet"}, {"sender": "a", "payload": "/greet x"}, {"sender": 1, "text": "x"}, ["a"]],
)  # fmt: skip
def test_a_malformed_request_is_refused(channel: httpx.Client, body: Any) -> None:
    answer = channel.post("/webhook", json=body)
    assert answer.status_code == 400
    assert "error" in answer.json()


def test_no_answer_is_an_error(channel: httpx.Client) -> None:
    assert _say(channel, "a", "silence").status_code == 503
    assert _say(channel, "a", "broken").status_code == 500
    assert _lines(_say(channel, "a", "hallo"))[-1] == {"done": True}, "and the next works again"


def test_a_turn_that_breaks_off_has_no_last_line(channel: httpx.Client, database: Path) -> None:
    try:
        lines = _lines(_say(channel, "off", "broken off"))
    except httpx.RemoteProtocolError:
        lines = []
    assert {"done": True} not in lines
    assert _stored(database, "off", "user") == []


def test_a_turn_goes_on_when_nobody_listens_any_more(channel: httpx.Client, database: Path) -> None:
    with channel.stream("POST", "/webhook", json={"sender": "gone", "text": "slow"}) as answer:
        assert next(answer.iter_lines())
    time.sleep(1)
    assert [event["text"] for event in _stored(database, "gone", "bot")] == ["slow", "and on"]
    with pytest.raises(httpx.ReadTimeout):
        channel.post("/webhook", json={"sender": "gone 2", "text": "slow"}, timeout=0.0001)
    time.sleep(1)
    assert [event["text"] for event in _stored(database, "gone 2", "bot")] in ([], ["slow", "and on"])


def test_a_message_that_comes_again_with_its_key_is_said_once(channel: httpx.Client, database: Path) -> None:
    """As a gateway asks again that was killed before it had kept the answer."""
    first = _lines(_say(channel, "again", "hallo", key="k1"))
    assert _lines(_say(channel, "again", "hallo", key="k1")) == first
    with channel.stream("POST", "/webhook", json={"sender": "again", "text": "slow", "key": "k2"}) as answer:
        assert next(answer.iter_lines())
    assert [line["message"]["text"] for line in _lines(_say(channel, "again", "slow", key="k2"))[:-1]] == [
        "slow",
        "and on",
    ]
    _lines(_say(channel, "again", "hallo", key="k3"))
    _lines(_say(channel, "another", "hallo", key="k1"))
    assert [event["text"] for event in _stored(database, "again", "user")] == ["hallo", "slow", "hallo"]
    assert len(_stored(database, "another", "user")) == 1


def test_nothing_is_said_again_of_a_deleted_conversation(channel: httpx.Client) -> None:
    _lines(_say(channel, "deleted again", "hallo", key="k1"))
    assert _forget(channel, "deleted again") == 204
    assert _say(channel, "deleted again", "hallo", key="k1").status_code == 410


def _rate(channel: httpx.Client, sender: str, message: str | None, rating: str = "up", **more: Any) -> int:
    return channel.post("/feedback", json={"sender": sender, "message": message, "rating": rating, **more}).status_code


def _ratings(database: Path, sender: str) -> list[Any]:
    return [event["value"] for event in _stored(database, sender, "slot") if event["name"] == "feedback"]


def test_feedback_is_stored_with_the_conversation_and_the_slot_is_empty_again(
    channel: httpx.Client, database: Path
) -> None:
    _say(channel, "rated", "hallo")
    assert _rate(channel, "rated", "id of hallo", comment="gut!") == 204
    assert _rate(channel, "rated", None, "5") == 204
    assert _ratings(database, "rated") == [
        {"message": "id of hallo", "rating": "up", "comment": "gut!"},
        None,
        {"message": None, "rating": "5", "comment": None},
        None,
    ]
    assert _lines(_say(channel, "rated", "und weiter"))[-1] == {"done": True}
    assert [event["text"] for event in _stored(database, "rated", "bot")] == ["hallo", "und weiter"]


def test_a_message_of_an_earlier_session_may_be_rated(channel: httpx.Client, database: Path) -> None:
    _say(channel, "old", "hallo")
    _say(channel, "old", "a new session")
    _say(channel, "old", "später")
    assert _rate(channel, "old", "id of hallo", "down") == 204
    assert _rate(channel, "old", "id of später", "down") == 204
    assert [value["message"] for value in _ratings(database, "old") if value] == ["id of hallo", "id of später"]


@pytest.mark.parametrize(
    ("sender", "message"), [("nobody", None), ("nobody", "id of hallo"), ("mine", "id of yours"), ("mine", "")]
)
def test_what_is_not_there_is_not_rated(
    channel: httpx.Client, database: Path, sender: str, message: str | None
) -> None:
    _say(channel, "mine", "hallo")
    _say(channel, "yours", "yours")
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
    _say(channel, "waits", "hallo")
    with ThreadPoolExecutor(1) as pool:
        turn = pool.submit(_say, channel, "waits", "slow")
        time.sleep(0.2)
        assert _rate(channel, "waits", "id of and on") == 204
        assert _lines(turn.result())[-1] == {"done": True}
    assert [value["message"] for value in _ratings(database, "waits") if value] == ["id of and on"]
    assert [event["text"] for event in _stored(database, "waits", "bot")] == ["hallo", "slow", "and on"]


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
        _say(channel, "deleted", f"{secret} {number} " + "x" * (number * 100))
        _say(channel, "stays", f"bleibt {number}")
    assert _rate(channel, "deleted", None, "5", comment=secret) == 204
    assert _traces(database, secret)
    assert _forget(channel, "deleted") == 204
    assert _traces(database, secret) == []
    assert _traces(database, "deleted") == []
    assert len(_stored(database, "stays", "bot")) == 40
    assert _lines(_say(channel, "stays", "hallo"))[-1] == {"done": True}
    assert _forget(channel, "deleted") == 204, "also when there is nothing"
    assert _forget(channel, "nobody") == 204
    assert channel.post("/forget", json={}).status_code == 400


def test_what_comes_after_the_deletion_does_not_begin_it_anew(channel: httpx.Client, database: Path) -> None:
    _say(channel, "over", "hallo")
    assert _forget(channel, "over") == 204
    assert _say(channel, "over", "hallo").status_code == 410
    assert _rate(channel, "over", None, "5") == 404
    assert _stored(database, "over", "user") == []


@pytest.mark.parametrize("text", ["slow", "slower than its lock", "hallo"])
def test_turns_under_way_are_deleted_as_well(channel: httpx.Client, database: Path, text: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        for number in range(20 if text == "hallo" else 2):
            sender = f"race {text} {number}"
            turns = [pool.submit(_say, channel, sender, text) for _ in range(1 if "lock" in text else 3)]
            time.sleep(number * 0.001 if text == "hallo" else 0.2)
            assert _forget(channel, sender) == 204
            assert _stored(database, sender, "user") == []
            assert {turn.result().status_code for turn in turns} <= {200, 410}
            assert _stored(database, sender, "user") == []


def test_a_deletion_is_done_though_nobody_waits_for_it(channel: httpx.Client, database: Path) -> None:
    _say(channel, "impatient", "hallo")
    with ThreadPoolExecutor(1) as pool:
        turn = pool.submit(_say, channel, "impatient", "slow")
        time.sleep(0.2)
        with pytest.raises(httpx.ReadTimeout):
            channel.post("/forget", json={"sender": "impatient"}, timeout=0.1)
        turn.result()
    time.sleep(0.5)
    assert _stored(database, "impatient", "user") == []


def test_a_reader_of_the_database_is_no_reason_to_say_deleted(channel: httpx.Client, database: Path) -> None:
    """As long as another program reads an older state, SQLite keeps it in its log."""
    _say(channel, "read", "Otto Beispiel liest mit")
    with closing(sqlite3.connect(database, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        _say(channel, "other", "hallo")
        assert _forget(channel, "read") == 500
        assert _traces(database, "Otto Beispiel liest mit"), "the log keeps it"
        reader.execute("COMMIT")
    # Nobody asks again: it is emptied all the same.
    end = time.monotonic() + 30
    while _traces(database, "Otto Beispiel liest mit") and time.monotonic() < end:
        time.sleep(0.2)
    assert _traces(database, "Otto Beispiel liest mit") == []
    assert _forget(channel, "read") == 204


def test_content_is_given_in_a_language(channel: httpx.Client) -> None:
    answer = channel.get("/content", params={"language": "en"})
    assert (answer.status_code, answer.json()) == (200, {"language": "en"})
    for query in ({}, {"language": "fr"}, {"language": ""}):
        refused = channel.get("/content", params=query)
        assert refused.status_code == 404 and set(refused.json()) == {"error"}
