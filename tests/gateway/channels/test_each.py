"""What must hold on each platform alike: busy, broken and slow platforms, the same message again, stop, a restart."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from ..conftest import StartGateway
from ..standin import StandIn
from .conftest import MATRIX_SETTINGS, SETTINGS, until
from .platforms import Platforms
from .posts import (
    fresh,
    messenger,
    meta,
    slack,
    slack_event,
    sms,
    telegram,
    telegram_message,
    twilio,
    whatsapp,
    whatsapp_message,
)

Say = Callable[[str], Callable[[], None]]
"""Makes a message; calling what it gives lets the platform bring it, as often as one likes."""


def _matrix_event(text: str) -> dict[str, Any]:
    event = {
        "type": "m.room.message",
        "event_id": f"${fresh()}",
        "sender": "@otto:example.org",
        "origin_server_ts": int(time.time() * 1000),
        "content": {"msgtype": "m.text", "body": text},
    }
    return {"join": {"!r:x": {"timeline": {"events": [event]}}}}


@pytest.fixture(params=["telegram", "whatsapp", "messenger", "twilio", "slack", "matrix"])
def say(request: pytest.FixtureRequest, start: StartGateway, base: dict[str, str], platforms: Platforms) -> Say:
    client = start(**{**SETTINGS, **MATRIX_SETTINGS}, **base)
    make: dict[str, Callable[[str], Callable[[], Any]]] = {
        "telegram": lambda text: _again(telegram, client, telegram_message(text)),
        "whatsapp": lambda text: _again(meta, client, "whatsapp", whatsapp(whatsapp_message(text))),
        "messenger": lambda text: _again(
            meta, client, "messenger", messenger(message={"mid": f"m{fresh()}", "text": text})
        ),
        "twilio": lambda text: _again(twilio, client, sms(text)),
        "slack": lambda text: _again(slack, client, slack_event(text)),
        "matrix": lambda text: _again(platforms.syncs.append, _matrix_event(text)),
    }
    return make[request.param]


def _again(post: Callable[..., Any], *arguments: Any) -> Callable[[], Any]:
    def bring() -> None:
        answer = post(*arguments)
        assert not isinstance(answer, httpx.Response) or answer.status_code == 200, answer.text

    return bring


def test_a_busy_and_broken_platform_gets_everything_in_order(say: Say, rasa: StandIn, platforms: Platforms) -> None:
    rasa.messages = [{"text": "eins"}, {"text": "zwei"}]
    platforms.answers = [(429, {"Retry-After": "1"}, {}), (500, {}, {}), (502, {}, {})]
    say("Hallo")()
    until(lambda: len(platforms.sent) == 3, 20)
    assert [text[:4] for text in platforms.texts()] == ["Gute", "eins", "zwei"]
    assert platforms.tries == 6
    assert not platforms.refused


def test_the_same_message_again(say: Say, rasa: StandIn, platforms: Platforms) -> None:
    bring = say("Hallo")
    bring()
    bring()
    until(lambda: len(platforms.sent) == 2)
    bring()
    say("Ende")()
    until(lambda: len(platforms.sent) == 3)
    assert [said["text"] for said in rasa.received] == ["Hallo", "Ende"]


def test_stop(say: Say, rasa: StandIn, platforms: Platforms, tmp_path: Path) -> None:
    say("Hallo")()
    until(lambda: len(platforms.sent) == 2)
    say("Löschen")()
    until(lambda: len(platforms.sent) == 3)
    assert platforms.texts()[2].startswith("Ich habe dieses Gespräch gelöscht.")
    assert rasa.forgotten == [rasa.received[0]["sender"]]


def test_a_slow_platform_holds_up_no_webhook(say: Say, rasa: StandIn, platforms: Platforms) -> None:
    platforms.delay = 2
    say("Hallo")()
    until(lambda: rasa.received)
    began = time.monotonic()
    say("Und?")()
    assert time.monotonic() - began < 1
    platforms.delay = 0
    until(lambda: len(platforms.sent) == 3)
    assert [said["text"] for said in rasa.received] == ["Hallo", "Und?"]
