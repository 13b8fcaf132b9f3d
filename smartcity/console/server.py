"""Running the console: one process, on a port that is free, its database brought to the newest shape."""

from __future__ import annotations

import threading

from smartcity.console.database import connect, migrate
from smartcity.console.figures import likeness
from smartcity.console.web.app import create_app
from smartcity.console.web.setup import Setup
from smartcity.serving import Place, log_to_stdout, run
from smartcity.settings import Settings
from smartcity.watching import outside

BACKLOG = 128
KEEP_ALIVE_SECONDS = 5
STOP_SECONDS = 5


def serve(settings: Settings) -> None:
    """Serve until Ctrl-C or SIGTERM. A port that cannot be used ends the process with one sentence."""
    log_to_stdout(settings, "smartcity.console")
    outside.start(settings, "console")
    engine = connect(settings)
    migrate(engine)
    app = create_app(settings, engine)
    place = Place(
        "console",
        settings.console_host,
        settings.console_port,
        "SMARTCITY_CONSOLE_HOST",
        "SMARTCITY_CONSOLE_PORT",
        BACKLOG,
    )
    taken = place.listen()
    # Made before anybody can ask for it.
    app.state.setup.code()
    print(f"The console: {address_of(settings)}/{setup_note(settings)}", flush=True)
    threading.Thread(target=likeness.prepare, name="likeness").start()
    run(
        app,
        taken,
        backlog=BACKLOG,
        lifespan=False,
        keep_alive_seconds=KEEP_ALIVE_SECONDS,
        stop_seconds=STOP_SECONDS,
    )


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
