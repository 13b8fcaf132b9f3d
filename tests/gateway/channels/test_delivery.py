"""Sending again, giving up, and what is perhaps delivered."""

from __future__ import annotations

import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from smartcity.gateway.channels.delivery import Patience

from ...ports import free_port
from .conftest import Gateway, answers, letters, until
from .echo import Echo
from .platforms import Platforms
from .posts import (
    PHONE,
    meta,
    telegram,
    telegram_message,
    whatsapp,
    whatsapp_message,
)


def test_a_busy_platform_is_left_alone_for_as_long_as_it_says(gateway: Gateway, platforms: Platforms) -> None:
    platforms.answers = [(429, {}, {"ok": False, "error_code": 429, "parameters": {"retry_after": 1}})]
    with gateway(Patience(first=0.01)) as client:
        began = time.monotonic()
        telegram(client, telegram_message("eins", person=1))
        until(lambda: platforms.tries == 1)
        telegram(client, telegram_message("zwei", person=2))
        until(lambda: len(platforms.sent) == 4)
        assert 0.9 < time.monotonic() - began < 3
    assert platforms.tries == 5


@pytest.mark.parametrize("headers, seconds", [({"Retry-After": "1"}, 0.9), ({"Retry-After": "nonsense"}, 0)])
def test_retry_after_of_the_header(
    gateway: Gateway, platforms: Platforms, headers: dict[str, str], seconds: float
) -> None:
    platforms.answers = [(429, headers, {})]
    with gateway(Patience(first=0.01)) as client:
        began = time.monotonic()
        meta(client, "whatsapp", whatsapp(whatsapp_message("Hallo")))
        until(lambda: len(platforms.sent) == 2)
        assert seconds < time.monotonic() - began < 3


def test_what_cannot_be_sent_is_given_up_and_its_reason_kept(
    gateway: Gateway, echo: Echo, platforms: Platforms, tmp_path: Path
) -> None:
    platforms.answers = [(500, {}, {})] * 3 + [(400, {}, {"ok": False, "description": f"chat {PHONE}"})]
    with gateway(Patience(first=0.01, attempts=3)) as client:
        telegram(client, telegram_message("Hallo"))
        until(lambda: len(letters(tmp_path)) == 2)
        telegram(client, telegram_message("Noch da?"))
        until(lambda: len(platforms.sent) == 1)
    refused, failed = letters(tmp_path)
    assert (failed.reason, failed.attempts) == ("500", 3)
    assert (refused.reason, refused.attempts) == ("400", 1)
    assert failed.channel == "telegram" and failed.sender == echo.received[0]["sender"]
    assert refused.content is not None and "Antwort auf Hallo" in refused.content
    assert answers(platforms, "77") == ["Noch da?"]


@pytest.mark.parametrize("answer", ["inquiry/summary", "withdrawal/contact"])
def test_no_dead_letter_keeps_what_a_form_was_told(
    gateway: Gateway, echo: Echo, platforms: Platforms, tmp_path: Path, answer: str
) -> None:
    echo.answer = answer
    platforms.answers = [(400, {}, {"ok": False})] * 2
    with gateway(Patience(first=0.01, attempts=1)) as client:
        telegram(client, telegram_message("Erika Mustermann"))
        until(lambda: len(letters(tmp_path)) == 2)
    assert letters(tmp_path)[0].content is None


def test_a_platform_that_hangs_up_is_tried_again(gateway: Gateway, echo: Echo, platforms: Platforms) -> None:
    with gateway(
        Patience(first=0.01, longest=0.1, attempts=50), PLATFORM_BASE=f"http://127.0.0.1:{free_port()}"
    ) as client:
        telegram(client, telegram_message("Hallo"))
        until(lambda: echo.received)
    assert not platforms.sent
    with gateway() as client:
        until(lambda: len(platforms.sent) == 2)
    assert len(echo.received) == 1


def test_a_part_is_handed_over_before_the_platform_can_have_it(
    gateway: Gateway, platforms: Platforms, tmp_path: Path
) -> None:
    """A platform that hangs up with the body in its hands: the note was there before, and it is not sent again."""
    with cutting(tmp_path) as cut, gateway(Patience(first=0.01), PLATFORM_BASE=cut.address) as client:
        telegram(client, telegram_message("Hallo"))
        until(lambda: len(letters(tmp_path)) == 2)
        telegram(client, telegram_message("Noch da?"))
        until(lambda: len(letters(tmp_path)) == 3)
    assert cut.noted_before_a_byte == [True, True, True]
    assert {letter.reason.partition(":")[0] for letter in letters(tmp_path)} == {"uncertain"}
    assert "Antwort auf Noch da?" in str(letters(tmp_path)[0].content)


def test_a_gateway_of_the_platform_that_gave_up_waiting_says_nothing(
    gateway: Gateway, platforms: Platforms, tmp_path: Path
) -> None:
    platforms.answers = [(504, {}, {})]
    with gateway(Patience(first=0.01)) as client:
        telegram(client, telegram_message("Hallo"))
        until(lambda: len(platforms.sent) == 1)
    assert [letter.reason for letter in letters(tmp_path)] == ["uncertain: 504"]
    assert answers(platforms, "77") == ["Hallo"]


def test_what_was_handed_over_and_has_no_outcome_is_not_sent_again(
    gateway: Gateway, echo: Echo, platforms: Platforms, tmp_path: Path
) -> None:
    """As it lies in the store when the process is killed."""
    platforms.answers = [(503, {}, {})]
    with gateway(Patience(first=60)) as client:
        telegram(client, telegram_message("Hallo"))
        until(lambda: platforms.tries == 1)
    assert [row["handed"] for row in parts_of(tmp_path)] == [None, None]
    with closing(sqlite3.connect(tmp_path / "channels.db")) as connection, connection:
        connection.execute("UPDATE channel_outgoing SET handed = 1 WHERE id = 1")
    with gateway():
        until(lambda: len(platforms.sent) == 1)
        until(lambda: letters(tmp_path))
    assert answers(platforms, "77") == ["Hallo"]
    (letter,) = letters(tmp_path)
    assert (letter.reason, letter.sender) == ("uncertain", echo.received[0]["sender"])
    assert letter.content is not None and "eine Maschine" in letter.content


class Cut:
    """A platform that reads the headers, then the first bytes of the body, and hangs up."""

    def __init__(self, var: Path) -> None:
        self._var = var
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.noted_before_a_byte: list[bool] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                self._take(connection)

    def _take(self, connection: socket.socket) -> None:
        head = connection.recv(65536)
        while b"\r\n\r\n" not in head:
            head += connection.recv(65536)
        head, _, body = head.partition(b"\r\n\r\n")
        if b"/sendMessage" not in head:
            return
        assert body or connection.recv(1)
        self.noted_before_a_byte.append(any(row["handed"] for row in parts_of(self._var)))

    def close(self) -> None:
        self._socket.close()


@contextmanager
def cutting(var: Path) -> Iterator[Cut]:
    with closing(Cut(var)) as cut:
        yield cut


def parts_of(var: Path) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(var / "channels.db")) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute("SELECT * FROM channel_outgoing ORDER BY id")]
