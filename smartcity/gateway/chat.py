"""The chat API: POST /chat/sessions begins a conversation, POST /chat/messages goes on with it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from smartcity.gateway.bodies import read_object
from smartcity.gateway.errors import GatewayError
from smartcity.gateway.limits import Limits
from smartcity.gateway.messages import clean_text, public_messages
from smartcity.gateway.origins import origin_of
from smartcity.gateway.payloads import Payloads
from smartcity.gateway.rasa_client import GREETING, RasaClient, Unavailable
from smartcity.gateway.sessions import Languages, Sessions
from smartcity.gateway.texts import DEFAULT_LANGUAGE
from smartcity.settings import Settings

RETRY_SECONDS = 5
NO_STORE = {"Cache-Control": "no-store"}


class Chat:
    def __init__(self, settings: Settings, rasa: RasaClient, limits: Limits) -> None:
        self._longest: int = settings.max_text
        self._rasa = rasa
        self._limits = limits
        self._sessions = Sessions(settings)
        self._languages = Languages()
        self._payloads = Payloads(settings)

    def routes(self) -> list[Route]:
        return [
            Route("/chat/sessions", self.begin, methods=["POST"]),
            Route("/chat/messages", self.go_on, methods=["POST"]),
        ]

    async def begin(self, request: Request) -> JSONResponse:
        self._limits.count_address(request.scope)
        fields = await read_object(request, ("language",), optional=True)
        language = fields.get("language", DEFAULT_LANGUAGE)
        session, token = self._sessions.begin(origin_of(request.scope), language)
        messages = await self._answer(session.id, language, payload=GREETING)
        return JSONResponse({"session": token, "messages": messages}, 201, NO_STORE)

    async def go_on(self, request: Request) -> JSONResponse:
        self._limits.count_address(request.scope)
        session = self._sessions.read(request.headers.get("authorization", ""), origin_of(request.scope))
        request.state.language = self._languages.of(session)
        self._limits.count_session(session.id)
        fields = await read_object(request, ("text", "payload", "language"))
        if ("text" in fields) == ("payload" in fields):
            raise GatewayError("text_or_payload")
        if "text" in fields:
            said = {"text": clean_text(fields["text"], self._longest)}
        else:
            said = {"payload": self._payloads.open(session.id, fields["payload"])}
        if "language" in fields:
            self._languages.change(session, fields["language"])
        messages = await self._answer(session.id, self._languages.of(session), **said)
        return JSONResponse({"messages": messages}, 200, NO_STORE)

    async def _answer(self, session: str, language: str, **said: str) -> list[dict[str, object]]:
        try:
            answered = await self._rasa.send(session, language, **said)
        except Unavailable:
            raise GatewayError("unavailable", retry_after=RETRY_SECONDS) from None
        return public_messages(answered, language, lambda payload: self._payloads.seal(session, payload))
