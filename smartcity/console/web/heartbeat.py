"""Whether the console and its database answer."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from smartcity.console.tables import accounts


class Health:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def routes(self) -> list[Route]:
        return [Route("/health", self.health, methods=["GET"])]

    def health(self, request: Request) -> Response:
        try:
            with self._engine.connect() as connection:
                connection.execute(sa.select(accounts.c.id).limit(1)).first()
        except sa.exc.SQLAlchemyError:
            return JSONResponse({"console": "ok", "database": "down"}, 503)
        return JSONResponse({"console": "ok", "database": "ok"})
