"""Requests in the console: lists, deeds, the audit, and the pages in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from sqlalchemy.engine import Engine

from smartcity.console.tables import audit
from smartcity.inquiries import lists
from smartcity.inquiries.days import next_working
from smartcity.inquiries.desk import Desk
from smartcity.inquiries.tables import inquiries, outbox
from smartcity.inquiries.wishes import Wish
from smartcity.settings import Settings, read_settings

from ...widget.chat import TAGS
from ..conftest import SECRET, OpenConsole, SignIn

DAY = next_working(date.today() + timedelta(2))
ERNA: dict[str, Any] = {
    "kind": "appointment",
    "subject": "Sensoren <script>alert(1)</script>\n=1+1",
    "wishes": [Wish(DAY, part="morning"), Wish()],
    "manner": "in_person",
    "name": "Erna Grünspecht",
    "email": "erna@buerger.example",
    "telephone": "02151 861085",
    "language": "de",
    "channel": "web",
    "excerpt": "Bürgerin: Was misst der Sensor?",
}
TRACES = ("Grünspecht", "buerger.example", "861085", "Sensoren", "misst", "Krank")
TIME = {"day": DAY.isoformat(), "time": "10:00", "minutes": "30", "place": "Zimmer 5", "text": "Bis dann"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    values = {"VAR": str(tmp_path / "var"), "SECRET": SECRET, "OFFICE_MAIL": "a@b.example", "SMTP_HOST": "127.0.0.1"}
    return read_settings({f"SMARTCITY_{name}": value for name, value in values.items()})


File = Callable[..., int]


@pytest.fixture
def file(settings: Settings, engine: Engine) -> File:
    """file(kind="message"): a citizen files a request; its id."""

    def run(sender: str = "web:1", **values: Any) -> int:
        desk = Desk(settings, engine)
        desk.note(sender, **{**ERNA, **values})
        reference = desk.file(sender).reference
        with engine.connect() as connection:
            query = sa.select(inquiries.c.id).where(inquiries.c.reference == reference)
            return int(connection.execute(query).scalar())

    return run


def _version(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return found[1]


def _state(engine: Engine) -> str:
    with engine.connect() as connection:
        return str(connection.execute(sa.select(inquiries.c.state)).scalar())


def test_the_list_tells_nothing_personal(sign_in: SignIn, file: File) -> None:
    number = file()
    page = sign_in("reviewer").get("/inquiries").text
    assert f'href="/inquiries/{number}"' in page and "Terminwunsch KR-" in page
    assert not [word for word in TRACES if word in page]
    assert "Hier liegt nichts." in sign_in("reviewer").get("/inquiries?list=done").text


def test_one_request_and_its_deeds(sign_in: SignIn, file: File, engine: Engine) -> None:
    number = file()
    staff = sign_in("reviewer", shown="Rita")
    page = staff.get(f"/inquiries/{number}").text
    assert "Erna Grünspecht" in page and "+492151861085" in page and "vormittags" in page and "egal wann" in page
    assert "<script>alert" not in page and "&lt;script&gt;" in page
    for deed, fields, state in (
        ("assign", {"assigned": str(staff.account_id)}, "in_work"),
        ("note", {"text": "Ruft selbst an"}, "in_work"),
        ("propose", TIME, "in_work"),
        ("confirm", TIME, "confirmed"),
        ("confirm", {**TIME, "time": "14:00"}, "confirmed"),
        ("decline", {"text": "Krank"}, "declined"),
    ):
        answer = staff.post(f"/inquiries/{number}/deeds", {"deed": deed, "version": _version(page), **fields})
        assert answer.status_code == 303, answer.text
        page = staff.follow(answer).text
        assert _state(engine) == state
    for text in ("Ruft selbst an", "Termin verlegt", "abgelehnt", "Rita", "Die Anfrage ist abgeschlossen"):
        assert text in page
    with engine.connect() as connection:
        mails = list(connection.execute(sa.select(outbox.c.recipient, outbox.c.kind).order_by(outbox.c.id)))
        deeds = [(row.deed, row.subject, str(row.details)) for row in connection.execute(sa.select(audit))]
    assert [tuple(mail) for mail in mails] == [
        ("office", "new"), ("citizen", "received"), ("citizen", "proposed"), ("citizen", "confirmed"),
        ("citizen", "moved"), ("citizen", "declined"),
    ]  # fmt: skip
    assert ("inquiry.read", f"inquiry/{number}", "{}") in deeds and (
        "inquiry.decline",
        f"inquiry/{number}",
        "{}",
    ) in deeds
    assert not [word for word in TRACES if word in str(deeds)]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"deed": "decline", "text": "  "}, "Bitte schreiben Sie etwas"),
        ({"deed": "note", "text": ""}, "Bitte schreiben Sie etwas"),
        ({"deed": "confirm", **TIME, "time": "x"}, "Bitte geben Sie Tag"),
        ({"deed": "confirm", **TIME, "minutes": "0"}, "Bitte geben Sie Tag"),
        ({"deed": "confirm", **TIME, "day": "2020-01-02"}, "schon vorbei"),
        ({"deed": "assign", "assigned": "99999"}, "gibt es nicht"),
        ({"deed": "done", "text": "Alles gut", "version": "0"}, "Jemand war schneller"),
    ],
)
def test_what_cannot_be_done_keeps_what_was_typed(
    sign_in: SignIn, file: File, engine: Engine, fields: dict[str, str], says: str
) -> None:
    number = file()
    staff = sign_in("reviewer")
    version = _version(staff.get(f"/inquiries/{number}").text)
    answer = staff.post(f"/inquiries/{number}/deeds", {"version": version, **fields})
    assert answer.status_code == 409 and says in answer.text and 'role="alert"' in answer.text
    if fields.get("text", "").strip():
        assert fields["text"] in answer.text
    assert _state(engine) == "new"


def test_the_list_has_pages(sign_in: SignIn, file: File, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "PAGE", 2)
    numbers = [file(sender=f"web:{number}", email=f"a{number}@b.example", telephone=None) for number in range(3)]
    with engine.begin() as connection:
        for age, number in enumerate(numbers):
            connection.execute(inquiries.update().where(inquiries.c.id == number).values(at=1000 + age))
    staff = sign_in("reviewer")

    def shown(path: str) -> tuple[list[int], dict[str, str]]:
        page = staff.get(path).text
        found = re.findall(r'<a class="button" rel="(\w+)" href="([^"]+)">(\w+)</a>', page)
        rows = [int(number) for number in re.findall(r'class="said" href="/inquiries/(\d+)"', page)]
        return rows, {f"{rel} {text}": unescape(path) for rel, path, text in found}

    first, links = shown("/inquiries")
    assert first == numbers[:2] and set(links) == {"next Neuere"}
    rest, links = shown(links["next Neuere"])
    assert rest == numbers[2:] and set(links) == {"prev Ältere"}
    assert shown(links["prev Ältere"])[0] == first
    with engine.begin() as connection:
        connection.execute(inquiries.update().values(state="done", closed=1))
    newest, links = shown("/inquiries?list=done")
    assert newest == numbers[:0:-1] and set(links) == {"next Ältere"}
    assert shown(links["next Ältere"])[0] == numbers[:1]
    for odd in ("x", "%00", "after.1.", f"after.{2**70}.1"):
        assert shown(f"/inquiries?list=done&page={odd}")[0] == newest


def test_what_lies_for_too_long_is_shown(sign_in: SignIn, file: File, engine: Engine) -> None:
    old, _ = file(), file(sender="web:2", email=None)
    reader, reviewer = sign_in("reader"), sign_in("reviewer")
    assert 'id="stale"' not in reader.get("/health-of-content").text
    with engine.begin() as connection:
        connection.execute(inquiries.update().where(inquiries.c.id == old).values(at=1))
    page = reviewer.get("/inquiries?list=stale").text
    assert f'href="/inquiries/{old}"' in page and page.count('class="said"') == 1
    assert "seit mehr als 180 Tagen offen" in page and "Liegt zu lange 1" in page
    assert "liegt zu lange" in reviewer.get(f"/inquiries/{old}").text
    told = "Eine Anfrage ist seit mehr als 180 Tagen offen"
    assert told in reader.get("/health-of-content").text
    assert 'href="/inquiries?list=stale"' not in reader.get("/health-of-content").text
    assert 'href="/inquiries?list=stale"' in reviewer.get("/health-of-content").text


def test_strange_forms(sign_in: SignIn, file: File) -> None:
    number = file()
    staff = sign_in("reviewer")
    assert staff.post(f"/inquiries/{number}/deeds", {"deed": "delete", "version": "1"}).status_code == 400
    assert staff.post(f"/inquiries/{number}/deeds", {"deed": "done"}).status_code == 409
    assert staff.get("/inquiries/999").status_code == 404
    assert staff.get(f"/inquiries/{2**70}").status_code == 404
    assert staff.get("/inquiries?list=%00").status_code == 200


def test_a_key_that_is_missing_is_told(
    sign_in: SignIn, file: File, app: Any, settings: Settings, engine: Engine
) -> None:
    number = file()
    other = read_settings({"SMARTCITY_VAR": str(settings.var), "SMARTCITY_SECRET": "f" * 64})
    with engine.begin() as connection:
        payload = Desk(other, engine)._store.vault.seal({"name": "x"})
        connection.execute(inquiries.update().values(payload=payload))
    answer = sign_in("reviewer").get(f"/inquiries/{number}")
    assert answer.status_code == 503 and "SMARTCITY_INQUIRY_KEYS" in answer.text


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_no_rule_is_broken(
    open_console: OpenConsole, file: File, engine: Engine, address: str, sign_in: SignIn, width: int, scheme: str
) -> None:
    numbers = [file(), file(sender="web:2", kind="message", email=None), file(sender="web:3", language="en")]
    with engine.begin() as connection:
        connection.execute(inquiries.update().where(inquiries.c.id == numbers[1]).values(due=1))
        connection.execute(inquiries.update().where(inquiries.c.id == numbers[2]).values(state="done", closed=1))
    page = open_console("/inquiries", role="reviewer", width=width, scheme=scheme)
    for path in ("/inquiries", "/inquiries?list=declined", *(f"/inquiries/{number}" for number in numbers)):
        page.goto(address + path)
        broken = Axe().run(page, options={"runOnly": TAGS}).response["violations"]
        assert [(path, one["id"], node["html"][:200]) for one in broken for node in one["nodes"]] == []
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path


def test_a_time_is_confirmed_in_a_browser_without_scripts(
    open_console: OpenConsole, file: File, engine: Engine, address: str
) -> None:
    number = file()
    page = open_console(f"/inquiries/{number}", role="reviewer", java_script_enabled=False)
    assert page.get_by_label("Tag", exact=True).input_value() == DAY.isoformat()
    page.get_by_label("Uhrzeit").fill("10:30")
    page.get_by_role("button", name="Bestätigen").click()
    assert page.get_by_role("status").inner_text() == "Gespeichert; eine E-Mail ist unterwegs."
    assert _state(engine) == "confirmed"
