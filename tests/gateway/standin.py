"""A stand-in for Rasa's internal channel: a real HTTP server that answers as the test tells it."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

SECRET = "0123456789abcdef" * 4

GREETING = {
    "id": "5f1d0c2a",
    "kind": "answer",
    "text": "Guten Tag! Ich bin ein Computer-Programm.\n- Mobilität\n- Bildung",
    "language": "de",
    "buttons": [{"title": "Was kostet das?", "payload": '/ask_cost{"initiative": "kruiser"}'}],
    "links": [{"title": "Stadt Krefeld", "url": "https://www.krefeld.de"}],
    "source": {
        "title": "Smart City Themen",
        "url": "https://www.krefeld.de/smartcity",
        "as_of": "2025-12",
        "dated": True,
        "read": "2026-11-23",
    },
    "answer": "conversation/greeting",
    "known": True,
    "expects": None,
}


class StandIn:
    """Remembers what it was sent; its attributes say how it answers."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.reset()
        self.app = Starlette(
            routes=[
                Route("/webhooks/internal/webhook", self._webhook, methods=["POST"]),
                Route("/webhooks/internal/feedback", self._feedback, methods=["POST"]),
                Route("/webhooks/internal/forget", self._forget, methods=["POST"]),
                Route("/webhooks/internal/content", self._content, methods=["GET"]),
                Route("/webhooks/internal/health", self._health, methods=["GET"]),
            ]
        )

    def reset(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.rated: list[dict[str, Any]] = []
        self.forgotten: list[str] = []
        self.messages: list[Any] = [GREETING]
        """The messages of each turn; anything that is no object goes out as a line of its own."""
        self.done = True
        """Whether a turn comes to its end."""
        self.status = 200
        self.rate_status = 204
        self.forget_status = 204
        self.delay = 0.0
        """Seconds until the first message, and until other answers."""
        self.held = False
        """Whether turns wait until they are let go."""
        self.pause = 0.0
        """Seconds between two messages, and before the end."""
        self.health: dict[str, str] = {"rasa": "ok", "actions": "ok"}
        self.content: dict[str, dict[str, Any]] = {}
        """What the assistant knows, by language."""
        self.content_asked = 0
        self.at_once = 0
        self.most_at_once = 0
        self.finished = 0

    async def _webhook(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        self.received.append(await request.json())
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(self.delay)
        while self.held:
            await asyncio.sleep(0.01)
        if self.status != 200:
            self.at_once -= 1
            return JSONResponse({"error": "as the test wants it"}, self.status)
        return StreamingResponse(self._lines(), media_type="application/x-ndjson")

    async def _lines(self) -> AsyncIterator[str]:
        for number, message in enumerate(self.messages):
            if number:
                await asyncio.sleep(self.pause)
            yield json.dumps({"message": message} if isinstance(message, dict) else message) + "\n"
        await asyncio.sleep(self.pause)
        self.at_once -= 1
        self.finished += 1
        if self.done:
            yield json.dumps({"done": True}) + "\n"

    async def _feedback(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        self.rated.append(await request.json())
        return Response(status_code=self.rate_status)

    async def _forget(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        await asyncio.sleep(self.delay)
        self.forgotten.append((await request.json())["sender"])
        return Response(status_code=self.forget_status)

    async def _content(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        self.content_asked += 1
        content = self.content.get(request.query_params["language"])
        return JSONResponse(content) if content else JSONResponse({"error": "content"}, 404)

    async def _health(self, request: Request) -> Response:
        await asyncio.sleep(self.delay)
        return self._refusal(request) or JSONResponse(self.health)

    def _refusal(self, request: Request) -> Response | None:
        if request.headers.get("authorization") == f"Bearer {self.secret}":
            return None
        return JSONResponse({"error": "secret"}, 401)


@contextmanager
def running(app: ASGIApp) -> Iterator[int]:
    """Serve the application on a free port in a thread; gives the port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        config = uvicorn.Config(app, ws="none", log_config=None, lifespan="on", proxy_headers=False, access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "the server did not start"
                thread.join(0.01)
            yield taken.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(10)
