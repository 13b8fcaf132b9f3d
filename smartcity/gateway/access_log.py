"""One line a request: method, path, status, milliseconds. Never text, tokens or addresses.

The path is the route's, so that what somebody typed behind the slash stays out too. Here every request gets its id,
which stands in all lines about it, goes on to Rasa and comes back in a header.
"""

from __future__ import annotations

import logging
import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from smartcity.addresses import Proxies
from smartcity.gateway import metrics
from smartcity.watching import request_id

logger = logging.getLogger("smartcity.gateway.access")

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class AccessLog:
    def __init__(self, app: ASGIApp, proxies: Proxies) -> None:
        self.app = app
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 0
        began = time.perf_counter()
        named = request_id.begin(self._proxies.request_id_of(scope))

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[request_id.HEADER] = named
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            seconds = time.perf_counter() - began
            method = scope["method"] if scope["method"] in METHODS else "OTHER"
            path = getattr(scope.get("route"), "path", "(none)")
            metrics.count_request(method, path, status, seconds)
            line = {"method": method, "path": path, "status": status, "ms": round(seconds * 1000, 1)}
            logger.info("%s %s %d %.1f ms", *line.values(), extra={"fields": line})
