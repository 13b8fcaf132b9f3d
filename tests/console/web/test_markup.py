"""Every text field and every stored row, with texts that break pages, and rows that only tampering can make."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect
from sqlalchemy.engine import Engine

from smartcity.console.database import write
from smartcity.console.tables import accounts, audit, conversations, tags, turn_tags, views
from smartcity.console.web.markdown import is_safe, markdown

from ..conftest import OpenConsole, SignIn
from ..rows import a_conversation, an_account, an_answer, turn_ids
from ..staff import Staff
from .corpus import ADDRESSES, BROKEN, MARK, TEXTS

ELEMENTS = frozenset(
    "html head meta title link script body a header div p img span small form input button nav ul li main h1 h2 h3 "
    "footer strong em ol details summary label select option fieldset legend textarea article section mark time "
    "blockquote dl dt dd table thead tbody tr th td".split()
)


class _Reader(HTMLParser):
    """The elements and attributes that a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ELEMENTS:
            self.faults.append(f"<{tag}>")
        values = dict(attrs)
        if len(values) != len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        for name, value in attrs:
            if name.startswith("on") or name in ("style", "srcdoc", "formaction"):
                self.faults.append(f"<{tag} {name}>")
            if name in ("href", "src", "action") and not re.match(r"(/(?!/)|#|https?://|mailto:|tel:)", value or ""):
                self.faults.append(f'<{tag} {name}="{value}">')
        if tag == "script" and not (values.get("src") or "").startswith("/static/"):
            self.faults.append("<script>")
        if tag == "img" and values.get("src") != "/static/icon.svg":
            self.faults.append("<img>")

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"<!--{data}-->")


def _faults(page: str) -> list[str]:
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return [*reader.faults, *(["null byte"] if "\0" in page else [])]


def test_the_reader_sees_faults() -> None:
    for bad in (
        "<script>1</script>",
        "<img src=x>",
        "<p onclick=x>",
        "<a href='javascript:1'>",
        "<svg>",
        "<p style=x>",
    ):
        assert _faults(bad), bad


def _everywhere(engine: Engine, text: str, address: str = "https://x.example") -> int:
    """A conversation with this text in each column of each table that holds one."""
    short = text[:64]
    answer = an_answer(
        text,
        kind=text,
        answer=text,
        source={"title": text, "url": address, "as_of": text},
        links=[{"title": text, "url": address}, {"title": "", "url": address}],
        buttons=[{"title": text}],
    )
    person = an_account(engine, "reviewer", shown=text, name=short, subject=text)
    turn = {
        "said": text, "channel": short, "language": text[:8], "intent": short, "runner_up": short, "doubt": text[:16],
        "entities": [{"entity": text, "value": text, "start": 0, "end": 4}], "theme": short, "initiative": short,
        "action": short, "policy": short, "answers": [answer], "answer": text, "outcome": text[:16], "comment": text,
        "verdict": text[:8], "note": text, "assigned_to": person, "reviewed_by": person, "reviewed_at": 1,
        "feedback": "down",
    }  # fmt: skip
    number = a_conversation(engine, [turn], channel=short, language=text[:8], comment=text)
    with write(engine) as connection:
        tag = connection.execute(sa.insert(tags).values(name=short)).inserted_primary_key[0]
        connection.execute(sa.insert(turn_tags).values(turn_id=turn_ids(engine, number)[0], tag_id=tag))
        connection.execute(sa.insert(views).values(account_id=person, name=short, query=text, shared=True))
        row = {"at": 1, "who": text, "deed": text, "subject": text, "details": {text: text}}
        connection.execute(sa.insert(audit).values(row))
    return number


def _pages(number: int) -> list[str]:
    return ["/", "/search", f"/conversations/{number}", "/accounts", "/audit", "/account"]


@pytest.mark.parametrize("text", TEXTS)
def test_stored_texts_are_shown_and_nothing_else(text: str, client: Staff, engine: Engine) -> None:
    number = _everywhere(engine, text)
    for path in _pages(number):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert _faults(answer.text) == [], path
        assert path == "/account" or MARK in answer.text, path


@pytest.mark.parametrize("address", ADDRESSES)
def test_unsafe_addresses_are_text(address: str, client: Staff, engine: Engine) -> None:
    number = _everywhere(engine, "Titel", address)
    page = client.get(f"/conversations/{number}").text
    assert _faults(page) == []
    assert (' rel="noopener noreferrer external"' in page) == is_safe(address)


FIELDS: dict[str, tuple[str, str]] = {
    **{
        f"search {name}": ("GET", f"/search?{name}=") for name in ("text", "intent", "tag", "from", "assigned", "queue")
    },
    "page": ("GET", "/search?page="),
    "period": ("GET", "/?period="),
    "audit": ("GET", "/audit?who="),
    "next": ("GET", "/signin?next="),
    "sign in": ("POST", "/signin name"),
    "first account": ("POST", "/setup name"),
    "view": ("POST", "/views name"),
    "account": ("POST", "/accounts name"),
    "shown": ("POST", "/accounts shown"),
    "role": ("POST", "/accounts role"),
    "back": ("POST", "/language back"),
    "note": ("POST", "/turns/1/judge note"),
    "tags": ("POST", "/turns/1/judge tags"),
    "verdict": ("POST", "/turns/1/judge verdict"),
}


@pytest.mark.parametrize("field", FIELDS)
def test_typed_texts_come_back_as_texts(field: str, client: Staff, sign_in: SignIn, engine: Engine) -> None:
    a_conversation(engine)
    method, place = FIELDS[field]
    for text in TEXTS:
        staff = sign_in(None) if field in ("sign in", "first account", "next") else client
        if method == "GET":
            path, name = place[:-1].split("?")
            answer = staff.get(path, params={name: text})
        else:
            path, name = place.split(" ")
            answer = staff.post(path, {"query": "text=a", "password": "vier Wörter ohne Sinn", "role": "reader",
                                       "name": f"n{TEXTS.index(text)}", "shown": "x", name: text})  # fmt: skip
        if answer.is_redirect:
            answer = staff.follow(answer)
        assert answer.status_code in (200, 401, 422, 429), answer.text
        assert _faults(answer.text) == [], text
    for path in _pages(1):
        assert _faults(client.get(path).text) == []


# -- rows that no ingest writes


@pytest.mark.parametrize("column", ["answers", "entities"])
@pytest.mark.parametrize("broken", BROKEN, ids=range(len(BROKEN)))
def test_what_is_no_json_any_more_breaks_no_page(column: str, broken: str, client: Staff, engine: Engine) -> None:
    number = a_conversation(engine, [{}, {"said": "Die zweite"}])
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE turns SET {column} = ? WHERE number = 1", (broken,))
    for path in _pages(number):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert _faults(answer.text) == []
    page = client.get(f"/conversations/{number}").text
    assert "Die zweite" in page and page.count("<article") == 2
    assert ("nicht lesbar" in page) == (not _sound(broken)), broken


def _sound(text: str) -> bool:
    """Whether it is a list of objects, or nothing at all."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return value is None or (isinstance(value, list) and all(isinstance(one, dict) for one in value))


STRANGE: list[tuple[str, Any]] = [
    (column, value)
    for value in ("<b>text</b>", "\0", -1, 1e300, 2**62, b"\xff\xfe")
    for column in ("at", "confidence", "runner_up_confidence", "milliseconds", "reviewed_at", "outcome", "feedback",
                   "verdict", "doubt", "said", "intent", "note", "pressed", "channel", "repeated")
    if not (isinstance(value, bytes) and column in ("pressed", "repeated"))
]  # fmt: skip


@pytest.mark.parametrize(("column", "value"), STRANGE, ids=lambda one: repr(one)[:20])
def test_columns_of_another_kind_break_no_page(column: str, value: Any, client: Staff, engine: Engine) -> None:
    """SQLite takes anything in any column."""
    number = a_conversation(engine, [{}, {}])
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE turns SET {column} = ? WHERE number = 1", (value,))
    for path in (f"/conversations/{number}", "/search", "/", "/search?text=kruiser", "/search?page=older.1.1"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert _faults(answer.text) == [], path


@pytest.mark.parametrize("table", [conversations, accounts, audit], ids=lambda table: table.name)
def test_other_tables_too(table: sa.Table, client: Staff, engine: Engine) -> None:
    number = a_conversation(engine)
    an_account(engine)
    client.get("/search")
    fixed = {"id", "account_id", "role", "disabled", "name", "subject", "password", "language"}
    for column in (column.name for column in table.c if column.name not in fixed):
        with engine.begin() as connection:
            sign = connection.exec_driver_sql(f"SELECT {column} FROM {table.name}").fetchone()
            connection.exec_driver_sql(f"UPDATE {table.name} SET {column} = ?", ("<b>\0text",))
        for path in (f"/conversations/{number}", "/accounts", "/audit"):
            answer = client.get(path)
            assert answer.status_code == 200 and _faults(answer.text) == [], (column, path)
        with engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE {table.name} SET {column} = ?", (sign[0],))


def test_a_role_that_is_none_may_nothing(client: Staff, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE accounts SET role = 'emperor', language = 'xx'")
    assert client.get("/").status_code == 403
    assert client.get("/account").status_code == 200


def test_the_little_markdown() -> None:
    assert str(markdown("a *b* **c** 2*3*4\n\n- x\n- y\n\n3. z")) == (
        '<p>a <em>b</em> <strong>c</strong> 2*3*4</p><ul><li>x</li><li>y</li></ul><ol start="3"><li>z</li></ol>'
    )
    assert str(markdown(None)) == ""
    assert "<" not in str(markdown("< a *")).replace("<p>", "").replace("</p>", "")


def test_nothing_runs_in_a_browser(open_console: OpenConsole, engine: Engine) -> None:
    number = 0
    for text in TEXTS:
        number = a_conversation(engine, [{"said": text, "note": text, "comment": text, "answers": [an_answer(text)]}])
    for path in ("/search", f"/conversations/{number}"):
        page = open_console(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate("window.hacked") is None
        for link in page.locator("main a").all():
            assert re.match(r"(/|#|https?://x\.example|https://www)", link.get_attribute("href") or "")
