"""The pages on PostgreSQL: each is rendered, each form does its work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from smartcity.console import accounts
from smartcity.console.database import migrate, open_database
from smartcity.console.tables import audit, sessions, turns

from ...databases import database_url
from ..conftest import SignIn
from ..rows import a_conversation, stored, turn_ids
from ..sample import fill
from ..staff import Staff

PASSWORD = "vier Wörter ohne Sinn"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Any]:
    with database_url("postgresql", tmp_path) as url:
        engine = open_database(sa.engine.make_url(url))
        migrate(engine)
        yield engine
        engine.dispose()


def test_a_day_s_work(engine: Any, client: Staff, sign_in: SignIn) -> None:
    ids = fill(engine)
    for path in ("/", "/?period=all", "/search?text=kruiser", "/search?queue=low_confidence", "/accounts", "/account"):
        assert client.get(path).status_code == 200, path
    page = client.get(f"/conversations/{ids['main']}").text
    assert "<mark>KRuiser</mark>" in page and "<strong>Kosten</strong>" in page and "nicht lesbar" not in page
    number = a_conversation(engine, [{}, {}])
    one, two = turn_ids(engine, number)
    fields = {"turn": [str(one), str(two)], "verdict": "wrong", "tags": "a, b", "reviewed": "no"}
    assert "2 Fragen" in client.follow(client.post("/turns/judge", fields)).text
    client.post(f"/turns/{one}/judge", {"tags": "b", "note": "x\0y", "reviewed": "yes"})
    assert stored(engine, turns, id=one)[0]["note"] == "xy"
    client.post("/views", {"name": "x", "query": "text=a", "shared": "yes"})
    client.post(f"/conversations/{number}/kept", {"kept": "yes"})
    page = client.get("/audit").text
    assert re.search(r"turn/\d+", page) and "verdict" in page
    assert len(stored(engine, audit)) > 8


def test_the_way_in(engine: Any, app: Any, sign_in: SignIn) -> None:
    staff = sign_in(None)
    first = {"code": app.state.setup.code(), "name": "kim", "password": PASSWORD, "again": PASSWORD}
    assert staff.post("/setup", first).headers["location"] == "/"
    staff.post("/signout")
    for password, status in (("wrong wrong wrong", 401), (PASSWORD, 303)):
        assert staff.post("/signin", {"name": "kim", "password": password}).status_code == status
    assert len(stored(engine, sessions)) == 1
    with pytest.raises(accounts.AccountError, match="taken"):
        accounts.make(engine, "KIM", "reader", PASSWORD)
