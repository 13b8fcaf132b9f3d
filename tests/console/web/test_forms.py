"""What changes something: only with the visit's token, from this console's own pages, as a small form."""

from __future__ import annotations

import pytest
from sqlalchemy.engine import Engine
from starlette.applications import Starlette
from starlette.routing import Match, Route

from smartcity.console.tables import conversations
from smartcity.console.web.page import LONGEST_BODY, MOST_FIELDS, local_path

from ..conftest import SignIn
from ..rows import a_conversation, stored
from ..staff import ADDRESS, Staff
from .test_roles import MATRIX

POSTS = [name.split(" ")[1].replace("{number:int}", "1") for name in MATRIX if name.startswith("POST")]


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("token", ["", "0" * 64, "ü", None], ids=["empty", "wrong", "no-ascii", "none"])
def test_without_the_token_nothing_is_done(path: str, token: str | None, client: Staff) -> None:
    fields = {} if token is None else {"csrf": token}
    answer = client.send("POST", path, data=fields or {"x": "1"}, headers={"origin": ADDRESS})
    assert answer.status_code == 403
    assert "zu alt" in answer.text


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:8091"},
        {"origin": "http://localhost:8090"},
        {"origin": "https://127.0.0.1:8090"},
        {"origin": ""},
    ],
    ids=lambda headers: headers["origin"] or "empty",
)
def test_a_foreign_page_may_send_nothing(path: str, headers: dict[str, str], client: Staff) -> None:
    answer = client.post(path, headers=headers)
    assert answer.status_code == 403
    assert "nicht von dieser Konsole" in answer.text


def test_who_names_no_origin_needs_a_referer_of_ours(client: Staff) -> None:
    def send(**headers: str) -> int:
        fields = {"csrf": client.csrf(), "language": "de"}
        return client.send("POST", "/language", data=fields, headers=headers).status_code

    assert send() == 403
    assert send(referer="https://evil.example/") == 403
    assert send(referer=f"{ADDRESS}/search") == 303
    assert send(**{"referer": f"{ADDRESS}/search", "sec-fetch-site": "cross-site"}) == 403


def test_another_s_token_is_no_token(client: Staff, sign_in: SignIn) -> None:
    other = sign_in("admin")
    answer = client.send("POST", "/language", data={"csrf": other.csrf()}, headers={"origin": ADDRESS})
    assert answer.status_code == 403


def test_nothing_changes_by_a_mere_link(app: Starlette, client: Staff, engine: Engine) -> None:
    number = a_conversation(engine)
    for path in POSTS:
        scope = {"type": "http", "method": "GET", "path": path}
        if not any(isinstance(one, Route) and one.matches(scope)[0] is Match.FULL for one in app.routes):
            assert client.get(path).status_code == 405, path
    client.get(f"/conversations/{number}/kept?kept=yes")
    assert not stored(engine, conversations, id=number)[0]["kept"]


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain", ""])
def test_only_forms_are_read(kind: str, client: Staff) -> None:
    headers = {"origin": ADDRESS, "content-type": kind}
    assert client.send("POST", "/language", content=b"csrf=x", headers=headers).status_code == 415


def test_a_form_has_an_end(client: Staff) -> None:
    headers = {"origin": ADDRESS, "content-type": "application/x-www-form-urlencoded"}
    assert client.send("POST", "/language", content=b"x" * (LONGEST_BODY + 1), headers=headers).status_code == 413
    many = "&".join(["x=1"] * (MOST_FIELDS + 1))
    assert client.send("POST", "/language", content=many.encode(), headers=headers).status_code == 400
    assert client.send("POST", "/language", content=b"csrf=\xff", headers=headers).status_code == 400


@pytest.mark.parametrize(
    "path",
    ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
     "evil.example", "", "/ok\r\nSet-Cookie: x=1", "/\tx", "http:evil.example", "/\x00"],
)  # fmt: skip
def test_nobody_is_led_elsewhere(path: str, client: Staff) -> None:
    assert local_path(path) == "/"
    answer = client.post("/language", {"language": "de", "back": path})
    assert answer.headers["location"] == "/"


def test_a_path_of_ours_stays(client: Staff) -> None:
    assert local_path("/search?text=a%20b#x") == "/search?text=a%20b#x"


@pytest.mark.parametrize("message", ["x", "e30=", "WzEsMl0=", "WyJzaWduaW4ub3V0IiwgMV0=", "ÿ", "W10="])
def test_a_message_that_somebody_made_up_is_ignored(message: str, client: Staff) -> None:
    client.keep("console-message", message.encode("ascii", "ignore").decode())
    assert client.get("/").status_code == 200
