"""What platforms post, signed as they sign it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import time
from typing import Any
from urllib.parse import urlencode

import httpx

from smartcity.settings import read_settings

from ..standin import SECRET
from .platforms import APP_SECRET, PHONE_ID, SIGNING_SECRET, TWILIO, as_json

PUBLIC = "https://chat.example.org"
TELEGRAM_SECRET = read_settings({"SMARTCITY_SECRET": SECRET}).secret_for("telegram")
PHONE = "4915112345678"
_numbers = itertools.count(1000)


def fresh() -> int:
    return next(_numbers)


def telegram(client: httpx.Client, update: dict[str, Any], secret: str | None = TELEGRAM_SECRET) -> httpx.Response:
    headers = {"Content-Type": "application/json"}
    if secret is not None:
        headers["X-Telegram-Bot-Api-Secret-Token"] = secret
    return client.post("/channels/telegram", content=as_json(update), headers=headers)


def telegram_message(text: str | None = None, person: int = 77, name: str = "message", **more: Any) -> dict[str, Any]:
    message: dict[str, Any] = {
        "message_id": fresh(),
        "date": int(time.time()),
        "chat": {"id": person, "type": "private", "username": "otto_beispiel"},
        "from": {"id": person, "is_bot": False, "first_name": "Otto", "username": "otto_beispiel"},
        **more,
    }
    if text is not None:
        message["text"] = text
    return {"update_id": fresh(), name: message}


def telegram_press(data: str, person: int = 77) -> dict[str, Any]:
    chat = {"id": person, "type": "private"}
    message = {"message_id": fresh(), "date": 0, "chat": chat}
    speaker = {"id": person, "is_bot": False, "first_name": "Otto"}
    return {
        "update_id": fresh(),
        "callback_query": {"id": f"query-{fresh()}", "from": speaker, "message": message, "data": data},
    }


def meta(
    client: httpx.Client, platform: str, body: dict[str, Any], secret: str | None = APP_SECRET, tamper: bytes = b""
) -> httpx.Response:
    raw = as_json(body)
    headers = {"Content-Type": "application/json"}
    if secret is not None:
        headers["X-Hub-Signature-256"] = "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    return client.post(f"/channels/{platform}", content=raw + tamper, headers=headers)


def whatsapp(*messages: dict[str, Any], phone: str = PHONE_ID, **more: Any) -> dict[str, Any]:
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": phone}, **more}
    if messages:
        value["messages"] = list(messages)
        value["contacts"] = [{"profile": {"name": "Otto Beispiel"}, "wa_id": PHONE}]
    changes = [{"field": "messages", "value": value}]
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}


def whatsapp_message(
    text: str | None = None, person: str = PHONE, at: float | None = None, **more: Any
) -> dict[str, Any]:
    message: dict[str, Any] = {"id": f"wamid.{fresh()}", "from": person, "timestamp": str(int(at or time.time()))}
    if text is not None:
        message |= {"type": "text", "text": {"body": text}}
    return message | more


def messenger(**event: Any) -> dict[str, Any]:
    whole = {"sender": {"id": "psid-9"}, "recipient": {"id": "page"}, "timestamp": int(time.time() * 1000), **event}
    return {"object": "page", "entry": [{"id": "page", "messaging": [whole]}]}


def twilio(
    client: httpx.Client, fields: dict[str, str], token: str | None = TWILIO, address: str = PUBLIC
) -> httpx.Response:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if token is not None:
        signed = f"{address}/channels/twilio" + "".join(name + fields[name] for name in sorted(fields))
        digest = hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()
        headers["X-Twilio-Signature"] = base64.b64encode(digest).decode()
    return client.post("/channels/twilio", content=urlencode(fields).encode(), headers=headers)


def sms(text: str, **more: str) -> dict[str, str]:
    found = {"MessageSid": f"SM{fresh()}", "From": f"+{PHONE}", "To": "+4921510", "Body": text, "NumMedia": "0"}
    return found | more


def slack(
    client: httpx.Client, body: dict[str, Any], secret: str | None = SIGNING_SECRET, at: float | None = None
) -> httpx.Response:
    return _slack(client, as_json(body), "application/json", secret, at)


def slack_press(client: httpx.Client, body: dict[str, Any]) -> httpx.Response:
    raw = urlencode({"payload": as_json(body).decode()}).encode()
    return _slack(client, raw, "application/x-www-form-urlencoded", SIGNING_SECRET, None)


def _slack(client: httpx.Client, raw: bytes, kind: str, secret: str | None, at: float | None) -> httpx.Response:
    stamp = str(int(at or time.time()))
    headers = {"Content-Type": kind, "X-Slack-Request-Timestamp": stamp}
    if secret is not None:
        signed = b"v0:" + stamp.encode() + b":" + raw
        headers["X-Slack-Signature"] = "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return client.post("/channels/slack", content=raw, headers=headers)


def slack_event(text: str, kind: str = "message", channel: str = "D1", user: str = "U7", **more: Any) -> dict[str, Any]:
    stamp = f"{time.time():.6f}"
    event = {"type": kind, "channel": channel, "user": user, "text": text, "ts": stamp, "event_ts": stamp, **more}
    return {
        "type": "event_callback",
        "team_id": "T1",
        "event_id": f"Ev{fresh()}",
        "authorizations": [{"user_id": "UBOT"}],
        "event": event,
    }
