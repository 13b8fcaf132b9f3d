"""The network to Rasa fails in httpx's words, says 'nothing was sent' only where that is certain, repeats nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from smartcity.gateway.rasa_network import Network

from ..ports import free_port

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@asynccontextmanager
async def _server(answer: Answer) -> AsyncIterator[tuple[Network, str, list[bytes]]]:
    asked: list[bytes] = []

    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        try:
            while not writer.is_closing() and (head := await reader.read(65_536)):
                asked.append(head)
                await answer(reader, writer)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    network = Network(4, 3.0)
    try:
        yield network, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/x", asked
    finally:
        await network.aclose()
        server.close()
        await asyncio.wait(serving, timeout=3)


async def _ask(network: Network, address: str, **seconds: float) -> bytes:
    request = httpx.Request("POST", address, json={"text": "ü"}, headers={"Authorization": "Bearer x"})
    request.extensions["timeout"] = {"connect": 1.0, "read": 2.0, "pool": 2.0, **seconds}
    response = await network.handle_async_request(request)
    try:
        return b"".join([part async for part in response.stream])  # type: ignore[union-attr]
    finally:
        await response.aclose()


def _says(*parts: bytes, then_closes: bool = False) -> Answer:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.02)
        if then_closes:
            writer.close()

    return answer


async def test_a_connection_is_kept_and_the_request_is_what_was_made() -> None:
    connections: set[object] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.add(writer.get_extra_info("peername"))
        await _says(WHOLE)(reader, writer)

    async with _server(answer) as (network, address, asked):
        assert [await _ask(network, address) for _ in range(3)] == [b"ok"] * 3
    assert len(connections) == 1 and len(asked) == 3
    head, _, body = asked[0].partition(b"\r\n\r\n")
    assert body == '{"text":"ü"}'.encode() and b"authorization: bearer x" in head.lower()
    assert b"user-agent" not in head.lower() or head.lower().count(b"user-agent") == 1


async def test_nobody_listens() -> None:
    network = Network(4, 3.0)
    with pytest.raises(httpx.ConnectError):
        await _ask(network, f"http://127.0.0.1:{free_port()}/x")
    await network.aclose()


@pytest.mark.parametrize("said", [b"", HEAD, HEAD + b"2\r\nok\r\n", b"no HTTP at all\r\n\r\n"])
async def test_what_breaks_off_is_told_and_not_sent_again(said: bytes) -> None:
    async with _server(_says(said, then_closes=True)) as (network, address, asked):
        with pytest.raises(httpx.TransportError) as failure:
            await _ask(network, address)
    assert not isinstance(failure.value, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout))
    assert len(asked) == 1


async def test_silence_has_an_end() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(1)

    async with _server(answer) as (network, address, _):
        with pytest.raises(httpx.ReadTimeout):
            await _ask(network, address, read=0.2)


async def test_who_waits_too_long_for_a_connection_has_sent_nothing() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.8)
        await _says(WHOLE)(reader, writer)

    async with _server(answer) as (network, address, asked):
        network._most = 1
        first = asyncio.create_task(_ask(network, address))
        await asyncio.sleep(0.2)
        with pytest.raises(httpx.ConnectTimeout):
            await _ask(network, address, pool=0.2)
        assert await first == b"ok" and len(asked) == 1


async def test_a_kept_connection_that_was_closed_is_not_asked_twice() -> None:
    """A POST may have arrived: whoever asks decides whether it may be sent again."""
    asked_of: list[int] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked_of.append(1)
        if len(asked_of) > 1:
            writer.close()
            return
        await _says(WHOLE)(reader, writer)

    async with _server(answer) as (network, address, asked):
        assert await _ask(network, address) == b"ok"
        with pytest.raises(httpx.TransportError):
            await _ask(network, address)
        assert len(asked) == 2
