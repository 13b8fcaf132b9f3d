"""The console as an ASGI application."""

from __future__ import annotations

from sqlalchemy.engine import Engine
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from smartcity.addresses import Proxies
from smartcity.console.demo.filling import is_demo
from smartcity.console.oidc import Provider
from smartcity.console.web.cookies import Cookies
from smartcity.console.web.failures import Failures, answer_refusal
from smartcity.console.web.files import Files
from smartcity.console.web.headers import SecurityHeaders
from smartcity.console.web.heartbeat import Health
from smartcity.console.web.origins import HostCheck, Origins
from smartcity.console.web.pages import MODULES
from smartcity.console.web.rendering import Templates
from smartcity.console.web.sessions import Sessions
from smartcity.console.web.setup import Setup
from smartcity.settings import Settings


def create_app(settings: Settings, engine: Engine) -> Starlette:
    """The application for these settings on this database, which must have its tables."""
    origins = Origins(settings)
    app = Starlette(
        routes=[
            *(route for module in MODULES for route in module.ROUTES),
            *Files().routes(),
            *Health(settings, engine).routes(),
        ],
        middleware=[
            Middleware(SecurityHeaders, secure=origins.secure),
            Middleware(Failures),
            Middleware(HostCheck, origins=origins),
        ],
        exception_handlers={HTTPException: answer_refusal},
    )
    app.router.redirect_slashes = False
    app.state.settings = settings
    app.state.engine = engine
    app.state.demo = is_demo(engine)
    app.state.origins = origins
    app.state.proxies = Proxies(settings.trusted_proxies)
    app.state.cookies = Cookies(origins.secure)
    app.state.sessions = Sessions(engine, settings.secret_for("console"))
    app.state.setup = Setup(engine, settings.var)
    app.state.oidc = Provider(settings)
    app.state.templates = Templates([entry for module in MODULES for entry in module.NAVIGATION])
    return app
