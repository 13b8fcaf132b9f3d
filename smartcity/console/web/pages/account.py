"""One's own account: language and password."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smartcity.console import accounts
from smartcity.console.passwords import PasswordError, fits
from smartcity.console.web.page import Visit, page, redirect, render
from smartcity.console.web.pages.signin import address_of, take_attempt
from smartcity.console.web.texts import LANGUAGES
from smartcity.console.web.throttle import Throttle


@page(role="")
def own(request: Request, visit: Visit) -> Response:
    return _own_page(request, visit)


@page(role="")
def password(request: Request, visit: Visit) -> Response:
    """Change one's own password; every other session of the account ends."""
    assert visit.account_id is not None
    account = accounts.by_id(visit.engine, visit.account_id)
    attempt = f"/account/{visit.account_id}"
    take_attempt(request, visit, attempt)
    fresh = visit.form.get("password", "")
    try:
        if account is None or not fits(visit.form.get("old", ""), account["password"]):
            raise PasswordError("password.old")
        if fresh != visit.form.get("again", ""):
            raise PasswordError("password.differ")
        accounts.set_password(visit.engine, visit.account_id, fresh)
    except (PasswordError, accounts.AccountError) as error:
        return _own_page(request, visit, str(error), 422)
    Throttle(visit.engine).forget(attempt, address_of(request))
    request.app.state.sessions.end_all(visit.account_id, but=visit.token)
    visit.audit("account.password", f"account/{visit.account_id}")
    return redirect(request, "/account", message="password.changed")


@page(role=None)
def language(request: Request, visit: Visit) -> Response:
    chosen = visit.form.get("language", "")
    chosen = chosen if chosen in LANGUAGES else LANGUAGES[0]
    if visit.account_id is not None:
        accounts.change(visit.engine, visit.account_id, language=chosen)
    response = redirect(request, visit.form.get("back", "/"), message="language.changed")
    request.app.state.cookies.set_language(response, chosen)
    return response


def _own_page(request: Request, visit: Visit, wrong: str | None = None, status: int = 200) -> Response:
    assert visit.account_id is not None
    account = accounts.by_id(visit.engine, visit.account_id)
    return render(request, "account.html", status, account=account, wrong=wrong)


ROUTES = [
    Route("/account", own, methods=["GET"]),
    Route("/account/password", password, methods=["POST"]),
    Route("/language", language, methods=["POST"]),
]
NAVIGATION = ()
