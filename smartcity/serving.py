"""Serving an application: a port that is free, one uvicorn, logs on standard output. For every process that listens."""

from __future__ import annotations

import contextlib
import errno
import logging
import socket
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from smartcity.connections import GracefulServer, TimedProtocol, Work
from smartcity.settings import Settings
from smartcity.watching import logs


@dataclass(frozen=True)
class Place:
    """Where a process listens, and what it is called in sentences: 'gateway', 'console'."""

    name: str
    host: str
    port: int
    host_setting: str
    port_setting: str
    backlog: int

    def listen(self) -> socket.socket:
        """A socket bound to the address. Raises SystemExit with a sentence when that cannot be."""
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)[0]
            made = socket.socket(family, kind, protocol)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind(address)
            made.listen(self.backlog)
        except OSError as error:
            raise SystemExit(self._why_not(error)) from None
        return made

    def _why_not(self, error: OSError) -> str:
        if error.errno == errno.EADDRINUSE:
            return (
                f"Port {self.port} on {self.host} is taken by another program: stop that one, or choose another port "
                f"with {self.port_setting}."
            )
        if error.errno == errno.EACCES:
            return f"Port {self.port} may not be used by this user: choose one from 1024 with {self.port_setting}."
        return (
            f"The {self.name} cannot listen on {self.host}, port {self.port} ({error.strerror}): "
            f"check {self.host_setting} and {self.port_setting}."
        )


def run(
    app: ASGIApp,
    taken: socket.socket,
    *,
    backlog: int,
    lifespan: bool,
    keep_alive_seconds: int,
    stop_seconds: int,
    work: Work | None = None,
) -> None:
    """Serve on a socket that listens until Ctrl-C or SIGTERM; then requests under way have `stop_seconds`.

    Where there is `work`, it is told to stop first, and is done before the port closes.
    """
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=TimedProtocol,
        ws="none",
        lifespan="on" if lifespan else "off",
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        # uvicorn listens again on the socket, with this.
        backlog=backlog,
        timeout_keep_alive=keep_alive_seconds,
        timeout_graceful_shutdown=stop_seconds,
    )
    with contextlib.suppress(KeyboardInterrupt):
        server = GracefulServer(config, work, stop_seconds) if work else uvicorn.Server(config)
        server.run(sockets=[taken])


def log_to_stdout(settings: Settings, room: str) -> None:
    """One line each on standard output: what this room logs, and uvicorn's warnings."""
    logs.set_up(settings, {room: logging.INFO, "uvicorn.error": logging.WARNING})
