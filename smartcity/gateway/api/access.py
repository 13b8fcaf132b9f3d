"""Who calls: the API key of a request, what it may do, and how often."""

from __future__ import annotations

from starlette.requests import Request

from smartcity.gateway.api.keys import ApiKey, ApiKeys
from smartcity.gateway.errors import GatewayError
from smartcity.gateway.limits import Limits, SharedBuckets
from smartcity.settings import Settings


class Access:
    def __init__(self, settings: Settings, limits: Limits, keys: ApiKeys) -> None:
        self._on: bool = settings.limits
        self._limits = limits
        self._keys = keys
        self._calls: dict[int, SharedBuckets] = {}
        """By how many calls a minute they allow."""

    async def check(self, request: Request, scope: str) -> ApiKey:
        """The key of a request that may do this. Raises GatewayError.

        Calls without a valid key count against their network address, calls with one against the key alone.
        """
        try:
            key = self._key(request)
        except GatewayError:
            await self._limits.count_address(request.scope)
            raise
        calls = self._calls.get(key.per_minute)
        if calls is None:
            calls = self._calls[key.per_minute] = SharedBuckets("api", key.per_minute, self._limits.shared)
        if self._on and (wait := await calls.take(key.prefix)):
            raise GatewayError("too_many_calls", retry_after=wait)
        if scope not in key.scopes:
            raise GatewayError("scope_missing", scope=scope)
        return key

    def _key(self, request: Request) -> ApiKey:
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not text:
            raise GatewayError("no_api_key")
        key = self._keys.find(text.strip())
        if key is None:
            raise GatewayError("bad_api_key")
        return key
