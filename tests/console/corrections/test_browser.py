"""Corrections in a real browser: with the mouse, with the keyboard, without JavaScript, for everybody."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.engine import Engine
from starlette.applications import Starlette

from smartcity.console.corrections.proposals import Proposals
from smartcity.console.corrections.trials import Trials
from smartcity.console.database import write
from smartcity.console.tables import proposals
from smartcity.knowledge.source import FolderSource, KnowledgeStore

from ..axe import overflow, violations
from ..conftest import OpenConsole
from ..rows import a_conversation, an_account, stored, turn_ids
from .test_trials import WAITS, WORKS, ended, until

SAID = "wat kost der gute alte Kruser denn so"


@pytest.fixture(scope="module")
def content() -> KnowledgeStore:
    return KnowledgeStore(FolderSource(Path(__file__).parents[3] / "content"))


@pytest.fixture
def app(app: Starlette, checkout: Path, content: KnowledgeStore) -> Starlette:
    app.state.root, app.state.knowledge = checkout, content
    return app


@pytest.fixture
def turn(engine: Engine) -> int:
    conversation = a_conversation(engine, [{"said": SAID, "intent": "greet", "entities": []}, {"said": "Ja"}])
    return turn_ids(engine, conversation)[0]


def a_proposal(engine: Engine, root: Path, text: str = SAID, kind: str = "example", turn: int | None = None) -> int:
    account = an_account(engine, "reviewer")
    start = text.index("Kruser") if kind == "example" else 0
    mark = {"entity": "initiative", "value": "kruiser", "start": start, "end": start + 6}
    with write(engine) as connection:
        return Proposals(connection, root).propose(
            kind, text, account, turn, "ask_cost", [mark] if start else [], "Das ist Platt."
        )


def ticked(page: Page) -> list[str]:
    boxes = page.get_by_role("group", name="Name 1: Wörter").get_by_role("checkbox")
    return [boxes.nth(n).get_attribute("value") or "" for n in range(boxes.count()) if boxes.nth(n).is_checked()]


def test_names_are_marked_by_drawing_with_the_mouse(open_console: OpenConsole, turn: int, engine: Engine) -> None:
    page = open_console(f"/corrections/new?turn={turn}", role="reviewer")
    words = page.get_by_role("group", name="Name 1: Wörter").locator("label")
    expect(words).to_have_count(9)  # eight words, and the field of the record
    words.nth(8).scroll_into_view_if_needed()
    first, last = words.nth(3).bounding_box(), words.nth(5).bounding_box()
    assert first and last
    page.mouse.move(first["x"] + 40, first["y"] + first["height"] / 2)
    page.mouse.down()
    page.mouse.move(last["x"] + 40, last["y"] + last["height"] / 2, steps=8)
    page.mouse.up()
    assert ticked(page) == ["3", "4", "5"]
    page.get_by_label("Name 1: Was ist gemeint?").fill("initiative/kruiser")
    page.get_by_label("Gemeinte Absicht").fill("ask_cost")
    page.get_by_role("button", name="Vorschlagen").click()
    expect(page.get_by_role("status")).to_contain_text("gespeichert")
    (row,) = stored(engine, proposals)
    (entity,) = row["entities"]
    assert row["text"][entity["start"] : entity["end"]] == "gute alte Kruser"


def test_names_are_marked_with_the_keyboard(open_console: OpenConsole, turn: int, engine: Engine) -> None:
    page = open_console(f"/corrections/new?turn={turn}", role="reviewer")
    boxes = page.get_by_role("group", name="Name 1: Wörter").get_by_role("checkbox")
    boxes.nth(3).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.down("Shift")
    page.keyboard.press("Space")
    page.keyboard.up("Shift")
    assert ticked(page) == ["3", "4", "5"]
    page.get_by_label("Name 1: Was ist gemeint?").focus()
    page.keyboard.type("initiative/kruiser")
    page.get_by_label("Gemeinte Absicht").focus()
    page.keyboard.type("ask_cost")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("gespeichert")
    (row,) = stored(engine, proposals)
    assert row["entities"][0]["start"] == SAID.index("gute")


def test_all_of_it_works_without_javascript(
    open_console: OpenConsole, turn: int, engine: Engine, app: Starlette, checkout: Path, address: str
) -> None:
    page = open_console(f"/corrections/new?turn={turn}", role="reviewer", java_script_enabled=False)
    page.get_by_label("Text", exact=True).fill("wat kost denn der Kruser")
    page.get_by_role("button", name="Wörter neu einlesen").click()
    group = page.get_by_role("group", name="Name 1: Wörter")
    expect(group.get_by_label("Kruser", exact=True)).to_be_visible()
    group.get_by_label("Kruser", exact=True).check()
    page.get_by_label("Name 1: Was ist gemeint?").fill("initiative/kruiser")
    page.get_by_label("Gemeinte Absicht").fill("ask_cost")
    page.get_by_role("button", name="Vorschlagen").click()
    expect(page.get_by_text("+      - wat kost denn der [Kruser](initiative)")).to_be_visible()

    app.state.trials = Trials(engine, app.state.settings, checkout, [sys.executable, "-c", WORKS])
    editor = open_console(page.url.removeprefix(address), role="editor", java_script_enabled=False)
    editor.get_by_role("button", name="Ausprobieren").click()
    expect(editor.get_by_role("heading", name=re.compile("Probe"))).to_be_visible()
    until(app.state.trials, 1, ended)
    editor.goto(editor.url)
    expect(editor.get_by_role("heading", name="Die Vorschläge selbst")).to_be_visible()
    editor.goto(page.url)
    editor.get_by_role("button", name="Freigeben").click()
    expect(editor.get_by_role("status")).to_contain_text("Freigegeben")
    editor.goto(editor.url.rsplit("/", 1)[0] + "?state=approved")
    editor.get_by_role("button", name="Als Commit").click()
    expect(editor.get_by_role("status")).to_contain_text("console/corrections-")


def test_a_trial_shows_its_progress_and_its_end(
    open_console: OpenConsole, engine: Engine, app: Starlette, checkout: Path
) -> None:
    script = WAITS.replace("time.sleep(60)", "time.sleep(4)") + WORKS
    app.state.trials = Trials(engine, app.state.settings, checkout, [sys.executable, "-c", script])
    number = a_proposal(engine, checkout)
    page = open_console(f"/corrections/{number}", role="editor")
    page.get_by_role("button", name="Ausprobieren").click()
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "0.25", timeout=15_000)
    expect(page.get_by_text("Trainieren")).to_be_visible()
    expect(page.get_by_role("heading", name="Die Vorschläge selbst")).to_be_visible(timeout=30_000)


def test_a_trial_can_be_cancelled(open_console: OpenConsole, engine: Engine, app: Starlette, checkout: Path) -> None:
    app.state.trials = Trials(engine, app.state.settings, checkout, [sys.executable, "-c", WAITS])
    number = a_proposal(engine, checkout)
    page = open_console(f"/corrections/{number}", role="editor")
    page.get_by_role("button", name="Ausprobieren").click()
    expect(page.get_by_role("button", name="Abbrechen")).to_be_visible()
    page.get_by_role("button", name="Abbrechen").click()
    expect(page.get_by_role("alert")).to_contain_text("Die Probe wurde abgebrochen")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing(
    open_console: OpenConsole,
    turn: int,
    engine: Engine,
    app: Starlette,
    checkout: Path,
    address: str,
    scheme: str,
    width: int,
) -> None:
    app.state.trials = Trials(engine, app.state.settings, checkout, [sys.executable, "-c", WORKS])
    first = a_proposal(engine, checkout, turn=turn)
    a_proposal(engine, checkout, "Gibt es ein Lastenrad?", "topic")
    ready = a_proposal(engine, checkout, "ich bin <NAME> und der Kruser hier")
    approved = a_proposal(engine, checkout, "wat kost dat alles am Kruser")
    editor = an_account(engine, "editor")
    with write(engine) as connection:
        shelf = Proposals(connection, checkout)
        found, second = shelf.get(first), shelf.get(approved)
        assert found and second
        shelf.approve(second, editor)
    done = app.state.trials.start([found], None)
    until(app.state.trials, done, ended)
    failed = Trials(engine, app.state.settings, checkout, [sys.executable, "-c", "raise SystemExit('kaputt')"])
    lost = failed.start([found], None)
    until(failed, lost, ended)
    app.state.trials = Trials(engine, app.state.settings, checkout, [sys.executable, "-c", WAITS])
    running = app.state.trials.start([found], None)
    page = open_console("/", role="editor", scheme=scheme, width=width)
    conversation = 1
    try:
        for path in (
            "/corrections",
            "/corrections?state=approved",
            f"/corrections/{first}",
            f"/corrections/{ready}",
            f"/corrections/{approved}",
            f"/corrections/{first}/edit",
            f"/corrections/new?turn={turn}",
            f"/corrections/dialogue?conversation={conversation}",
            f"/corrections/trials/{done}",
            f"/corrections/trials/{lost}",
            f"/corrections/trials/{running}",
        ):
            page.goto(address + path)
            assert violations(page) == [], path
            assert overflow(page) <= 0, path
    finally:
        app.state.trials.cancel(running)
