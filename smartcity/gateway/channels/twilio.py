"""Twilio: SMS and WhatsApp through one webhook: https://www.twilio.com/docs/messaging.

The signature covers the address that Twilio calls and all fields. Choices are numbered, since buttons need
templates that Meta has approved. A message has at most 1600 characters. The answer comes from the number that
was written to.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from starlette.responses import Response

from smartcity.gateway.channels.calls import Calls
from smartcity.gateway.channels.channel import (
    Address,
    Body,
    Channel,
    Finding,
    Forged,
    HandOver,
    Incoming,
    Later,
    Message,
    Refused,
    Rendered,
    Webhook,
    same,
)
from smartcity.gateway.channels.parts import Line, lines, numbered, pack, plain, references
from smartcity.gateway.channels.words import say
from smartcity.settings import Settings

LONGEST = 1600
PORTS = {"https": 443, "http": 80}
GONE = {21610, 21614, 21211, 63003}
"""The person has sent STOP to Twilio, or cannot get messages."""
CLOSED = 63016
"""WhatsApp: the person wrote more than 24 hours ago."""
LATER = {20429, 14107, 30001, 63018, 63038}


class Twilio(Channel):
    name: ClassVar[str] = "twilio"
    needs: ClassVar[tuple[str, ...]] = ("TWILIO_ACCOUNT", "TWILIO_TOKEN", "PUBLIC_URL")

    def __init__(self, settings: Settings) -> None:
        self._account: str = settings.twilio_account
        self._token: str = settings.twilio_token
        self._address = f"{settings.public_url}/channels/{self.name}"
        base = settings.platform_base or "https://api.twilio.com"
        self._calls = Calls(f"{base}/2010-04-01/Accounts/", auth=(self._account, self._token))

    def verify(self, webhook: Webhook) -> None:
        given = webhook.headers.get("x-twilio-signature", "")
        fields = _fields(webhook)
        # Twilio signs with the standard port or without it, by the kind of request.
        fine = [same(given, self._signature(address, fields)) for address in _with_and_without_port(webhook.address)]
        if not any(fine):
            raise Forged

    def _signature(self, address: str, fields: dict[str, list[str]]) -> str:
        signed = address + "".join(name + value for name in sorted(fields) for value in sorted(set(fields[name])))
        return base64.b64encode(hmac.new(self._token.encode(), signed.encode(), hashlib.sha1).digest()).decode()

    def parse(self, webhook: Webhook) -> list[Incoming]:
        said = {name: values[0] for name, values in _fields(webhook).items()}
        if not said.get("MessageSid") or not said.get("From") or "MessageStatus" in said:
            return []
        person, text = said["From"], said.get("Body", "")
        if text and (said.get("NumMedia", "0") == "0"):
            kind = "text"
        else:
            kind, text = "other", ""
        address = {"To": person, "From": said.get("To", "")}
        return [Incoming(said["MessageSid"], person, address, kind, text)]

    def receipt(self, webhook: Webhook) -> Response:
        """Empty TwiML: the answer comes by a call of ours."""
        return Response('<?xml version="1.0" encoding="UTF-8"?><Response/>', media_type="text/xml")

    def render(self, message: Message, first: int) -> Rendered:
        language, buttons = message["language"], message["buttons"]
        found = [*lines(message), *numbered(buttons, first, language)] or [Line(say("choose", language))]
        texts = pack(found, plain, lambda text: len(text) <= LONGEST)
        return Rendered([{"Body": text} for text in texts], references(buttons))

    async def send(self, address: Address, body: Body, key: str, hand_over: HandOver) -> None:
        fields = {**address, **body}
        await self._calls.ask("POST", f"{self._account}/Messages.json", _judge, data=fields, hand_over=hand_over)

    async def check(self, change: bool) -> list[Finding]:
        found = await self._calls.ask("GET", f"{self._account}.json", _judge)
        good = found.get("status") == "active"
        return [
            Finding(good, f"the account '{found.get('friendly_name')}' is {found.get('status')}"),
            Finding(True, f"enter {self._address} as webhook of the number, 'A message comes in', HTTP POST"),
        ]

    async def close(self) -> None:
        await self._calls.close()


def _fields(webhook: Webhook) -> dict[str, list[str]]:
    """The fields of the form; none of a body that is no form, which then fits no signature."""
    try:
        text = webhook.body.decode("utf-8")
        return parse_qs(text, keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=500)
    except ValueError:
        raise Forged from None


def _with_and_without_port(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    host = parts.hostname or ""
    bare = parts._replace(netloc=host).geturl()
    named = parts._replace(netloc=f"{host}:{parts.port or PORTS.get(parts.scheme, 443)}").geturl()
    return bare, named


def _judge(status: int, found: dict[str, Any]) -> None:
    code = found.get("code")
    if status < 300 or not isinstance(code, int):
        return
    if code in LATER:
        raise Later(str(code))
    if code == CLOSED:
        raise Refused("window closed")
    raise Refused(str(code), gone=code in GONE)
