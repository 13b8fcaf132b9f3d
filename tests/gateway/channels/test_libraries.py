"""The platforms' own libraries on the other side: they sign, and read what we send.

Only these tests need them: twilio, slack_sdk, python-telegram-bot, pywa.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlencode

import httpx
import telegram as telegram_library
from pywa.utils import webhook_updates_validator
from slack_sdk.models.blocks import Block
from slack_sdk.signature import SignatureVerifier
from twilio.request_validator import RequestValidator

from ..standin import StandIn
from ..steps import error_of
from .platforms import APP_SECRET, SIGNING_SECRET, TWILIO, Platforms, as_json
from .posts import (
    PUBLIC,
    slack,
    slack_event,
    sms,
    telegram,
    telegram_message,
    telegram_press,
    whatsapp,
    whatsapp_message,
)

Wait = Callable[[int], list[str]]


def test_twilio_signs(client: httpx.Client, rasa: StandIn, wait: Wait) -> None:
    validator = RequestValidator(TWILIO)
    fields = sms("Grüße & Co = 100 %? +1", Empty="")
    signature = validator.compute_signature(f"{PUBLIC}/channels/twilio", fields)
    headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode(fields).encode()
    assert client.post("/channels/twilio", content=body, headers=headers).status_code == 200
    wait(2)
    assert rasa.received[0]["text"] == "Grüße & Co = 100 %? +1"
    changed = body.replace(b"100", b"200")
    error_of(client.post("/channels/twilio", content=changed, headers=headers), 403, "bad_signature")


def test_slack_signs_and_reads_our_blocks(
    client: httpx.Client, rasa: StandIn, platforms: Platforms, wait: Wait
) -> None:
    verifier = SignatureVerifier(SIGNING_SECRET)
    rasa.messages = [{"text": "Was?", "buttons": [{"title": f"Thema {n}" * 20, "payload": f"/t{n}"} for n in range(6)]}]
    body = as_json(slack_event("Grüße"))
    stamp = str(int(time.time()))
    signature = verifier.generate_signature(timestamp=stamp, body=body)
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature, "Content-Type": "application/json"}
    assert client.post("/channels/slack", content=body, headers=headers).status_code == 200
    wait(2)
    for sent in platforms.sent:
        for block in Block.parse_all(sent.body["blocks"]):
            block.validate_json()
    assert verifier.is_valid(body, stamp, slack(client, slack_event("x")).request.headers["x-slack-signature"]) is False


def test_meta_signature(client: httpx.Client) -> None:
    from .posts import meta

    body = whatsapp(whatsapp_message("Grüße"))
    signature = meta(client, "whatsapp", body).request.headers["x-hub-signature-256"]
    assert webhook_updates_validator(APP_SECRET, as_json(body), signature)


def test_telegram_reads_what_the_stand_in_says(client: httpx.Client, platforms: Platforms, wait: Wait) -> None:
    """The updates that these tests send, and the keyboards that we send, are Telegram's."""
    updates = (
        telegram_message("Hallo"),
        telegram_message("Hallo", name="edited_message"),
        telegram_message(photo=[{"file_id": "x", "file_unique_id": "y", "width": 1, "height": 1}]),
        {**telegram_press("abc")},
    )
    for update in updates:
        if "callback_query" in update:
            update["callback_query"]["chat_instance"] = "1"
        read = telegram_library.Update.de_json(update, None)
        assert read.effective_user.id == 77 and read.effective_chat.id == 77
        telegram(client, update)
    wait(3)
    keyboards = [sent.body["reply_markup"] for sent in platforms.sent if "reply_markup" in sent.body]
    assert keyboards
    for keyboard in keyboards:
        rows = telegram_library.InlineKeyboardMarkup.de_json(keyboard, None).inline_keyboard
        assert all(1 <= len(button.callback_data.encode()) <= 64 for row in rows for button in row)
