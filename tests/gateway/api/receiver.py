"""A receiver of callbacks: a real HTTP server of an integrator, which checks what it is sent as documented."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

REPLAY_SECONDS = 300


def is_genuine(secret: str, headers: Any, body: bytes, now: float) -> bool:
    """What docs/integrating.md tells integrators to check."""
    timestamp = headers.get("Smartcity-Timestamp", "")
    if not timestamp.isdecimal() or abs(now - int(timestamp)) > REPLAY_SECONDS:
        return False
    expected = "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, headers.get("Smartcity-Signature", ""))


@dataclass
class Received:
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.body)
        return told


class Receiver:
    """Remembers what comes; answers with the statuses of `answers` in turn, the last one for good."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answers: list[tuple[int, dict[str, str]]] = [(204, {})]
        self.app = Starlette(routes=[Route("/{rest:path}", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        self.received.append(Received(dict(request.headers), await request.body()))
        status, headers = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return Response(status_code=status, headers=headers)
