"""Telegram: its secret token, its updates, its limits."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from ..standin import GREETING, StandIn
from ..steps import error_of
from .conftest import until
from .platforms import Platforms
from .posts import telegram, telegram_message, telegram_press

Wait = Callable[[int], list[str]]
ANSWER = {**GREETING, "text": "Ja & <nein>.", "buttons": GREETING["buttons"]}


def test_a_question_is_answered_after_the_first_contact(
    client: httpx.Client, rasa: StandIn, platforms: Platforms, wait: Wait
) -> None:
    rasa.messages = [ANSWER]
    answer = telegram(client, telegram_message("Gibt es den KRuiser noch?"))
    assert (answer.status_code, answer.content) == (200, b"")
    first, second = wait(2)
    assert "eine Maschine, kein Mensch" in first
    assert "keine persönlichen Daten" in first
    assert "https://chat.example.org/datenschutz" in first
    assert "„stop“" in first
    assert second == "Ja & <nein>.\nStadt Krefeld\nQuelle: Smart City Themen (Stand 12/2025)"
    sent = platforms.sent[1]
    assert '<a href="https://www.krefeld.de/smartcity">' in sent.body["text"]
    assert [title for title, _ in sent.buttons] == ["Was kostet das?"]
    said = rasa.received[0]
    assert said["text"] == "Gibt es den KRuiser noch?"
    assert (said["channel"], said["language"]) == ("telegram", "de")
    assert said["sender"].startswith("telegram:") and len(said["sender"]) == len("telegram:") + 32
    telegram(client, telegram_message("Und sonst?"))
    assert len(wait(3)) == 3
    assert not platforms.refused


def test_a_press_says_its_payload_and_is_confirmed(
    client: httpx.Client, rasa: StandIn, platforms: Platforms, wait: Wait
) -> None:
    telegram(client, telegram_message("/start"))
    wait(1)
    data = platforms.sent[0].buttons[0][1]
    telegram(client, telegram_press(data))
    wait(2)
    assert rasa.received[1]["payload"] == '/ask_cost{"initiative": "kruiser"}'
    until(lambda: platforms.confirmed)
    telegram(client, telegram_press(data, person=78))
    assert "Schaltfläche gilt nicht mehr" in wait(4)[-1]
    assert len(rasa.received) == 2


def test_start_brings_the_citys_greeting_with_the_way_out(
    client: httpx.Client, rasa: StandIn, platforms: Platforms, wait: Wait
) -> None:
    telegram(client, telegram_message("/start werbung"))
    (first,) = wait(1)
    assert first.startswith("Guten Tag! Ich bin ein Computer-Programm.")
    assert "Datenschutz: https://chat.example.org/datenschutz" in first and "„stop“" in first
    assert rasa.received[0]["payload"] == "/greet"


@pytest.mark.parametrize("locale, language", [("de", "de"), ("en-GB", "en"), ("tr", "de"), ("", "de")])
def test_the_language_begins_with_the_platforms(
    client: httpx.Client, rasa: StandIn, wait: Wait, locale: str, language: str
) -> None:
    update = telegram_message("Hallo")
    update["message"]["from"]["language_code"] = locale
    telegram(client, update)
    wait(2)
    assert rasa.received[0]["language"] == language


@pytest.mark.parametrize("secret", [None, "", "wrong", "ä"])
def test_a_forged_update_reaches_nobody(
    client: httpx.Client, rasa: StandIn, platforms: Platforms, secret: str | None
) -> None:
    body = telegram_message("Hallo")
    if secret == "ä":
        headers = [(b"x-telegram-bot-api-secret-token", "ä".encode())]
        error_of(client.post("/channels/telegram", json=body, headers=headers), 403, "bad_signature")
    else:
        error_of(telegram(client, body, secret), 403, "bad_signature")
    assert telegram(client, telegram_message("Hallo", person=5)).status_code == 200
    until(lambda: len(platforms.sent) == 2)
    assert len(rasa.received) == 1


def test_an_edited_message_is_answered_as_a_new_one(client: httpx.Client, rasa: StandIn, wait: Wait) -> None:
    telegram(client, telegram_message("Hallo"))
    wait(2)
    telegram(client, telegram_message("Hallo Welt", name="edited_message"))
    assert wait(3)[2].startswith("Zu Ihrer geänderten Nachricht:\nGuten Tag!")
    assert rasa.received[1]["text"] == "Hallo Welt"


@pytest.mark.parametrize(
    "content",
    [
        {"photo": [{"file_id": "x"}], "caption": "Was ist das?"},
        {"voice": {"file_id": "x"}},
        {"sticker": {"emoji": "🎉"}},
        {"location": {"latitude": 51.3, "longitude": 6.5}},
    ],
)
def test_what_is_no_text_is_said_kindly(
    client: httpx.Client, rasa: StandIn, wait: Wait, content: dict[str, object]
) -> None:
    telegram(client, telegram_message(**content))
    assert wait(2)[1].startswith("Ich kann nur Text lesen")
    update = telegram_message(person=6, **content)
    update["message"]["from"]["language_code"] = "en"
    telegram(client, update)
    assert wait(4)[3].startswith("I can only read text")
    assert not rasa.received


def test_an_album_is_one_thing_said(client: httpx.Client, platforms: Platforms, wait: Wait) -> None:
    for _ in range(4):
        telegram(client, telegram_message(photo=[{}], media_group_id="9"))
    telegram(client, telegram_message("Hallo"))
    assert [text[:10] for text in wait(3)] == ["Guten Tag!", "Ich kann n", "Guten Tag!"]


def test_notes_of_telegram_and_bots_are_not_answered(
    client: httpx.Client, rasa: StandIn, platforms: Platforms, wait: Wait
) -> None:
    bot = telegram_message("Hallo")
    bot["message"]["from"]["is_bot"] = True
    for update in (bot, telegram_message(pinned_message={}), {"update_id": 1, "my_chat_member": {}}, {"nothing": 1}):
        assert telegram(client, update).status_code == 200
    telegram(client, telegram_message("Hallo", person=5))
    wait(2)
    assert len(rasa.received) == 1


def _in_group(text: str, **more: object) -> dict[str, object]:
    return telegram_message(text, chat={"id": -100, "type": "supergroup"}, **more)


def test_in_groups_only_who_speaks_to_it_is_answered(
    client: httpx.Client, rasa: StandIn, platforms: Platforms, wait: Wait
) -> None:
    mention = {"type": "mention", "offset": 3, "length": 11}
    telegram(client, _in_group("Wer kommt heute?"))
    telegram(client, _in_group("😀 @AndererBot was?", entities=[{**mention, "length": 11}]))
    telegram(client, _in_group("/hilfe@AndererBot", entities=[{"type": "bot_command", "offset": 0, "length": 17}]))
    telegram(client, _in_group("😀 @KrefeldBot was ist der KRuiser?", entities=[mention]))
    wait(2)
    telegram(client, _in_group("Und was kostet er?", reply_to_message={"from": {"id": 424242, "is_bot": True}}))
    wait(3)
    telegram(client, _in_group("/hilfe@KrefeldBot", entities=[{"type": "bot_command", "offset": 0, "length": 17}]))
    wait(4)
    assert [said["text"] for said in rasa.received] == ["😀  was ist der KRuiser?", "Und was kostet er?", "hilfe"]
    assert {sent.to for sent in platforms.sent} == {"-100"}
    assert "reply_parameters" in platforms.sent[1].body
    private = telegram_message("Hallo")
    telegram(client, private)
    wait(6)
    assert rasa.received[3]["sender"] != rasa.received[0]["sender"]


def test_a_body_that_is_no_json_is_refused(client: httpx.Client) -> None:
    from .posts import TELEGRAM_SECRET

    headers = {"X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET}
    error_of(client.post("/channels/telegram", content=b"{", headers=headers), 400, "malformed_json")
    error_of(client.post("/channels/telegram", content=b"x" * 300_000, headers=headers), 413, "body_too_large")
    for odd in (b"[]", b"3", b'{"update_id": 1, "message": 4}', b'{"update_id": 1, "message": {"from": {}}}'):
        assert client.post("/channels/telegram", content=odd, headers=headers).status_code == 200


def test_a_blocked_bot_writes_no_more(client: httpx.Client, rasa: StandIn, platforms: Platforms, wait: Wait) -> None:
    rasa.messages = [{"text": "eins"}, {"text": "zwei"}]
    platforms.answers = [(403, {}, {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked"})]
    telegram(client, telegram_message("Hallo"))
    telegram(client, telegram_message("Hallo", person=5))
    wait(3)
    assert platforms.texts("77") == []
    assert platforms.texts("5")[1:] == ["eins", "zwei"]
