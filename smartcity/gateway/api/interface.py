"""Conversations of integrators: begun, held, fetched, rated and deleted under /api/v1/conversations."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from importlib import resources
from typing import Any

import yaml
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from smartcity.gateway.answers import NO_STORE, Answers, digest_of, key_of
from smartcity.gateway.api.access import Access
from smartcity.gateway.api.callbacks import Callbacks, error_of
from smartcity.gateway.api.content import Content
from smartcity.gateway.api.conversations import Conversation, Conversations, Deleted
from smartcity.gateway.api.keys import ApiKey, ApiKeys
from smartcity.gateway.api.queries import read_query
from smartcity.gateway.api.records import Entry, Records
from smartcity.gateway.bodies import read_object
from smartcity.gateway.errors import RETRY_SECONDS, GatewayError
from smartcity.gateway.exchanges import TURN_SECONDS, Exchanges, Reply
from smartcity.gateway.limits import Limits
from smartcity.gateway.messages import clean_text, public_message
from smartcity.gateway.payloads import Payloads
from smartcity.gateway.pressure import Pressure
from smartcity.gateway.rasa_client import GREETING, Gone, RasaClient, Unavailable
from smartcity.gateway.ratings import FIELDS, read_rating
from smartcity.gateway.switch import Switch
from smartcity.gateway.texts import DEFAULT_LANGUAGE
from smartcity.settings import Settings

CHANNEL = "api"
CURSOR = re.compile(r"[0-9]{1,16}")


def document() -> dict[str, Any]:
    """The OpenAPI description of the interface."""
    text = resources.files(__package__).joinpath("openapi.yaml").read_text("utf-8")
    described: dict[str, Any] = yaml.safe_load(text)
    return described


class Interface:
    def __init__(self, settings: Settings, rasa: RasaClient, limits: Limits, pressure: Pressure) -> None:
        keys = ApiKeys(settings)
        self._longest: int = settings.max_text
        self._rasa = rasa
        self._limits = limits
        self._access = Access(settings, limits, keys)
        self._switch = Switch(settings)
        self._conversations = Conversations(settings)
        self._deleted = Deleted()
        self._payloads = Payloads(settings)
        self._answers = Answers(settings.answer_seconds)
        self._exchanges = Exchanges(pressure, max(TURN_SECONDS, settings.answer_seconds), gone="unknown_conversation")
        self._records = Records()
        self._callbacks = Callbacks(settings, keys)
        self._content = Content(rasa, self._access, self._switch)
        self._document = json.dumps(document(), ensure_ascii=False).encode()

    def routes(self) -> list[Route]:
        one = "/api/v1/conversations/{id}"
        return [
            Route("/api/v1/conversations", self.begin, methods=["POST"]),
            Route(one, self.delete, methods=["DELETE"]),
            Route(f"{one}/messages", self.messages, methods=["GET", "POST"]),
            Route(f"{one}/feedback", self.rate, methods=["POST"]),
            *self._content.routes(),
            Route("/api/v1/openapi.json", self.describe, methods=["GET"]),
        ]

    async def close(self) -> None:
        # First: a callback would tell an end of its exchange that is none.
        await self._callbacks.close()
        await self._exchanges.close()

    async def describe(self, request: Request) -> Response:
        return Response(self._document, 200, {"Cache-Control": "no-cache"}, "application/json")

    async def begin(self, request: Request) -> Response:
        key = await self._access.check(request, "messages")
        self._switch.check()
        fields = await read_object(request, ("language", "user"), optional=True)
        conversation = self._conversations.begin(key, fields.get("user"), fields.get("language", DEFAULT_LANGUAGE))
        await self._limits.count_session(conversation.person)
        turn = self._turn(conversation, conversation.language, payload=GREETING)
        greeting = self._exchanges.begin(conversation.session, None, "", turn)
        self._records.add(conversation.session, None, greeting)
        messages = await self._answers.in_time(greeting.replies())
        begun = {"id": conversation.id, "exchange": greeting.number, "messages": messages}
        return JSONResponse(begun, 201, NO_STORE)

    async def delete(self, request: Request) -> Response:
        """Nothing begins in the conversation from here on; what has begun is deleted with the rest by Rasa."""
        conversation = self._conversation(request, await self._access.check(request, "delete"))
        self._deleted.add(conversation)
        self._exchanges.forget(conversation.session)
        self._records.forget(conversation.session)
        await self._callbacks.forget(conversation)
        try:
            await self._rasa.forget(conversation.session, channel=CHANNEL)
        except (Unavailable, Gone):
            raise GatewayError("unavailable", retry_after=RETRY_SECONDS) from None
        return Response(status_code=204, headers=NO_STORE)

    async def messages(self, request: Request) -> Response:
        key = await self._access.check(request, "messages")
        self._switch.check()
        conversation = self._conversation(request, key)
        self._deleted.check(conversation)
        if request.method == "POST":
            return await self._say(request, key, conversation)
        after = read_query(request, ("after",)).get("after", "0")
        if not CURSOR.fullmatch(after):
            raise GatewayError("bad_cursor")
        entries = self._records.after(conversation.session, int(after))
        told = [_told(entry, conversation.language) for entry in entries]
        return JSONResponse({"exchanges": told}, 200, NO_STORE)

    async def _say(self, request: Request, key: ApiKey, conversation: Conversation) -> Response:
        name = key_of(request)
        repeated = self._exchanges.knows(conversation.session, name)
        if not repeated:
            await self._limits.count_session(conversation.person)
        fields = await read_object(request, ("text", "payload", "language", "callback"), flags=("callback",))
        if ("text" in fields) == ("payload" in fields):
            raise GatewayError("text_or_payload")
        if "text" in fields:
            said = {"text": clean_text(fields["text"], self._longest)}
        else:
            said = {"payload": self._payloads.open(conversation.session, fields["payload"])}
        content = digest_of(fields)
        if repeated and not self._exchanges.knows(conversation.session, name):
            # It was forgotten while the body came.
            await self._limits.count_session(conversation.person)
        exchange = self._exchanges.find(conversation.session, name, content)
        if exchange is None:
            if fields.get("callback"):
                self._callbacks.check(key)
            # It may have been deleted while the body came; from here to the turn nothing comes between.
            self._deleted.check(conversation)
            turn = self._turn(conversation, fields.get("language", conversation.language), name, **said)
            exchange = self._exchanges.begin(conversation.session, name, content, turn)
            self._records.add(conversation.session, name, exchange)
            if fields.get("callback"):
                self._callbacks.follow(key, conversation, exchange, name)
        if fields.get("callback"):
            return JSONResponse({"exchange": exchange.number}, 202, NO_STORE)
        return await self._answers.answer(request, exchange, {"exchange": exchange.number})

    async def rate(self, request: Request) -> Response:
        """Feedback on one message, or on the conversation."""
        conversation = self._conversation(request, await self._access.check(request, "feedback"))
        self._deleted.check(conversation)
        await self._limits.count_session(conversation.person)
        message, rating, comment = read_rating(await read_object(request, FIELDS))
        try:
            await self._rasa.rate(conversation.session, message, rating, comment, channel=CHANNEL)
        except Unavailable:
            raise GatewayError("unavailable", retry_after=RETRY_SECONDS) from None
        except Gone:
            raise GatewayError("unknown_conversation" if message is None else "unknown_message") from None
        return Response(status_code=204, headers=NO_STORE)

    def _conversation(self, request: Request, key: ApiKey) -> Conversation:
        conversation = self._conversations.open(key, request.path_params["id"])
        request.state.language = conversation.language
        return conversation

    async def _turn(
        self, conversation: Conversation, language: str, key: str | None = None, **said: str
    ) -> AsyncGenerator[Reply, None]:
        session = conversation.session
        async with aclosing(self._rasa.turn(session, language, channel=CHANNEL, key=key, **said)) as messages:
            async for message in messages:
                yield public_message(message, language, lambda payload: self._payloads.seal(session, payload))


def _told(entry: Entry, language: str) -> dict[str, object]:
    """An exchange as a client fetches it, with the replies that are there so far."""
    exchange = entry.exchange
    return {
        "exchange": entry.number,
        "key": entry.key,
        "state": exchange.state,
        "messages": exchange.so_far,
        "error": error_of(exchange.failure, language) if exchange.failure else None,
    }
