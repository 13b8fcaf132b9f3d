"""GET /health: the state of each part, for monitors and load balancers."""

from __future__ import annotations

import asyncio
import time
from importlib import metadata
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from smartcity.gateway.pressure import Pressure
from smartcity.gateway.rasa_client import RasaClient, Unavailable
from smartcity.gateway.shared import Shared

FRESH_SECONDS = 1.0
"""How long a state is told on without asking Rasa again, however many ask."""
FRESH_TROUBLE_SECONDS = 0.2
"""The same while something is missing: who waits for it shall hear soon that it is back."""


def version() -> str:
    try:
        return metadata.version("smartcity-krefeld")
    except metadata.PackageNotFoundError:
        return "unreleased"


class Health:
    def __init__(self, rasa: RasaClient, shared: Shared, pressure: Pressure) -> None:
        self._rasa = rasa
        self._shared = shared
        self._pressure = pressure
        self._asking = asyncio.Lock()
        self._state: dict[str, Any] = {}
        self._until = 0.0

    def routes(self) -> list[Route]:
        return [Route("/health", self.tell, methods=["GET"])]

    async def tell(self, request: Request) -> JSONResponse:
        state = await self.state()
        status = 200 if state["status"] == "ok" else 503
        return JSONResponse(state, status, {"Cache-Control": "no-store"})

    async def state(self) -> dict[str, Any]:
        """What is told: 'ok', 'degraded' or 'stopping', and each part."""
        async with self._asking:
            if time.monotonic() >= self._until:
                self._state = await self._ask()
                up, _, wanted = self._state.get("rasa_processes", "").partition(" of ")
                fine = self._state["status"] == "ok" and up == wanted
                self._until = time.monotonic() + (FRESH_SECONDS if fine else FRESH_TROUBLE_SECONDS)
        # Load balancers shall send nobody here any more.
        return {**self._state, "status": "stopping"} if self._pressure.stopping else self._state

    async def _ask(self) -> dict[str, Any]:
        parts = {"gateway": "ok", "rasa": "down", "actions": "unknown"}
        more: dict[str, str] = {}
        try:
            told = await self._rasa.health()
        except Unavailable:
            pass
        else:
            parts["rasa"] = "ok" if told.get("rasa") == "ok" else "down"
            parts["actions"] = "ok" if told.get("actions") == "ok" else "down"
            more = {"rasa_processes": told["processes"]} if "processes" in told else {}
        if self._shared.is_on:
            parts["redis"] = await self._shared.health()
        fine = all(state == "ok" for state in parts.values())
        return {"status": "ok" if fine else "degraded", "parts": parts, **more, "version": version()}
