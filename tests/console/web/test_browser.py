"""The console in a real browser: WCAG on every page, by keyboard, without JavaScript, on small screens."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy.engine import Engine
from starlette.applications import Starlette

from smartcity.console import accounts, clock
from smartcity.console.tables import turns

from ...widget.chat import TAGS
from ..conftest import OpenConsole
from ..rows import a_conversation, stored, turn_ids
from ..sample import fill

DRESSES = [
    pytest.param(width, colours, id=f"{width}-{colours.get('scheme', 'forced')}")
    for width, colours in [
        (320, {"scheme": "light"}),
        (320, {"scheme": "dark"}),
        (1280, {"scheme": "light"}),
        (1280, {"scheme": "dark"}),
        (1280, {"forced_colors": "active"}),
    ]
]
PASSWORD = "vier Wörter ohne Sinn"


def _violations(page: Page, *but: str) -> list[str]:
    options = {"runOnly": TAGS, "rules": {name: {"enabled": False} for name in but}}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def _open_all(page: Page) -> None:
    """Unfold everything, so that everything is looked at."""
    page.evaluate("() => { for (const one of document.querySelectorAll('details')) one.open = true; }")


def _paths(ids: dict[str, int]) -> list[str]:
    """Every page, and the states of those that have several."""
    return [
        "/",
        "/?period=1d",
        "/search",
        "/search?queue=unreviewed&least=x",
        "/search?outcome=not_understood&initiative=kruiser",
        "/search?text=nirgends",
        f"/conversations/{ids['main']}",
        f"/conversations/{ids['invented']}",
        "/accounts",
        "/audit",
        "/audit?who=niemand",
        "/account",
        "/nowhere",
    ]


@pytest.mark.parametrize(("width", "colours"), DRESSES)
def test_no_rule_is_broken_on_any_page(
    open_console: OpenConsole, engine: Engine, address: str, width: int, colours: dict[str, Any]
) -> None:
    ids = fill(engine)
    page = open_console("/", width=width, **colours)
    found = {}
    for path in _paths(ids):
        if path == "/nowhere":
            continue
        page.goto(address + path)
        _open_all(page)
        forced = "forced_colors" in colours
        # There axe measures the colours that the sheet wanted, not those that the reader has chosen.
        faults = _violations(page, *(["color-contrast"] if forced else []))
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        faults += [f"{wide} pixels too wide"] if wide > 0 else []
        if faults:
            found[path] = faults
    assert found == {}


@pytest.mark.parametrize(("width", "colours"), DRESSES)
def test_no_rule_is_broken_on_the_way_in(
    open_console: OpenConsole, engine: Engine, address: str, width: int, colours: dict[str, Any]
) -> None:
    but = ["color-contrast"] if "forced_colors" in colours else []
    page = open_console("/setup", role=None, width=width, **colours)
    assert _violations(page, *but) == []
    accounts.make(engine, "kim", "admin", PASSWORD)
    page.goto(f"{address}/signin")
    assert _violations(page, *but) == []
    page.goto(f"{address}/search?text=a")
    expect(page).to_have_url(re.compile("/signin\\?next="))


def test_an_error_is_a_page_too(app: Starlette, engine: Engine, browser: Any, address: str) -> None:
    # By itself: the browser tells of the 404 on its console.
    from ..rows import an_account

    context = browser.new_context()
    token = app.state.sessions.begin(an_account(engine))
    context.add_cookies([{"name": "console", "value": token, "url": address}])
    page = context.new_page()
    page.goto(f"{address}/nowhere")
    expect(page.get_by_role("heading", level=1)).to_have_text("Das geht nicht")
    assert _violations(page) == []
    context.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_text_may_be_spaced_out(open_console: OpenConsole, engine: Engine, address: str, width: int) -> None:
    ids = fill(engine)
    page = open_console("/", width=width)
    for path in ("/", "/search", f"/conversations/{ids['main']}", "/accounts", "/audit"):
        page.goto(address + path)
        page.evaluate(
            """() => {
              const sheet = new CSSStyleSheet();
              sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important;
                word-spacing: .16em !important; } p { margin-block-end: 2em !important; }`);
              document.adoptedStyleSheets.push(sheet);
            }"""
        )
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path


def _fill_in(page: Page, name: str, text: str) -> None:
    page.get_by_label(name, exact=True).fill(text)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_whole_day_s_work(
    open_console: OpenConsole, engine: Engine, app: Starlette, scripts: bool, address: str
) -> None:
    """From the first account to a judged question, with and without JavaScript."""
    now = clock.now()
    a_conversation(engine, [{"outcome": "not_understood", "said": "Wo parke ich mein Einhorn?"}], ended=now - 60_000)
    number = a_conversation(engine, [{}, {"outcome": "failed"}, {"outcome": "unknown"}], ended=now)
    code = app.state.setup.code()
    page = open_console("/", role=None, java_script_enabled=scripts)
    expect(page.get_by_role("heading", level=1)).to_have_text("Erstes Konto anlegen")
    for name, text in (
        ("Einrichtungs-Code", code),
        ("Name zum Anmelden", "kim"),
        ("Name, den andere sehen", "Kim"),
        ("Neues Passwort", PASSWORD),
        ("Neues Passwort, noch einmal", PASSWORD),
    ):
        _fill_in(page, name, text)
    page.get_by_role("button", name="Konto anlegen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Überblick")
    page.get_by_role("button", name="Abmelden").click()
    expect(page.get_by_role("status")).to_have_text("Sie sind abgemeldet.")
    _fill_in(page, "Name", "kim")
    _fill_in(page, "Passwort", PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    page.get_by_role("link", name="1 Technischer Fehler").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Technischer Fehler")
    page.get_by_role("link", name="Gibt es den KRuiser noch?").click()
    expect(page).to_have_url(re.compile(f"/conversations/{number}"))
    page.get_by_role("link", name="Nächste Auffälligkeit").click()
    third = turn_ids(engine, number)[2]
    expect(page).to_have_url(re.compile(f"#turn-{third}$"))
    turn = page.locator(f"#turn-{third}")
    turn.get_by_role("group").get_by_role("button", name="Falsch", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Die Frage ist geändert.")
    expect(page.locator(f"#turn-{third}").get_by_role("button", name="Falsch")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.locator(f"#turn-{third} .next").click()
    expect(page.locator(".bubble.own")).to_have_text("Wo parke ich mein Einhorn?")

    page.get_by_role("link", name="Fragen finden").click()
    expect(page.locator("#count")).to_contain_text("4")
    if scripts:
        page.get_by_label("alle auf dieser Seite").check()
    else:
        expect(page.get_by_label("alle auf dieser Seite")).to_be_hidden()
        for box in page.get_by_role("checkbox").all():
            box.check()
    page.get_by_label("Schlagworte dazu").fill("Probe")
    page.locator("select[name=reviewed]").last.select_option("yes")
    page.get_by_role("button", name="Anwenden").click()
    expect(page.get_by_role("status").first).to_have_text("4 Fragen sind geändert.")
    page.get_by_role("link", name="Überblick").click()
    expect(page.get_by_text("wartet nichts")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    assert {row["reviewed_at"] is None for row in stored(engine, turns)} == {False}


# -- keyboard


def test_keys_jump_between_failures_and_on(open_console: OpenConsole, engine: Engine) -> None:
    now = clock.now()
    outcomes = ["answered", "failed", "answered", "unknown"]
    number = a_conversation(engine, [{"outcome": outcome} for outcome in outcomes], ended=now)
    other = a_conversation(engine, [{"outcome": "failed"}], ended=now - 60_000)
    ids = turn_ids(engine, number)
    page = open_console(f"/conversations/{number}")
    expect(page.locator("#keys")).to_be_visible()
    focused = "document.activeElement.id"
    for key, place in (("j", 1), ("n", 3), ("k", 1), ("p", 1), ("n", 3)):
        page.keyboard.press(key)
        assert page.evaluate(focused) == f"turn-{ids[place]}", key
    page.keyboard.press("j")
    expect(page).to_have_url(re.compile(f"/conversations/{other}\\?"))
    (far,) = turn_ids(engine, other)
    expect(page.locator(f"#turn-{far}")).to_be_focused()


def test_keys_mean_letters_where_one_writes_and_can_be_switched_off(open_console: OpenConsole, engine: Engine) -> None:
    number = a_conversation(engine, [{"outcome": "failed", "note": "da"}, {"outcome": "failed"}])
    first, _ = turn_ids(engine, number)
    page = open_console(f"/conversations/{number}")
    expect(page.locator("#keys")).to_be_visible()
    note = page.locator(f"#note-{first}")
    expect(note).to_be_visible()
    note.focus()
    page.keyboard.type("jnkp")
    expect(note).to_have_value(re.compile("jnkp"))
    expect(note).to_be_focused()
    page.get_by_label("Tasten an").uncheck()
    page.keyboard.press("j")
    expect(page.get_by_label("Tasten an")).to_be_focused()
    page.reload()
    expect(page.get_by_label("Tasten an")).not_to_be_checked()
    page.get_by_label("Tasten an").check()
    page.keyboard.press("j")
    expect(page.locator(f"#turn-{first}")).to_be_focused()
    page.keyboard.press("Control+p")
    expect(page.locator(f"#turn-{first}")).to_be_focused()


def test_enter_in_a_field_saves_and_judges_nothing(open_console: OpenConsole, engine: Engine) -> None:
    number = a_conversation(engine, [{"note": "da"}])
    (turn,) = turn_ids(engine, number)
    page = open_console(f"/conversations/{number}")
    field = page.locator(f"#tags-{turn}")
    expect(field).to_be_visible()
    field.fill("Probe")
    field.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Die Frage ist geändert.")
    (row,) = stored(engine, turns)
    assert (row["verdict"], row["reviewed_at"], row["note"]) == (None, None, "da")
    expect(page.get_by_role("link", name="Probe")).to_be_visible()


def test_everything_can_be_reached_by_tab_and_seen(open_console: OpenConsole, engine: Engine, address: str) -> None:
    ids = fill(engine)
    page = open_console("/")
    for path in ("/", "/search", f"/conversations/{ids['main']}", "/accounts"):
        page.goto(address + path)
        wanted = page.evaluate(
            """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
              .filter((one) => one.checkVisibility() && one.type !== "hidden").length"""
        )
        reached = set()
        for _ in range(wanted + 8):
            page.keyboard.press("Tab")
            state = page.evaluate(
                """() => {
                  const one = document.activeElement;
                  if (one === document.body) return null;
                  const box = one.getBoundingClientRect();
                  const style = getComputedStyle(one), after = getComputedStyle(one, "::after");
                  const ring = [style, after].some((s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2);
                  one.dataset.reached ||= String(document.querySelectorAll("[data-reached]").length + 1);
                  return [one.dataset.reached, ring, box.bottom > 0 && box.top < innerHeight];
                }"""
            )
            if state is None:
                break
            reached.add(state[0])
            assert state[1] and state[2], (path, page.evaluate("document.activeElement.outerHTML"))
        # Of radio buttons of a group Tab reaches one.
        radios = page.locator("input[type=radio]").count()
        assert len(reached) >= wanted - max(0, radios - 1), path


def test_the_skip_link_leads_to_the_content(open_console: OpenConsole) -> None:
    page = open_console("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Zum Inhalt")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()


def test_ticking_all(open_console: OpenConsole, engine: Engine) -> None:
    a_conversation(engine, [{}] * 3)
    page = open_console("/search")
    every = page.get_by_label("alle auf dieser Seite")
    expect(every).to_be_visible()
    picks = page.locator(".pick input")
    every.check()
    assert [pick.is_checked() for pick in picks.all()] == [True] * 3
    picks.first.uncheck()
    assert every.evaluate("(one) => [one.checked, one.indeterminate]") == [False, True]
    picks.first.check()
    expect(every).to_be_checked()
    every.uncheck()
    assert [pick.is_checked() for pick in picks.all()] == [False] * 3
