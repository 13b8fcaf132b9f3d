"""WhatsApp, by Meta's Cloud API: https://developers.facebook.com/docs/whatsapp/cloud-api.

Three buttons of 20 characters or a list of ten rows of 24 at most, otherwise numbers. 4096 characters of text,
1024 beside buttons. Nothing but templates may be sent 24 hours after a person's last message.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from smartcity.gateway.channels.channel import (
    Address,
    Body,
    Finding,
    HandOver,
    Incoming,
    Message,
    Rendered,
    Webhook,
    each,
)
from smartcity.gateway.channels.meta import Meta, judge
from smartcity.gateway.channels.parts import Line, lines, numbered, pack, plain, references, shortened, without_markup
from smartcity.gateway.channels.words import say
from smartcity.settings import Settings

LONGEST, LONGEST_BESIDE_CHOICES = 4096, 1024
MOST_BUTTONS, LONGEST_BUTTON = 3, 20
MOST_ROWS, LONGEST_ROW, LONGEST_DESCRIPTION = 10, 24, 72
IGNORED = {"reaction", "system", "request_welcome"}


class WhatsApp(Meta):
    name: ClassVar[str] = "whatsapp"
    needs: ClassVar[tuple[str, ...]] = ("WHATSAPP_TOKEN", "WHATSAPP_PHONE_ID", *Meta.needs)

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, settings.whatsapp_token)
        self._phone: str = settings.whatsapp_phone_id

    def parse(self, webhook: Webhook) -> list[Incoming]:
        found: list[Incoming] = []
        for value in _values(json.loads(webhook.body)):
            # One webhook serves all numbers of an app.
            if str(value.get("metadata", {}).get("phone_number_id")) == self._phone:
                found += each(value.get("messages", ()), _read)
                found += each(value.get("statuses", ()), _failed)
        return found

    def render(self, message: Message, first: int) -> Rendered:
        language, buttons = message["language"], message["buttons"]
        found = lines(message) or [Line(say("choose", language))]
        if len(buttons) > MOST_ROWS:
            texts = pack([*found, *numbered(buttons, first, language)], _show, _fits(LONGEST))
            return Rendered([_text(text) for text in texts], references(buttons))
        texts = pack(found, _show, _fits(LONGEST))
        if not buttons:
            return Rendered([_text(text) for text in texts])
        # Beside choices less fits, so a long text goes before them.
        *before, last = texts
        *more, last = pack([Line(last)], lambda line: line.text, _fits(LONGEST_BESIDE_CHOICES))
        return Rendered([*map(_text, [*before, *more]), _choices(last, buttons, language)])

    async def send(self, address: Address, body: Body, key: str, hand_over: HandOver) -> None:
        fields = {"messaging_product": "whatsapp", "recipient_type": "individual", **address, **body}
        await self.calls.ask("POST", f"{self._phone}/messages", judge, json=fields, hand_over=hand_over)

    async def check(self, change: bool) -> list[Finding]:
        found = await self.calls.ask(
            "GET", self._phone, judge, params={"fields": "display_phone_number,verified_name,quality_rating"}
        )
        name = f"{found.get('verified_name')}, {found.get('display_phone_number')}"
        return [Finding(True, f"the number is {name}"), self.webhook_finding()]


def _values(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if not isinstance(body, dict) or body.get("object") != "whatsapp_business_account":
        return []
    changes = [change for entry in body.get("entry", ()) for change in entry.get("changes", ())]
    return [change["value"] for change in changes if change.get("field") == "messages"]


def _read(message: Mapping[str, Any]) -> Incoming | None:
    kind = message["type"]
    if kind in IGNORED or "group_id" in message:
        return None
    asked, text = "other", ""
    if kind == "text":
        asked, text = "text", message["text"]["body"]
    elif kind == "interactive":
        chosen = message["interactive"]
        asked, text = "press", chosen[chosen["type"]]["id"]
    elif kind == "button":
        asked, text = "text", message["button"]["text"]
    person = str(message["from"])
    return Incoming(message["id"], person, {"to": person}, asked, text, time=float(message["timestamp"]))


def _failed(status: Mapping[str, Any]) -> Incoming | None:
    """That a message did not arrive is often told only after it was taken."""
    if status.get("status") != "failed":
        return None
    code = next((str(error.get("code")) for error in status.get("errors", ())), "failed")
    person = str(status["recipient_id"])
    return Incoming(f"failed {status['id']}", person, {"to": person}, "failed", code)


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": {"body": text, "preview_url": False}}


def _choices(text: str, buttons: Sequence[Mapping[str, str]], language: str) -> dict[str, Any]:
    """Reply buttons where they fit, else a list, whose rows show a long title whole below."""
    if len(buttons) <= MOST_BUTTONS and all(len(button["title"]) <= LONGEST_BUTTON for button in buttons):
        replies = [{"type": "reply", "reply": {"id": b["payload"], "title": b["title"]}} for b in buttons]
        shown: dict[str, Any] = {"type": "button", "body": {"text": text}, "action": {"buttons": replies}}
    else:
        rows = [_row(button) for button in buttons]
        action = {"button": say("menu", language), "sections": [{"rows": rows}]}
        shown = {"type": "list", "body": {"text": text}, "action": action}
    return {"type": "interactive", "interactive": shown}


def _row(button: Mapping[str, str]) -> dict[str, str]:
    title = button["title"]
    row = {"id": button["payload"], "title": shortened(title, LONGEST_ROW)}
    if row["title"] != title:
        row["description"] = shortened(title, LONGEST_DESCRIPTION)
    return row


def _show(line: Line) -> str:
    return without_markup(plain(line))


def _fits(longest: int) -> Callable[[str], bool]:
    return lambda text: len(text) <= longest
