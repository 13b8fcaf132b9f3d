"""One stand-in for all platforms: a real HTTP server that takes what their documentation allows, and remembers it.

Telegram: https://core.telegram.org/bots/api. WhatsApp and Messenger: https://developers.facebook.com/docs.
Twilio: https://www.twilio.com/docs/messaging/api/message-resource. Slack: https://docs.slack.dev/reference.
Matrix: https://spec.matrix.org/latest/client-server-api.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TELEGRAM = "424242:telegram-token"
WHATSAPP, PHONE_ID, MESSENGER = "whatsapp-token", "1550001", "messenger-token"
APP_SECRET, VERIFY_TOKEN = "app-secret-of-meta", "verify-me"
ACCOUNT, TWILIO = "AC0123", "twilio-token"
SLACK, SIGNING_SECRET = "xoxb-slack-token", "signing-secret"
MATRIX, MATRIX_USER, MATRIX_DEVICE = "matrix-token", "@krefeld:example.org", "KREFELD"


@dataclass
class Sent:
    """A message that a platform has taken."""

    platform: str
    to: str
    text: str
    body: dict[str, Any]
    buttons: list[tuple[str, str]] = field(default_factory=list)
    """Title and what comes back when it is pressed."""


class Platforms:
    """`answers` are given once each in place of the platform's own; `delay` is before every answer."""

    def __init__(self) -> None:
        self._asking = 0
        self.reset()
        self.app = Starlette(
            routes=[
                Route("/bot{token}/{method}", self._telegram, methods=["POST"]),
                Route("/v24.0/{phone}/messages", self._meta, methods=["POST"]),
                Route("/v24.0/me/{part}", self._page, methods=["POST"]),
                Route("/v24.0/{phone}", self._meta_me, methods=["GET"]),
                Route("/2010-04-01/Accounts/{account}/Messages.json", self._twilio, methods=["POST"]),
                Route("/2010-04-01/Accounts/{account}.json", self._twilio_me, methods=["GET"]),
                Route("/api/{method}", self._slack, methods=["POST"]),
                Route("/_matrix/client/v3/{path:path}", self._matrix, methods=["GET", "POST", "PUT"]),
            ]
        )

    def reset(self) -> None:
        self.sent: list[Sent] = []
        self.refused: list[str] = []
        """Why a message broke the platform's rules."""
        self.tries = 0
        self.answers: list[tuple[int, dict[str, str], Any]] = []
        self.delay = 0.0
        self.confirmed: list[str] = []
        self.webhook: dict[str, Any] = {}
        self.failure: dict[str, Any] = {}
        """What Telegram tells of its last call that failed."""
        self.page: dict[str, Any] = {}
        """What was set of Messenger's page."""
        self.syncs: list[dict[str, Any]] = []
        """What Matrix tells next."""
        self.most_asking = 0
        """How many have asked Matrix for news at a time."""
        self.joined: list[str] = []
        self.members: defaultdict[str, int] = defaultdict(lambda: 2)
        self.encrypted: set[str] = set()
        self.device = MATRIX_DEVICE
        """Of Matrix' token; empty when it has none."""
        self.transactions: Counter[str] = Counter()

    def texts(self, to: str | None = None) -> list[str]:
        return [sent.text for sent in self.sent if to is None or sent.to == to]

    async def _scripted(self) -> Response | None:
        await asyncio.sleep(self.delay)
        self.tries += 1
        if not self.answers:
            return None
        status, headers, body = self.answers.pop(0)
        return JSONResponse(body, status, headers)

    def _refuse(self, reason: str, body: Any, status: int = 400) -> Response:
        self.refused.append(reason)
        return JSONResponse(body, status)

    async def _telegram(self, request: Request) -> Response:
        if request.path_params["token"] != TELEGRAM:
            return JSONResponse({"ok": False, "error_code": 401, "description": "Unauthorized"}, 401)
        method, body = request.path_params["method"], await request.json()
        if method == "getMe":
            return JSONResponse({"ok": True, "result": {"id": 424242, "is_bot": True, "username": "KrefeldBot"}})
        if method == "setWebhook":
            self.webhook = body
        if method == "getWebhookInfo":
            return JSONResponse({"ok": True, "result": {"url": self.webhook.get("url", ""), **self.failure}})
        if method == "answerCallbackQuery":
            self.confirmed.append(body["callback_query_id"])
        if method != "sendMessage":
            return JSONResponse({"ok": True, "result": True})
        if answer := await self._scripted():
            return answer
        shown = _Html(body["text"])
        keyboard = [b for row in body.get("reply_markup", {}).get("inline_keyboard", []) for b in row]
        if not 0 < len(shown.text) <= 4096 or shown.broken:
            return self._refuse("text", {"ok": False, "error_code": 400, "description": "Bad Request: text"})
        if any(not 1 <= len(b["callback_data"].encode()) <= 64 or not b["text"] for b in keyboard):
            return self._refuse("BUTTON_DATA_INVALID", {"ok": False, "error_code": 400})
        buttons = [(b["text"], b["callback_data"]) for b in keyboard]
        self.sent.append(Sent("telegram", str(body["chat_id"]), shown.text, body, buttons))
        return JSONResponse({"ok": True, "result": {"message_id": len(self.sent)}})

    async def _meta(self, request: Request) -> Response:
        body = await request.json()
        if answer := await self._scripted():
            return answer
        if request.path_params["phone"] == "me":
            return self._messenger(request, body)
        if request.headers["authorization"] != f"Bearer {WHATSAPP}" or request.path_params["phone"] != PHONE_ID:
            return JSONResponse({"error": {"code": 190}}, 401)
        invalid = {"error": {"code": 100, "message": "(#100) Invalid parameter"}}
        if body["messaging_product"] != "whatsapp":
            return self._refuse("product", invalid)
        buttons: list[tuple[str, str]] = []
        if body["type"] == "text":
            text, longest = body["text"]["body"], 4096
        else:
            shown = body["interactive"]
            text, longest = shown["body"]["text"], 1024
            if shown["type"] == "button":
                replies = [button["reply"] for button in shown["action"]["buttons"]]
                most, longest_title = 3, 20
            else:
                replies = [row for section in shown["action"]["sections"] for row in section["rows"]]
                most, longest_title = 10, 24
                if not 1 <= len(shown["action"]["button"]) <= 20 or any(
                    len(row.get("description", "")) > 72 for row in replies
                ):
                    return self._refuse("list", invalid)
            buttons = [(reply["title"], reply["id"]) for reply in replies]
            if len(buttons) > most or any(not 1 <= len(title) <= longest_title for title, _ in buttons):
                return self._refuse("buttons", invalid)
            if len({identity for _, identity in buttons}) < len(buttons):
                return self._refuse("the same button twice", invalid)
        if not 0 < len(text) <= longest:
            return self._refuse("text", invalid)
        self.sent.append(Sent("whatsapp", body["to"], text, body, buttons))
        return JSONResponse({"messages": [{"id": f"wamid.{len(self.sent)}"}]})

    def _messenger(self, request: Request, body: dict[str, Any]) -> Response:
        if request.headers["authorization"] != f"Bearer {MESSENGER}":
            return JSONResponse({"error": {"code": 190}}, 401)
        message = body["message"]
        replies = message.get("quick_replies", [])
        template = message.get("attachment", {}).get("payload", {})
        text, links = message.get("text") or template["text"], template.get("buttons", [])
        fits = 0 < len(text) <= (640 if template else 2000) and len(replies) <= 13
        if template and (not 1 <= len(links) <= 3 or any(not 1 <= len(link["title"]) <= 20 for link in links)):
            return self._refuse("template", {"error": {"code": 100}})
        if not fits or any(not 1 <= len(reply["title"]) <= 20 for reply in replies):
            return self._refuse("limits", {"error": {"code": 100}})
        buttons = [(reply["title"], reply["payload"]) for reply in replies]
        self.sent.append(Sent("messenger", body["recipient"]["id"], text, body, buttons))
        return JSONResponse({"message_id": f"mid.{len(self.sent)}"})

    async def _meta_me(self, request: Request) -> Response:
        token = request.headers["authorization"].removeprefix("Bearer ")
        if request.path_params["phone"] == PHONE_ID and token == WHATSAPP:
            return JSONResponse({"verified_name": "Stadt Krefeld", "display_phone_number": "+49 2151 0"})
        if request.path_params["phone"] == "me" and token == MESSENGER:
            return JSONResponse({"id": "1", "name": "Krefeld"})
        if token == WHATSAPP:
            return JSONResponse({"error": {"code": 100, "error_subcode": 33}}, 400)
        return JSONResponse({"error": {"code": 190, "message": "Invalid OAuth access token"}}, 401)

    async def _page(self, request: Request) -> Response:
        if request.headers["authorization"] != f"Bearer {MESSENGER}":
            return JSONResponse({"error": {"code": 190}}, 401)
        self.page[request.path_params["part"]] = await request.json()
        return JSONResponse({"success": True})

    async def _twilio(self, request: Request) -> Response:
        body = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if answer := await self._scripted():
            return answer
        if not 0 < len(body["Body"]) <= 1600:
            return self._refuse("text", {"code": 21617})
        self.sent.append(Sent("twilio", body["To"], body["Body"], body))
        return JSONResponse({"sid": f"SM{len(self.sent)}", "status": "queued"}, 201)

    async def _twilio_me(self, request: Request) -> Response:
        expected = "Basic " + base64.b64encode(f"{ACCOUNT}:{TWILIO}".encode()).decode()
        if request.path_params["account"] != ACCOUNT or request.headers["authorization"] != expected:
            return JSONResponse({"code": 20003}, 401)
        return JSONResponse({"friendly_name": "Krefeld", "status": "active"})

    async def _slack(self, request: Request) -> Response:
        if request.headers["authorization"] != f"Bearer {SLACK}":
            return JSONResponse({"ok": False, "error": "invalid_auth"})
        if request.path_params["method"] == "auth.test":
            return JSONResponse({"ok": True, "user": "krefeld", "team": "Stadt"})
        body = await request.json()
        if answer := await self._scripted():
            return answer
        sections = [block["text"]["text"] for block in body["blocks"] if block["type"] == "section"]
        actions = [block["elements"] for block in body["blocks"] if block["type"] == "actions"]
        buttons = [(b["text"]["text"], b["value"]) for elements in actions for b in elements]
        if len(body["blocks"]) > 50 or any(not 0 < len(text) <= 3000 for text in sections):
            return self._refuse("blocks", {"ok": False, "error": "invalid_blocks"}, 200)
        if any(len(elements) > 25 for elements in actions) or any(not 0 < len(title) <= 75 for title, _ in buttons):
            return self._refuse("buttons", {"ok": False, "error": "invalid_blocks"}, 200)
        self.sent.append(Sent("slack", body["channel"], "\n".join(sections), body, buttons))
        return JSONResponse({"ok": True, "ts": str(len(self.sent))})

    async def _matrix(self, request: Request) -> Response:
        path = request.path_params["path"]
        if request.headers.get("authorization") != f"Bearer {MATRIX}":
            return JSONResponse({"errcode": "M_UNKNOWN_TOKEN"}, 401)
        if path == "account/whoami":
            return JSONResponse({"user_id": MATRIX_USER, **({"device_id": self.device} if self.device else {})})
        if path == "keys/query":
            return JSONResponse({"device_keys": {}})
        if path.startswith("user/"):
            return JSONResponse({})
        if path == "keys/upload":
            return JSONResponse({"one_time_key_counts": {"signed_curve25519": 50}})
        if path == "sync":
            return await self._sync(request)
        if path.startswith("join/"):
            self.joined.append(path.removeprefix("join/"))
            return JSONResponse({"room_id": path.removeprefix("join/")})
        found = re.fullmatch(r"rooms/([^/]+)/(.*)", path)
        assert found, path
        room, rest = found.groups()
        if rest == "joined_members":
            return JSONResponse({"joined": {f"@{n}:example.org": {} for n in range(self.members[room])}})
        if rest == "state/m.room.encryption":
            known = room in self.encrypted
            return JSONResponse({} if known else {"errcode": "M_NOT_FOUND"}, 200 if known else 404)
        body = await request.json()
        # As the specification says: a transaction that was taken is answered again and does nothing.
        key = rest.rsplit("/", 1)[-1]
        answer = await self._scripted()
        if answer is None or answer.headers.get("x-taken"):
            self.transactions[key] += 1
            if self.transactions[key] == 1:
                self.sent.append(Sent("matrix", room, body["body"], body))
        return answer or JSONResponse({"event_id": f"${key}"})

    async def _sync(self, request: Request) -> Response:
        self._asking += 1
        self.most_asking = max(self.most_asking, self._asking)
        try:
            return await self._news(request)
        finally:
            self._asking -= 1

    async def _news(self, request: Request) -> Response:
        since = int(request.query_params.get("since", "s0")[1:])
        first = "since" not in request.query_params
        for _ in range(20):
            if self.syncs or first:
                break
            await asyncio.sleep(0.02)
        # The gateway of the test before may still have been waiting.
        gone = await request.is_disconnected()
        rooms = self.syncs.pop(0) if self.syncs and not first and not gone else {}
        return JSONResponse({"next_batch": f"s{since + 1}", "rooms": rooms})


class _Html(HTMLParser):
    """Telegram's HTML mode: four signs are escaped, and of tags only <a href> is used here."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.broken = False
        self._open = 0
        self.feed(text)
        self.close()
        self.broken = self.broken or self._open != 0 or bool(re.search(r"&(?!(?:lt|gt|amp|quot|#x27);)", text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open += 1
        self.broken = self.broken or tag != "a" or [name for name, _ in attrs] != ["href"]

    def handle_endtag(self, tag: str) -> None:
        self._open -= 1
        self.broken = self.broken or tag != "a"

    def handle_data(self, data: str) -> None:
        self.text += data


def as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
