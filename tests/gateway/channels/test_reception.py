"""What is taken in: texts, presses, limits, and requests for platforms that are off."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx

from smartcity.gateway.channels.catalogue import WEBHOOKS

from ..conftest import StartGateway
from ..steps import error_of
from .conftest import Gateway, answers, until
from .echo import Echo
from .platforms import Platforms
from .posts import (
    TELEGRAM_SECRET,
    telegram,
    telegram_message,
    telegram_press,
)


def test_texts_are_cleaned_and_limited(gateway: Gateway, echo: Echo, platforms: Platforms) -> None:
    with gateway(MAX_TEXT="20") as client:
        telegram(client, telegram_message("x" * 21))
        telegram(client, telegram_message("\u200b"))
        telegram(client, telegram_message("Hal\x00lo"))
        telegram(client, telegram_message("/greet{}"))
        until(lambda: len(platforms.sent) == 5)
    assert "höchstens 20 Zeichen" in platforms.texts()[1]
    assert platforms.texts()[2].startswith("Ich kann nur Text lesen")
    assert [said["text"] for said in echo.received] == ["Hallo", "/greet{}"]
    assert all("payload" not in said for said in echo.received)


def test_halves_of_surrogate_pairs_stop_nobody(gateway: Gateway, echo: Echo, platforms: Platforms) -> None:
    def post(client: httpx.Client, body: str) -> int:
        headers = {"X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET}
        return client.post("/channels/telegram", content=body.encode(), headers=headers).status_code

    with gateway(MAX_TEXT="5") as client:
        said = json.dumps(telegram_message("@@")).replace("@@", "\\ud800Hallo")
        assert post(client, said) == 200
        until(lambda: len(platforms.sent) == 2)
        assert post(client, json.dumps(telegram_press("@@")).replace("@@", "\\udfff")) == 200
        until(lambda: len(platforms.sent) == 3)
    assert [one["text"] for one in echo.received] == ["Hallo"]
    assert platforms.texts()[2].startswith("Diese Schaltfläche gilt nicht mehr.")


def test_a_press_that_was_made_up_says_nothing_to_rasa(gateway: Gateway, echo: Echo, platforms: Platforms) -> None:
    with gateway() as client:
        telegram(client, telegram_press('/greet{"a": 1}'))
        until(lambda: len(platforms.sent) == 2)
    assert not echo.received


def test_too_many_messages_are_told_once(gateway: Gateway, echo: Echo, platforms: Platforms) -> None:
    with gateway(LIMITS="on", MESSAGES_PER_MINUTE="3") as client:
        for number in range(8):
            telegram(client, telegram_message(f"{number}"))
        telegram(client, telegram_message("Hallo", person=5))
        until(lambda: len(platforms.sent) == 7)
        telegram(client, telegram_message("stop"))
        until(lambda: len(platforms.sent) == 8)
    assert answers(platforms, "77") == ["0", "1", "2"]
    assert sum("viele Nachrichten" in text for text in platforms.texts("77")) == 1
    assert platforms.texts("77")[-1].startswith("Ich habe dieses Gespräch gelöscht.")


def test_forged_requests_count_against_their_address(gateway: Gateway, platforms: Platforms) -> None:
    with gateway(LIMITS="on", ADDRESS_PER_MINUTE="2") as client:
        for number in range(4):
            assert telegram(client, telegram_message("Hallo", person=number)).status_code == 200
        for _ in range(2):
            error_of(telegram(client, telegram_message("Hallo"), "wrong"), 403, "bad_signature")
        error_of(telegram(client, telegram_message("Hallo"), "wrong"), 429, "too_many_requests")


def test_a_full_queue_sends_platforms_away(gateway: Gateway, platforms: Platforms, tmp_path: Path) -> None:
    """Platforms come again after 503, and nothing was half taken."""
    update = telegram_message("Hallo")
    with gateway() as client, closing(sqlite3.connect(tmp_path / "channels.db", timeout=20)) as connection:
        with connection:
            # For a platform that is off, so they go one after the other.
            insert = (
                "INSERT INTO channel_incoming (person, channel, said, at, written) VALUES ('nobody', 'off', '{}', 0, 0)"
            )
            connection.executemany(insert, [()] * 11_000)
        error_of(telegram(client, update), 503, "unavailable")
        with connection:
            connection.execute("DELETE FROM channel_incoming")
        assert telegram(client, update).status_code == 200
        until(lambda: len(platforms.sent) == 2)


def test_platforms_that_are_off_have_no_webhook(start: StartGateway, tmp_path: Path) -> None:
    client = start()
    for name in WEBHOOKS:
        error_of(client.post(f"/channels/{name}"), 404, "not_found")
    error_of(client.get("/channels/whatsapp"), 404, "not_found")
    error_of(client.get("/channels/telegram"), 405, "method_not_allowed")
    assert not (tmp_path / "channels.db").exists()
