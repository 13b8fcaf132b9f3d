"""The store: who can read what of it, for how long, on SQLite and PostgreSQL."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from smartcity.addresses import Proxies
from smartcity.gateway.channels.catalogue import WEBHOOKS, channels
from smartcity.gateway.channels.delivery import Patience
from smartcity.gateway.channels.engine import Engine
from smartcity.gateway.channels.records import Arrived, Letter, Part, Person
from smartcity.gateway.limits import Limits
from smartcity.gateway.rasa_client import RasaClient
from smartcity.settings import read_settings

from ..standin import SECRET
from .conftest import SETTINGS, Gateway, letters, rows, store_of, until
from .echo import Echo
from .platforms import Platforms
from .posts import (
    PHONE,
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


def test_no_address_name_or_token_reaches_rasa_the_log_or_what_is_kept(
    gateway: Gateway, echo: Echo, platforms: Platforms, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    platforms.answers = [(500, {}, {"error": {"message": f"+{PHONE}"}})] * 2
    with gateway(Patience(first=0.01, attempts=2)) as client:
        # The ids of WhatsApp's messages hold the number.
        meta(client, "whatsapp", whatsapp(whatsapp_message("Hallo", id=f"wamid.{PHONE}")))
        until(lambda: letters(tmp_path) and platforms.sent)
        twilio(client, sms("Hallo"))
        telegram(client, telegram_message("Hallo", person=4915112345678))
        slack(client, slack_event("Hallo", user="U12345678"))
        meta(client, "whatsapp", whatsapp({"id": "x", "from": PHONE, "type": "text", "text": 3, "timestamp": "1"}))
        until(lambda: len(platforms.sent) == 7)
        until(lambda: not rows(tmp_path, "channel_outgoing"))
    # What httpcore tells at this level is nobody's log.
    logged = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("httpcore"))
    assert "dead_letter" in logged
    everything = logged + str(echo.received)
    for path in tmp_path.iterdir():
        everything += path.read_bytes().decode("latin-1")
    for private in ("12345678", "otto", "Beispiel", *(value for name, value in SETTINGS.items() if "TOKEN" in name)):
        assert private.casefold() not in everything.casefold(), private
    assert all(len(said["sender"].partition(":")[2]) == 32 for said in echo.received)


def test_pseudonyms_need_the_key(gateway: Gateway, echo: Echo, platforms: Platforms) -> None:
    with gateway() as client:
        telegram(client, telegram_message("Hallo"))
        until(lambda: echo.received)
    digests = []
    for secret in (SECRET, "another secret of thirty-two signs"):
        settings = read_settings({"SMARTCITY_SECRET": secret, **{f"SMARTCITY_{k}": v for k, v in SETTINGS.items()}})
        engine = Engine(settings, RasaClient(settings), Limits(settings, Proxies("")), channels(settings), WEBHOOKS)
        digests.append(engine._pseudonyms.of_person("telegram", "77"))
    assert echo.received[0]["sender"] == f"telegram:{digests[0]}"
    assert digests[1] != digests[0]


def test_dead_letters_keep_their_text_for_a_while_only(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    now, day = 1_800_000_000.0, 24 * 3600.0
    store.outbox.bury(Letter(now, "telegram", "telegram:a", "500", 3, "ein Text"))
    store.outbox.bury(Letter(now + 80 * day, "telegram", "telegram:b", "500", 3, "ein Text"))
    store.tidy(now + 6 * day)
    assert [letter.content for letter in store.outbox.letters()] == ["ein Text", "ein Text"]
    store.tidy(now + 8 * day)
    assert [letter.content for letter in store.outbox.letters()] == ["ein Text", None]
    store.tidy(now + 91 * day)
    assert [(letter.sender, letter.content) for letter in store.outbox.letters()] == [("telegram:b", None)]
    store.close()
    assert b"ein Text" not in (tmp_path / "channels.db").read_bytes()


def test_seen_messages_and_choices_are_bounded(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    now, day = 1_800_000_000.0, 24 * 3600.0
    assert store.inbox.accept([Arrived("a", "p", "telegram", {}), Arrived("a", "p", "telegram", {})], now) == ["p"]
    store.tidy(now + 7 * day)
    assert store.inbox.standing(["a"], ["p"]).seen == {"a"}
    store.tidy(now + 9 * day)
    assert not store.inbox.standing(["a"], ["p"]).seen
    waiting = store.inbox.next("p")
    assert waiting is not None
    part = Part(0, "p", "telegram", "s", {"chat_id": 1}, {"text": "x"}, "k", 0, now)
    choices = {f"r{number}": f"/c{number}" for number in range(100)}
    assert store.people.answered(waiting, [part], Person("p", greeted=True), choices, now)
    assert not store.people.answered(waiting, [part], Person("p"), {}, now)
    assert store.people.payload("p", "r39") is None
    assert store.people.payload("p", "r40") == "/c40" and store.people.payload("p", "r99") == "/c99"
    assert store.people.payload("q", "r99") is None
    store.close()


def test_the_store_is_for_its_owner_only(gateway: Gateway, tmp_path: Path) -> None:
    with gateway():
        assert (tmp_path / "channels.db").stat().st_mode & 0o077 == 0
