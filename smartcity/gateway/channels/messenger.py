"""Facebook Messenger: https://developers.facebook.com/docs/messenger-platform.

Thirteen quick replies of 20 characters and 2000 characters of text at most. Up to three links of 20 characters are
buttons of a template, whose text has 640 characters. Nothing may be sent 24 hours after a person's last message.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
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
from smartcity.gateway.channels.parts import Line, lines, numbered, pack, plain, references, shortened
from smartcity.gateway.channels.words import say
from smartcity.settings import Settings

LONGEST = 2000
MOST_REPLIES, LONGEST_REPLY = 13, 20
MOST_LINKS, LONGEST_BESIDE_LINKS = 3, 640
STARTED = "GET_STARTED"
"""The payload that the page's Get Started button has."""
FIELDS = "messages,messaging_postbacks,message_edits"
"""What the page tells the app."""


class Messenger(Meta):
    name: ClassVar[str] = "messenger"
    needs: ClassVar[tuple[str, ...]] = ("MESSENGER_TOKEN", *Meta.needs)

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, settings.messenger_token)

    def parse(self, webhook: Webhook) -> list[Incoming]:
        body = json.loads(webhook.body)
        if not isinstance(body, dict) or body.get("object") != "page":
            return []
        return list(each([event for entry in body.get("entry", ()) for event in entry.get("messaging", ())], _read))

    def render(self, message: Message, first: int) -> Rendered:
        language, buttons = message["language"], message["buttons"]
        links = _buttons(message["links"])
        found = lines({**message, "links": []} if links else message) or [Line(say("choose", language))]
        cut = len(buttons) > MOST_REPLIES or any(len(button["title"]) > LONGEST_REPLY for button in buttons)
        if cut:
            # What does not fit on a quick reply can be read in the text, and its number typed.
            found += numbered(buttons, first, language)
        texts = pack(found, plain, lambda text: len(text) <= LONGEST)
        if links:
            # Beside links less fits, so a long text goes before them.
            texts[-1:] = pack([Line(texts[-1])], plain, lambda text: len(text) <= LONGEST_BESIDE_LINKS)
        bodies: list[dict[str, Any]] = [{"message": {"text": text}} for text in texts]
        if links:
            template = {"template_type": "button", "text": texts[-1], "buttons": links}
            bodies[-1] = {"message": {"attachment": {"type": "template", "payload": template}}}
        replies = [
            {
                "content_type": "text",
                "title": shortened(f"{number}. {button['title']}" if cut else button["title"], LONGEST_REPLY),
                "payload": button["payload"],
            }
            for number, button in enumerate(buttons[:MOST_REPLIES], first)
        ]
        if replies:
            bodies[-1]["message"]["quick_replies"] = replies
        return Rendered(list(bodies), references(buttons) if cut else [])

    async def send(self, address: Address, body: Body, key: str, hand_over: HandOver) -> None:
        fields = {"messaging_type": "RESPONSE", "recipient": dict(address), **body}
        await self.calls.ask("POST", "me/messages", judge, json=fields, hand_over=hand_over)

    async def check(self, change: bool) -> list[Finding]:
        me = await self.calls.ask("GET", "me", judge, params={"fields": "id,name"})
        found = [Finding(True, f"the page is {me.get('name')}"), self.webhook_finding()]
        if change:
            await self.calls.ask("POST", "me/subscribed_apps", judge, json={"subscribed_fields": FIELDS})
            await self.calls.ask("POST", "me/messenger_profile", judge, json={"get_started": {"payload": STARTED}})
            found.append(Finding(True, "the page's messages go to the app, and its start button is set"))
        return found


def _buttons(links: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """The links as buttons, where all of them fit."""
    fit = [
        link
        for link in links
        if link["url"].startswith(("https://", "http://")) and len(link["title"]) <= LONGEST_REPLY
    ]
    if len(fit) < len(links) or not all(link["title"] for link in links) or len(links) > MOST_LINKS:
        return []
    return [{"type": "web_url", "url": link["url"], "title": link["title"]} for link in links]


def _read(event: Mapping[str, Any]) -> Incoming | None:
    message, postback, edit = event.get("message"), event.get("postback"), event.get("message_edit")
    person = str(event["sender"]["id"])
    address, when = {"id": person}, event["timestamp"] / 1000
    if postback is not None:
        name = postback.get("mid") or f"postback {person} {event['timestamp']}"
        kind = "start" if postback.get("payload") == STARTED else "press"
        return Incoming(name, person, address, kind, postback.get("payload", ""), time=when)
    if edit is not None:
        name = f"{edit['mid']} {edit.get('num_edit', event['timestamp'])}"
        return Incoming(name, person, address, "text", edit["text"], edited=True, time=when)
    if message is None or message.get("is_echo") or message.get("is_deleted"):
        return None
    if "quick_reply" in message:
        return Incoming(message["mid"], person, address, "press", message["quick_reply"]["payload"], time=when)
    text = message.get("text", "")
    return Incoming(message["mid"], person, address, "text" if text else "other", text, time=when)
