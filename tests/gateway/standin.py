"""A stand-in for Rasa's internal channel: a real HTTP server that answers as the test tells it."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

SECRET = "0123456789abcdef" * 4

GREETING = {
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
}


class StandIn:
    """Remembers what it was sent; `messages`, `status`, `delay` and `health` say how it answers."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.reset()
        self.app = Starlette(
            routes=[
                Route("/webhooks/internal/webhook", self._webhook, methods=["POST"]),
                Route("/webhooks/internal/health", self._health, methods=["GET"]),
            ]
        )

    def reset(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.messages: Any = [GREETING]
        self.status = 200
        self.delay = 0.0
        self.health: dict[str, str] = {"rasa": "ok", "actions": "ok"}
        self.at_once = 0
        self.most_at_once = 0

    async def _webhook(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        self.received.append(await request.json())
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(self.delay)
        self.at_once -= 1
        return JSONResponse({"messages": self.messages}, self.status)

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


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
