"""Slack: events and interactivity through one webhook: https://docs.slack.dev/apis/events-api.

Requests are signed with a time stamp of at most five minutes. A section has at most 3000 characters, a row of
buttons five of 75. In channels the app answers mentions, in a thread; in direct messages everything.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qs

from starlette.responses import PlainTextResponse, Response

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
    Uncertain,
    Webhook,
    each,
    same,
)
from smartcity.gateway.channels.parts import Line, bare, lines, pack, shortened, without_markup
from smartcity.gateway.channels.words import say
from smartcity.settings import Settings

FRESH_SECONDS = 300
LONGEST, LONGEST_TITLE = 3000, 75
MOST_IN_ROW = 5
LATER = {
    "ratelimited", "rate_limited", "service_unavailable", "request_timeout", "accesslimited", "team_added_to_org",
}  # fmt: skip
UNCERTAIN = {"internal_error", "fatal_error"}
"""By Slack's documentation of chat.postMessage some of the call may have succeeded."""
GONE = {
    "channel_not_found", "is_archived", "not_in_channel", "user_disabled", "account_inactive",
    "messages_tab_disabled", "restricted_action",
}  # fmt: skip
SPOKEN = {None, "file_share", "me_message", "thread_broadcast"}
"""Subtypes of a message that somebody has written; the others are notes of Slack."""


class Slack(Channel):
    name: ClassVar[str] = "slack"
    needs: ClassVar[tuple[str, ...]] = ("SLACK_TOKEN", "SLACK_SIGNING_SECRET", "PUBLIC_URL")
    most_bytes: ClassVar[int] = 1024 * 1024

    def __init__(self, settings: Settings) -> None:
        self._secret: str = settings.slack_signing_secret
        self._address = f"{settings.public_url}/channels/{self.name}"
        base = settings.platform_base or "https://slack.com"
        self._calls = Calls(f"{base}/api/", headers={"Authorization": f"Bearer {settings.slack_token}"})

    def verify(self, webhook: Webhook) -> None:
        stamp = webhook.headers.get("x-slack-request-timestamp", "")
        signed = f"v0:{stamp}:".encode("utf-8", "replace") + webhook.body
        expected = "v0=" + hmac.new(self._secret.encode(), signed, hashlib.sha256).hexdigest()
        genuine = same(webhook.headers.get("x-slack-signature", ""), expected)
        if not genuine or not stamp.isdecimal() or abs(webhook.time - int(stamp[:12])) > FRESH_SECONDS:
            raise Forged

    def parse(self, webhook: Webhook) -> list[Incoming]:
        body = _object(webhook)
        if body.get("type") == "block_actions":
            return list(each([body], _pressed))
        if body.get("type") == "event_callback":
            return list(each([body], _said))
        return []

    def receipt(self, webhook: Webhook) -> Response:
        body = _object(webhook)
        if body.get("type") == "url_verification":
            return PlainTextResponse(str(body.get("challenge", "")))
        return Response()

    def render(self, message: Message, first: int) -> Rendered:
        language, buttons = message["language"], message["buttons"]
        found = lines(message) or [Line(say("choose", language))]
        bodies: list[dict[str, Any]] = [
            {"text": text, "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}]}
            for text in pack(found, _show, lambda text: len(text) <= LONGEST)
        ]
        elements = [
            {
                "type": "button",
                "text": {"type": "plain_text", "text": shortened(button["title"], LONGEST_TITLE), "emoji": False},
                "action_id": f"choice-{number}",
                "value": button["payload"],
            }
            for number, button in enumerate(buttons)
        ]
        for begin in range(0, len(elements), MOST_IN_ROW):
            bodies[-1]["blocks"].append({"type": "actions", "elements": elements[begin : begin + MOST_IN_ROW]})
        return Rendered(list(bodies))

    async def send(self, address: Address, body: Body, key: str, hand_over: HandOver) -> None:
        fields = {**address, **body, "unfurl_links": False, "unfurl_media": False}
        await self._calls.ask("POST", "chat.postMessage", _judge, json=fields, hand_over=hand_over)

    async def check(self, change: bool) -> list[Finding]:
        me = await self._ask("auth.test", {})
        return [
            Finding(True, f"the app is @{me.get('user')} in {me.get('team')}"),
            Finding(True, f"enter {self._address} as Request URL of Event Subscriptions and of Interactivity"),
        ]

    async def close(self) -> None:
        await self._calls.close()

    async def _ask(self, method: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        return await self._calls.ask("POST", method, _judge, json=fields)


def _judge(status: int, found: dict[str, Any]) -> None:
    """Slack says no with status 200."""
    if status >= 300 or found.get("ok") is True:
        return
    error = str(found.get("error", "no answer"))
    if error in LATER:
        raise Later(error)
    if error in UNCERTAIN or not found:
        raise Uncertain(error)
    raise Refused(error, gone=error in GONE)


def _object(webhook: Webhook) -> dict[str, Any]:
    """Events come as JSON, presses as a form with JSON in it. Raises ValueError."""
    text = webhook.body.decode("utf-8")
    if webhook.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        text = parse_qs(text, max_num_fields=50).get("payload", ["{}"])[0]
    found = json.loads(text)
    return found if isinstance(found, dict) else {}


def _said(body: Mapping[str, Any]) -> Incoming | None:
    event = body["event"]
    kind, subtype = event["type"], event.get("subtype")
    direct = str(event.get("channel", "")).startswith("D")
    if kind not in ("message", "app_mention") or direct != (kind == "message"):
        return None
    edited = subtype == "message_changed"
    said = event["message"] if edited else event
    if edited and said.get("text") == event.get("previous_message", {}).get("text"):
        return None  # Slack has only added a preview
    if said.get("bot_id") or said.get("app_id") or said.get("subtype") not in SPOKEN or "user" not in said:
        return None
    own = next((str(one.get("user_id")) for one in body.get("authorizations", ())), "")
    if said["user"] in (own, "USLACKBOT"):
        return None
    text = _text(said.get("text", ""), own)
    asked = "text" if text else "other" if said.get("files") else "start"
    thread = said.get("thread_ts") or (None if direct else said["ts"])
    person, address = _where(str(body.get("team_id", "")), event["channel"], said["user"], thread)
    return Incoming(body["event_id"], person, address, asked, text, edited=edited, time=float(event["event_ts"]))


def _pressed(body: Mapping[str, Any]) -> Incoming | None:
    action = body["actions"][0]
    if "value" not in action:
        return None
    container = body["container"]
    person, address = _where(
        str((body.get("team") or {}).get("id", "")), body["channel"]["id"], body["user"]["id"],
        container.get("thread_ts"),
    )  # fmt: skip
    name = f"{container['message_ts']} {action['action_ts']} {body['user']['id']}"
    return Incoming(name, person, address, "press", action["value"], time=float(action["action_ts"]))


def _where(team: str, channel: str, user: str, thread: str | None) -> tuple[str, dict[str, str]]:
    """Who speaks, and where to answer. In channels everybody has a conversation of their own."""
    person = f"{team}/{user}" if channel.startswith("D") else f"{team}/{channel}/{user}"
    return person, {"channel": channel, **({"thread_ts": thread} if thread else {})}


def _text(text: str, own: str) -> str:
    """What was written, without the app's name and Slack's notation of links and signs."""
    if own:
        text = text.replace(f"<@{own}>", "")
    text = re.sub(r"<[@#!][^>|]*(?:\|([^>]*))?>", lambda found: found.group(1) or "", text)
    text = re.sub(r"<([^>|]*)(?:\|([^>]*))?>", lambda found: found.group(2) or bare(found.group(1)), text)
    for notation, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(notation, sign)
    return text.strip()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _show(line: Line) -> str:
    text = _escaped(without_markup(line.text))
    if line.url is None:
        return text
    address = line.url.replace("<", "%3C").replace(">", "%3E").replace("|", "%7C").replace("&", "&amp;")
    # A stroke in the title would end it.
    return f"<{address}|{text.replace('|', '¦').replace(chr(10), ' ')}>" if text else f"<{address}>"
