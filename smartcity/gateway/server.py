"""Running the gateway: one process, on a port that is free."""

from __future__ import annotations

import contextlib
import errno
import logging
import math
import socket
import sys

import uvicorn

from smartcity.gateway.app import create_app
from smartcity.settings import Settings

BACKLOG = 2048


def serve(settings: Settings) -> None:
    """Serve until Ctrl-C or SIGTERM. A port that cannot be used ends the process with one sentence."""
    _log_to_stdout()
    taken = listening_socket(settings.host, settings.port)
    config = uvicorn.Config(
        create_app(settings),
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=math.ceil(settings.answer_seconds) + 1,
    )
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[taken])


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket bound to the address. Raises SystemExit with a sentence when that cannot be."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        made = socket.socket(family, kind, protocol)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(BACKLOG)
    except OSError as error:
        raise SystemExit(_why_not(error, host, port)) from None
    return made


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is taken by another program: stop that one, or choose another port "
            "with SMARTCITY_PORT."
        )
    if error.errno == errno.EACCES:
        return f"Port {port} may not be used by this user: choose one from 1024 with SMARTCITY_PORT."
    return (
        f"The gateway cannot listen on {host}, port {port} ({error.strerror}): check SMARTCITY_HOST and SMARTCITY_PORT."
    )


def _log_to_stdout() -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(message)s"))
    for name, level in (("smartcity.gateway", logging.INFO), ("uvicorn.error", logging.WARNING)):
        log = logging.getLogger(name)
        log.handlers = [handler]
        log.setLevel(level)
        log.propagate = False
