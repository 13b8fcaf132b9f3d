"""The network to Rasa: aiohttp behind httpx's interface of transports.

A turn spent more time in httpx's own network (httpcore, h11, anyio) than in all else that the gateway does; aiohttp
parses in C and looks for a free connection without asking all of them. What stands in its place in tests, and the
guard before it, speak httpx as before. Nothing is sent twice: aiohttp repeats no POST.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import httpx

LEFT_OUT = ("Accept", "Accept-Encoding", "User-Agent")
"""What aiohttp would add of its own."""


class Network(httpx.AsyncBaseTransport):
    """Connections that are kept for `kept_seconds`, `most` at a time."""

    def __init__(self, most: int, kept_seconds: float) -> None:
        self._most = most
        self._kept_seconds = kept_seconds
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises httpx.TransportError as httpx's own transport does."""
        limits = request.extensions.get("timeout", {})
        timeout = aiohttp.ClientTimeout(
            total=None, connect=limits.get("pool"), sock_connect=limits.get("connect"), sock_read=limits.get("read")
        )
        try:
            response = await self._open().request(
                request.method,
                str(request.url),
                headers=[(name.decode("ascii"), value.decode("latin-1")) for name, value in request.headers.raw],
                data=await request.aread() or None,
                timeout=timeout,
                allow_redirects=False,
            )
        except (aiohttp.ClientError, OSError) as error:
            raise _as_httpx(error) from error
        raw = [(name, value) for name, value in response.raw_headers]
        return httpx.Response(response.status, headers=raw, stream=_Body(response), request=request)

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        # Here and not before: it belongs to the loop that runs.
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._most, keepalive_timeout=self._kept_seconds),
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=LEFT_OUT,
                auto_decompress=False,
                trust_env=False,
            )
        return self._session


class _Body(httpx.AsyncByteStream):
    """What comes, as it comes."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            while part := await self._response.content.readany():
                yield part
        except (aiohttp.ClientError, OSError) as error:
            raise _as_httpx(error) from error

    async def aclose(self) -> None:
        """A connection on which something is still to come is not kept; one that is done has been given back."""
        self._response.close()


def _as_httpx(error: Exception) -> httpx.TransportError:
    """The same failure in httpx's words. That nothing was sent is said only where it is certain."""
    if isinstance(error, (aiohttp.ConnectionTimeoutError, asyncio.TimeoutError)):
        certain = isinstance(error, aiohttp.ConnectionTimeoutError)
        return httpx.ConnectTimeout(str(error)) if certain else httpx.ReadTimeout(str(error))
    if isinstance(error, aiohttp.ClientConnectorError):
        return httpx.ConnectError(str(error))
    if isinstance(error, aiohttp.ClientOSError):
        return httpx.ReadError(str(error))
    return httpx.RemoteProtocolError(str(error))
