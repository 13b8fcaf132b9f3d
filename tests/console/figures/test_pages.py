"""Figures on their pages: right numbers, each leading to its conversations, files that are audited."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from starlette.applications import Starlette

from smartcity.console.figures.counting import count
from smartcity.console.figures.period import Period
from smartcity.console.tables import audit, turns

from ..conftest import SignIn
from ..corrections.test_pages import XSS
from ..rows import a_conversation, stored
from ..staff import Staff
from .test_counting import at, counted, turn
from .test_sheets import CORPUS, RUNNERS, csv_cells, xlsx_cells

__all__ = ["counted"]  # the fixture
MARCH = "from=2026-03-01&to=2026-03-31"


@pytest.fixture
def reader(counted: Engine, sign_in: SignIn) -> Staff:
    return sign_in("reader")


def links(text: str) -> list[tuple[str, str]]:
    """(address, what is said) of every link to the search."""
    found = re.findall(r'<a href="(/search\?[^"]+)">(.*?)</a>', text)
    return [(unescape(address), re.sub(r"<[^>]+>", "", said)) for address, said in found]


def found_by(reader: Staff, address: str) -> int:
    page = reader.get(address)
    assert page.status_code == 200
    assert "kann nicht gelesen" not in page.text
    number = re.search(r'id="count"><strong>(\d+)</strong>', page.text)
    assert number, page.text
    return int(number[1])


def test_the_numbers_of_the_page(reader: Staff) -> None:
    page = unescape(reader.get(f"/figures?{MARCH}").text)
    said = re.findall(r"<li><a href=\"[^\"]+\"><strong>([^<]+)</strong> ([^<]+)</a></li>", page)
    assert said == [
        ("4", "Gespräche"),
        ("8", "Nachrichten"),
        ("29 %", "beantwortet"),
        ("14 %", "ohne Angabe im Inhalt"),
        ("14 %", "nicht verstanden"),
        ("14 %", "an Menschen verwiesen"),
        ("67 %", "Daumen hoch"),
        ("3,5", "Bewertung (1 bis 5)"),
        ("30 ms", "Antwortzeit, Median"),
        ("1\u202f000 ms", "Antwortzeit, 95 % darunter"),
    ]


def test_every_number_leads_to_as_many_turns(reader: Staff) -> None:
    page = reader.get(f"/figures?{MARCH}").text
    counted = [(address, said) for address, said in links(page) if said.isdigit() and "outcome" in address]
    assert len(counted) == 8  # one for each day and outcome that occurred
    for address, said in counted:
        assert found_by(reader, address) == int(said), address
    hours = [(address, said) for address, said in links(page) if "hour=" in address]
    assert sorted(said for _, said in hours) == ["1", "2", "2", "3"]
    for address, said in hours:
        assert found_by(reader, address) == int(said), address
    lists = {said: address for address, said in links(page) if said in ("KRuiser", "telegram", "en", "Mobilität")}
    assert {said: found_by(reader, address) for said, address in lists.items()} == {
        "KRuiser": 2,
        "Mobilität": 2,
        "telegram": 3,
        "en": 3,
    }


def test_filters_narrow_the_page_and_its_links(reader: Staff) -> None:
    page = reader.get(f"/figures?{MARCH}&channel=telegram&unit=month").text
    assert '<option value="telegram" selected>' in page
    for address, said in links(page):
        assert "channel=telegram" in address
        if said.isdigit() and "outcome" in address:
            assert found_by(reader, address) == int(said)


@pytest.mark.parametrize("table", ["totals", "steps", "hours", "themes", "initiatives", "channels", "languages"])
def test_a_table_as_csv(reader: Staff, engine: Engine, table: str) -> None:
    answer = reader.get(f"/figures/file.csv?table={table}&{MARCH}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="{table}-2026-03-01-2026-03-31.csv"'
    rows = csv_cells(answer.content)
    wanted = {
        "totals": ["Gespräche", "4"],
        "steps": ["2026-03-29", "2026-03-29", "2", "4", "1", "1", "1", "1", "0", "0", "0"],
        "hours": ["23", "3"],
        "themes": ["mobility", "1", "2", "1"],
        "initiatives": ["kruiser", "1", "2", "1"],
        "channels": ["telegram", "1", "3", "1"],
        "languages": ["en", "1", "3", "1"],
    }
    assert wanted[table] in rows
    (row,) = stored(engine, audit, deed="export.csv")
    assert row["subject"] == "figures" and row["details"]["tables"] == [table]


def test_everything_as_a_workbook(reader: Staff, engine: Engine) -> None:
    answer = reader.get(f"/figures/file.xlsx?{MARCH}")
    cells, formulas = xlsx_cells(answer.content)
    assert cells[:2] == ["Zahl", "Wert"] and formulas == []
    (row,) = stored(engine, audit, deed="export.xlsx")
    assert row["details"]["first"] == "2026-03-01"


def test_no_question_of_a_citizen_becomes_a_formula(engine: Engine, sign_in: SignIn) -> None:
    texts = [text for text in CORPUS if "\ud800" not in text and "\0" not in text]
    a_conversation(engine, [{"said": f"{text} Wort{n}", "outcome": "unknown"} for n, text in enumerate(texts)])
    reader = sign_in("reader")
    rows = csv_cells(reader.get("/figures/file.csv?table=questions").content)
    assert len(rows) > 5
    assert not [row for row in rows if any(cell.lstrip().startswith(RUNNERS) for cell in row)]


@pytest.mark.parametrize("path", ["/figures/file.pdf", "/figures/file.csv", "/figures/file.csv?table=accounts"])
def test_there_are_no_other_files(reader: Staff, path: str) -> None:
    assert reader.get(path).status_code == 404


def test_the_report_of_a_month(reader: Staff, engine: Engine) -> None:
    page = unescape(reader.get("/figures/report?month=2026-03").text)
    assert "Monatsbericht 03/2026" in page
    row = re.search(r"Gespräche</a></th><td class=\"number\">(\d+)</td><td class=\"number\">(\d+)</td>", page)
    assert row and row.groups() == ("4", "1")
    assert "month=2026-02" in page and "month=2026-04" in page
    assert stored(engine, audit, deed="figures.report")
    last = reader.get("/figures/report?month=nonsense")
    assert last.is_redirect and re.fullmatch(r"/figures/report\?month=\d{4}-\d{2}", last.headers["location"])


@pytest.mark.parametrize("text", XSS)
def test_no_text_gets_out_of_its_place(engine: Engine, sign_in: SignIn, text: str) -> None:
    row = {"said": f"{text} x", "outcome": "unknown", "theme": text[:60], "initiative": text[:60]}
    a_conversation(engine, [{**row, "answer": f"initiative/{text}"[:120]}], channel=text[:60], language=text[:8])
    reader = sign_in("reader")
    for path in ("/figures", "/figures/report?month=2026-03", "/health-of-content"):
        page = reader.get(path)
        assert page.status_code == 200
        for dangerous in ("<script>alert", "<img src=x", "<svg/onload", "<iframe", "<a href=javascript", ">49<"):
            assert dangerous not in page.text
    page = reader.get("/figures", params=dict.fromkeys(("from", "to", "unit", "channel", "theme"), text))
    assert page.status_code == 200 and "<script>alert" not in page.text


def test_figures_of_a_minute_ago_are_shown_again(reader: Staff, engine: Engine, app: Starlette) -> None:
    first = reader.get(f"/figures?{MARCH}").text
    a_conversation(engine, [turn("2026-03-10 10:00")])
    assert "<strong>4</strong> Gespräche" in reader.get(f"/figures?{MARCH}").text
    assert "<strong>4</strong> Gespräche" in first
    app.state.figures = type(app.state.figures)()
    assert "<strong>5</strong> Gespräche" in reader.get(f"/figures?{MARCH}").text


def test_the_index_holds_all_that_is_counted(engine: Engine) -> None:
    """A day of many turns is read without a look at the turns themselves."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        seen.append((statement, parameters))

    a_conversation(engine, [turn("2026-03-10 10:00")])
    sa.event.listen(engine, "before_cursor_execute", note)
    count(engine, Period.of("2026-03-01", "2026-03-31", "day"), {})
    sa.event.remove(engine, "before_cursor_execute", note)
    ((text, values),) = [(text, values) for text, values in seen if f"FROM {turns.name}" in text]
    with engine.connect() as connection:
        plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).fetchall())
    assert re.search(r"USING COVERING INDEX \w+ \(at>\? AND at<\?\)", plan), plan


def test_moments_of_the_tests_are_krefelds() -> None:
    assert at("2026-03-29 03:00") - at("2026-03-29 01:59:59") == 1000
