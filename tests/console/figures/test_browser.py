"""Figures, report and content health in a real browser: for everybody, without JavaScript, on paper."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect
from sqlalchemy.engine import Engine
from starlette.applications import Starlette

from smartcity.console import clock
from smartcity.console.database import open_database
from smartcity.console.demo.filling import fill
from smartcity.console.health import sources
from smartcity.knowledge.evidence import Finding
from smartcity.knowledge.records import Source
from smartcity.knowledge.source import read_once
from smartcity.settings import Settings

from ..axe import overflow, violations
from ..conftest import OpenConsole

PROJECT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("demo"), read_once(str(PROJECT / "content")), clock.today())


@pytest.fixture
def engine(demo: Path, tmp_path: Path) -> Iterator[Engine]:
    """The demo, so that every figure has something to show."""
    copy = tmp_path / "console.db"
    copy.write_bytes(demo.read_bytes())
    made = open_database(sa.engine.URL.create("sqlite", database=str(copy)))
    source = Source("SWK: AGB", "https://www.swk.de/agb", date(2026, 11, 1))
    sources.store(made, [Finding("initiative/kruiser/cost", source, "not found there: 2025")])
    yield made
    made.dispose()


PATHS = ("/figures", "/figures?unit=week&channel=web", "/figures/report", "/health-of-content")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing(open_console: OpenConsole, address: str, scheme: str, width: int) -> None:
    page = open_console("/", role="editor", scheme=scheme, width=width)
    for path in PATHS:
        page.goto(address + path)
        for details in page.locator("main details").all():
            details.evaluate("one => { one.open = true }")
        assert violations(page) == [], path
        assert overflow(page) <= 0, path


def test_the_demo_says_that_it_is_one(open_console: OpenConsole, app: Starlette, settings: Settings) -> None:
    page = open_console("/figures", role="reader")
    expect(page.get_by_text("Alle Gespräche hier sind erfunden")).to_be_visible()
    app.state.demo = False
    page.goto(page.url)
    expect(page.get_by_text("Alle Gespräche hier sind erfunden")).to_have_count(0)


def test_figures_work_without_javascript(open_console: OpenConsole) -> None:
    page = open_console("/figures", role="reader", java_script_enabled=False)
    page.get_by_label("Kanal").select_option("telegram")
    page.get_by_label("Schritte").select_option("week")
    page.get_by_role("button", name="Anzeigen").click()
    expect(page.get_by_label("Kanal")).to_have_value("telegram")
    expect(page.get_by_role("img", name="Verlauf")).to_be_visible()
    page.get_by_text("Als Tabelle").first.click()
    expect(page.get_by_role("table").first).to_be_visible()
    page.get_by_role("link", name="nicht verstanden").first.click()
    expect(page.locator("#count")).to_be_visible()


def test_charts_can_be_seen_in_both_schemes(open_console: OpenConsole) -> None:
    colours = set()
    for scheme in ("light", "dark"):
        page = open_console("/figures", role="reader", scheme=scheme)
        bar = page.locator("svg.chart rect.part0").first
        expect(page.locator("svg.chart").first).to_be_visible()
        colours.add(bar.evaluate("one => getComputedStyle(one).fill"))
    assert len(colours) == 2
    assert "rgb(0, 0, 0)" not in colours


def test_the_report_prints_to_pdf(open_console: OpenConsole) -> None:
    page = open_console("/figures/report", role="reader")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Monatsbericht")
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation")).to_be_hidden()
    expect(page.get_by_role("link", name="Monat danach")).to_be_hidden()
    pdf = page.pdf(format="A4", print_background=True)
    assert pdf.startswith(b"%PDF-")
    assert 2 <= pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") <= 12
    assert len(pdf) > 20_000


def test_an_editor_sees_what_to_edit(open_console: OpenConsole) -> None:
    page = open_console("/health-of-content", role="editor", java_script_enabled=False)
    expect(page.get_by_role("cell", name="not found there: 2025")).to_be_visible()
    expect(page.locator("code", has_text="content/initiatives/kruiser.yml:").first).to_be_visible()
    expect(page.get_by_role("button", name="Quellen jetzt prüfen")).to_be_visible()
    reader = open_console("/health-of-content", role="reader")
    expect(reader.get_by_role("heading", name="Quellen, die nicht mehr stimmen")).to_be_visible()
    expect(reader.get_by_role("button", name="Quellen jetzt prüfen")).to_have_count(0)
