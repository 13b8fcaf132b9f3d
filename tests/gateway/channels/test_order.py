"""Order, duplicates, and what a restart and a busy platform leave whole."""

from __future__ import annotations

import time
from pathlib import Path

from smartcity.gateway.channels.delivery import Patience

from .conftest import Gateway, answers, letters, rows, until
from .echo import Echo
from .platforms import Platforms
from .posts import (
    telegram,
    telegram_message,
)


def test_order_is_kept_and_nobody_waits_for_another(gateway: Gateway, echo: Echo, platforms: Platforms) -> None:
    echo.slow = 0.1
    with gateway() as client:
        for number in range(5):
            for person in range(10):
                telegram(client, telegram_message(f"{person}-{number}", person=person))
        until(lambda: len(platforms.sent) == 60, 20)
    for person in range(10):
        assert answers(platforms, str(person)) == [f"{person}-{number}" for number in range(5)]
    assert len({said["sender"] for said in echo.received}) == 10


def test_the_same_message_again_is_not_answered_also_after_a_restart(
    gateway: Gateway, echo: Echo, platforms: Platforms
) -> None:
    update = telegram_message("Hallo")
    with gateway() as client:
        for _ in range(3):
            assert telegram(client, update).status_code == 200
        until(lambda: len(platforms.sent) == 2)
    with gateway() as client:
        telegram(client, update)
        telegram(client, telegram_message("Ende"))
        until(lambda: len(platforms.sent) == 3)
    assert [said["text"] for said in echo.received] == ["Hallo", "Ende"]
    assert len({said["sender"] for said in echo.received}) == 1


def test_the_webhook_is_answered_before_rasa(gateway: Gateway, echo: Echo, platforms: Platforms) -> None:
    echo.slow = 3
    with gateway() as client:
        began = time.monotonic()
        for number in range(5):
            telegram(client, telegram_message("Hallo", person=number))
        assert time.monotonic() - began < 1


def test_a_restart_loses_nothing(gateway: Gateway, echo: Echo, platforms: Platforms, tmp_path: Path) -> None:
    platforms.answers = [(400, {}, {}), (503, {}, {})]
    with gateway(Patience(first=60)) as client:
        telegram(client, telegram_message("Hallo"))
        until(lambda: platforms.tries == 2)
        telegram(client, telegram_message("Zweite"))
    assert len(letters(tmp_path)) == 1
    with gateway():
        until(lambda: len(platforms.sent) == 2)
    assert answers(platforms, "77") == ["Hallo", "Zweite"]
    assert len(letters(tmp_path)) == 1
    assert rows(tmp_path, "channel_outgoing") == rows(tmp_path, "channel_incoming") == []


def test_rasa_is_asked_again_before_a_person_reads_that_it_is_away(
    gateway: Gateway, echo: Echo, platforms: Platforms
) -> None:
    echo.down = 2
    with gateway() as client:
        telegram(client, telegram_message("eins", person=1))
        until(lambda: len(platforms.sent) == 2)
        echo.down = 3
        telegram(client, telegram_message("/start", person=2))
        until(lambda: len(platforms.sent) == 4)
    assert answers(platforms, "1") == ["eins"]
    first, away = platforms.texts("2")
    assert "eine Maschine, kein Mensch" in first
    assert away.startswith("Der Assistent ist gerade nicht erreichbar.")
