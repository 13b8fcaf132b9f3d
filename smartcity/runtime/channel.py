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
from contextlib import suppress
from typing import Any, Awaitable, Callable, Dict, Optional, Set

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from smartcity.runtime.action_health import actions_state
from smartcity.runtime.conversations import Forgotten, Turns, add_feedback, forget
from smartcity.runtime.failures import Failures, answer_of
from smartcity.runtime.redis_locks import Deleted, RedisLocks
from smartcity.runtime.repeats import KEY, Answered, OtherContent
from smartcity.runtime.replies import Messages, as_text
from smartcity.watching import request_id, tracing

__all__ = ["InternalChannel", "Messages", "as_text"]

logger = logging.getLogger(__name__)

_PAYLOAD = re.compile(r"/[a-z_0-9]+(\{.*\})?", re.DOTALL)

Content = Callable[[str], Optional[Dict[str, Any]]]
"""Gives what the assistant knows, in a language, as an object; None for an unknown language."""
Drop = Callable[[str], None]
"""Drops what others keep of a conversation, such as a request that was begun; raises when it cannot."""


class InternalChannel(InputChannel):
    """POST /webhooks/internal/webhook, /feedback and /forget, GET /webhooks/internal/content, /health and /metrics.

    What `/content` tells comes from a function that credentials.yml names, as config.yml names components:
    so the channel knows nothing of the knowledge that answers come from, and still gives that very knowledge.
    Another one drops what others keep of a conversation that is deleted.
    """

    def __init__(self, secret: str, content: Optional[Content] = None, drop: Optional[Drop] = None) -> None:
        if len(secret) < 32:
            raise ValueError("credentials.yml: the internal channel's secret must have at least 32 characters.")
        self._expected = f"Bearer {secret}"
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
        stopping = asyncio.Event()

        @blueprint.middleware("request")
        async def take_over(request: Request) -> None:
            request_id.begin(request.headers.get(request_id.HEADER))
            tracing.go_on(request.headers)

        @blueprint.listener("before_server_stop")
        async def finish(app: Any, loop: Any) -> None:
            """Told to end, begin no turn, and end when those under way have."""
            stopping.set()
            await turns.finish()

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
            if stopping.is_set():
                return response.json({"error": "This process stops."}, status=503, headers={"Connection": "close"})
            queue: asyncio.Queue[Optional[Dict[str, Any]]] = asyncio.Queue()
            message = UserMessage(
                said,
                Messages(queue.put_nowait),
                sender,
                input_channel=str(data.get("channel") or self.name()),
                metadata=_metadata(data),
            )
            # In a task of its own: a turn that has begun comes to its end even if nobody listens any more.
            turn = turns.begin(sender, _turn(on_new_message(message)))
            turn.add_done_callback(lambda _: queue.put_nowait(None))
            said_back = await queue.get()
            if said_back is None:
                try:
                    await turn
                except OtherContent:
                    return response.json({"error": "The key belongs to another message."}, status=409)
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
            actions = await actions_state(agent.action_endpoint) if ready else "down"
            model = getattr(agent, "model_name", None)
            return response.json({"rasa": "ok" if ready else "down", "actions": actions, "model": model})

        @blueprint.route("/metrics", methods=["GET"])
        async def metrics(request: Request) -> HTTPResponse:
            """What this process has measured, for Prometheus with its token; 404 for everybody else."""
            token = request.headers.get("Authorization") or ""
            # Imported here: stock Rasa has no client of Prometheus.
            from smartcity.runtime.vitals import tell

            told = await asyncio.to_thread(tell, token, request.app.ctx.agent, self._content)
            return response.empty(404) if told is None else response.raw(told, content_type="text/plain")

        return blueprint

    async def _forget(self, agent: Any, turns: Turns, sender: str) -> None:
        if isinstance(agent.lock_store, RedisLocks):
            await agent.lock_store.mark_deleted(sender)
        await turns.end(sender)
        if self._drop:
            # First: if it fails, the deletion has failed, and can be asked for again.
            await asyncio.to_thread(self._drop, sender)
        await forget(agent, sender)


async def _turn(turn: Awaitable[Any]) -> None:
    with suppress(Answered):
        await turn


def _metadata(data: Dict[str, Any]) -> Dict[str, Any]:
    """What Rasa stores with the message."""
    key = data.get("key")
    return {
        "language": data.get("language"),
        **({"forms": False} if data.get("forms") is False else {}),
        **({KEY: key} if isinstance(key, str) and key else {}),
    }


def _object(request: Request) -> Dict[str, Any]:
    return request.json if isinstance(request.json, dict) else {}


def _line(value: Dict[str, Any]) -> str:
    return json.dumps(value) + "\n"


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
