"""TCP links that can be cut: a process in the middle that stops carrying anything, as a broken network does."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from types import TracebackType
from typing import Dict, List, Optional

from benchmarks.programs import LOOPBACK

CHUNK = 65_536


class Link:
    """One listening port and where it leads. While it is cut, connections are taken and nothing is carried."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._open = asyncio.Event()
        self._open.set()

    async def listen(self) -> int:
        server = await asyncio.start_server(self._connect, LOOPBACK, 0)
        port: int = server.sockets[0].getsockname()[1]
        return port

    def cut(self) -> None:
        self._open.clear()

    def heal(self) -> None:
        """What was held up goes on, as after a pause of the network."""
        self._open.set()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._open.wait()
        try:
            far_reader, far_writer = await asyncio.open_connection(LOOPBACK, self._target)
        except OSError:
            writer.close()
            return
        pumps = [
            asyncio.create_task(self._pump(reader, far_writer)),
            asyncio.create_task(self._pump(far_reader, writer)),
        ]
        await asyncio.wait(pumps)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while data := await reader.read(CHUNK):
                await self._open.wait()
                writer.write(data)
                await writer.drain()
        with suppress(OSError):
            writer.close()


class Links:
    """All links, in a thread of their own; a context manager."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="links", daemon=True)
        self._links: Dict[str, List[Link]] = {}

    def __enter__(self) -> Links:
        self._thread.start()
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def to(self, name: str, target: int) -> int:
        """A port that leads to `target`; all links of a name are cut together."""

        async def made() -> int:
            link = Link(target)
            self._links.setdefault(name, []).append(link)
            return await link.listen()

        return asyncio.run_coroutine_threadsafe(made(), self._loop).result(10)

    def __contains__(self, name: str) -> bool:
        return name in self._links

    def cut(self, name: str) -> None:
        for link in self._links[name]:
            self._loop.call_soon_threadsafe(link.cut)

    def heal(self, name: str) -> None:
        for link in self._links[name]:
            self._loop.call_soon_threadsafe(link.heal)
