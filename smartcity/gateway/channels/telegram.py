"""Telegram, by its Bot API: https://core.telegram.org/bots/api.

The webhook is known by the secret token that `setWebhook` was given. Text is sent in HTML mode, where three
signs are escaped; a text has at most 4096 characters, the data of a button 64 bytes.
"""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Mapping
from typing import Any, ClassVar

from smartcity.gateway.channels.calls import Calls
from smartcity.gateway.channels.channel import (
    Address,
    Body,
    Channel,
    Finding,
    Forged,
    HandOver,
    Incoming,
    Message,
    Refused,
    Rendered,
    Webhook,
    each,
    same,
)
from smartcity.gateway.channels.parts import Line, bare, lines, pack, shortened
from smartcity.gateway.channels.words import say
from smartcity.settings import Settings

LONGEST = 4096
LONGEST_TITLE = 64
"""Not a limit of Telegram's: longer titles cannot be read on a telephone."""
RECENT_SECONDS = 3600
UPDATES = ("message", "edited_message", "callback_query")


class Telegram(Channel):
    name: ClassVar[str] = "telegram"
    needs: ClassVar[tuple[str, ...]] = ("TELEGRAM_TOKEN", "PUBLIC_URL")

    def __init__(self, settings: Settings) -> None:
        token: str = settings.telegram_token
        self._bot = token.partition(":")[0]
        """The bot's id, by which it knows itself in groups."""
        self._secret = settings.secret_for("telegram")
        self._address = f"{settings.public_url}/channels/{self.name}"
        base = settings.platform_base or "https://api.telegram.org"
        self._calls = Calls(f"{base}/bot{token}/")
        self._user: str | None = None

    def verify(self, webhook: Webhook) -> None:
        if not same(webhook.headers.get("x-telegram-bot-api-secret-token", ""), self._secret):
            raise Forged

    def parse(self, webhook: Webhook) -> list[Incoming]:
        return list(each([json.loads(webhook.body)], self._read))

    def _read(self, update: Mapping[str, Any]) -> Incoming | None:
        name = f"update {update['update_id']}"
        if "callback_query" in update:
            return _pressed(name, update["callback_query"])
        edited = "edited_message" in update
        message = update.get("edited_message" if edited else "message")
        if message is None or message.get("from", {}).get("is_bot", True):
            return None
        chat, speaker = message["chat"], message["from"]
        text = message.get("text")
        if chat["type"] != "private":
            text = self._addressed(message, text or "")
            if text is None:
                return None
        elif text is None and not _is_content(message):
            return None
        kind, text = ("text", _spoken(text)) if text else ("other", "")
        if kind == "other" and "media_group_id" in message:
            # The pictures of an album come one by one and are one thing said.
            name = f"album {chat['id']} {message['media_group_id']}"
        if text == "/start" or (kind == "other" and not _is_content(message)):
            kind = "start"
        return Incoming(
            name, _person(chat, speaker), _address(chat, message), kind, text, speaker.get("language_code", ""),
            edited, message.get("edit_date") or message["date"],
        )  # fmt: skip

    def _addressed(self, message: Mapping[str, Any], text: str) -> str | None:
        """What is said to the bot in a group, without its name; None when it is not for the bot."""
        answered = message.get("reply_to_message", {}).get("from", {})
        if str(answered.get("id", "")) == self._bot:
            return text
        for entity in message.get("entities", ()):
            # Offsets count in UTF-16.
            units = text.encode("utf-16-le")
            begin, end = 2 * entity["offset"], 2 * (entity["offset"] + entity["length"])
            named = units[begin:end].decode("utf-16-le")
            rest = (units[:begin] + units[end:]).decode("utf-16-le").strip()
            kind = entity["type"]
            if kind == "text_mention" and str(entity.get("user", {}).get("id", "")) == self._bot:
                return rest
            if kind == "mention" and self._is_own(named.removeprefix("@")):
                return rest
            if kind == "bot_command" and begin == 0:
                order, _, whom = named.partition("@")
                if whom and self._is_own(whom):
                    return f"{order} {rest}".strip()
        return None

    def _is_own(self, user: str) -> bool:
        return self._user is not None and user.casefold() == self._user.casefold()

    def render(self, message: Message, first: int) -> Rendered:
        language = message["language"]
        found = lines(message) or [Line(say("choose", language))]
        bodies: list[dict[str, Any]] = [
            {"text": text, "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}
            for text in pack(found, _show, lambda text: _length(text) <= LONGEST)
        ]
        if message["buttons"]:
            bodies[-1]["reply_markup"] = {
                "inline_keyboard": [
                    [{"text": shortened(button["title"], LONGEST_TITLE), "callback_data": button["payload"]}]
                    for button in message["buttons"]
                ]
            }
        return Rendered(list(bodies))

    async def send(self, address: Address, body: Body, key: str, hand_over: HandOver) -> None:
        await self._ask("sendMessage", {**address, **body}, hand_over)

    async def confirm(self, incoming: Incoming) -> None:
        await self._ask("answerCallbackQuery", {"callback_query_id": incoming.receipt})

    async def prepare(self) -> None:
        if self._user is None:
            self._user = str((await self._ask("getMe", {}))["username"])

    async def check(self, change: bool) -> list[Finding]:
        me = await self._ask("getMe", {})
        found = [Finding(True, f"the bot is @{me.get('username')}")]
        if change:
            await self._ask(
                "setWebhook", {"url": self._address, "secret_token": self._secret, "allowed_updates": UPDATES}
            )
            found.append(Finding(True, "the webhook was set"))
        hook = await self._ask("getWebhookInfo", {})
        if hook.get("url") != self._address:
            state = f"the webhook is {hook['url']}" if hook.get("url") else "no webhook is set"
            found.append(Finding(False, f"{state}; 'smartcity channels check --set' makes it {self._address}"))
        else:
            found.append(Finding(True, f"the webhook is {self._address}"))
        # Telegram tells of the last failure for ever.
        if hook.get("last_error_message") and time.time() - hook.get("last_error_date", 0) < RECENT_SECONDS:
            found.append(Finding(False, f"a call of Telegram's failed within the hour: {hook['last_error_message']}"))
        if not self._address.startswith("https://"):
            found.append(Finding(False, "Telegram calls https addresses only; PUBLIC_URL is none"))
        return found

    async def close(self) -> None:
        await self._calls.close()

    async def _ask(self, method: str, fields: Mapping[str, Any], hand_over: HandOver | None = None) -> Any:
        return (await self._calls.ask("POST", method, _judge, json=fields, hand_over=hand_over)).get("result", {})


def _judge(status: int, found: dict[str, Any]) -> None:
    """403: blocked, left the group or deleted the account."""
    if status == 403:
        raise Refused("403", gone=True)


def _pressed(name: str, query: Mapping[str, Any]) -> Incoming | None:
    message = query.get("message")
    if message is None or "data" not in query or query["from"].get("is_bot"):
        return None
    chat, speaker = message["chat"], query["from"]
    address = {key: value for key, value in _address(chat, message).items() if key != "reply_parameters"}
    return Incoming(
        name, _person(chat, speaker), address, "press", query["data"], speaker.get("language_code", ""),
        receipt=query["id"],
    )  # fmt: skip


def _person(chat: Mapping[str, Any], speaker: Mapping[str, Any]) -> str:
    """In a group everybody has a conversation of their own."""
    return str(chat["id"]) if chat["type"] == "private" else f"{chat['id']}/{speaker['id']}"


def _address(chat: Mapping[str, Any], message: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"chat_id": chat["id"]}
    if message.get("is_topic_message"):
        found["message_thread_id"] = message["message_thread_id"]
    if chat["type"] != "private":
        found["reply_parameters"] = {"message_id": message["message_id"], "allow_sending_without_reply": True}
    return found


CONTENT = frozenset(
    "animation audio contact dice document game live_photo location paid_media photo poll sticker story venue video "
    "video_note voice".split()
)


def _is_content(message: Mapping[str, Any]) -> bool:
    """Whether the person has sent something; the others are notes of Telegram, such as a pinned message."""
    return bool(CONTENT & message.keys())


def _spoken(text: str) -> str:
    """The text; of a command its word: '/hilfe' says 'hilfe', '/start xyz' stays a start."""
    found = re.match(r"/(\w+)(?:@\w+)?(?:\s|$)", text)
    if found is None:
        return text
    if found.group(1).lower() == "start":
        return "/start"
    return f"{found.group(1)} {text[found.end() :]}".strip()


def _show(line: Line) -> str:
    text = html.escape(line.text, quote=False)
    if line.url is None:
        return text
    if not line.url.lower().startswith(("https://", "http://")):
        address = html.escape(bare(line.url), quote=False)
        return address if line.text in ("", bare(line.url)) else f"{text}: {address}"
    return f'<a href="{html.escape(line.url)}">{text or html.escape(line.url, quote=False)}</a>'


def _length(text: str) -> int:
    """In UTF-16, markup included: never less than Telegram counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
