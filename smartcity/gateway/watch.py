"""GET /metrics: what the gateway has counted, for Prometheus with its token. For everybody else it is not there."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smartcity.gateway import metrics
from smartcity.gateway.channels.engine import Engine
from smartcity.gateway.errors import GatewayError
from smartcity.gateway.guard import Guard
from smartcity.gateway.health import Health, version
from smartcity.gateway.pressure import Pressure
from smartcity.gateway.switch import Switch
from smartcity.settings import Settings
from smartcity.watching.metrics import BREAKER, CONTENT_TYPE, STARTED, UP, exposition, may_read


class Watch:
    def __init__(
        self, settings: Settings, health: Health, pressure: Pressure, guard: Guard, messengers: Engine
    ) -> None:
        self._settings = settings
        self._health = health
        self._pressure = pressure
        self._guard = guard
        self._messengers = messengers
        self._switch = Switch(settings)

    def routes(self) -> list[Route]:
        return [Route("/metrics", self.tell, methods=["GET"])]

    async def tell(self, request: Request) -> Response:
        if not may_read(self._settings, request.headers.get("authorization", "")):
            raise GatewayError("not_found")
        metrics.RUNNING.set(self._pressure.running)
        metrics.MOST_RUNNING.set(self._pressure.most)
        metrics.CHAT_ON.set(self._switch.is_on())
        BREAKER.labels("rasa").set(self._guard.is_open)
        STARTED.labels(version()).set(1)
        queue = await self._messengers.figures()
        metrics.WAITING.set(queue.waiting)
        metrics.SENDING.set(queue.sending)
        metrics.OLDEST_SECONDS.set(queue.oldest_seconds)
        metrics.DEAD_LETTERS.set(queue.dead_letters)
        for part, state in (await self._health.state())["parts"].items():
            UP.labels(part).set(state == "ok")
        return Response(exposition(), 200, {"Cache-Control": "no-store", "Content-Type": CONTENT_TYPE})
