"""One hundred senders on three platforms at once, while the gateway is ended and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import Any

import httpx
import pytest

from smartcity.settings import read_settings

from ..standin import SECRET, free_port, running
from .conftest import SETTINGS, until
from .echo import Echo
from .platforms import Platforms
from .posts import meta, sms, telegram, telegram_message, twilio, whatsapp, whatsapp_message

PEOPLE, MESSAGES = 100, 3
PROJECT = Path(__file__).parents[3]


class Gateway:
    """The gateway in a process of its own."""

    def __init__(self, environ: dict[str, str], port: int) -> None:
        self._environ = {**os.environ, **{f"SMARTCITY_{name}": value for name, value in environ.items()}}
        self.address = f"http://127.0.0.1:{port}"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "smartcity.cli", "gateway"]
        self._process = subprocess.Popen(command, cwd=PROJECT, env=self._environ, stdout=subprocess.DEVNULL)

    def end(self, how: signal.Signals) -> None:
        self._process.send_signal(how)
        self._process.wait(30)


@pytest.fixture
def echo() -> Iterator[tuple[Echo, int]]:
    echo = Echo(read_settings({"SMARTCITY_SECRET": SECRET}).secret_for("internal"))
    with running(echo.app) as port:
        yield echo, port


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_everybody_gets_their_own_answers_in_order(
    how: signal.Signals, echo: tuple[Echo, int], platforms: Platforms, base: dict[str, str], tmp_path: Path
) -> None:
    port = free_port()
    rasa, rasa_port = echo
    rasa.slow = 0.2
    platforms.delay = 0.02
    environ = {"SECRET": SECRET, "VAR": str(tmp_path), "RASA_PORT": str(rasa_port), "PORT": str(port), "LIMITS": "off"}
    gateway = Gateway({**environ, **SETTINGS, **base}, port)
    ended = threading.Event()

    def post(number: int) -> None:
        """Send a person's messages as the platform would: again until they were taken, and some twice."""
        with httpx.Client(base_url=gateway.address, timeout=10, trust_env=False) as client:
            for count in range(MESSAGES):
                send = _sender(client, number, f"{number}/{count}")
                while not _taken(send):
                    time.sleep(0.1)
                if number % 7 == 0:
                    _taken(send)

    def restart() -> None:
        until(lambda: len(platforms.sent) > 60, 60)
        gateway.end(how)
        time.sleep(0.5)
        gateway.start()
        ended.set()

    restarting = threading.Thread(target=restart)
    restarting.start()
    try:
        with ThreadPoolExecutor(30) as pool:
            list(pool.map(post, range(PEOPLE)))
        restarting.join()
        assert ended.is_set()
        until(lambda: len(_answers(platforms)) >= PEOPLE * MESSAGES, 60)
        until(lambda: all(set(found) == _expected(number) for number, found in _by_person(platforms)), 60)
    finally:
        gateway.end(signal.SIGTERM)
    for number, found in _by_person(platforms):
        once = [text for text, _ in groupby(found)]
        assert once == sorted(_expected(number)), "each gets its own, in order"
    repeated = len(_answers(platforms)) - PEOPLE * MESSAGES
    if how == signal.SIGTERM:
        assert repeated == 0, "none twice"
    else:
        # Being sent just when the process was killed: at most the lanes of three platforms.
        assert repeated <= 3 * 16


def _sender(client: httpx.Client, number: int, text: str) -> Any:
    """A call that sends the same message each time."""
    if number % 3 == 0:
        update = telegram_message(text, person=1000 + number)
        return lambda: telegram(client, update)
    if number % 3 == 1:
        body = whatsapp(whatsapp_message(text, person=str(1000 + number)))
        return lambda: meta(client, "whatsapp", body)
    fields = sms(text, From=str(1000 + number))
    return lambda: twilio(client, fields)


def _taken(send: Any) -> bool:
    try:
        return bool(send().status_code == 200)
    except httpx.HTTPError:
        return False


def _expected(number: int) -> set[str]:
    return {f"{number}/{count}" for count in range(MESSAGES)}


def _answers(platforms: Platforms) -> list[str]:
    return [text.removeprefix("Antwort auf ") for text in platforms.texts() if text.startswith("Antwort auf ")]


def _by_person(platforms: Platforms) -> list[tuple[int, list[str]]]:
    found: dict[str, list[str]] = {str(1000 + number): [] for number in range(PEOPLE)}
    for sent in list(platforms.sent):
        if sent.text.startswith("Antwort auf "):
            found[sent.to].append(sent.text.removeprefix("Antwort auf "))
    return [(int(person) - 1000, texts) for person, texts in found.items()]
