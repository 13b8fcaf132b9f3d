"""The internal channel: a shared secret, text that stays text, whole messages."""

from __future__ import annotations

import json
import time
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

from .channel_client import SECRET, lines, say, stored

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
    assert stored(database, "stranger", "user") == []


@pytest.mark.parametrize(("sent", "told"), [({"forms": False}, True), ({"forms": True}, False), ({}, False)])
def test_a_channel_may_do_without_forms(channel: httpx.Client, sent: dict[str, bool], told: bool) -> None:
    (said, _) = lines(say(channel, "a", "hallo", **sent))
    assert ("'forms': False" in said["message"]["links"][0]["url"]) == told


def test_a_message_comes_back_whole(channel: httpx.Client) -> None:
    assert lines(say(channel, "a", "hallo")) == [
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
    assert lines(say(channel, "a", "notice"))[0]["message"]["kind"] == "notice"


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
    (message, done) = lines(say(channel, "a", text))
    assert (message["message"]["text"], done) == (text, {"done": True})


def test_metadata_carries_the_language_only(channel: httpx.Client) -> None:
    (line, _) = lines(say(channel, "a", "hi", language="en", metadata={"x": 1}))
    assert line["message"]["links"][0]["url"] == "{'language': 'en'}"


def test_a_payload_goes_on_as_it_is_and_text_does_not(channel: httpx.Client) -> None:
    for field, said in (
        ("payload", '/ask_cost{"initiative": "kruiser"}'),
        ("text", '∕ask_cost{"initiative": "kruiser"}'),
    ):
        body = {"sender": "a", field: '/ask_cost{"initiative": "kruiser"}'}
        assert lines(channel.post("/webhook", json=body))[0]["message"]["text"] == said


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
    assert say(channel, "a", "silence").status_code == 503
    assert say(channel, "a", "broken").status_code == 500
    assert lines(say(channel, "a", "hallo"))[-1] == {"done": True}, "and the next works again"


def test_a_turn_that_breaks_off_has_no_last_line(channel: httpx.Client, database: Path) -> None:
    try:
        came = lines(say(channel, "off", "broken off"))
    except httpx.RemoteProtocolError:
        came = []
    assert {"done": True} not in came
    assert stored(database, "off", "user") == []


def test_a_turn_goes_on_when_nobody_listens_any_more(channel: httpx.Client, database: Path) -> None:
    with channel.stream("POST", "/webhook", json={"sender": "gone", "text": "slow"}) as answer:
        assert next(answer.iter_lines())
    time.sleep(1)
    assert [event["text"] for event in stored(database, "gone", "bot")] == ["slow", "and on"]
    with pytest.raises(httpx.ReadTimeout):
        channel.post("/webhook", json={"sender": "gone 2", "text": "slow"}, timeout=0.0001)
    time.sleep(1)
    assert [event["text"] for event in stored(database, "gone 2", "bot")] in ([], ["slow", "and on"])


def test_a_message_that_comes_again_with_its_key_is_said_once(channel: httpx.Client, database: Path) -> None:
    """As a gateway asks again that was killed before it had kept the answer."""
    first = lines(say(channel, "again", "hallo", key="k1"))
    assert lines(say(channel, "again", "hallo", key="k1")) == first
    with channel.stream("POST", "/webhook", json={"sender": "again", "text": "slow", "key": "k2"}) as answer:
        assert next(answer.iter_lines())
    assert [line["message"]["text"] for line in lines(say(channel, "again", "slow", key="k2"))[:-1]] == [
        "slow",
        "and on",
    ]
    lines(say(channel, "again", "hallo", key="k3"))
    lines(say(channel, "another", "hallo", key="k1"))
    assert [event["text"] for event in stored(database, "again", "user")] == ["hallo", "slow", "hallo"]
    assert len(stored(database, "another", "user")) == 1


def test_content_is_given_in_a_language(channel: httpx.Client) -> None:
    answer = channel.get("/content", params={"language": "en"})
    assert (answer.status_code, answer.json()) == (200, {"language": "en"})
    for query in ({}, {"language": "fr"}, {"language": ""}):
        refused = channel.get("/content", params=query)
        assert refused.status_code == 404 and set(refused.json()) == {"error"}
