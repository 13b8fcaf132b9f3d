"""GET /api/v1/content: what the assistant knows, as Rasa's side tells it, with ETags.

The gateway does not read content/ itself: what integrators get is what the assistant answers from at that moment.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smartcity.gateway.api.access import Access
from smartcity.gateway.api.queries import read_query
from smartcity.gateway.errors import RETRY_SECONDS, GatewayError
from smartcity.gateway.rasa_client import RasaClient, Unavailable
from smartcity.gateway.switch import Switch
from smartcity.gateway.texts import DEFAULT_LANGUAGE, LANGUAGES

FRESH_SECONDS = 5.0
"""How long a catalogue is given on without asking Rasa again, however many ask."""
KINDS = ("themes", "initiatives", "offices")


class Content:
    def __init__(self, rasa: RasaClient, access: Access, switch: Switch) -> None:
        self._rasa = rasa
        self._access = access
        self._switch = switch
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._known: dict[str, tuple[float, dict[str, Any]]] = {}
        """By language, with the time until which it is fresh."""

    def routes(self) -> list[Route]:
        return [
            Route("/api/v1/content", self.all, methods=["GET"]),
            Route("/api/v1/content/{kind}/{id}", self.one, methods=["GET"]),
        ]

    async def all(self, request: Request) -> Response:
        return _tagged(request, await self._catalogue(request))

    async def one(self, request: Request) -> Response:
        catalogue = await self._catalogue(request)
        kind, named = request.path_params["kind"], request.path_params["id"]
        if kind in KINDS:
            for record in catalogue[kind]:
                if record["id"] == named:
                    return _tagged(request, {"language": catalogue["language"], **record})
        raise GatewayError("unknown_content")

    async def _catalogue(self, request: Request) -> dict[str, Any]:
        await self._access.check(request, "content")
        self._switch.check()
        language = read_query(request, ("language",)).get("language", DEFAULT_LANGUAGE)
        if language not in LANGUAGES:
            raise GatewayError("unknown_language", known=", ".join(LANGUAGES))
        request.state.language = language
        async with self._asking[language]:
            until, catalogue = self._known.get(language, (0.0, {}))
            if time.monotonic() >= until:
                try:
                    catalogue = await self._rasa.content(language)
                except Unavailable:
                    raise GatewayError("unavailable", retry_after=RETRY_SECONDS) from None
                self._known[language] = time.monotonic() + FRESH_SECONDS, catalogue
            return catalogue


def _tagged(request: Request, value: Mapping[str, Any]) -> Response:
    """The value as JSON with the digest of it as ETag; 304 for who has it."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"Cache-Control": "private, no-cache", "ETag": tag}
    held = {part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")}
    if held & {tag, "*"}:
        return Response(status_code=304, headers=headers)
    return Response(body, 200, headers, media_type="application/json")
