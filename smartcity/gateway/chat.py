"""The chat API: conversations are begun, held, rated and deleted under /chat."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from smartcity.gateway.answers import NO_STORE, Answers, digest_of, key_of
from smartcity.gateway.bodies import read_object
from smartcity.gateway.errors import RETRY_SECONDS, GatewayError
from smartcity.gateway.exchanges import TURN_SECONDS, Exchanges, Reply
from smartcity.gateway.health import version
from smartcity.gateway.limits import Limits
from smartcity.gateway.messages import clean_text, public_message
from smartcity.gateway.origins import origin_of
from smartcity.gateway.payloads import Payloads
from smartcity.gateway.pressure import Pressure
from smartcity.gateway.rasa_client import GREETING, Gone, RasaClient, Unavailable
from smartcity.gateway.ratings import FIELDS, read_rating
from smartcity.gateway.sessions import Ended, Languages, Session, Sessions
from smartcity.gateway.switch import Switch
from smartcity.gateway.texts import DEFAULT_LANGUAGE, LANGUAGES
from smartcity.settings import Settings


class Chat:
    def __init__(self, settings: Settings, rasa: RasaClient, limits: Limits, pressure: Pressure) -> None:
        self._longest: int = settings.max_text
        self._rasa = rasa
        self._limits = limits
        self._switch = Switch(settings)
        self._sessions = Sessions(settings)
        self._ended = Ended()
        self._languages = Languages(limits.shared)
        self._payloads = Payloads(settings)
        self._answers = Answers(settings.answer_seconds)
        self._exchanges = Exchanges(pressure, max(TURN_SECONDS, settings.answer_seconds))

    def routes(self) -> list[Route]:
        return [
            Route("/chat/config", self.config, methods=["GET"]),
            Route("/chat/sessions", self.begin_or_end, methods=["POST", "DELETE"]),
            Route("/chat/messages", self.go_on, methods=["POST"]),
            Route("/chat/feedback", self.rate, methods=["POST"]),
        ]

    async def close(self) -> None:
        await self._exchanges.close()

    async def config(self, request: Request) -> Response:
        """What a page needs to know before it shows the chat."""
        told = {
            "enabled": self._switch.is_on(),
            "max_text": self._longest,
            "languages": list(LANGUAGES),
            "version": version(),
        }
        return JSONResponse(told, 200, {"Cache-Control": "no-cache"})

    async def begin_or_end(self, request: Request) -> Response:
        await self._limits.count_address(request.scope)
        return await (self._end(request) if request.method == "DELETE" else self._begin(request))

    async def _begin(self, request: Request) -> Response:
        self._switch.check()
        fields = await read_object(request, ("language",), optional=True)
        language = fields.get("language", DEFAULT_LANGUAGE)
        session, token = self._sessions.begin(origin_of(request.scope), language)
        greeting = self._exchanges.begin(session.id, None, "", self._turn(session.id, language, payload=GREETING))
        messages = await self._answers.in_time(greeting.replies())
        return JSONResponse({"session": token, "messages": messages}, 201, NO_STORE)

    async def _end(self, request: Request) -> Response:
        """Nothing begins in the session from here on; what has begun is deleted with the rest by Rasa."""
        session = self._sessions.read(request.headers.get("authorization", ""), origin_of(request.scope))
        request.state.language = await self._languages.of(session)
        if self._ended.deleted(session):
            raise GatewayError("session_ended")
        self._ended.add(session, deleted=False)
        self._languages.forget(session)
        self._exchanges.forget(session.id)
        try:
            await self._rasa.forget(session.id)
        except (Unavailable, Gone):
            raise GatewayError("unavailable", retry_after=RETRY_SECONDS) from None
        self._ended.add(session, deleted=True)
        return Response(status_code=204, headers=NO_STORE)

    async def go_on(self, request: Request) -> Response:
        await self._limits.count_address(request.scope)
        self._switch.check()
        session = await self._session(request)
        key = key_of(request)
        repeated = self._exchanges.knows(session.id, key)
        if not repeated:
            await self._limits.count_session(session.id)
        fields = await read_object(request, ("text", "payload", "language"))
        if ("text" in fields) == ("payload" in fields):
            raise GatewayError("text_or_payload")
        if "text" in fields:
            said = {"text": clean_text(fields["text"], self._longest)}
        else:
            said = {"payload": self._payloads.open(session.id, fields["payload"])}
        content = digest_of(fields)
        if repeated and not self._exchanges.knows(session.id, key):
            # It was forgotten while the body came.
            await self._limits.count_session(session.id)
        exchange = self._exchanges.find(session.id, key, content)
        if exchange is None:
            # The session may have been ended while the body came; from here to the turn nothing comes between.
            self._ended.check(session)
            if "language" in fields:
                self._languages.change(session, fields["language"])
            turn = self._turn(session.id, fields.get("language", request.state.language), key, **said)
            exchange = self._exchanges.begin(session.id, key, content, turn)
        return await self._answers.answer(request, exchange)

    async def rate(self, request: Request) -> Response:
        """Feedback on one message, or on the conversation."""
        await self._limits.count_address(request.scope)
        session = await self._session(request)
        await self._limits.count_session(session.id)
        message, rating, comment = read_rating(await read_object(request, FIELDS))
        try:
            await self._rasa.rate(session.id, message, rating, comment)
        except Unavailable:
            raise GatewayError("unavailable", retry_after=RETRY_SECONDS) from None
        except Gone:
            raise GatewayError("session_ended" if message is None else "unknown_message") from None
        return Response(status_code=204, headers=NO_STORE)

    async def _session(self, request: Request) -> Session:
        """The session of a request, which may go on. Raises GatewayError."""
        session = self._sessions.read(request.headers.get("authorization", ""), origin_of(request.scope))
        request.state.language = await self._languages.of(session)
        self._ended.check(session)
        return session

    async def _turn(
        self, session: str, language: str, key: str | None = None, **said: str
    ) -> AsyncGenerator[Reply, None]:
        async with aclosing(self._rasa.turn(session, language, key=key, **said)) as messages:
            async for message in messages:
                yield public_message(message, language, lambda payload: self._payloads.seal(session, payload))
