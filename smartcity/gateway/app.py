"""The gateway as an ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from smartcity.addresses import Proxies
from smartcity.gateway.access_log import AccessLog
from smartcity.gateway.api.interface import Interface
from smartcity.gateway.channels.catalogue import WEBHOOKS, channels
from smartcity.gateway.channels.engine import Engine
from smartcity.gateway.chat import Chat
from smartcity.gateway.errors import Failures, GatewayError, answer_gateway_error, answer_http_exception
from smartcity.gateway.guard import Guard
from smartcity.gateway.headers import SecurityHeaders
from smartcity.gateway.health import Health
from smartcity.gateway.limits import Limits
from smartcity.gateway.origins import Origins
from smartcity.gateway.pages import Pages
from smartcity.gateway.pressure import Pressure
from smartcity.gateway.rasa_client import KEPT_SECONDS, MOST_CONNECTIONS, RasaClient
from smartcity.gateway.rasa_network import Network
from smartcity.gateway.shared import Shared
from smartcity.gateway.watch import Watch
from smartcity.gateway.widget import FOLDER, Widget
from smartcity.settings import Settings


def create_app(
    settings: Settings, transport: httpx.AsyncBaseTransport | None = None, widget: Path = FOLDER
) -> Starlette:
    """The application for these settings; in tests `transport` stands in for the network to Rasa, `widget` for ours."""
    proxies = Proxies(settings.trusted_proxies)
    guard = Guard(transport or Network(MOST_CONNECTIONS, KEPT_SECONDS), settings.answer_seconds)
    rasa = RasaClient(settings, guard)
    shared = Shared(settings)
    limits = Limits(settings, proxies, shared)
    pressure = Pressure(settings.answers_at_once)
    chat = Chat(settings, rasa, limits, pressure)
    interface = Interface(settings, rasa, limits, pressure)
    messengers = Engine(settings, rasa, limits, channels(settings), WEBHOOKS)
    health = Health(rasa, shared, pressure)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await messengers.start()
        yield
        await messengers.close()
        await interface.close()
        await chat.close()
        await rasa.close()
        await shared.close()

    app = Starlette(
        routes=[
            *chat.routes(),
            *interface.routes(),
            *messengers.routes(),
            *health.routes(),
            *Watch(settings, health, pressure, guard, messengers).routes(),
            *Widget(settings, widget).routes(),
            *Pages(settings.origins).routes(),
        ],
        middleware=[
            Middleware(AccessLog, proxies=proxies),
            Middleware(SecurityHeaders, proxies=proxies),
            Middleware(Origins, allowed=settings.origins, proxies=proxies),
            Middleware(Failures),
        ],
        exception_handlers={GatewayError: answer_gateway_error, HTTPException: answer_http_exception},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.pressure = pressure
    return app
