"""A homeserver that reads nothing, citizens with devices, and an assistant that joins their room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ...standin import running
from ..citizen import Citizen
from ..conftest import MATRIX_SETTINGS, until
from ..homeserver import BOT, Homeserver

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


def ready(homeserver: Homeserver) -> None:
    """Wait until the assistant is there: it has told its keys, and has asked for news once."""
    until(lambda: homeserver.one_time_keys[BOT, "KREFELD"] and f"{BOT} sync" in homeserver.calls)


def invited(homeserver: Homeserver, *members: str, encrypted: bool = True) -> None:
    homeserver.create(ROOM, *members, encrypted=encrypted)
    homeserver.member(ROOM, BOT, "invite")
    until(lambda: homeserver.rooms[ROOM].members[BOT] == "join")


def begin(homeserver: Homeserver, *members: str, encrypted: bool = True) -> None:
    """The assistant is there, and joins the room to which somebody invites it."""
    ready(homeserver)
    invited(homeserver, *members, encrypted=encrypted)
