"""The one channel on which Rasa listens: the gateway's, with a shared secret.

Typed text never becomes an intent here, whatever it begins with; payloads are separate fields
that the gateway has verified. Works under stock Rasa as well.
"""

from __future__ import annotations

import hmac
import logging
import re
from typing import Any, Awaitable, Callable, Dict, List, Optional

import aiohttp
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

logger = logging.getLogger(__name__)

_PAYLOAD = re.compile(r"/[a-z_0-9]+(\{.*\})?", re.DOTALL)
_SLASH = "∕"
"""U+2215, which looks like the slash that Rasa would take for an intent."""


def as_text(text: str) -> str:
    """The text such that Rasa never reads it as `/intent{...}`, otherwise unchanged."""
    stripped = text.lstrip()
    if not stripped.startswith("/"):
        return text
    return text[: len(text) - len(stripped)] + _SLASH + stripped[1:]


class CollectedMessages(OutputChannel):
    """Keeps each message of Rasa whole: text, buttons and what the action added."""

    def __init__(self) -> None:
        self.messages: List[Dict[str, Any]] = []

    @classmethod
    def name(cls) -> str:
        return "internal"

    async def send_response(self, recipient_id: str, message: Dict[str, Any]) -> None:
        custom = message.get("custom") or {}
        self.messages.append(
            {
                "text": message.get("text") or "",
                "language": custom.get("language", "de"),
                "buttons": message.get("buttons") or [],
                "links": custom.get("links", []),
                "source": custom.get("source"),
                "answer": custom.get("answer"),
                "known": custom.get("known", True),
            }
        )


class InternalChannel(InputChannel):
    """POST /webhooks/internal/webhook and GET /webhooks/internal/health."""

    def __init__(self, secret: str) -> None:
        if len(secret) < 32:
            raise ValueError("credentials.yml: the internal channel's secret must have at least 32 characters.")
        self._expected = f"Bearer {secret}"

    @classmethod
    def name(cls) -> str:
        return "internal"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[str, Any]]) -> InternalChannel:
        secret = (credentials or {}).get("secret")
        if not secret:
            cls.raise_missing_credentials_exception()
        return cls(str(secret))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("internal")

        def refused(request: Request) -> Optional[HTTPResponse]:
            given = request.headers.get("Authorization") or ""
            if hmac.compare_digest(given.encode(), self._expected.encode()):
                return None
            return response.json({"error": "The shared secret is missing or wrong."}, status=401)

        @blueprint.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            refusal = refused(request)
            if refusal:
                return refusal
            data = request.json if isinstance(request.json, dict) else {}
            sender, text, payload = data.get("sender"), data.get("text"), data.get("payload")
            if not isinstance(sender, str) or not sender or isinstance(text, str) == isinstance(payload, str):
                return response.json({"error": "Send 'sender' and either 'text' or 'payload'."}, status=400)
            if isinstance(payload, str):
                if not _PAYLOAD.fullmatch(payload):
                    return response.json({"error": "The payload must look like /intent{...}."}, status=400)
                said = payload
            else:
                said = as_text(str(text))
            output = CollectedMessages()
            await on_new_message(
                UserMessage(
                    said,
                    output,
                    sender,
                    input_channel=str(data.get("channel") or self.name()),
                    metadata={"language": data.get("language")},
                )
            )
            if not output.messages:
                logger.error("A message got no answer; the cause stands above.")
                return response.json({"error": "The assistant gave no answer."}, status=503)
            return response.json({"messages": output.messages})

        @blueprint.route("/health", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            refusal = refused(request)
            if refusal:
                return refusal
            agent = request.app.ctx.agent
            ready = agent is not None and agent.is_ready()
            actions = await _actions_state(agent.action_endpoint) if ready else "down"
            return response.json({"rasa": "ok" if ready else "down", "actions": actions})

        return blueprint


async def _actions_state(endpoint: Any) -> str:
    if endpoint is None:
        return "down"
    if endpoint.url == "inprocess":
        return "ok"
    address = endpoint.url.rsplit("/", 1)[0] + "/health"
    try:
        timeout = aiohttp.ClientTimeout(total=1)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(address) as answer:
            return "ok" if answer.status == 200 else "down"
    except (aiohttp.ClientError, TimeoutError, OSError):
        return "down"
