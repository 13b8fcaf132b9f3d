"""Whether the console and its database answer, and what Prometheus reads with its token."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from smartcity.console.tables import accounts
from smartcity.console.vitals import Vitals
from smartcity.settings import Settings
from smartcity.watching.metrics import CONTENT_TYPE, may_read

ANY_HOST = ("/health", "/metrics")
"""May be asked under any host name."""


class Health:
    def __init__(self, settings: Settings, engine: Engine) -> None:
        self._settings = settings
        self._engine = engine
        self._vitals = Vitals(settings, engine)

    def routes(self) -> list[Route]:
        return [
            Route("/health", self.health, methods=["GET"]),
            Route("/metrics", self.metrics, methods=["GET"]),
        ]

    def metrics(self, request: Request) -> Response:
        """For everybody without the token it is not there."""
        if not may_read(self._settings, request.headers.get("authorization", "")):
            raise HTTPException(404)
        return Response(self._vitals.tell(), 200, {"Cache-Control": "no-store", "Content-Type": CONTENT_TYPE})

    def health(self, request: Request) -> Response:
        try:
            with self._engine.connect() as connection:
                connection.execute(sa.select(accounts.c.id).limit(1)).first()
        except sa.exc.SQLAlchemyError:
            return JSONResponse({"console": "ok", "database": "down"}, 503)
        return JSONResponse({"console": "ok", "database": "ok"})
