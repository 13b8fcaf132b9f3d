"""Running the console: one process, on a port that is free, its database brought to the newest shape."""

from __future__ import annotations

import contextlib
import logging
import socket
import sys
import threading

import uvicorn

from smartcity.console.database import connect, migrate
from smartcity.console.figures import likeness
from smartcity.console.web.app import create_app
from smartcity.console.web.setup import Setup
from smartcity.settings import Settings

BACKLOG = 128
STOP_SECONDS = 5


def serve(settings: Settings) -> None:
    """Serve until Ctrl-C or SIGTERM. A port that cannot be used ends the process with one sentence."""
    _log_to_stdout()
    engine = connect(settings)
    migrate(engine)
    app = create_app(settings, engine)
    taken = _listening_socket(settings.console_host, settings.console_port)
    # Made before anybody can ask for it.
    app.state.setup.code()
    print(f"The console: {address_of(settings)}/{setup_note(settings)}", flush=True)
    threading.Thread(target=likeness.prepare, name="likeness").start()
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[taken])


def address_of(settings: Settings) -> str:
    """Where staff open it."""
    host = settings.console_host
    return settings.console_url or f"http://{f'[{host}]' if ':' in host else host}:{settings.console_port}"


def setup_note(settings: Settings) -> str:
    """What to say of the code for the first account; nothing once there is an admin."""
    engine = connect(settings)
    try:
        code = Setup(engine, settings.var).code()
    finally:
        engine.dispose()
    return f"\n  It has no account yet. Make the first one there, with the set-up code {code}" if code else ""


def _listening_socket(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        made = socket.socket(family, kind, protocol)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(BACKLOG)
    except OSError as error:
        raise SystemExit(
            f"The console cannot listen on {host}, port {port} ({error.strerror}): "
            "check SMARTCITY_CONSOLE_HOST and SMARTCITY_CONSOLE_PORT."
        ) from None
    return made


def _log_to_stdout() -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(message)s"))
    for name, level in (("smartcity.console", logging.INFO), ("uvicorn.error", logging.WARNING)):
        log = logging.getLogger(name)
        log.handlers = [handler]
        log.setLevel(level)
        log.propagate = False
