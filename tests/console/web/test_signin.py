"""Signing in and out: passwords, sessions, throttling, the first account."""

from __future__ import annotations

import re
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from starlette.applications import Starlette

from smartcity.console import accounts, clock, passwords
from smartcity.console.database import write
from smartcity.console.tables import accounts as accounts_table
from smartcity.console.tables import attempts, audit, sessions
from smartcity.console.web.sessions import IDLE, LONGEST, Sessions
from smartcity.console.web.throttle import ADDRESS, NAME, PAIR, WINDOW, Throttle
from smartcity.settings import Settings

from ..conftest import SignIn
from ..rows import an_account, stored
from ..staff import Staff

PASSWORD = "vier Wörter ohne Sinn"


@pytest.fixture
def kim(engine: Engine) -> int:
    """A local account with PASSWORD."""
    return accounts.make(engine, "Kim", "admin", PASSWORD, "Kim Beispiel")


def _enter(staff: Staff, name: str = "kim", password: str = PASSWORD, **fields: str) -> int:
    return staff.post("/signin", {"name": name, "password": password, **fields}).status_code


def test_in_and_out(sign_in: SignIn, engine: Engine, kim: int) -> None:
    staff = sign_in(None)
    before = staff.get("/signin").cookies["console"]
    answer = staff.post("/signin", {"name": " KIM ", "password": PASSWORD, "next": "/search?text=a"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/search?text=a")
    token = staff.http.cookies["console"]
    assert token != before, "a session begins with a token that nobody knew before"
    assert "Kim Beispiel" in staff.get("/").text
    (row,) = stored(engine, sessions)
    assert token not in str(row), "only its digest is kept"
    assert staff.post("/signout").headers["location"] == "/signin"
    assert stored(engine, sessions) == []
    staff.keep("console", token)
    assert staff.get("/").headers["location"] == "/signin"
    assert [row["deed"] for row in stored(engine, audit)] == ["signin", "signout"]


def test_the_cookie(sign_in: SignIn, kim: int) -> None:
    staff = sign_in(None)
    answer = staff.post("/signin", {"name": "kim", "password": PASSWORD})
    (cookie,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith("console=")]
    assert re.fullmatch(r"console=[\w-]{43}; HttpOnly; Path=/; SameSite=lax", cookie)


@pytest.mark.parametrize("name", ["kim", "nobody", "", "x" * 10_000, "kim\0", "' OR 1=1 --"])
@pytest.mark.parametrize("password", ["", "wrong", PASSWORD + " ", "x" * 10_000])
def test_wrong(name: str, password: str, sign_in: SignIn, engine: Engine, kim: int) -> None:
    staff = sign_in(None)
    answer = staff.post("/signin", {"name": name, "password": password})
    assert answer.status_code == 401
    assert "Name oder Passwort stimmen nicht" in answer.text
    assert stored(engine, sessions) == []


def test_disabled_or_foreign_accounts_do_not_get_in(sign_in: SignIn, engine: Engine, kim: int) -> None:
    accounts.make(engine, "other", "admin", PASSWORD)
    accounts.change(engine, kim, disabled=True)
    an_account(engine, "reader", name="city", subject="https://idp 1")
    assert _enter(sign_in(None)) == 401
    assert _enter(sign_in(None), "city") == 401


def test_an_unknown_name_takes_as_long(engine: Engine, kim: int) -> None:
    """Both check one Argon2 hash, which costs far more than all else."""
    stored_hash = accounts.by_name(engine, "kim")
    assert stored_hash is not None

    def seconds(hashed: str | None) -> float:
        times = []
        for _ in range(5):
            start = time.process_time()
            passwords.fits("wrong", hashed)
            times.append(time.process_time() - start)
        return min(times)

    known, unknown = seconds(stored_hash["password"]), seconds(None)
    assert known > 0.01
    assert 0.4 < unknown / known < 2.5


def test_passwords_are_argon2id_with_a_salt(engine: Engine, kim: int) -> None:
    accounts.make(engine, "second", "reader", PASSWORD)
    first, second = (row["password"] for row in stored(engine, accounts_table))
    assert first.startswith("$argon2id$") and second.startswith("$argon2id$") and first != second
    assert passwords.fits(PASSWORD, first)
    assert not passwords.fits(PASSWORD, "$argon2id$broken") and not passwords.fits(PASSWORD, "")


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "short"),
        ("elf Zeichen", "short"),
        ("x" * 257, "long"),
        ("aaaaaaaaaaaaaaaa", "weak"),
        ("abcabcabcabcabc", "weak"),
        ("123456789012345", "weak"),
        ("qwertzuiopü1", "weak"),
        ("Passwort12345", "weak"),
        ("Krefeld2026!!", "weak"),
        ("kimkimkimkim", "weak"),
        ("Kim Beispiel 1", "weak"),
    ],
)
def test_bad_passwords_are_refused(password: str, reason: str) -> None:
    with pytest.raises(passwords.PasswordError, match=f"password.{reason}"):
        passwords.check(password, "kim", "Kim Beispiel")


@pytest.mark.parametrize(
    "password", [PASSWORD, "Tr0ub4dor&3-lang", "correct horse battery staple", "密码一二三四五六七八九十"]
)
def test_good_passwords_are_taken(password: str) -> None:
    passwords.check(password, "kim", "Kim Beispiel")


# -- throttling


def test_a_name_at_an_address_is_slowed_down(sign_in: SignIn, engine: Engine, kim: int) -> None:
    staff = sign_in(None)
    assert [_enter(staff, password="wrong wrong wrong") for _ in range(PAIR)] == [401] * PAIR
    answer = staff.post("/signin", {"name": "kim", "password": PASSWORD})
    assert answer.status_code == 429, "even with the right password"
    assert int(answer.headers["retry-after"]) == WINDOW // 1000
    assert _enter(staff, "other") == 401, "others may still try"
    _later(engine, WINDOW + 1)
    assert _enter(staff) == 303


def test_who_gets_in_starts_anew(sign_in: SignIn, engine: Engine, kim: int) -> None:
    staff = sign_in(None)
    for _ in range(2):
        assert [_enter(staff, password="wrong wrong wrong") for _ in range(PAIR - 1)] == [401] * (PAIR - 1)
        assert _enter(staff) == 303
        staff = sign_in(None)


def test_success_does_not_use_up_the_address(sign_in: SignIn, engine: Engine, kim: int) -> None:
    for _ in range(ADDRESS + 2):
        Throttle(engine).take("kim", "10.0.0.1")
        Throttle(engine).forget("kim", "10.0.0.1")
    assert Throttle(engine).take("kim", "10.0.0.1")


def test_an_address_and_a_name_have_an_end(engine: Engine) -> None:
    throttle = Throttle(engine)
    assert [throttle.take(f"name{number}", "10.0.0.1") for number in range(ADDRESS + 1)] == [True] * ADDRESS + [False]
    assert [throttle.take("kim", f"10.1.0.{number}") for number in range(NAME + 1)] == [True] * NAME + [False]
    assert not any("kim" in str(row) or "10.1" in str(row) for row in stored(engine, attempts))


def test_many_at_once_count_too(engine: Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: Throttle(engine).take("kim", "10.0.0.1"), range(20)))
    assert sum(taken) == PAIR


def test_behind_a_proxy_the_visitor_s_address_counts(engine: Engine, settings: Settings, kim: int) -> None:
    from smartcity.console.web.app import create_app
    from smartcity.settings import read_settings

    trusting = read_settings(
        {"SMARTCITY_VAR": str(settings.var), "SMARTCITY_SECRET": settings.secret,
         "SMARTCITY_TRUSTED_PROXIES": "127.0.0.1"}
    )  # fmt: skip
    staff = Staff(create_app(trusting, engine))

    def enter(address: str) -> int:
        fields = {"name": "kim", "password": "wrong wrong wrong"}
        return staff.post("/signin", fields, headers={"x-forwarded-for": address}).status_code

    assert [enter("203.0.113.7") for _ in range(PAIR + 1)] == [401] * PAIR + [429]
    assert enter("203.0.113.8") == 401


def _later(engine: Engine, milliseconds: int) -> None:
    """As if so much time had passed."""
    with write(engine) as connection:
        connection.execute(sa.update(attempts).values(at=attempts.c.at - milliseconds))
        connection.execute(sa.update(sessions).values(made=sessions.c.made - milliseconds))


# -- sessions


def test_a_session_ends_after_its_time_and_when_idle(app: Starlette, engine: Engine) -> None:
    kept: Sessions = app.state.sessions
    account = an_account(engine)
    token = kept.begin(account)
    assert kept.account(token) is not None

    def age(**columns: int) -> None:
        with write(engine) as connection:
            connection.execute(sa.update(sessions).values({name: clock.now() - age for name, age in columns.items()}))

    age(used=IDLE + 1)
    assert kept.account(token) is None
    age(used=IDLE - 5000)
    assert kept.account(token) is not None, "and the use is noted"
    assert stored(engine, sessions)[0]["used"] > clock.now() - 5000
    age(made=LONGEST + 1, used=0)
    assert kept.account(token) is None
    kept.begin(account)
    assert len(stored(engine, sessions)) == 1, "what is over is cleared away"


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "ü" * 43, "a" * 5000])
def test_a_token_that_is_none(token: str, sign_in: SignIn, engine: Engine) -> None:
    an_account(engine, "admin")
    staff = sign_in(None)
    answer = staff.get("/", headers={"cookie": f"console={token}".encode()})
    assert answer.headers["location"] == "/signin"


def test_a_form_of_an_ended_session_leads_to_the_sign_in(client: Staff, engine: Engine) -> None:
    token = client.csrf()
    with write(engine) as connection:
        connection.execute(sa.delete(sessions))
    answer = client.send("POST", "/turns/judge", data={"csrf": token}, headers={"origin": client.address})
    assert answer.headers["location"] == "/signin"


def test_a_page_comes_back_after_the_sign_in(sign_in: SignIn, kim: int) -> None:
    staff = sign_in(None)
    answer = staff.get("/search?text=a&tag=b")
    assert answer.headers["location"] == "/signin?next=%2Fsearch%3Ftext%3Da%26tag%3Db"
    assert 'name="next" value="/search?text=a&amp;tag=b"' in staff.follow(answer).text


# -- one's own password


def test_changing_one_s_password_ends_other_sessions(sign_in: SignIn, app: Starlette, engine: Engine, kim: int) -> None:
    here, there = Staff(app, kim), Staff(app, kim)
    new = "fünf andere Wörter, bitte"

    def change(old: str, password: str, again: str) -> int:
        return here.post("/account/password", {"old": old, "password": password, "again": again}).status_code

    assert change("wrong wrong wrong", new, new) == 422
    assert change(PASSWORD, new, new + "x") == 422
    assert change(PASSWORD, "short", "short") == 422
    assert there.get("/").status_code == 200
    assert change(PASSWORD, new, new) == 303
    assert here.get("/").status_code == 200
    assert there.get("/").headers["location"] == "/signin"
    assert _enter(sign_in(None)) == 401
    assert _enter(sign_in(None), password=new) == 303


def test_guessing_the_present_password_is_slowed_down(app: Starlette, kim: int) -> None:
    here = Staff(app, kim)
    fields = {"old": "wrong wrong wrong", "password": PASSWORD + "!", "again": PASSWORD + "!"}
    statuses = [here.post("/account/password", fields).status_code for _ in range(PAIR + 1)]
    assert statuses == [422] * PAIR + [429]


# -- the first account


def _first(staff: Staff, code: str, **fields: str) -> int:
    values = {"code": code, "name": "kim", "shown": "Kim", "password": PASSWORD, "again": PASSWORD, **fields}
    return staff.post("/setup", values).status_code


def test_the_first_visit_makes_the_first_account(app: Starlette, sign_in: SignIn, engine: Engine) -> None:
    code = app.state.setup.code()
    assert stat.S_IMODE(app.state.setup.path.stat().st_mode) == 0o600
    assert app.state.setup.code() == code
    staff = sign_in(None)
    assert staff.follow(staff.get("/")).status_code == 200
    assert staff.get("/signin").headers["location"] == "/setup"
    assert _first(staff, "AAAA-BBBB-CCCC-DDDD") == 403
    assert _first(staff, code, again="other") == 422
    assert _first(staff, code, password="short", again="short") == 422
    assert stored(engine, accounts_table) == []
    assert _first(staff, f" {code.lower().replace('-', ' ')} ") == 303
    assert staff.get("/accounts").status_code == 200, "signed in as admin"
    assert not app.state.setup.path.exists()
    assert app.state.setup.code() is None
    second = sign_in(None)
    assert _first(second, code, name="evil") == 303
    assert [row["name"] for row in stored(engine, accounts_table)] == ["kim"]


def test_the_code_cannot_be_guessed_for_long(app: Starlette, sign_in: SignIn) -> None:
    code = app.state.setup.code()
    staff = sign_in(None)
    assert [_first(staff, "0000-0000-0000-0000") for _ in range(PAIR + 1)] == [403] * PAIR + [429]
    assert _first(staff, code) == 429


def test_without_a_code_nobody_can(app: Starlette, sign_in: SignIn) -> None:
    assert not app.state.setup.is_right("")
    assert _first(sign_in(None), "") == 403


def test_of_two_with_the_code_one_makes_the_account(app: Starlette, engine: Engine) -> None:
    code = app.state.setup.code()

    def claim(number: int) -> int:
        return _first(Staff(app, network=f"10.0.0.{number}"), code, name=f"kim{number}")

    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(claim, range(4)))
    assert 303 in statuses and set(statuses) <= {303, 403}, "403 for who comes when the code is gone"
    assert len(stored(engine, accounts_table)) == 1


def test_a_failure_brings_the_code_back(app: Starlette, sign_in: SignIn, engine: Engine) -> None:
    an_account(engine, "reader", name="kim")
    code = app.state.setup.code()
    assert _first(sign_in(None), code) == 422, "the name is taken"
    assert app.state.setup.code() == code


def test_accounts_that_oidc_made_do_not_close_the_set_up(app: Starlette, engine: Engine) -> None:
    accounts.make_foreign(engine, "https://idp 1", "x", "X")
    assert app.state.setup.is_open()


def test_the_code_is_kept_in_var(app: Starlette, settings: Settings) -> None:
    app.state.setup.code()
    assert app.state.setup.path == Path(settings.var) / "console-setup-code"
