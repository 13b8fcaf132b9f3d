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
from smartcity.gateway.headers import SecurityHeaders
from smartcity.gateway.health import Health
from smartcity.gateway.limits import Limits
from smartcity.gateway.origins import Origins
from smartcity.gateway.pages import Pages
from smartcity.gateway.rasa_client import RasaClient
from smartcity.gateway.shared import Shared
from smartcity.gateway.widget import FOLDER, Widget
from smartcity.settings import Settings


def create_app(
    settings: Settings, transport: httpx.AsyncBaseTransport | None = None, widget: Path = FOLDER
) -> Starlette:
    """The application for these settings; in tests `transport` stands in for the network to Rasa, `widget` for ours."""
    proxies = Proxies(settings.trusted_proxies)
    rasa = RasaClient(settings, transport)
    shared = Shared(settings)
    limits = Limits(settings, proxies, shared)
    chat = Chat(settings, rasa, limits)
    interface = Interface(settings, rasa, limits)
    messengers = Engine(settings, rasa, limits, channels(settings), WEBHOOKS)

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
            *Health(rasa, shared).routes(),
            *Widget(settings, widget).routes(),
            *Pages(settings.origins).routes(),
        ],
        middleware=[
            Middleware(AccessLog),
            Middleware(SecurityHeaders, proxies=proxies),
            Middleware(Origins, allowed=settings.origins, proxies=proxies),
            Middleware(Failures),
        ],
        exception_handlers={GatewayError: answer_gateway_error, HTTPException: answer_http_exception},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return app
