"""Matrix: a syncing client, in rooms that are not encrypted; those that are have tests of their own."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from ..conftest import StartGateway
from ..standin import StandIn
from .conftest import MATRIX_SETTINGS, until
from .platforms import MATRIX_DEVICE, MATRIX_USER, Platforms
from .posts import fresh

Wait = Callable[[int], list[str]]


@pytest.fixture
def client(start: StartGateway, base: dict[str, str]) -> httpx.Client:
    return start(**MATRIX_SETTINGS, **base)


def _event(body: str, sender: str = "@otto:example.org", **content: Any) -> dict[str, Any]:
    return {
        "type": "m.room.message",
        "event_id": f"${fresh()}",
        "sender": sender,
        "origin_server_ts": int(time.time() * 1000),
        "content": {"msgtype": "m.text", "body": body, **content},
    }


def _news(room: str, *events: dict[str, Any]) -> dict[str, Any]:
    return {"join": {room: {"timeline": {"events": list(events)}}}}


def test_an_invitation_a_question_and_a_number(
    client: httpx.Client, rasa: StandIn, platforms: Platforms, wait: Wait
) -> None:
    platforms.syncs = [{"invite": {"!r:example.org": {}}}]
    until(lambda: platforms.joined == ["!r:example.org"])
    platforms.syncs = [_news("!r:example.org", _event("Hallo"))]
    assert wait(2)[1].endswith("1. Was kostet das?")
    assert platforms.sent[0].body["msgtype"] == "m.notice"
    platforms.syncs = [_news("!r:example.org", _event("1"), _event("ich", sender=MATRIX_USER))]
    wait(3)
    assert rasa.received[1]["payload"] == '/ask_cost{"initiative": "kruiser"}'
    assert rasa.received[1]["channel"] == "matrix"
    assert client.post("/channels/matrix").status_code == 404


@pytest.mark.parametrize("device", ["", MATRIX_DEVICE])
def test_what_is_said_in_clear_in_an_encrypted_room_gets_no_answer(
    start: StartGateway, base: dict[str, str], rasa: StandIn, platforms: Platforms, wait: Wait, device: str
) -> None:
    """Nor does anything that is said there, when the token has no device and so no keys."""
    platforms.device = device
    start(**MATRIX_SETTINGS, **base)
    platforms.encrypted.add("!secret:example.org")
    hidden = {**_event(""), "type": "m.room.encrypted", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
    platforms.syncs = [
        _news("!secret:example.org", hidden, _event("offen")),
        _news("!r:example.org", _event("Hallo")),
    ]
    wait(2)
    assert {sent.to for sent in platforms.sent} == {"!r:example.org"}
    assert len(rasa.received) == 1


def test_in_rooms_of_many_only_mentions(client: httpx.Client, rasa: StandIn, platforms: Platforms, wait: Wait) -> None:
    platforms.members["!r:x"] = 5
    mention = {"m.mentions": {"user_ids": [MATRIX_USER]}}
    platforms.syncs = [_news("!r:x", _event("Wer geht essen?"), _event("krefeld: was kostet der KRuiser?", **mention))]
    wait(2)
    platforms.syncs = [_news("!r:x", _event("Hallo", **mention), {"type": "m.room.member"})]
    wait(3)
    assert [said["text"] for said in rasa.received] == ["was kostet der KRuiser?", "Hallo"]


def test_pictures_notices_edits_and_quotes(
    client: httpx.Client, rasa: StandIn, platforms: Platforms, wait: Wait
) -> None:
    edit = {"m.relates_to": {"rel_type": "m.replace"}, "m.new_content": {"msgtype": "m.text", "body": "Neu"}}
    platforms.syncs = [
        _news(
            "!r:x",
            _event("Bild", msgtype="m.image"),
            _event("Bot", msgtype="m.notice"),
            _event("* Neu", **edit),
            _event("> <@krefeld:example.org> alt\n\nUnd jetzt?"),
            {"type": "m.room.message", "sender": "@x:x"},
        )
    ]
    texts = wait(4)
    assert texts[1].startswith("Ich kann nur Text lesen")
    assert texts[2].startswith("Zu Ihrer geänderten Nachricht:")
    assert [said["text"] for said in rasa.received] == ["Neu", "Und jetzt?"]


def test_a_part_that_was_taken_without_a_word_is_not_shown_twice(
    client: httpx.Client, rasa: StandIn, platforms: Platforms, wait: Wait
) -> None:
    platforms.answers = [(502, {"x-taken": "yes"}, {})]
    platforms.syncs = [_news("!r:x", _event("Hallo"))]
    wait(2)
    assert sorted(platforms.transactions.values()) == [1, 2]
    assert len(platforms.sent) == 2
