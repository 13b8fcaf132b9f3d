"""The one channel on which Rasa listens: the gateway's, with a shared secret.

Typed text never becomes an intent here, whatever it begins with; payloads are separate fields
that the gateway has verified. Works under stock Rasa as well.
"""

from __future__ import annotations

import asyncio
import hmac
import importlib
import json
import logging
import re
from typing import Any, Awaitable, Callable, Dict, List, Optional, Set

import aiohttp
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from smartcity.runtime.conversations import END_SECONDS, Forgotten, Turns, add_feedback, forget
from smartcity.runtime.failures import Failures, answer_of
from smartcity.runtime.receipts import OtherContent, Receipt, Receipts
from smartcity.runtime.redis_locks import Deleted, RedisLocks

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


class Messages(OutputChannel):
    """Hands on each message of Rasa whole, as it comes: text, buttons and what the action added."""

    def __init__(self, take: Callable[[Dict[str, Any]], None]) -> None:
        self._take = take

    @classmethod
    def name(cls) -> str:
        return "internal"

    async def send_response(self, recipient_id: str, message: Dict[str, Any]) -> None:
        custom = message.get("custom") or {}
        self._take(
            {
                "id": custom.get("id"),
                "kind": custom.get("kind", "answer"),
                "text": message.get("text") or "",
                "language": custom.get("language", "de"),
                "buttons": message.get("buttons") or [],
                "links": custom.get("links", []),
                "source": custom.get("source"),
                "answer": custom.get("answer"),
                "known": custom.get("known", True),
                "expects": custom.get("expects"),
            }
        )
        # Rasa goes on without a pause; whoever sends the message gets its turn here.
        await asyncio.sleep(0)


Content = Callable[[str], Optional[Dict[str, Any]]]
"""Gives what the assistant knows, in a language, as an object; None for an unknown language."""
Drop = Callable[[str], None]
"""Drops what others keep of a conversation, such as a request that was begun; raises when it cannot."""


class InternalChannel(InputChannel):
    """POST /webhooks/internal/webhook, /feedback and /forget, GET /webhooks/internal/content and /health.

    What `/content` tells comes from a function that credentials.yml names, as config.yml names components:
    so the channel knows nothing of the knowledge that answers come from, and still gives that very knowledge.
    Another one drops what others keep of a conversation that is deleted.
    """

    def __init__(self, secret: str, content: Optional[Content] = None, drop: Optional[Drop] = None) -> None:
        if len(secret) < 32:
            raise ValueError("credentials.yml: the internal channel's secret must have at least 32 characters.")
        self._expected = f"Bearer {secret}"
        self._secret = secret
        self._content = content
        self._drop = drop

    @classmethod
    def name(cls) -> str:
        return "internal"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[str, Any]]) -> InternalChannel:
        secret = (credentials or {}).get("secret")
        if not secret:
            cls.raise_missing_credentials_exception()
        functions = [_named(credentials or {}, key) for key in ("content", "drop")]
        return cls(str(secret), *functions)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("internal")
        turns, forgotten = Turns(), Forgotten()
        deletions: Set[asyncio.Future[None]] = set()

        def refused(request: Request) -> Optional[HTTPResponse]:
            given = request.headers.get("Authorization") or ""
            if hmac.compare_digest(given.encode(), self._expected.encode()):
                return None
            return response.json({"error": "The shared secret is missing or wrong."}, status=401)

        @blueprint.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> Optional[HTTPResponse]:
            """One line {"message"} for each message as it comes, then {"done"}; without that the turn failed."""
            refusal = refused(request)
            if refusal:
                return refusal
            data = _object(request)
            sender, text, payload = data.get("sender"), data.get("text"), data.get("payload")
            if not isinstance(sender, str) or not sender or isinstance(text, str) == isinstance(payload, str):
                return response.json({"error": "Send 'sender' and either 'text' or 'payload'."}, status=400)
            if isinstance(payload, str):
                if not _PAYLOAD.fullmatch(payload):
                    return response.json({"error": "The payload must look like /intent{...}."}, status=400)
                said = payload
            else:
                said = as_text(str(text))
            if sender in forgotten:
                return response.json({"error": "This conversation was deleted."}, status=410)
            queue: asyncio.Queue[Optional[Dict[str, Any]]] = asyncio.Queue()
            replies: List[Dict[str, Any]] = []

            def take(reply: Dict[str, Any]) -> None:
                replies.append(reply)
                queue.put_nowait(reply)

            message = UserMessage(
                said,
                Messages(take),
                sender,
                input_channel=str(data.get("channel") or self.name()),
                metadata={"language": data.get("language"), **({"forms": False} if data.get("forms") is False else {})},
            )
            try:
                receipt = await self._receipt(request.app.ctx.agent, data, said)
            except OtherContent:
                return response.json({"error": "The key belongs to another message."}, status=409)
            except Failures as error:
                return answer_of(error)
            # In a task of its own: a turn that has begun comes to its end even if nobody listens any more.
            turn = turns.begin(sender, _turn(receipt, lambda: on_new_message(message), replies, take))
            turn.add_done_callback(lambda _: queue.put_nowait(None))
            said_back = await queue.get()
            if said_back is None:
                try:
                    await turn
                except Failures as error:
                    return answer_of(error)
                logger.error("A message got no answer; the cause stands above.")
                return response.json({"error": "The assistant gave no answer."}, status=503)
            stream = await request.respond(content_type="application/x-ndjson")
            while said_back is not None:
                await stream.send(_line({"message": said_back}))
                said_back = await queue.get()
            await turn
            await stream.send(_line({"done": True}), True)
            return None

        @blueprint.route("/feedback", methods=["POST"])
        async def rate(request: Request) -> HTTPResponse:
            """204; 404 where there is no such conversation, or no such message in it."""
            refusal = refused(request)
            if refusal:
                return refusal
            data = _object(request)
            feedback = {key: data.get(key) for key in ("message", "rating", "comment")}
            sender = data.get("sender")
            if not isinstance(sender, str) or not isinstance(feedback["rating"], str):
                return response.json({"error": "Send 'sender' and 'rating'."}, status=400)
            if not all(value is None or isinstance(value, str) for value in feedback.values()):
                return response.json({"error": "'message' and 'comment' are strings or null."}, status=400)
            try:
                added = sender not in forgotten and await add_feedback(request.app.ctx.agent, sender, feedback)
            except Deleted:
                added = False
            except Failures as error:
                return answer_of(error)
            if not added:
                return response.json({"error": "There is no such conversation or message."}, status=404)
            return response.empty()

        @blueprint.route("/forget", methods=["POST"])
        async def delete(request: Request) -> HTTPResponse:
            """204 when no trace of the conversation is left, also when there was none."""
            refusal = refused(request)
            if refusal:
                return refusal
            sender = _object(request).get("sender")
            if not isinstance(sender, str) or not sender:
                return response.json({"error": "Send 'sender'."}, status=400)
            # From here on nothing begins, what has begun is waited for, and then there is nothing left to come.
            forgotten.add(sender)
            # Shielded: a deletion that was asked for is done even if the gateway does not wait for it.
            deletion = asyncio.ensure_future(self._forget(request.app.ctx.agent, turns, sender))
            deletions.add(deletion)
            deletion.add_done_callback(deletions.discard)
            try:
                await asyncio.shield(deletion)
            except Failures as error:
                return answer_of(error)
            return response.empty()

        @blueprint.route("/content", methods=["GET"])
        async def content(request: Request) -> HTTPResponse:
            """What the assistant knows, in `language`; 404 where nothing is named or there is no such language."""
            refusal = refused(request)
            if refusal:
                return refusal
            language = request.args.get("language", "")
            # In a thread: a source that is asked over HTTP must not hold up conversations.
            told = await asyncio.to_thread(self._content, language) if self._content else None
            if told is None:
                return response.json({"error": "There is no such content."}, status=404)
            return response.json(told)

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

    async def _receipt(self, agent: Any, data: Dict[str, Any], said: str) -> Optional[Receipt]:
        """What is known of a message that came with a key; None where nothing is kept of such."""
        key, receipts = data.get("key"), self._receipts(agent)
        if receipts is None or not isinstance(key, str) or not key:
            return None
        return await receipts.claim(str(data["sender"]), key, said, END_SECONDS)

    def _receipts(self, agent: Any) -> Optional[Receipts]:
        locks = getattr(agent, "lock_store", None)
        return Receipts(locks.redis, self._secret) if isinstance(locks, RedisLocks) else None

    async def _forget(self, agent: Any, turns: Turns, sender: str) -> None:
        if isinstance(agent.lock_store, RedisLocks):
            await agent.lock_store.mark_deleted(sender)
        await turns.end(sender)
        if self._drop:
            # First: if it fails, the deletion has failed, and can be asked for again.
            await asyncio.to_thread(self._drop, sender)
        await forget(agent, sender)
        receipts = self._receipts(agent)
        if receipts:
            await receipts.forget(sender)


async def _turn(
    receipt: Optional[Receipt],
    begin: Callable[[], Awaitable[Any]],
    replies: List[Dict[str, Any]],
    take: Callable[[Dict[str, Any]], None],
) -> None:
    """Let Rasa answer, or say again what it has answered to this message already."""
    if receipt is None:
        await begin()
    elif receipt.replies is None:
        await receipt.keep(begin(), replies)
    else:
        for reply in receipt.replies:
            take(reply)


def _named(credentials: Dict[str, Any], key: str) -> Any:
    """The function whose dotted name stands under the key. Raises ValueError when there is none."""
    name = credentials.get(key)
    if not name:
        return None
    module, _, function = str(name).rpartition(".")
    try:
        return getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError):
        raise ValueError(f"credentials.yml: {key}: there is no function '{name}'.") from None


def _object(request: Request) -> Dict[str, Any]:
    return request.json if isinstance(request.json, dict) else {}


def _line(value: Dict[str, Any]) -> str:
    return json.dumps(value) + "\n"


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
