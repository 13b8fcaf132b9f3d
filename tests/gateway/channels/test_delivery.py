"""Sending again, giving up, and what is perhaps delivered."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from smartcity.gateway.channels.delivery import Patience

from ..standin import free_port
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
