"""The real gateway with every platform on, a stand-in for the platforms, and one for Rasa."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from smartcity.gateway.channels.store import Letter, Store

from ..conftest import StartGateway
from ..standin import running
from .platforms import (
    ACCOUNT,
    APP_SECRET,
    MATRIX,
    MESSENGER,
    PHONE_ID,
    SIGNING_SECRET,
    SLACK,
    TELEGRAM,
    TWILIO,
    VERIFY_TOKEN,
    WHATSAPP,
    Platforms,
)
from .posts import PUBLIC

SETTINGS = {
    "PUBLIC_URL": PUBLIC,
    "TELEGRAM_TOKEN": TELEGRAM,
    "META_APP_SECRET": APP_SECRET,
    "META_VERIFY_TOKEN": VERIFY_TOKEN,
    "WHATSAPP_TOKEN": WHATSAPP,
    "WHATSAPP_PHONE_ID": PHONE_ID,
    "MESSENGER_TOKEN": MESSENGER,
    "TWILIO_ACCOUNT": ACCOUNT,
    "TWILIO_TOKEN": TWILIO,
    "SLACK_TOKEN": SLACK,
    "SLACK_SIGNING_SECRET": SIGNING_SECRET,
}
MATRIX_SETTINGS = {"PUBLIC_URL": PUBLIC, "MATRIX_HOMESERVER": "https://matrix.example.org", "MATRIX_TOKEN": MATRIX}


@pytest.fixture(scope="session")
def _platforms_server() -> Iterator[tuple[Platforms, int]]:
    platforms = Platforms()
    with running(platforms.app) as port:
        yield platforms, port


@pytest.fixture
def platforms(_platforms_server: tuple[Platforms, int]) -> Platforms:
    _platforms_server[0].reset()
    return _platforms_server[0]


@pytest.fixture
def base(platforms: Platforms, _platforms_server: tuple[Platforms, int]) -> dict[str, str]:
    """The setting that leads to the stand-in."""
    return {"PLATFORM_BASE": f"http://127.0.0.1:{_platforms_server[1]}"}


@pytest.fixture
def client(start: StartGateway, base: dict[str, str]) -> httpx.Client:
    return start(**SETTINGS, **base)


def until(true: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until it holds."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.01)


def letters(var: Path) -> list[Letter]:
    store = Store(var / "channels.db")
    try:
        return store.letters()
    finally:
        store.close()


@pytest.fixture
def wait(platforms: Platforms) -> Callable[[int], list[str]]:
    """wait(3) gives the texts when three messages were sent."""

    def waited(number: int) -> list[str]:
        until(lambda: len(platforms.sent) >= number)
        return platforms.texts()

    return waited
