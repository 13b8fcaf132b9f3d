"""Stop: what is forgotten, and what is not claimed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from smartcity.gateway.channels.delivery import Patience

from ..conftest import StartGateway
from ..standin import StandIn
from .conftest import SETTINGS, Gateway, answers, rows, until
from .echo import Echo
from .platforms import Platforms
from .posts import (
    telegram,
    telegram_message,
)


@pytest.mark.parametrize("word", ["stop", "löschen", "/stop", "Stopp!"])
def test_stop_forgets(gateway: Gateway, echo: Echo, platforms: Platforms, tmp_path: Path, word: str) -> None:
    with gateway() as client:
        telegram(client, telegram_message("Hallo"))
        until(lambda: len(platforms.sent) == 2)
        telegram(client, telegram_message(word))
        until(lambda: len(platforms.sent) == 3)
        assert platforms.texts()[2].startswith("Ich habe dieses Gespräch gelöscht.")
        assert echo.forgotten == [echo.received[0]["sender"]]
        assert rows(tmp_path, "channel_choices") == []
        with closing(sqlite3.connect(tmp_path / "console.db")) as connection:
            assert connection.execute("SELECT count(*) FROM erasures WHERE done IS NULL").fetchone() == (1,)
        telegram(client, telegram_message("Wieder da"))
        until(lambda: len(platforms.sent) == 5)
    assert "eine Maschine, kein Mensch" in platforms.texts()[3]
    assert echo.received[1]["sender"] != echo.received[0]["sender"]
    assert len(echo.received) == 2


def test_stop_ends_what_waits_to_be_sent(gateway: Gateway, echo: Echo, platforms: Platforms) -> None:
    platforms.answers = [(503, {}, {})]
    with gateway(Patience(first=60)) as client:
        telegram(client, telegram_message("Hallo"))
        until(lambda: platforms.tries == 1)
        telegram(client, telegram_message("Und noch etwas"))
        telegram(client, telegram_message("stop"))
        until(lambda: platforms.sent)
    assert [text[:10] for text in platforms.texts()] == ["Ich habe d"]
    assert len(echo.received) == 1


def test_stop_during_a_turn_drops_its_answer(gateway: Gateway, start: StartGateway, base: dict[str, str],
                                             rasa: StandIn, platforms: Platforms) -> None:  # fmt: skip
    client = start(**SETTINGS, **base)
    rasa.delay = 0.5
    telegram(client, telegram_message("Hallo"))
    until(lambda: rasa.received)
    telegram(client, telegram_message("stop"))
    until(lambda: platforms.sent)
    assert [text[:10] for text in platforms.texts()] == ["Ich habe d"]
    assert rasa.forgotten == [rasa.received[0]["sender"]]


def test_a_deletion_that_failed_is_not_claimed(gateway: Gateway, echo: Echo, platforms: Platforms) -> None:
    with gateway() as client:
        telegram(client, telegram_message("Hallo"))
        until(lambda: len(platforms.sent) == 2)
        echo.forget_status = 500
        telegram(client, telegram_message("stop"))
        until(lambda: len(platforms.sent) == 3)
        assert platforms.texts()[2].startswith("Das Löschen hat gerade nicht geklappt.")
        echo.forget_status = 204
        telegram(client, telegram_message("stop"))
        until(lambda: len(platforms.sent) == 4)
    assert platforms.texts()[3].startswith("Ich habe dieses Gespräch gelöscht.")


def test_a_conversation_that_rasa_has_deleted_begins_anew(gateway: Gateway, echo: Echo, platforms: Platforms) -> None:
    with gateway() as client:
        telegram(client, telegram_message("Hallo"))
        until(lambda: len(platforms.sent) == 2)
        echo.deleted.add(echo.received[0]["sender"])
        telegram(client, telegram_message("Noch da?"))
        until(lambda: len(platforms.sent) == 3)
    assert answers(platforms, "77") == ["Hallo", "Noch da?"]
    assert echo.received[1]["sender"] != echo.received[0]["sender"]
