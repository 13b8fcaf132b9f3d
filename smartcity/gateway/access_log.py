"""One JSON line a request: time, method, path, status, milliseconds. Never text, tokens or addresses.

The path is the route's, so that what somebody typed behind the slash stays out too.
"""

from __future__ import annotations

import json
import logging
import time
from datetime import UTC, datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger("smartcity.gateway.access")

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class AccessLog:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 0
        began = time.perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            method = scope["method"]
            line = {
                "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "method": method if method in METHODS else "OTHER",
                "path": getattr(scope.get("route"), "path", "(none)"),
                "status": status,
                "ms": round((time.perf_counter() - began) * 1000, 1),
            }
            logger.info(json.dumps(line))
