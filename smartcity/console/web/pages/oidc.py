"""Sign-in by OpenID Connect: the way to the issuer and the way back."""

from __future__ import annotations

import json
import logging

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from smartcity.console import accounts
from smartcity.console.oidc import OidcError, Provider
from smartcity.console.roles import NO_ROLE
from smartcity.console.tables import ROLES
from smartcity.console.web.page import Visit, local_path, page, redirect
from smartcity.console.web.pages.signin import address_of, enter, take_attempt
from smartcity.console.web.throttle import Throttle

logger = logging.getLogger("smartcity.console")

WAY = "/signin/oidc"
SECONDS = 10 * 60
"""How long the way to the issuer and back may take."""


@page(role=None)
def leave(request: Request, visit: Visit) -> Response:
    """On to the issuer. What must come back is agreed in a cookie that this console signs."""
    provider = _provider(request)
    try:
        address, agreed = provider.begin(_back(request))
    except OidcError as error:
        return _failed(request, visit, error)
    response = RedirectResponse(address, 303)
    agreed["next"] = local_path(request.query_params.get("next", "/"))
    request.app.state.cookies.set_state(response, _signer(request).dumps(agreed), SECONDS)
    return response


@page(role=None)
def come_back(request: Request, visit: Visit) -> Response:
    """Sign in whom the issuer vouches for.

    Where a claim tells roles, the account's role follows it, and without one nobody gets in. Otherwise somebody new
    gets an account without a role.
    """
    provider = _provider(request)
    take_attempt(request, visit, WAY)
    try:
        agreed = _signer(request).loads(request.app.state.cookies.state(request) or "", max_age=SECONDS)
        person = provider.finish(_back(request), dict(request.query_params), agreed)
    except (BadData, OidcError) as error:
        return _failed(request, visit, error)
    account = accounts.by_subject(visit.engine, person.subject)
    if account is not None and account["disabled"]:
        return _failed(request, visit, OidcError("the account is disabled"))
    if account is not None and person.role is not None and account["role"] != person.role:
        accounts.follow(visit.engine, account["id"], person.role)
        visit.audit("account.followed", f"account/{account['id']}", role=person.role, before=account["role"])
    if person.role == NO_ROLE:
        if account is not None:
            request.app.state.sessions.end_all(account["id"])
        return _failed(request, visit, OidcError("the claim gives no role"), "signin.no_role")
    if account is None:
        made = accounts.make_foreign(visit.engine, person.subject, person.name, person.shown, person.role or NO_ROLE)
        account = accounts.by_id(visit.engine, made)
        assert account is not None
    Throttle(visit.engine).forget(WAY, address_of(request))
    response = enter(request, visit, account["id"], account["shown"], agreed["next"])
    request.app.state.cookies.drop_state(response)
    return response


def _provider(request: Request) -> Provider:
    provider: Provider = request.app.state.oidc
    # Before there is an admin the directory may only vouch for people if it can make one.
    if not provider.issuer or (request.app.state.setup.is_open() and not provider.roles.gives(ROLES[-1])):
        raise HTTPException(404)
    return provider


def _back(request: Request) -> str:
    return f"{request.app.state.origins.of(request)}/signin/oidc/return"


def _signer(request: Request) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(request.app.state.settings.secret_for("console-oidc"))


def _failed(request: Request, visit: Visit, error: Exception, told: str = "signin.failed") -> Response:
    """Why stands in the log; whoever signs in mostly learns only that it failed. What was agreed is used up."""
    reason = str(error) if isinstance(error, OidcError) else type(error).__name__
    logger.warning(json.dumps({"signin": "oidc", "failed": reason}))
    visit.audit("signin.failed", None, by="oidc")
    response = redirect(request, "/signin", message=told)
    request.app.state.cookies.drop_state(response)
    return response


ROUTES = [
    Route("/signin/oidc", leave, methods=["GET"]),
    Route("/signin/oidc/return", come_back, methods=["GET"]),
]
NAVIGATION = ()
