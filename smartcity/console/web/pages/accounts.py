"""The accounts, for admins: made, given a role, disabled, given a new password."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smartcity.console import accounts
from smartcity.console.passwords import PasswordError
from smartcity.console.tables import ROLES
from smartcity.console.web.navigation import Entry
from smartcity.console.web.page import Visit, page, redirect, render


@page(role="admin")
def everyone(request: Request, visit: Visit) -> Response:
    return _accounts_page(request, visit)


@page(role="admin")
def make(request: Request, visit: Visit) -> Response:
    form = visit.form
    try:
        made = accounts.make(
            visit.engine, form.get("name", ""), form.get("role", ""), form.get("password", ""), form.get("shown", "")
        )
    except (accounts.AccountError, PasswordError) as error:
        return _accounts_page(request, visit, str(error), 422)
    visit.audit("account.made", f"account/{made}", role=form.get("role", ""))
    return redirect(request, "/accounts", message="accounts.made")


@page(role="admin")
def change(request: Request, visit: Visit) -> Response:
    """A role, or disabled or not: whatever the form names."""
    account = _account_of(request, visit)
    values: dict[str, object] = {}
    if (role := visit.form.get("role")) is not None:
        if role not in ROLES:
            return _accounts_page(request, visit, "account.bad_role", 422)
        if account["subject"] and request.app.state.oidc.roles:
            return _accounts_page(request, visit, "account.by_directory", 422)
        values["role"] = role
    if visit.form.get("disabled") in ("yes", "no"):
        values["disabled"] = visit.form.get("disabled") == "yes"
    if not values:
        raise HTTPException(422, "error.form")
    try:
        accounts.change(visit.engine, account["id"], **values)
    except accounts.AccountError as error:
        return _accounts_page(request, visit, str(error), 422)
    if values.get("disabled"):
        request.app.state.sessions.end_all(account["id"])
    visit.audit("account.changed", f"account/{account['id']}", **values)
    return redirect(request, "/accounts", message="accounts.changed")


@page(role="admin")
def password(request: Request, visit: Visit) -> Response:
    """A new password for somebody who has lost theirs; their sessions end."""
    account = _account_of(request, visit)
    try:
        accounts.set_password(visit.engine, account["id"], visit.form.get("password", ""))
    except (accounts.AccountError, PasswordError) as error:
        return _accounts_page(request, visit, str(error), 422)
    request.app.state.sessions.end_all(account["id"], but=visit.token)
    visit.audit("account.password", f"account/{account['id']}")
    return redirect(request, "/accounts", message="accounts.changed")


def _account_of(request: Request, visit: Visit) -> dict[str, Any]:
    number = request.path_params["number"]
    account = accounts.by_id(visit.engine, number) if number < 2**63 else None
    if account is None:
        raise HTTPException(404)
    return account


def _accounts_page(request: Request, visit: Visit, wrong: str | None = None, status: int = 200) -> Response:
    everyone = accounts.everyone(visit.engine)
    return render(
        request,
        "accounts.html",
        status,
        accounts=everyone,
        roles=ROLES,
        by_directory=bool(request.app.state.oidc.roles),
        wrong=wrong,
        form=visit.form,
    )


ROUTES = [
    Route("/accounts", everyone, methods=["GET"]),
    Route("/accounts", make, methods=["POST"]),
    Route("/accounts/{number:int}", change, methods=["POST"]),
    Route("/accounts/{number:int}/password", password, methods=["POST"]),
]
NAVIGATION = (Entry("/accounts", "accounts.title", "admin", 90),)
