"""Who may call which route: every route of the console times every role."""

from __future__ import annotations

import pytest
from sqlalchemy.engine import Engine
from starlette.applications import Starlette
from starlette.routing import Route

from smartcity.console import roles
from smartcity.console.tables import ROLES
from smartcity.console.web.pages import MODULES

from ..conftest import SignIn
from ..rows import a_conversation, an_account, turn_ids

EVERYBODY, SIGNED_IN = None, ""
MATRIX = {
    "GET /": "reader",
    "GET /next": "reader",
    "GET /search": "reader",
    "POST /views": "reader",
    "POST /views/{number:int}/delete": "reader",
    "GET /conversations/{number:int}": "reader",
    "POST /conversations/{number:int}/kept": "reviewer",
    "GET /inquiries": "reviewer",
    "GET /inquiries/{number:int}": "reviewer",
    "POST /inquiries/{number:int}/deeds": "reviewer",
    "POST /turns/judge": "reviewer",
    "POST /turns/{number:int}/judge": "reviewer",
    "GET /corrections": "reviewer",
    "GET /corrections/new": "reviewer",
    "POST /corrections/new": "reviewer",
    "GET /corrections/dialogue": "reviewer",
    "POST /corrections/dialogue": "reviewer",
    "POST /corrections/export": "editor",
    "POST /corrections/trials": "editor",
    "GET /corrections/trials/{number:int}": "reviewer",
    "GET /corrections/trials/{number:int}/state": "reviewer",
    "POST /corrections/trials/{number:int}/cancel": "editor",
    "GET /corrections/{number:int}": "reviewer",
    "GET /corrections/{number:int}/edit": "reviewer",
    "POST /corrections/{number:int}/edit": "reviewer",
    "POST /corrections/{number:int}/approve": "editor",
    "POST /corrections/{number:int}/decline": "reviewer",
    "POST /corrections/{number:int}/done": "editor",
    "POST /corrections/{number:int}/reopen": "editor",
    "GET /figures": "reader",
    "GET /figures/report": "reader",
    "GET /figures/file.{kind}": "reader",
    "GET /health-of-content": "reader",
    "POST /health-of-content/sources": "editor",
    "GET /dead-letters": "reader",
    "GET /signin": EVERYBODY,
    "POST /signin": EVERYBODY,
    "POST /signout": SIGNED_IN,
    "GET /setup": EVERYBODY,
    "POST /setup": EVERYBODY,
    "GET /signin/oidc": EVERYBODY,
    "GET /signin/oidc/return": EVERYBODY,
    "GET /account": SIGNED_IN,
    "POST /account/password": SIGNED_IN,
    "POST /language": EVERYBODY,
    "GET /accounts": "admin",
    "POST /accounts": "admin",
    "POST /accounts/{number:int}": "admin",
    "POST /accounts/{number:int}/password": "admin",
    "GET /audit": "admin",
}
"""What each route needs. A route without an entry fails the test."""
OPEN = {"GET /static/{name}", "GET /health", "GET /metrics"}
WHO = (None, roles.NO_ROLE, *ROLES)


def _name(route: Route) -> str:
    (method,) = (route.methods or set()) - {"HEAD"}
    return f"{method} {route.path}"


def test_every_route_has_an_entry(app: Starlette) -> None:
    names = [_name(route) for route in app.routes if isinstance(route, Route)]
    assert len(names) == len(set(names)) == len(app.routes)
    assert set(names) == set(MATRIX) | OPEN


@pytest.mark.parametrize("role", WHO, ids=lambda role: role or ("nobody" if role is None else "without-role"))
@pytest.mark.parametrize("name", MATRIX)
def test_who_may_call_it(name: str, role: str | None, sign_in: SignIn, engine: Engine) -> None:
    an_account(engine, "admin")
    method, path = name.split(" ")
    conversation = a_conversation(engine)
    (turn,) = turn_ids(engine, conversation)
    number = {"conversations": conversation, "turns": turn, "accounts": an_account(engine, "reader")}
    path = path.replace("{number:int}", str(number.get(path.split("/")[1], 999)))
    staff = sign_in(role)
    answer = staff.get(path) if method == "GET" else staff.post(path)

    needed = MATRIX[name]
    if needed is not None and role is None:
        assert answer.is_redirect and answer.headers["location"].startswith("/signin"), answer.text
    elif needed and not roles.may(role or "", needed):
        turned = answer.is_redirect and answer.headers["location"] == "/account"
        assert answer.status_code == 403 or (method == "GET" and role == roles.NO_ROLE and turned)
    else:
        assert answer.status_code in (200, 303, 401, 404, 422, 429), answer.text
        location = answer.headers.get("location", "")
        assert not location.startswith("/signin?") and "error.role" not in answer.text


def test_a_role_may_what_those_before_it_may() -> None:
    for rank, role in enumerate(ROLES):
        assert [roles.may(role, other) for other in ROLES] == [other in ROLES[: rank + 1] for other in ROLES]
    assert not any(roles.may(role, other) for role in ("", "root", "Admin") for other in ROLES)
    assert roles.may("", "")


def test_the_navigation_shows_what_the_role_may(sign_in: SignIn) -> None:
    for role in ROLES:
        page = sign_in(role).get("/").text
        for module in MODULES:
            for entry in module.NAVIGATION:
                assert (f'href="{entry.path}"' in page) == roles.may(role, entry.role), (role, entry)


def test_a_role_that_is_taken_away_counts_at_once(sign_in: SignIn, engine: Engine) -> None:
    from smartcity.console import accounts

    sign_in("admin")
    second = sign_in("admin")
    assert second.get("/audit").status_code == 200
    assert second.account_id is not None
    accounts.change(engine, second.account_id, role="reader")
    assert second.get("/audit").status_code == 403
    accounts.change(engine, second.account_id, disabled=True)
    assert second.get("/").headers["location"] == "/signin"
