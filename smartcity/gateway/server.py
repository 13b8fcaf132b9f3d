"""Running the gateway: one process, on a port that is free."""

from __future__ import annotations

import math

from smartcity.gateway.app import create_app
from smartcity.serving import Place, log_to_stdout, run
from smartcity.settings import Settings
from smartcity.watching import outside

BACKLOG = 2048
KEEP_ALIVE_SECONDS = 15


def serve(settings: Settings) -> None:
    """Serve until Ctrl-C or SIGTERM. A port that cannot be used ends the process with one sentence."""
    log_to_stdout(settings, "smartcity.gateway")
    outside.start(settings, "gateway")
    place = Place("gateway", settings.host, settings.port, "SMARTCITY_HOST", "SMARTCITY_PORT", BACKLOG)
    taken = place.listen()
    app = create_app(settings)
    run(
        app,
        taken,
        backlog=BACKLOG,
        lifespan=True,
        keep_alive_seconds=KEEP_ALIVE_SECONDS,
        stop_seconds=math.ceil(settings.answer_seconds) + 1,
        work=app.state.pressure,
    )
