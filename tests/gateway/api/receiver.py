"""A receiver of callbacks: a real HTTP server of an integrator, which checks what it is sent as documented."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

PAGE = Path("docs/integrating.md")


def documented_check() -> Callable[..., bool]:
    """The function that docs/integrating.md gives to integrators."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(next(block for block in blocks if "is_genuine" in block), names)
    check: Callable[..., bool] = names["is_genuine"]
    return check


is_genuine = documented_check()


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
