"""Messengers with the real Rasa behind them, as it reaches the database."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from ...system import RunningSystem
from ..standin import SECRET
from ..steps import error_of
from .conftest import SETTINGS, until
from .platforms import Platforms
from .posts import (
    PHONE,
    fresh,
    messenger,
    meta,
    slack,
    slack_event,
    sms,
    telegram,
    telegram_message,
    telegram_press,
    twilio,
    whatsapp,
)
from .posts import whatsapp_message as message

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("messengers")


@pytest.fixture(scope="module")
def whole(var: Path, _platforms_server: tuple[Platforms, int]) -> Iterator[httpx.Client]:
    # Requests are taken; their mails wait, since no mail server answers at port 1.
    desk = {"OFFICE_MAIL": "buero@beispiel.example", "SMTP_HOST": "127.0.0.1", "SMTP_PORT": "1"}
    base = f"http://127.0.0.1:{_platforms_server[1]}"
    environ = {**SETTINGS, **desk, "SECRET": SECRET, "PLATFORM_BASE": base}
    system = RunningSystem(var, {f"SMARTCITY_{name}": value for name, value in environ.items()})
    try:
        system.wait_until_healthy()
        with httpx.Client(base_url=system.address, timeout=20, trust_env=False) as client:
            yield client
    finally:
        left = system.stop()
    assert not left


def _stored(var: Path) -> list[dict[str, Any]]:
    if not (var / "conversations.db").exists():
        return []
    with closing(sqlite3.connect(var / "conversations.db")) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'events'").fetchone():
            return []
        rows = connection.execute("SELECT sender_id, data FROM events ORDER BY id")
        return [{"sender": sender, **json.loads(data)} for sender, data in rows]


def _found(var: Path, private: str) -> bool:
    """Whether it stands in any file, also in what a database has deleted."""
    return any(private.encode() in path.read_bytes() for path in var.iterdir() if path.is_file())


def test_forged_requests_leave_no_event(whole: httpx.Client, var: Path, platforms: Platforms) -> None:
    before = len(_stored(var))
    for forged in (
        telegram(whole, telegram_message("Gefälscht"), "wrong"),
        meta(whole, "whatsapp", whatsapp(message("Gefälscht")), "wrong"),
        meta(whole, "messenger", {"object": "page"}, None),
        twilio(whole, sms("Gefälscht"), "wrong"),
        slack(whole, slack_event("Gefälscht"), "wrong"),
        slack(whole, slack_event("Gefälscht"), at=1),
    ):
        error_of(forged, 403, "bad_signature")
    telegram(whole, telegram_message("Hallo", person=1))
    until(lambda: len(platforms.sent) >= 2, 30)
    stored = _stored(var)
    assert len(stored) > before
    assert "Gefälscht" not in json.dumps(stored, ensure_ascii=False)
    assert len({event["sender"] for event in stored}) == 1


def test_a_conversation_from_start_to_stop(whole: httpx.Client, var: Path, platforms: Platforms) -> None:
    meta(whole, "whatsapp", whatsapp(message("Start")))
    until(lambda: platforms.sent and platforms.sent[-1].buttons, 30)
    greeting = platforms.sent[0]
    assert "Maschine" in greeting.text and "https://chat.example.org/datenschutz" in greeting.text
    meta(whole, "whatsapp", whatsapp(message("Gibt es den KRuiser noch?")))
    until(lambda: any("gibt es nicht mehr" in text for text in platforms.texts()), 30)
    answer = platforms.sent[-1]
    assert "Quelle: " in answer.text and "(Stand 12/2025)" in answer.text
    reply = {"type": "button_reply", "button_reply": {"id": answer.buttons[0][1], "title": "x"}}
    sent = len(platforms.sent)
    meta(whole, "whatsapp", whatsapp(message(type="interactive", interactive=reply)))
    until(lambda: len(platforms.sent) > sent, 30)
    mine = [event for event in _stored(var) if event["sender"].startswith("whatsapp:")]
    assert any(event.get("input_channel") == "whatsapp" for event in mine)
    until(lambda: not _found(var, PHONE) and not _found(var, "Otto"), 15)
    sent = len(platforms.sent)
    meta(whole, "whatsapp", whatsapp(message("stop")))
    until(lambda: len(platforms.sent) > sent, 30)
    assert platforms.sent[-1].text.startswith("Ich habe dieses Gespräch gelöscht.")
    assert not [event for event in _stored(var) if event["sender"].startswith("whatsapp:")]
    assert not platforms.refused


def test_an_english_person(whole: httpx.Client, platforms: Platforms) -> None:
    update = telegram_message("Does the KRuiser still exist?", person=9)
    update["message"]["from"]["language_code"] = "en"
    telegram(whole, update)
    until(lambda: len(platforms.sent) == 2, 30)
    first, second = platforms.texts()
    assert first.startswith("Hello!") and "a machine, not a person" in first
    assert "Source: " in second
    data = platforms.sent[1].buttons[0][1]
    telegram(whole, telegram_press(data, person=9))
    until(lambda: len(platforms.sent) == 3, 30)


Say = Callable[[httpx.Client, str], object]
SAY: dict[str, Say] = {
    "telegram": lambda client, text: telegram(client, telegram_message(text, person=501)),
    "whatsapp": lambda client, text: meta(client, "whatsapp", whatsapp(message(text, person="4915198765432"))),
    "messenger": lambda client, text: meta(
        client, "messenger", messenger(sender={"id": "psid-77"}, message={"mid": f"m-{fresh()}", "text": text})
    ),
    "twilio": lambda client, text: twilio(client, sms(text, From="+4915198765433")),
    "slack": lambda client, text: slack(client, slack_event(text, channel="D77", user="U77")),
}


@pytest.mark.parametrize("platform", SAY)
def test_a_request_is_made_and_withdrawn_by_typing_alone(
    whole: httpx.Client, var: Path, platforms: Platforms, platform: str
) -> None:
    """Each platform can do forms: choices that it cannot show are read out, and typed or told by their number."""

    def say(text: str, wanted: str) -> str:
        sent = len(platforms.sent)
        SAY[platform](whole, text)
        until(lambda: any(wanted in one for one in platforms.texts()[sent:]), 30)
        return "\n".join(platforms.texts()[sent:])

    say("ich habe eine idee", "Krefeld")
    say("Nachricht hinterlassen", "Wie lautet Ihre Nachricht")
    say("Mehr Bänke am Rhein", "Wie ist Ihr Name")
    say("Walburga Ölschläger", "E-Mail-Adresse oder Ihre Telefonnummer")
    say(f"walburga.{platform}@beispiel.example", "Soll ich die Anfrage so absenden")
    filed = say("ja", "Ihre Nummer dafür: KR-")
    found = re.search(r"KR-\w{4}-\w{2}", filed)
    assert found
    say(f"Was ist mit {found[0]}?", "noch nicht bearbeitet")
    say("zurückziehen", "nennen Sie bitte die E-Mail-Adresse")
    say(f"walburga.{platform}@beispiel.example", "ist zurückgezogen")
    assert not platforms.refused
    until(lambda: not _found(var, "Walburga") and not _found(var, f"walburga.{platform}"), 15)
