"""WCAG 2.2 in every state: axe's rules, contrast, names, sizes, motion, zoom, spacing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from .chat import Chat
from .conftest import Open, Stage
from .looks import contrast_of, look, pale_texts, small_targets
from .states import ANSWER, answer, states

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

SPACING = """
const sheet = new CSSStyleSheet();
sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
  p { margin-block-end: 2em !important; }`);
document.adoptedStyleSheets.push(sheet);
"""
SPACING_WITHIN = "document.querySelector('smartcity-chat').shadowRoot.adoptedStyleSheets.push(sheet);"


def _faults(chat: Chat, stage: Stage, *looks: Callable[[Chat], list[str]]) -> dict[str, list[str]]:
    """What the looks find in each state that has faults."""
    found: dict[str, list[str]] = {}
    for name in states(chat, stage.rasa):
        if faults := [fault for one in looks for fault in one(chat)]:
            found[name] = faults
    return found


def _violations(chat: Chat, colours: dict[str, Any]) -> list[str]:
    if "forced_colors" not in colours:
        return chat.violations()
    # There axe measures the colours that the sheet wanted, not those that the reader has chosen.
    return [*chat.violations("color-contrast"), *pale_texts(chat.page)]


def _nameless(chat: Chat) -> list[str]:
    snapshot = chat.element.aria_snapshot()
    assert 'button "' in snapshot
    return look(chat.page, "mislabelled") + re.findall(
        r"- (?:button|textbox|link|radio|switch)(?: \[.*\])?:?$", snapshot, re.MULTILINE
    )


# -- in every state


@pytest.mark.parametrize(("width", "colours"), DRESSES)
def test_no_rule_is_broken_in_any_state(open_page: Open, stage: Stage, width: int, colours: dict[str, Any]) -> None:
    chat = open_page("/", width=width, height=700, quiet=False, **colours)

    def small(chat: Chat) -> list[str]:
        return small_targets(chat.page)

    assert _faults(chat, stage, lambda chat: _violations(chat, colours), small, _nameless) == {}


@pytest.mark.parametrize(("width", "colours"), DRESSES)
def test_no_rule_is_broken_on_the_other_pages(open_page: Open, width: int, colours: dict[str, Any]) -> None:
    chat = open_page("/chat", width=width, **colours)
    chat.expect_answers(1)
    assert _violations(chat, colours) == []
    assert small_targets(chat.page) == []
    privacy = open_page("/datenschutz", width=width, **colours)
    assert privacy.violations(*(["color-contrast"] if "forced_colors" in colours else [])) == []


def test_nothing_moves_where_motion_is_not_wanted(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", quiet=False, reduced_motion="reduce")
    assert _faults(chat, stage, lambda chat: list(look(chat.page, "moving"))) == {}


def test_with_motion_something_moves(open_page: Open) -> None:
    chat = open_page("/")
    chat.launcher.click()
    assert look(chat.page, "moving")


@pytest.mark.parametrize(("width", "height"), [(640, 400), (320, 256)], ids=["200 %", "400 %"])
def test_zoomed_in_everything_is_there(open_page: Open, stage: Stage, width: int, height: int) -> None:
    chat = open_page("/", width=width, height=height, quiet=False, reduced_motion="reduce")
    questions = ("sticking", "unreached", "spoilt")
    found = _faults(chat, stage, lambda chat: [fault for one in questions for fault in look(chat.page, one)])
    assert found == {}


@pytest.mark.parametrize(("width", "height"), [(640, 400), (320, 256)], ids=["200 %", "400 %"])
def test_zoomed_in_the_page_for_frames_is_there(open_page: Open, stage: Stage, width: int, height: int) -> None:
    chat = open_page("/chat", width=width, height=height, reduced_motion="reduce")
    chat.expect_answers(1)
    stage.rasa.messages = [ANSWER]
    chat.say("Gibt es den KRuiser noch?")
    for _ in range(2):
        assert [fault for one in ("sticking", "unreached", "spoilt") for fault in look(chat.page, one)] == []
        chat.element.locator(".bar button[aria-controls=menu]").click()


@pytest.mark.parametrize("width", [320, 1280])
def test_text_may_be_spaced_out(open_page: Open, stage: Stage, width: int) -> None:
    """By the page's sheet through the host, and by the reader's own, which applies within as well."""
    chat = open_page("/", width=width, height=700, quiet=False, reduced_motion="reduce")

    def spaced(chat: Chat) -> list[str]:
        # Each time anew: the walk reloads the page.
        chat.page.evaluate(f"() => {{ {SPACING} {SPACING_WITHIN} }}")
        return [fault for one in ("sticking", "unreached", "spoilt") for fault in look(chat.page, one)]

    assert _faults(chat, stage, spaced) == {}


def test_the_page_s_spacing_reaches_the_chat(open_page: Open) -> None:
    chat = open_page("/")
    chat.open()
    chat.page.evaluate(f"() => {{ {SPACING} }}")
    for part in (".bubble", ".choice", "#field", ".languages button", ".hint"):
        style = chat.element.locator(part).first.evaluate(
            "(one) => [getComputedStyle(one).letterSpacing, getComputedStyle(one).fontSize].map(parseFloat)"
        )
        assert style[0] > 1.5, part
        assert style[1] >= 12.5, part
    assert look(chat.page, "spoilt") == []


# -- contrast


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_no_text_can_be_seen(open_page: Open, stage: Stage, scheme: str) -> None:
    stage.rasa.messages = [ANSWER]
    chat = open_page("/", scheme=scheme, reduced_motion="reduce")
    body = chat.page.locator("body")
    edges = [contrast_of(chat.launcher, style, body) for style in ("backgroundColor", "borderTopColor")]
    assert max(edges) >= 3, "the launcher, by its ground or by its border"
    assert contrast_of(chat.launcher.locator(".icon"), "stroke") >= 3
    chat.open()
    chat.say("KRuiser")
    composer = chat.element.locator(".composer")
    assert contrast_of(chat.field, "borderTopColor", composer) >= 3
    for part in (".send", ".bar button", ".tools button", ".logo"):
        assert contrast_of(chat.element.locator(f"{part} .icon").first, "stroke") >= 3, part
    thumb = chat.button("Hilfreich").first
    thumb.click()
    expect(thumb).to_have_attribute("aria-pressed", "true")
    assert contrast_of(thumb, "borderTopColor", chat.log) >= 3, "what is chosen"
    chat.field.fill("x" * 1001)
    assert contrast_of(chat.field, "borderTopColor", composer) >= 3, "too long"
    chat.menu("Gespräch beenden oder löschen")
    assert contrast_of(chat.element.locator("#comment"), "borderTopColor", chat.element.locator(".ending")) >= 3


HARD = ["#ffff00", "#000", "#ffffff", "#ff0000", "#c8c8c8", "#777777", "#00ff00", "#0000ff", "#123"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_city_s_colours_are_made_readable(open_page: Open, stage: Stage, scheme: str) -> None:
    chat = open_page("/", scheme=scheme, quiet=False, reduced_motion="reduce")
    chat.open()
    stage.rasa.messages = [ANSWER]
    chat.say("KRuiser")
    stage.rasa.status = 503
    chat.send("Und am Samstag?")
    expect(chat.button("Noch einmal versuchen")).to_be_visible()
    chat.button("Nicht hilfreich").click()
    chat.element.locator(".bar button[aria-controls=menu]").click()
    found = {}
    for colour in HARD:
        chat.element.evaluate(
            "(one, colour) => { one.setAttribute('color', colour); one.setAttribute('accent', colour); }", colour
        )
        found[colour] = pale_texts(chat.page)
        found[f"{colour}, icons"] = [
            part
            for part in (".send", ".bar button", ".tools button", ".launcher")
            if contrast_of(chat.element.locator(f"{part} .icon").first, "stroke") < 3
        ]
    assert {name: faults for name, faults in found.items() if faults} == {}
    applied = chat.element.locator(".bar").evaluate("(one) => getComputedStyle(one).backgroundColor")
    assert applied == "rgb(17, 34, 51)", "the colour is the city's"


def test_what_is_no_colour_changes_nothing(open_page: Open) -> None:
    chat = open_page("/", reduced_motion="reduce")
    chat.open()
    bar = chat.element.locator(".bar")
    before = bar.evaluate("(one) => getComputedStyle(one).backgroundColor")
    for colour in ("", "red", "#12", "#1234567", "url(https://example.org)", "#fff;--text:#fff"):
        chat.element.evaluate("(one, colour) => one.setAttribute('color', colour)", colour)
        assert bar.evaluate("(one) => getComputedStyle(one).backgroundColor") == before, colour
        assert pale_texts(chat.page) == []


# -- names and roles


def test_the_launcher_says_what_it_does(open_page: Open) -> None:
    chat = open_page("/")
    launcher = chat.element.get_by_role("button", expanded=False).filter(has_text="Fragen")
    expect(launcher).to_have_accessible_name("Chat öffnen: Fragen zur Smart City")
    launcher.click()
    expect(chat.launcher).to_have_attribute("aria-expanded", "true")
    expect(chat.launcher).to_have_accessible_name("Chat schließen")
    chat.expect_answers(1)  # the greeting
    chat.say("Hallo")
    chat.launcher.click()
    expect(chat.launcher).to_have_attribute("aria-expanded", "false")
    expect(chat.launcher).to_have_accessible_name("Chat öffnen: weiter fragen")


def test_the_panel_and_its_parts(open_page: Open, stage: Stage) -> None:
    stage.rasa.messages = [ANSWER]
    chat = open_page("/")
    chat.open()
    expect(chat.element.get_by_role("dialog", name="Smart City Krefeld")).to_be_visible()
    expect(chat.element.get_by_role("heading", name="Smart City Krefeld", level=2)).to_be_visible()
    expect(chat.element.get_by_role("textbox", name="Ihre Frage")).to_have_accessible_description(
        re.compile("keine persönlichen Daten")
    )
    for name in ("Senden", "Chat schließen", "Einstellungen und Gespräch"):
        assert chat.button(name).count() >= 1, name
    languages = chat.element.get_by_role("group", name="Sprache").get_by_role("button")
    expect(languages).to_have_text(["Deutsch", "Leichte Sprache", "English"])
    expect(languages.nth(0)).to_have_attribute("aria-pressed", "true")
    more = chat.button("Einstellungen und Gespräch")
    expect(more).to_have_attribute("aria-expanded", "false")
    more.click()
    expect(more).to_have_attribute("aria-expanded", "true")
    expect(chat.element.get_by_role("group", name="Einstellungen und Gespräch")).to_be_visible()


def test_the_conversation_is_a_log_of_who_said_what_and_when(open_page: Open, stage: Stage) -> None:
    chat = open_page("/")
    chat.open()
    stage.rasa.messages = [ANSWER]
    chat.say("Gibt es den KRuiser noch?")
    log = chat.element.get_by_role("log", name="Gespräch")
    expect(log).to_have_attribute("aria-live", "off")  # what is new is said elsewhere, once
    entries = log.get_by_role("list").first.locator("> li")
    said = [one for one in entries.all() if one.inner_text().strip()]
    assert [one.locator(".who").inner_text() for one in said] == ["Assistent", "Sie", "Assistent"]
    for one in said:
        time = one.locator("time")
        assert re.fullmatch(r"\d\d:\d\d", time.inner_text())
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", time.get_attribute("datetime") or "")
        assert one.locator(".head").text_content() == f"{one.locator('.who').inner_text()}, {time.inner_text()}"
    last = said[-1]
    expect(last.get_by_role("group", name="Auswahl").get_by_role("button")).to_have_count(3)
    expect(last.get_by_role("group", name="Diese Antwort").get_by_role("button")).to_have_count(3)
    assert [one.inner_text() for one in last.locator(".bubble ul, .bubble ol").all()] == [
        "Fahrten auf Bestellung gibt es nicht.\nBusse und Bahnen fahren: Fahrplan.",
        "Anrufen: 02151 86-0\nSchreiben: smartcity@krefeld.de",
        "Stadt Krefeld\nAnruf bei der Stadtverwaltung",
    ]
    expect(last.locator("strong")).to_have_text("KRuiser")
    expect(last.locator("em")).to_have_text("nicht mehr")
    expect(last.locator(".source")).to_have_text("Quelle: Smart City Themen, Stand Dezember 2025")


def test_icons_are_silent(open_page: Open, stage: Stage) -> None:
    stage.rasa.messages = [answer("Guten Tag.")]
    chat = open_page("/")
    chat.open()
    chat.say("Hallo")
    icons = chat.element.locator("svg, img")
    assert icons.count() >= 8
    for icon in icons.all():
        assert icon.get_attribute("aria-hidden") == "true" or icon.get_attribute("alt") == ""
