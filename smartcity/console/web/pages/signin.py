"""The way in and out: sign in, sign out, the first account."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smartcity.console import accounts
from smartcity.console.passwords import PasswordError, fits
from smartcity.console.tables import ROLES
from smartcity.console.web.page import Visit, local_path, page, redirect, render
from smartcity.console.web.throttle import WINDOW, Throttle


@page(role=None)
def signin_form(request: Request, visit: Visit) -> Response:
    if visit.account_id is not None:
        return redirect(request, "/")
    if request.app.state.setup.is_open():
        return redirect(request, "/setup")
    return _signin_page(request, local_path(request.query_params.get("next", "/")))


@page(role=None)
def signin(request: Request, visit: Visit) -> Response:
    name, then = accounts.bare(visit.form.get("name", ""))[:256], local_path(visit.form.get("next", "/"))
    take_attempt(request, visit, name)
    account = accounts.by_name(visit.engine, name)
    right = fits(visit.form.get("password", ""), account["password"] if account else None)
    if account is None or not right or account["disabled"]:
        visit.audit("signin.failed", f"account/{account['id']}" if account else None)
        return _signin_page(request, then, name, "signin.wrong", 401)
    Throttle(visit.engine).forget(name, address_of(request))
    return enter(request, visit, account["id"], account["shown"], then)


@page(role="")
def signout(request: Request, visit: Visit) -> Response:
    request.app.state.sessions.end(visit.token)
    visit.audit("signout")
    response = redirect(request, "/signin", message="signin.out")
    request.app.state.cookies.drop(response)
    return response


@page(role=None)
def setup_form(request: Request, visit: Visit) -> Response:
    if not request.app.state.setup.is_open():
        return redirect(request, "/signin")
    return _setup_page(request, visit)


@page(role=None)
def setup(request: Request, visit: Visit) -> Response:
    """Make the first account. The code goes only when the account can be made, and only once."""
    state = request.app.state
    if not state.setup.is_open():
        return redirect(request, "/signin")
    take_attempt(request, visit, "/setup")
    if not state.setup.is_right(visit.form.get("code", "")):
        return _setup_page(request, visit, "setup.wrong", 403)
    name, password = visit.form.get("name", ""), visit.form.get("password", "")
    try:
        if password != visit.form.get("again", ""):
            raise PasswordError("password.differ")
        with state.setup.used_up() as mine:
            if not mine:
                return redirect(request, "/signin")
            made = accounts.make(visit.engine, name, ROLES[-1], password, visit.form.get("shown", ""))
    except (accounts.AccountError, PasswordError) as error:
        return _setup_page(request, visit, str(error), 422)
    account = accounts.by_id(visit.engine, made)
    assert account is not None
    Throttle(visit.engine).forget("/setup", address_of(request))
    return enter(request, visit, made, account["shown"], "/")


def enter(request: Request, visit: Visit, account_id: int, shown: str, then: str) -> Response:
    """Begin a session for the account and go on to a page."""
    token = request.app.state.sessions.begin(account_id)
    visit.account_id, visit.name = account_id, shown
    visit.audit("signin")
    response = redirect(request, then)
    request.app.state.cookies.keep(response, token)
    return response


def _setup_page(request: Request, visit: Visit, wrong: str | None = None, status: int = 200) -> Response:
    # The directory may have an admin already.
    oidc = bool(request.app.state.oidc.issuer) and request.app.state.oidc.roles.gives(ROLES[-1])
    return render(request, "setup.html", status, wrong=wrong, form=visit.form, oidc=oidc)


def _signin_page(request: Request, then: str, name: str = "", wrong: str | None = None, status: int = 200) -> Response:
    oidc = bool(request.app.state.settings.oidc_issuer)
    return render(request, "signin.html", status, then=then, name=name, wrong=wrong, oidc=oidc)


def take_attempt(request: Request, visit: Visit, name: str) -> None:
    """Count an attempt to sign in. Raises HTTPException when there were too many."""
    if not Throttle(visit.engine).take(name, address_of(request)):
        visit.audit("signin.throttled")
        raise HTTPException(429, "error.slow", {"Retry-After": str(WINDOW // 1000)})


def address_of(request: Request) -> str:
    """The network address that attempts are counted for."""
    address: str = request.app.state.proxies.address_of(request.scope)
    return address


ROUTES = [
    Route("/signin", signin_form, methods=["GET"]),
    Route("/signin", signin, methods=["POST"]),
    Route("/signout", signout, methods=["POST"]),
    Route("/setup", setup_form, methods=["GET"]),
    Route("/setup", setup, methods=["POST"]),
]
NAVIGATION = ()
