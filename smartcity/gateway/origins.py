"""Which websites may use the chat: the gateway's own and those of ORIGINS, matched exactly; CORS for them.

The files of the widget are public: any website may read them, and nothing else.
The integrators' interface is for servers: no website may use it, since its keys do not belong in browsers.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from smartcity.addresses import Proxies
from smartcity.gateway.errors import GatewayError, error_response

PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Allow-Headers": "authorization, content-type, idempotency-key",
    "Access-Control-Max-Age": "600",
}
PUBLIC = "/widget/"
SERVERS_ONLY = "/api/"
DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def origin_of(scope: Scope) -> str:
    """The Origin of a request that `Origins` has let pass; empty when it has none (no browser)."""
    return Headers(scope=scope).get("origin", "")


class Origins:
    """Refuses foreign origins and answers CORS for the others, preflight included."""

    def __init__(self, app: ASGIApp, allowed: Iterable[str], proxies: Proxies) -> None:
        self.app = app
        self._allowed = frozenset(allowed)
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (scope["method"] in ("GET", "HEAD") and scope["path"].startswith(PUBLIC)):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origins = headers.getlist("origin")
        if scope["path"].startswith(SERVERS_ONLY):
            refusal = error_response(scope, GatewayError("no_browsers")) if origins else self.app
            await refusal(scope, receive, send)
            return
        known = len(origins) == 1 and self._knows(origins[0], scope)

        async def with_cors(message: Message) -> None:
            if message["type"] == "http.response.start":
                out = MutableHeaders(scope=message)
                out.add_vary_header("Origin")
                if known:
                    out["Access-Control-Allow-Origin"] = origins[0]
                    out["Access-Control-Expose-Headers"] = "Retry-After"
            await send(message)

        if origins and not known:
            await error_response(scope, GatewayError("origin_not_allowed"))(scope, receive, with_cors)
        elif origins and scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await Response(status_code=204, headers=PREFLIGHT)(scope, receive, with_cors)
        else:
            await self.app(scope, receive, with_cors)

    def _knows(self, origin: str, scope: Scope) -> bool:
        return origin in self._allowed or self._is_own(origin, scope)

    def _is_own(self, origin: str, scope: Scope) -> bool:
        """Whether the origin names the host asked. Behind a proxy that ends TLS but is not trusted
        the gateway sees http only, so both schemes count; where https is known, http does not."""
        scheme, _, authority = origin.partition("://")
        if scheme not in DEFAULT_PORTS or (scheme == "http" and self._proxies.scheme_of(scope) == "https"):
            return False
        host = Headers(scope=scope).get("host", "").lower()
        return bool(authority) and authority == host.removesuffix(DEFAULT_PORTS[scheme])
