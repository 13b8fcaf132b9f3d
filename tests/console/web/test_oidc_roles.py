"""Roles by a claim of the ID token, signed by a real stand-in issuer over HTTP, with claims of every odd kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine
from starlette.applications import Starlette

from smartcity.console import accounts
from smartcity.console.tables import accounts as accounts_table
from smartcity.console.tables import audit, sessions
from smartcity.console.web.app import create_app
from smartcity.settings import SettingError, read_settings

from ..conftest import SECRET
from ..rows import an_account, stored
from ..staff import Staff
from . import issuer as standin
from .issuer import CLIENT, OTHER, Issuer
from .test_oidc import _authorized, _issuer, issuer

__all__ = ["_issuer", "issuer"]

ROLES = "reader=sc-lesen, reviewer=sc-prüfen,editor=sc-redaktion, editor=CN=Redaktion Smart City,admin=sc-admin"
MakeApp = Callable[..., Starlette]


@pytest.fixture
def make_app(engine: Engine, issuer: Issuer, tmp_path: Path) -> MakeApp:
    """make_app(claim="groups"): a console that takes roles from this claim."""

    def run(claim: str = "groups", roles: str = ROLES, admin: bool = True) -> Starlette:
        if admin:
            an_account(engine, "admin", name="chefin")
        settings = {
            "VAR": str(tmp_path / "var"),
            "SECRET": SECRET,
            "OIDC_ISSUER": issuer.address,
            "OIDC_CLIENT": CLIENT,
            "OIDC_SECRET": standin.SECRET,
            "OIDC_ROLE_CLAIM": claim,
            "OIDC_ROLES": roles,
        }
        return create_app(read_settings({f"SMARTCITY_{name}": value for name, value in settings.items()}), engine)

    return run


def _role(app: Starlette, engine: Engine) -> str | None:
    """Sign in anew; the role of the session's account, None where nobody got in."""
    staff = Staff(app)
    location = staff.get(_authorized(staff)).headers["location"]
    if location == "/signin":
        page = staff.get("/signin").text
        assert "gehört zu keiner Gruppe" in page and "nicht gelungen" not in page
        return None
    assert location == "/" and staff.get("/").status_code == 200
    (account,) = (row for row in stored(engine, accounts_table) if row["subject"])
    return str(account["role"])


@pytest.mark.parametrize(
    ("claim", "claims", "role"),
    [
        ("groups", {"groups": "sc-lesen"}, "reader"),
        ("groups", {"groups": ["sc-lesen"]}, "reader"),
        ("groups", {"groups": ["Alle", "sc-redaktion", "sc-lesen"]}, "editor"),
        ("groups", {"groups": ["sc-lesen", "sc-admin", "sc-prüfen"]}, "admin"),
        ("groups", {"groups": ["CN=Redaktion Smart City"]}, "editor"),
        ("groups", {"groups": [7, None, {"sc-admin": True}, ["sc-admin"], "sc-prüfen"]}, "reviewer"),
        ("realm_access.roles", {"realm_access": {"roles": ["sc-redaktion"]}}, "editor"),
        ("a.b.c", {"a": {"b": {"c": "sc-lesen"}}}, "reader"),
        ("https://krefeld.example/roles", {"https://krefeld.example/roles": ["sc-lesen"]}, "reader"),
        ("a.b", {"a.b": "sc-lesen", "a": {"b": "sc-admin"}}, "reader"),
    ],
    ids=str,
)
def test_the_highest_role_that_the_claim_gives(
    claim: str, claims: dict[str, Any], role: str, make_app: MakeApp, engine: Engine, issuer: Issuer
) -> None:
    issuer.claims |= claims
    assert _role(make_app(claim), engine) == role


NOTHING: list[tuple[str, Any]] = [
    ("groups", None),
    ("groups", ""),
    ("groups", []),
    ("groups", "sc-lesen sc-admin"),
    ("groups", "sc-lesen,sc-admin"),
    ("groups", " sc-lesen"),
    ("groups", "SC-Lesen"),
    ("groups", ["SC-ADMIN", "sc-admin ", "admin", "reader=sc-lesen"]),
    ("groups", "admin"),
    ("groups", True),
    ("groups", 1),
    ("groups", {"sc-admin": True}),
    ("groups", {"roles": ["sc-admin"]}),
    ("groups", [["sc-admin"]]),
    ("groups", "sc-pru\u0308fen"),
    ("groups.roles", ["sc-admin"]),
    ("groups.roles", {"roles": {"sc-admin": 1}}),
    ("groups.0", ["sc-admin"]),
    ("groups.roles.", {"roles": "sc-admin"}),
]


@pytest.mark.parametrize(("claim", "value"), NOTHING, ids=str)
def test_without_a_matching_value_nobody_gets_in(
    claim: str, value: Any, make_app: MakeApp, engine: Engine, issuer: Issuer
) -> None:
    issuer.claims["groups"] = value
    assert _role(make_app(claim), engine) is None
    assert stored(engine, sessions) == []
    assert [row["name"] for row in stored(engine, accounts_table)] == ["chefin"], "no account is made"
    assert [row["deed"] for row in stored(engine, audit)] == ["signin.failed"]


def test_a_forged_claim_gives_nothing(make_app: MakeApp, engine: Engine, issuer: Issuer) -> None:
    """The whole token is refused, whatever it claims; not with the sentence for those who are who they say."""
    issuer.claims["groups"], issuer.key = ["sc-admin"], OTHER
    staff = Staff(make_app())
    assert staff.get(_authorized(staff)).headers["location"] == "/signin"
    assert "nicht gelungen" in staff.get("/signin").text
    assert len(stored(engine, accounts_table)) == 1


def test_a_claim_beside_the_token_gives_nothing(make_app: MakeApp, engine: Engine) -> None:
    staff = Staff(make_app())
    path = _authorized(staff) + "&groups=sc-admin"
    assert staff.get(path).headers["location"] == "/signin"
    assert stored(engine, sessions) == []


def test_the_role_follows_at_each_sign_in(make_app: MakeApp, engine: Engine, issuer: Issuer) -> None:
    app = make_app()
    for groups, role in (("sc-lesen", "reader"), ("sc-admin", "admin"), ("sc-redaktion", "editor")):
        issuer.claims["groups"] = [groups]
        assert _role(app, engine) == role
    followed = [row["details"] for row in stored(engine, audit, deed="account.followed")]
    assert followed == [{"role": "admin", "before": "reader"}, {"role": "editor", "before": "admin"}]
    # What an admin gave by hand before the claim was configured does not outlast it either.
    (account,) = (row for row in stored(engine, accounts_table) if row["subject"])
    accounts.change(engine, account["id"], role="admin")
    assert _role(app, engine) == "editor"


def test_who_left_all_groups_loses_role_and_sessions(make_app: MakeApp, engine: Engine, issuer: Issuer) -> None:
    app = make_app()
    issuer.claims["groups"] = "sc-admin"
    before = Staff(app)
    before.get(_authorized(before))
    assert before.get("/audit").status_code == 200
    issuer.claims["groups"] = "Alle"
    assert _role(app, engine) is None
    assert before.get("/audit").headers["location"].startswith("/signin")
    (account,) = (row for row in stored(engine, accounts_table) if row["subject"])
    assert account["role"] == ""
    issuer.claims["groups"] = "sc-lesen"
    assert _role(app, engine) == "reader"


def test_a_disabled_account_stays_out_and_as_it_is(make_app: MakeApp, engine: Engine, issuer: Issuer) -> None:
    app = make_app()
    made = accounts.make_foreign(engine, f"{issuer.address} 17", "jo", "Jo", "reader")
    accounts.change(engine, made, disabled=True)
    issuer.claims["groups"] = "sc-admin"
    staff = Staff(app)
    assert staff.get(_authorized(staff)).headers["location"] == "/signin"
    assert stored(engine, accounts_table, id=made)[0]["role"] == "reader"


def test_an_admin_leaves_such_roles_to_the_directory(make_app: MakeApp, engine: Engine, issuer: Issuer) -> None:
    app = make_app()
    issuer.claims["groups"] = "sc-lesen"
    _role(app, engine)
    (account,) = (row for row in stored(engine, accounts_table) if row["subject"])
    chief = Staff(app, an_account(engine, "admin"))
    page = chief.get("/accounts").text
    assert "aus dem Verzeichnis der Stadt" in page and f'id="role-{account["id"]}"' not in page
    answer = chief.post(f"/accounts/{account['id']}", {"role": "admin"})
    assert answer.status_code == 422 and "geändert wird sie dort" in answer.text
    assert stored(engine, accounts_table, id=account["id"])[0]["role"] == "reader"
    assert chief.post(f"/accounts/{account['id']}", {"disabled": "yes"}).status_code == 303


def test_the_first_admin_may_come_from_the_directory(make_app: MakeApp, engine: Engine, issuer: Issuer) -> None:
    app = make_app(admin=False)
    assert "/signin/oidc" in Staff(app).get("/setup").text
    issuer.claims["groups"] = "sc-admin"
    assert _role(app, engine) == "admin"
    assert Staff(app).get("/setup").headers["location"] == "/signin"


def test_where_no_group_may_administer_the_code_comes_first(make_app: MakeApp) -> None:
    app = make_app(roles="reader=sc-lesen", admin=False)
    assert "/signin/oidc" not in Staff(app).get("/setup").text
    assert Staff(app).get("/signin/oidc").status_code == 404


@pytest.mark.parametrize(
    ("claim", "roles"),
    [
        ("groups", ""),
        ("", "reader=a"),
        ("groups", "emperor=a"),
        ("groups", "reader"),
        ("groups", "reader="),
        ("groups", "reader=a,editor=a"),
        ("gro ups", "reader=a"),
    ],
)
def test_settings_that_cannot_be_right(claim: str, roles: str, make_app: MakeApp) -> None:
    with pytest.raises(SettingError, match="OIDC_ROLE"):
        make_app(claim, roles)
