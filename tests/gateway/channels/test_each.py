"""What must hold on each platform alike: busy, broken and slow platforms, the same message again, stop, a restart."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from ..conftest import StartGateway
from ..standin import StandIn
from .conftest import MATRIX_SETTINGS, SETTINGS, rows, until
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

Bring = Callable[[], None]
"""Lets the platform bring a message, as often as one likes."""


class Say(ABC):
    """A person on a platform."""

    tells_time = True

    def __init__(self, client: httpx.Client, platforms: Platforms) -> None:
        self.client = client
        self.platforms = platforms

    @abstractmethod
    def __call__(self, text: str, ago: int = 0) -> Bring:
        """A message that was written so many seconds ago."""

    @abstractmethod
    def picture(self) -> Bring:
        """A picture."""


class Telegram(Say):
    def __call__(self, text: str, ago: int = 0) -> Bring:
        return _again(telegram, self.client, telegram_message(text, date=int(time.time()) - ago))

    def picture(self) -> Bring:
        return _again(telegram, self.client, telegram_message(photo=[{"file_id": "x"}]))


class WhatsApp(Say):
    def __call__(self, text: str, ago: int = 0) -> Bring:
        return _again(meta, self.client, "whatsapp", whatsapp(whatsapp_message(text, at=time.time() - ago)))

    def picture(self) -> Bring:
        return _again(meta, self.client, "whatsapp", whatsapp(whatsapp_message(type="image", image={"id": "x"})))


class Messenger(Say):
    def __call__(self, text: str, ago: int = 0) -> Bring:
        at = int((time.time() - ago) * 1000)
        message = {"mid": f"m{fresh()}", "text": text}
        return _again(meta, self.client, "messenger", messenger(message=message, timestamp=at))

    def picture(self) -> Bring:
        message = {"mid": f"m{fresh()}", "attachments": [{"type": "image", "payload": {"url": "https://x.example"}}]}
        return _again(meta, self.client, "messenger", messenger(message=message))


class Twilio(Say):
    tells_time = False

    def __call__(self, text: str, ago: int = 0) -> Bring:
        return _again(twilio, self.client, sms(text))

    def picture(self) -> Bring:
        return _again(twilio, self.client, sms("", NumMedia="1", MediaUrl0="https://x.example"))


class Slack(Say):
    def __call__(self, text: str, ago: int = 0) -> Bring:
        return _again(slack, self.client, slack_event(text, event_ts=f"{time.time() - ago:.6f}"))

    def picture(self) -> Bring:
        return _again(slack, self.client, slack_event("", subtype="file_share", files=[{"id": "F1"}]))


class Matrix(Say):
    def __call__(self, text: str, ago: int = 0) -> Bring:
        return self._event({"msgtype": "m.text", "body": text}, ago)

    def picture(self) -> Bring:
        return self._event({"msgtype": "m.image", "body": "x.png", "url": "mxc://x/y"})

    def _event(self, content: dict[str, Any], ago: int = 0) -> Bring:
        event = {
            "type": "m.room.message",
            "event_id": f"${fresh()}",
            "sender": "@otto:example.org",
            "origin_server_ts": int((time.time() - ago) * 1000),
            "content": content,
        }
        return _again(self.platforms.syncs.append, {"join": {"!r:x": {"timeline": {"events": [event]}}}})


@pytest.fixture(params=[Telegram, WhatsApp, Messenger, Twilio, Slack, Matrix])
def say(request: pytest.FixtureRequest, start: StartGateway, base: dict[str, str], platforms: Platforms) -> Say:
    made: Say = request.param(start(**{**SETTINGS, **MATRIX_SETTINGS}, **base), platforms)
    return made


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


def test_a_picture_is_answered_kindly(say: Say, rasa: StandIn, platforms: Platforms) -> None:
    say.picture()()
    until(lambda: len(platforms.sent) == 2)
    assert platforms.texts()[1].startswith("Ich kann nur Text lesen")
    assert not rasa.received and not platforms.refused


def test_what_comes_out_of_order_is_answered_in_the_order_in_which_it_was_written(
    say: Say, rasa: StandIn, platforms: Platforms, tmp_path: Path
) -> None:
    rasa.held = True
    say("eins", ago=3)()
    until(lambda: rasa.received)
    say("drei", ago=1)()
    say("zwei", ago=2)()
    until(lambda: len(rows(tmp_path, "channel_incoming")) == 3)
    rasa.held = False
    until(lambda: len(platforms.sent) == 4)
    expected = ["eins", "zwei", "drei"] if say.tells_time else ["eins", "drei", "zwei"]
    assert [said["text"] for said in rasa.received] == expected
