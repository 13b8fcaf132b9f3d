"""By keyboard alone: where the focus goes, how it shows, and that nothing takes it away."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Route, expect

from .chat import Chat
from .conftest import Open, Stage
from .looks import contrast, look, seen
from .states import ANSWER, Held, answer, states

SIZES = [pytest.param(320, 640, id="phone"), pytest.param(1280, 800, id="desk")]


def _tab_to(chat: Chat, name: str, *, back: bool = False) -> None:
    """Press Tab until the stop has this name."""
    for _ in range(60):
        if str(look(chat.page, "stop")["name"]).split(" ", 1)[-1] == name:
            return
        chat.page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"no stop of the keyboard is called {name}")


def _stops(chat: Chat) -> list[dict[str, Any]]:
    """All stops of the keyboard within the chat, from the first on; a modal panel is gone round once."""
    start = chat.element.locator(".panel:modal .bar button")
    (start if start.count() else chat.page.locator("footer a")).first.focus()
    stops: list[dict[str, Any]] = []
    for _ in range(80):
        chat.page.keyboard.press("Tab")
        stop = look(chat.page, "stop")
        if stop["inChat"]:
            stops.append(stop)
        elif stops:
            break
    return stops


def _press(chat: Chat, *keys: str) -> None:
    for key in keys:
        chat.page.keyboard.press(key)


# -- a whole conversation


def test_a_conversation_by_keyboard_alone(open_page: Open, stage: Stage) -> None:
    chat = open_page("/")
    expect(chat.launcher).to_be_visible()
    _tab_to(chat, "Chat öffnen: Fragen zur Smart City")
    _press(chat, "Enter")
    chat.expect_answers(1)
    assert chat.focused() == "field"

    stage.rasa.messages = [ANSWER]
    chat.page.keyboard.type("Gibt es den KRuiser noch?")
    _press(chat, "Enter")
    chat.expect_answers(2)
    assert chat.focused() == "field", "the next question can be typed at once"

    # Read it: the conversation can be scrolled.
    _tab_to(chat, "Wer ist für Mobilität und Verkehr zuständig?"[:40], back=True)
    stage.rasa.messages = [answer("Das sagt Ihnen die Stadtverwaltung.")]
    _press(chat, "Space")
    chat.expect_answers(3)
    expect(chat.entries.nth(-2)).to_contain_text("Wer ist für Mobilität und Verkehr zuständig?")
    assert look(chat.page, "stop")["name"].startswith("button Wer ist"), "the focus stays"
    assert [one.get("payload", one.get("text")) for one in stage.rasa.received[1:]] == [
        "Gibt es den KRuiser noch?",
        "/ask_contact",
    ]

    _tab_to(chat, "Nicht hilfreich")
    _press(chat, "Enter")
    expect(chat.button("Nicht hilfreich").last).to_have_attribute("aria-pressed", "true")
    _press(chat, "Tab", "Tab")
    chat.page.keyboard.type("Eine Telefonnummer")
    _press(chat, "Enter")
    expect(chat.element.locator(".thanks")).to_be_focused()
    assert [(one["rating"], one["comment"]) for one in stage.rasa.rated] == [
        ("down", None),
        ("down", "Eine Telefonnummer"),
    ]

    _tab_to(chat, "Einstellungen und Gespräch", back=True)
    _press(chat, "Enter")
    _tab_to(chat, "Gespräch beenden oder löschen")
    _press(chat, "Enter")
    assert look(chat.page, "stop")["name"] == "h3 Gespräch beenden"
    _press(chat, "Tab", "ArrowDown")
    expect(chat.element.get_by_role("radio", name="zufrieden", exact=True)).to_be_checked()
    _tab_to(chat, "Beenden")
    _press(chat, "Enter")
    expect(chat.element.get_by_role("heading", name="Das Gespräch ist beendet.")).to_be_focused()
    assert stage.rasa.rated[-1]["rating"] == "4"
    _press(chat, "Tab", "Enter")
    chat.expect_answers(1)
    assert chat.focused() == "field"
    _press(chat, "Escape")
    expect(chat.launcher).to_be_focused()


def test_enter_sends_and_shift_enter_breaks_the_line(open_page: Open, stage: Stage) -> None:
    chat = open_page("/")
    chat.open()
    chat.page.keyboard.type("Eine")
    _press(chat, "Shift+Enter")
    chat.page.keyboard.type("Frage")
    _press(chat, "Enter")
    chat.expect_answers(2)
    assert stage.rasa.received[-1]["text"] == "Eine\nFrage"


# -- open and close


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_escape_closes_the_menu_first_and_then_the_panel(open_page: Open, width: int, height: int) -> None:
    chat = open_page("/", width=width, height=height)
    chat.launcher.focus()
    _press(chat, "Enter")
    chat.expect_answers(1)
    more = chat.button("Einstellungen und Gespräch")
    more.press("Enter")
    _press(chat, "Tab", "Tab")
    _press(chat, "Escape")
    expect(chat.element.locator(".menu")).to_be_hidden()
    expect(more).to_be_focused()
    expect(more).to_have_attribute("aria-expanded", "false")
    expect(chat.panel).to_be_visible()
    _press(chat, "Escape")
    expect(chat.panel).to_be_hidden()
    expect(chat.launcher).to_be_focused()
    _press(chat, "Escape")
    expect(chat.panel).to_be_hidden()


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("how", ["Escape", "Chat schließen"])
def test_the_focus_returns_to_what_opened_the_chat(open_page: Open, width: int, height: int, how: str) -> None:
    chat = open_page("/", width=width, height=height)
    for opener in (chat.page.locator("#ask"), chat.launcher):
        opener.press("Enter")
        expect(chat.panel).to_be_visible()
        assert look(chat.page, "stop")["inPanel"]
        if how == "Escape":
            _press(chat, "Escape")
        else:
            chat.panel.get_by_role("button", name=how, exact=True).press("Enter")
        expect(chat.panel).to_be_hidden()
        expect(opener).to_be_focused()


def test_without_an_opener_the_focus_goes_to_the_launcher(open_page: Open) -> None:
    chat = open_page("/")
    chat.page.locator("#ask").press("Enter")
    chat.expect_answers(1)
    chat.page.evaluate("document.getElementById('ask').remove()")
    _press(chat, "Escape")
    expect(chat.launcher).to_be_focused()


def test_escape_is_the_page_s_where_the_chat_does_not_lie(open_page: Open) -> None:
    chat = open_page("/")
    chat.open()
    chat.page.locator("#ask").focus()
    _press(chat, "Escape")
    expect(chat.panel).to_be_visible()
    # What the panel covers may not stay hidden.
    chat.page.get_by_role("link", name="Datenschutz").first.evaluate(
        "(one) => { Object.assign(one.style, { position: 'fixed', right: '5em', bottom: '9em' }); one.focus(); }"
    )
    _press(chat, "Escape")
    expect(chat.panel).to_be_hidden()


def test_escape_that_ends_a_composition_closes_nothing(open_page: Open) -> None:
    chat = open_page("/")
    chat.open()
    chat.field.evaluate(
        "(one) => one.dispatchEvent(new KeyboardEvent('keydown', "
        "{ key: 'Escape', isComposing: true, bubbles: true, composed: true, cancelable: true }))"
    )
    expect(chat.panel).to_be_visible()


def test_on_a_desk_the_panel_holds_nobody(open_page: Open) -> None:
    chat = open_page("/")
    chat.launcher.press("Enter")
    chat.expect_answers(1)
    assert not chat.panel.evaluate("(one) => one.matches(':modal')")
    left = [look(chat.page, "stop")]
    for _ in range(30):
        _press(chat, "Tab")
        left.append(look(chat.page, "stop"))
        if not left[-1]["inPanel"]:
            break
    assert not left[-1]["inPanel"], "Tab goes on, out of the panel"
    expect(chat.panel).to_be_visible()
    # The other way: from the first stop of the panel to the launcher, and on into the page.
    chat.element.locator(".bar button").first.focus()
    _press(chat, "Shift+Tab")
    expect(chat.launcher).to_be_focused()
    _press(chat, "Shift+Tab")
    assert not look(chat.page, "stop")["inChat"]
    chat.page.get_by_role("heading", level=1).click()
    expect(chat.panel).to_be_visible()


def test_on_a_phone_the_panel_is_modal_until_it_is_closed(open_page: Open) -> None:
    chat = open_page("/", width=320, height=640, reduced_motion="reduce")
    chat.launcher.press("Enter")
    chat.expect_answers(1)
    assert chat.panel.evaluate("(one) => one.matches(':modal')")
    box = chat.panel.bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 320, 640)
    stops = []
    for _ in range(30):
        _press(chat, "Tab")
        stops.append(look(chat.page, "stop"))
    # The browser's own bar is the only way out.
    assert {stop["name"] for stop in stops if not stop["inPanel"]} <= {"body"}
    assert sum(stop["name"] == stops[0]["name"] for stop in stops) >= 2, "it goes round"
    reached = chat.page.evaluate(
        "() => { const ask = document.getElementById('ask'); ask.focus(); return document.activeElement === ask; }"
    )
    assert not reached, "the page behind is inert"
    chat.panel.get_by_role("button", name="Chat schließen").press("Enter")
    chat.page.locator("#ask").focus()
    expect(chat.page.locator("#ask")).to_be_focused()


def test_turned_or_zoomed_the_panel_keeps_the_focus(open_page: Open) -> None:
    chat = open_page("/")
    chat.open()
    chat.field.fill("Ein Anfang")
    chat.page.set_viewport_size({"width": 320, "height": 640})
    expect(chat.element.locator(".panel:modal")).to_be_visible()
    assert chat.focused() == "field"
    chat.page.set_viewport_size({"width": 1280, "height": 800})
    expect(chat.element.locator(".panel:not(:modal)")).to_be_visible()
    assert chat.focused() == "field"
    expect(chat.field).to_have_value("Ein Anfang")
    _press(chat, "Escape")
    expect(chat.launcher).to_be_focused()


def test_after_the_end_the_panel_opens_with_the_focus_in_it(open_page: Open) -> None:
    chat = open_page("/")
    chat.open()
    chat.say("Hallo")
    chat.menu("Gespräch beenden oder löschen")
    chat.button("Beenden").click()
    _press(chat, "Escape")
    _press(chat, "Enter")
    expect(chat.panel).to_be_visible()
    expect(chat.element.get_by_role("heading", name="Das Gespräch ist beendet.")).to_be_visible()
    assert look(chat.page, "stop")["inPanel"]


def test_the_hint_goes_away_and_leaves_the_focus_with_the_launcher(open_page: Open) -> None:
    chat = open_page("/")
    hint = chat.element.get_by_role("region", name="Hinweis")
    expect(hint).to_contain_text("Ich antworte mit Quelle und Datum.")
    chat.button("Hinweis schließen").press("Enter")
    expect(hint).to_be_hidden()
    expect(chat.launcher).to_be_focused()


# -- how the focus shows


@pytest.mark.parametrize(
    ("width", "height", "colours"),
    [
        pytest.param(320, 640, {"scheme": "light"}, id="phone-light"),
        pytest.param(1280, 800, {"scheme": "dark"}, id="desk-dark"),
        pytest.param(1280, 800, {"forced_colors": "active"}, id="desk-forced"),
    ],
)
def test_every_stop_is_marked_and_in_sight(
    open_page: Open, stage: Stage, width: int, height: int, colours: dict[str, str]
) -> None:
    chat = open_page("/", width=width, height=height, quiet=False, reduced_motion="reduce", **colours)
    faults: list[str] = []
    names: set[str] = set()
    wanted = {"closed, with the hint", "answer with everything", "failure", "warning of personal data", "with voice"}
    wanted |= {"thumb down, with the field for a reason", "menu", "ending", "ended"}
    for state in states(chat, stage.rasa):
        if state not in wanted:
            continue
        kept = chat.page.evaluate_handle("() => document.querySelector('smartcity-chat').shadowRoot.activeElement")
        for stop in _stops(chat):
            name = f"{state}: {stop['name']}"
            names.add(stop["name"])
            if stop["ring"] < 2:
                faults.append(f"{name} is not marked")
            if stop["sides"] < 3:
                faults.append(f"{name} shows {stop['sides']} sides of its mark")
            if not stop["reached"]:
                faults.append(f"{name} is covered or out of sight")
            ground = seen(stop["ground"])
            if max(contrast(seen([*stop["ground"], (colour, 1)]), ground) for colour in stop["colours"]) < 3:
                faults.append(f"{name} has a pale mark")
        kept.evaluate("(one) => one?.focus()")
    assert faults == []
    assert {"textarea field", "div Gespräch", "button Senden", "input speak", "textarea comment"} <= names


# -- nothing takes the focus away


@pytest.mark.parametrize("place", ["close", "page", "field", "answer"])
def test_an_answer_that_comes_does_not_move_the_focus(open_page: Open, stage: Stage, place: str) -> None:
    chat = open_page("/")
    chat.open()
    with Held(chat):
        chat.send("Hallo")
        stop = {
            "close": chat.panel.get_by_role("button", name="Chat schließen", exact=True),
            "page": chat.page.locator("#ask"),
            "field": chat.field,
            "answer": chat.element.get_by_role("link", name="Stadt Krefeld").first,
        }[place]
        stop.focus()
        if place == "field":
            chat.page.keyboard.type("Und noch etwas")
    chat.expect_answers(2)
    expect(stop).to_be_focused()


def test_a_failure_does_not_move_the_focus(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", quiet=False)
    chat.open()
    stage.rasa.status = 503
    chat.send("Hallo")
    expect(chat.button("Noch einmal versuchen")).to_be_visible()
    assert chat.focused() == "field"


def test_a_page_s_button_pressed_too_early_opens_when_the_chat_is_there(open_page: Open) -> None:
    chat = open_page("/")
    expect(chat.launcher).to_be_visible()
    held: list[Route] = []
    chat.page.route("**/chat/config", lambda route: held.append(route))
    chat.page.reload()
    chat.page.locator("#ask").click()
    expect(chat.panel).to_be_hidden()
    held[0].continue_()
    expect(chat.panel).to_be_visible()
    assert chat.focused() == "field"


def test_the_chat_never_opens_by_itself(open_page: Open, stage: Stage) -> None:
    chat = open_page("/")
    expect(chat.launcher).to_be_visible()
    expect(chat.element.get_by_role("region", name="Hinweis")).to_be_visible()
    chat.page.wait_for_timeout(300)
    expect(chat.panel).to_be_hidden()
    assert chat.page.evaluate("document.activeElement === document.body")
    chat.open()
    chat.say("Hallo")
    chat.page.reload()
    expect(chat.launcher).to_have_accessible_name("Chat öffnen: weiter fragen")
    expect(chat.panel).to_be_hidden()
    assert chat.page.evaluate("document.activeElement === document.body")
    site = open_page(stage.site + "/")
    site.open()
    site.say("Hallo")
    site.page.get_by_role("link", name="Weiter").click()
    site.page.wait_for_url("**/seite/2")
    expect(site.launcher).to_have_accessible_name("Chat öffnen: weiter fragen")
    expect(site.panel).to_be_hidden()
    assert site.page.evaluate("document.activeElement === document.body")
