"""Encrypted rooms of Matrix: nio's client is the citizen, the homeserver reads nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ..standin import running
from .citizen import Citizen
from .conftest import MATRIX_SETTINGS, Gateway, until
from .echo import Echo
from .homeserver import BOT, Homeserver

ROOM = "!secret:example.org"
OTTO = "@otto:example.org"
QUESTION = "Was kostet der KRuiser?"
OFF = {"TELEGRAM_TOKEN": "", "WHATSAPP_TOKEN": "", "MESSENGER_TOKEN": "", "TWILIO_ACCOUNT": "", "SLACK_TOKEN": ""}


@pytest.fixture(scope="module")
def _server() -> Iterator[tuple[Homeserver, str]]:
    homeserver = Homeserver()
    with running(homeserver.app) as port:
        yield homeserver, f"http://127.0.0.1:{port}"


@pytest.fixture
def homeserver(_server: tuple[Homeserver, str]) -> Homeserver:
    _server[0].reset()
    return _server[0]


@pytest.fixture
def settings(_server: tuple[Homeserver, str]) -> dict[str, str]:
    return {**MATRIX_SETTINGS, **OFF, "PLATFORM_BASE": _server[1]}


@pytest.fixture
def citizen(
    homeserver: Homeserver, _server: tuple[Homeserver, str], tmp_path: Path
) -> Iterator[Callable[..., Citizen]]:
    """citizen("@otto:example.org", "PHONE") is somebody with a device."""
    made: list[Citizen] = []

    def make(user: str = OTTO, device: str = "PHONE") -> Citizen:
        made.append(Citizen(homeserver, _server[1], tmp_path / "citizens", user, device))
        return made[-1]

    yield make
    for one in made:
        one.close()


def _ready(homeserver: Homeserver) -> None:
    """Wait until the assistant is there: it has told its keys, and has asked for news once."""
    until(lambda: homeserver.one_time_keys[BOT, "KREFELD"] and f"{BOT} sync" in homeserver.calls)


def _invited(homeserver: Homeserver, *members: str, encrypted: bool = True) -> None:
    homeserver.create(ROOM, *members, encrypted=encrypted)
    homeserver.member(ROOM, BOT, "invite")
    until(lambda: homeserver.rooms[ROOM].members[BOT] == "join")


def test_a_question_in_an_encrypted_room_is_answered_encrypted(
    gateway: Gateway, homeserver: Homeserver, echo: Echo, citizen: Any, settings: dict[str, str], tmp_path: Path
) -> None:
    otto = citizen()
    with gateway(**settings):
        _ready(homeserver)
        _invited(homeserver, OTTO)
        otto.say(ROOM, QUESTION)
        heard = otto.wait(2)
    assert heard[0].startswith("Guten Tag! Hier antwortet der digitale Assistent")
    assert heard[1] == f"Antwort auf {QUESTION}"
    assert not otto.open and not otto.sealed
    assert [said["text"] for said in echo.received] == [QUESTION]
    seen = b"\n".join(homeserver.seen)
    assert b"KRuiser" not in seen and b"Assistent" not in seen
    assert {event["type"] for event in homeserver.events(ROOM)} == {"m.room.encrypted"}
