"""Sign-in by OpenID Connect against a real stand-in issuer over HTTP, with everything that can be forged."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from sqlalchemy.engine import Engine
from starlette.applications import Starlette

from smartcity.console import accounts
from smartcity.console.tables import accounts as accounts_table
from smartcity.console.tables import audit, sessions
from smartcity.console.web.app import create_app
from smartcity.settings import SettingError, read_settings

from ...gateway.standin import running
from ..conftest import SECRET
from ..rows import an_account, stored
from ..staff import Staff
from . import issuer as standin
from .issuer import CLIENT, CURVE, OTHER, Issuer, query_of


@pytest.fixture(scope="module")
def _issuer() -> Iterator[Issuer]:
    made = Issuer()
    with running(made.app) as port:
        made.address = f"http://127.0.0.1:{port}"
        yield made


@pytest.fixture
def issuer(_issuer: Issuer) -> Issuer:
    _issuer.reset()
    return _issuer


@pytest.fixture
def app(engine: Engine, issuer: Issuer, tmp_path: Path) -> Starlette:
    an_account(engine, "admin", name="chefin")
    settings = {
        "SMARTCITY_VAR": str(tmp_path / "var"),
        "SMARTCITY_SECRET": SECRET,
        "SMARTCITY_OIDC_ISSUER": issuer.address,
        "SMARTCITY_OIDC_CLIENT": CLIENT,
        "SMARTCITY_OIDC_SECRET": standin.SECRET,
    }
    return create_app(read_settings(settings), engine)


def _authorized(staff: Staff, path: str = "/signin/oidc") -> str:
    """Through the issuer; the path with which the browser comes back."""
    leaving = staff.get(path)
    assert leaving.status_code == 303, leaving.text
    back = httpx.get(leaving.headers["location"], trust_env=False)
    assert back.status_code == 302
    address: str = back.headers["location"]
    assert address.startswith(staff.address + "/signin/oidc/return?")
    return address.removeprefix(staff.address)


def _entered(staff: Staff, answer: httpx.Response) -> bool:
    location = answer.headers["location"]
    if location == "/signin":
        assert "nicht gelungen" in staff.get("/signin").text
        return False
    return bool(staff.get("/account").status_code == 200)


def test_somebody_new_gets_in_without_a_role(app: Starlette, engine: Engine, issuer: Issuer) -> None:
    staff = Staff(app)
    assert "/signin/oidc?next=%2F" in staff.get("/signin").text
    answer = staff.get(_authorized(staff, "/signin/oidc?next=/search"))
    assert answer.headers["location"] == "/search"
    assert staff.get("/search").headers["location"] == "/account"
    assert "noch keine Rolle" in staff.get("/account").text
    (account,) = stored(engine, accounts_table, subject=f"{issuer.address} 17")
    assert (account["name"], account["shown"], account["role"], account["password"]) == (
        "jo.winter", "Jo Winter", "", None,
    )  # fmt: skip
    accounts.change(engine, account["id"], role="reviewer")
    assert staff.get("/search").status_code == 200
    assert issuer.authenticated[0].startswith("Basic "), "the console shows its secret in a header, not in the form"


def test_who_comes_again_is_the_same(app: Starlette, engine: Engine, issuer: Issuer) -> None:
    for name in ("Jo Winter", "Jo Sommer"):
        issuer.claims["name"] = name
        staff = Staff(app)
        assert _entered(staff, staff.get(_authorized(staff)))
    assert len(stored(engine, accounts_table)) == 2


def test_a_name_is_only_a_name(app: Starlette, engine: Engine, issuer: Issuer) -> None:
    """Whoever calls himself like an admin does not become that admin."""
    issuer.claims |= {"preferred_username": "chefin", "email": "chefin@krefeld.de", "name": "Chefin"}
    staff = Staff(app)
    assert _entered(staff, staff.get(_authorized(staff)))
    assert staff.get("/accounts").status_code == 303
    (account,) = stored(engine, accounts_table, role="")
    assert account["name"].startswith("chefin-")


@pytest.mark.parametrize("name", ["", "a", "…", "<script>alert(1)</script>", "x" * 500, "..", "Ä Ö"])
def test_any_name_makes_an_account(name: str, app: Starlette, engine: Engine, issuer: Issuer) -> None:
    issuer.claims |= {"preferred_username": name, "name": name}
    staff = Staff(app)
    assert _entered(staff, staff.get(_authorized(staff)))
    (account,) = stored(engine, accounts_table, role="")
    assert accounts.NAME.fullmatch(account["name"]) and account["shown"]


def test_a_disabled_account_stays_out(app: Starlette, engine: Engine, issuer: Issuer) -> None:
    made = accounts.make_foreign(engine, f"{issuer.address} 17", "jo", "Jo")
    accounts.change(engine, made, disabled=True)
    staff = Staff(app)
    assert not _entered(staff, staff.get(_authorized(staff)))


def _seconds_from_now(seconds: int) -> Callable[[Issuer], int]:
    """When it is asked for: these tests are collected long before they run."""
    return lambda issuer: int(time.time()) + seconds


def _claims(**values: Any) -> Callable[[Issuer], None]:
    def set_claims(issuer: Issuer) -> None:
        issuer.claims |= {name: value(issuer) if callable(value) else value for name, value in values.items()}

    return set_claims


def _attributes(**values: Any) -> Callable[[Issuer], None]:
    def set_attributes(issuer: Issuer) -> None:
        for name, value in values.items():
            setattr(issuer, name, value)

    return set_attributes


FORGED = {
    "another audience": _claims(aud="somebody-else"),
    "no audience": _claims(aud=None),
    "two audiences, not for us": _claims(aud=[CLIENT, "somebody-else"], azp="somebody-else"),
    "two audiences, for nobody": _claims(aud=[CLIENT, "somebody-else"]),
    "another issuer": _claims(iss="https://evil.example"),
    "issuer with a slash": _claims(iss=lambda issuer: issuer.address + "/"),
    "no issuer": _claims(iss=None),
    "expired": _claims(exp=_seconds_from_now(-120)),
    "without end": _claims(exp=None),
    "end is no number": _claims(exp="tomorrow"),
    "not yet": _claims(nbf=_seconds_from_now(+600)),
    "from the future": _claims(iat=_seconds_from_now(+600)),
    "without a time": _claims(iat=None),
    "another nonce": _claims(nonce="of an earlier sign-in"),
    "no nonce": _claims(nonce=None),
    "no subject": _claims(sub=None),
    "empty subject": _claims(sub=""),
    "subject is no text": _claims(sub=["17"]),
    "subject too long": _claims(sub="x" * 600),
    "subject with a line": _claims(sub="17\n18"),
    "signed by another key": _attributes(key=OTHER),
    "a key that is not the issuer's": _attributes(published=[CURVE]),
    "no signature": _attributes(algorithm="none"),
    "public key as secret": _attributes(algorithm="HS256"),
    "no token": _attributes(id_token=None),
    "token is no text": _attributes(id_token={"sub": "17"}),
    "token is rubbish": _attributes(id_token="a.b.c"),
    "token endpoint fails": _attributes(token_status=500),
}


@pytest.mark.parametrize("name", FORGED)
def test_what_is_forged_lets_nobody_in(name: str, app: Starlette, engine: Engine, issuer: Issuer) -> None:
    FORGED[name](issuer)
    staff = Staff(app)
    assert not _entered(staff, staff.get(_authorized(staff)))
    assert stored(engine, sessions) == []
    assert len(stored(engine, accounts_table)) == 1
    assert [row["deed"] for row in stored(engine, audit)] == ["signin.failed"]


@pytest.mark.parametrize(
    "right",
    [
        _attributes(key=CURVE, algorithm="ES256", kid="two"),
        _claims(aud=[CLIENT]),
        _claims(aud=[CLIENT, "other"], azp=CLIENT),
        _claims(exp=_seconds_from_now(-20)),
        _attributes(kid=None, published=[standin.KEY]),
    ],
    ids=["elliptic curve", "list of audiences", "for us in person", "clocks differ", "one key without a name"],
)
def test_what_is_right_lets_in(right: Callable[[Issuer], None], app: Starlette, issuer: Issuer) -> None:
    right(issuer)
    staff = Staff(app)
    assert _entered(staff, staff.get(_authorized(staff)))


def test_a_new_key_of_the_issuer_counts_at_once(app: Starlette, issuer: Issuer) -> None:
    first = Staff(app)
    assert _entered(first, first.get(_authorized(first)))
    issuer.key, issuer.published = OTHER, [OTHER]
    second = Staff(app)
    assert _entered(second, second.get(_authorized(second)))


def test_another_state_lets_nobody_in(app: Starlette, engine: Engine) -> None:
    staff = Staff(app)
    fields = query_of(_authorized(staff))
    for state in ("", "x", fields["state"][:-1], "ü"):
        answer = staff.get("/signin/oidc/return?" + urlencode({**fields, "state": state}))
        assert not _entered(staff, answer)
        staff = Staff(app)
        fields = query_of(_authorized(staff))


def test_an_answer_for_another_browser_lets_nobody_in(app: Starlette, engine: Engine) -> None:
    """Somebody sends a colleague the end of his own sign-in, so that she works in his account."""
    attacker, victim = Staff(app), Staff(app)
    path = _authorized(attacker)
    assert not _entered(victim, victim.get(path))
    victim = Staff(app)
    _authorized(victim)
    assert not _entered(victim, victim.get(path))


def test_an_answer_counts_once(app: Starlette) -> None:
    staff = Staff(app)
    path = _authorized(staff)
    assert _entered(staff, staff.get(path))
    again = Staff(app)
    assert not _entered(again, again.get(path))
    staff.post("/signout")
    assert not _entered(staff, staff.get(path))


def test_what_was_agreed_cannot_be_made_up(app: Starlette) -> None:
    for cookie in ("", "x", "eyJzdGF0ZSI6ICJhIn0.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb"):
        staff = Staff(app)
        staff.keep("console-oidc", cookie)
        assert not _entered(staff, staff.get("/signin/oidc/return?code=a&state=a"))


def test_the_issuer_refuses(app: Starlette) -> None:
    staff = Staff(app)
    fields = query_of(_authorized(staff))
    query = urlencode({"state": fields["state"], "error": "access_denied", "error_description": "<script>"})
    assert not _entered(staff, staff.get(f"/signin/oidc/return?{query}"))


def test_an_answer_in_another_issuer_s_name(app: Starlette) -> None:
    staff = Staff(app)
    path = _authorized(staff)
    assert not _entered(staff, staff.get(f"{path}&iss=https%3A%2F%2Fevil.example"))


@pytest.mark.parametrize(
    "description",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": None},
    ],
    ids=str,
)
def test_a_description_that_cannot_be_right(description: dict[str, Any], app: Starlette, issuer: Issuer) -> None:
    issuer.description = description
    staff = Staff(app)
    assert not _entered(staff, staff.get("/signin/oidc"))


def test_nobody_answers_at_the_issuer(engine: Engine, tmp_path: Path) -> None:
    an_account(engine, "admin")
    settings = {
        "SMARTCITY_VAR": str(tmp_path),
        "SMARTCITY_SECRET": SECRET,
        "SMARTCITY_OIDC_ISSUER": "http://127.0.0.1:1",
        "SMARTCITY_OIDC_CLIENT": CLIENT,
    }
    staff = Staff(create_app(read_settings(settings), engine))
    assert not _entered(staff, staff.get("/signin/oidc"))


def test_attempts_are_slowed_down(app: Starlette, issuer: Issuer) -> None:
    issuer.claims["aud"] = "somebody-else"
    staff = Staff(app)
    for _ in range(5):
        assert not _entered(staff, staff.get(_authorized(staff)))
    assert staff.get(_authorized(staff)).status_code == 429


def test_without_an_issuer_there_is_no_such_way(settings: Any, engine: Engine) -> None:
    an_account(engine, "admin")
    staff = Staff(create_app(settings, engine))
    assert staff.get("/signin/oidc").status_code == staff.get("/signin/oidc/return?code=1").status_code == 404
    assert "/signin/oidc" not in staff.get("/signin").text


@pytest.mark.parametrize(
    "environ",
    [{"SMARTCITY_OIDC_ISSUER": "https://idp.example"},
     {"SMARTCITY_OIDC_ISSUER": "http://idp.example", "SMARTCITY_OIDC_CLIENT": "c"}],
    ids=["no client", "no https"],
)  # fmt: skip
def test_settings_that_cannot_be_right(environ: dict[str, str], engine: Engine) -> None:
    with pytest.raises(SettingError, match="OIDC"):
        create_app(read_settings({"SMARTCITY_SECRET": SECRET, **environ}), engine)
