"""Whole conversations with the real assistant: three by keyboard alone, three on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .chat import Chat
from .conftest import Open

pytestmark = pytest.mark.system

Start = Callable[..., Chat]


@pytest.fixture
def start(open_page: Open, assistant: str) -> Start:
    """start(width=390, ...): the demonstration page of the running assistant."""
    return lambda **profile: open_page(assistant + "/", **profile)


def _tab_to(chat: Chat, name: str, most: int = 60) -> None:
    """Press Tab until the element with this name has the focus."""
    for _ in range(most):
        if chat.page.evaluate(
            """(name) => {
              let one = document.activeElement;
              while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
              return (one.ariaLabel || one.labels?.[0]?.textContent || one.textContent).trim() === name;
            }""",
            name,
        ):
            return
        chat.page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches '{name}'.")


def _type(chat: Chat, text: str) -> None:
    """Type and wait for the answer."""
    before = chat.answers.count()
    chat.page.keyboard.type(text)
    chat.page.keyboard.press("Enter")
    chat.expect_answers(before + 1)


def test_keyboard_a_question_a_follow_up_and_a_button(start: Start) -> None:
    chat = start()
    _tab_to(chat, "Chat öffnen: Fragen zur Smart City")
    chat.page.keyboard.press("Enter")
    chat.expect_answers(1)
    assert chat.focused() == "field"
    _type(chat, "gibts den kruiser noch")
    expect(chat.answers.last).to_contain_text("gibt es nicht mehr")
    expect(chat.answers.last).to_contain_text("Stand Dezember 2025")
    assert chat.focused() == "field"
    _type(chat, "und was hat er gekostet?")
    expect(chat.answers.last).to_contain_text("Diese Preise gelten nicht mehr")
    chat.page.keyboard.press("Shift+Tab")
    _tab_to(chat, "Ihre Frage")
    chat.page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()
    assert chat.focused() == "launcher"


def test_keyboard_languages_rating_and_end(start: Start) -> None:
    chat = start()
    _tab_to(chat, "Frage stellen")
    chat.page.keyboard.press("Space")
    chat.expect_answers(1)
    _tab_to(chat, "Leichte Sprache")
    chat.page.keyboard.press("Space")
    expect(chat.answers.first).to_contain_text("schlaue Stadt")
    _tab_to(chat, "Ihre Frage")
    _type(chat, "Wer hilft mir bei der Smart City?")
    _tab_to(chat, "Das hat geholfen")
    chat.page.keyboard.press("Enter")
    expect(chat.button("Das hat geholfen")).to_have_attribute("aria-pressed", "true")
    for _ in range(40):
        chat.page.keyboard.press("Shift+Tab")
        if (
            chat.focused() not in ("", "field")
            and chat.page.evaluate("document.querySelector('smartcity-chat').shadowRoot.activeElement?.ariaLabel")
            == "Einstellungen und Gespräch"
        ):
            break
    chat.page.keyboard.press("Enter")
    _tab_to(chat, "Gespräch beenden oder löschen")
    chat.page.keyboard.press("Enter")
    _tab_to(chat, "sehr zufrieden")
    chat.page.keyboard.press("Space")
    _tab_to(chat, "Beenden und löschen")
    chat.page.keyboard.press("Enter")
    expect(chat.element.get_by_role("heading", name="Das Gespräch ist gelöscht.")).to_be_focused()
    assert chat.stored() == []


def test_keyboard_in_english_with_a_choice(start: Start) -> None:
    chat = start(locale="en-GB")
    _tab_to(chat, "Frage stellen")
    chat.page.keyboard.press("Enter")
    chat.expect_answers(1)
    _tab_to(chat, "English")
    chat.page.keyboard.press("Enter")
    expect(chat.answers.first).to_contain_text("a machine and not a person")
    _tab_to(chat, "Mobility")
    chat.page.keyboard.press("Enter")
    chat.expect_answers(2)
    expect(chat.answers.last).to_have_attribute("lang", "en")
    assert chat.focused() == "choice", "the focus stays on what was pressed"
    _tab_to(chat, "Your question")
    _type(chat, "Do I need an appointment?")
    expect(chat.answers.last).to_contain_text("appointment")


PHONE = {"width": 390, "height": 720, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


def test_phone_buttons_alone(start: Start) -> None:
    chat = start(**PHONE)
    chat.launcher.tap()
    chat.expect_answers(1)
    assert chat.panel.evaluate("one => one.matches(':modal')")
    assert chat.focused() == "name", "no keyboard over the greeting"
    chat.button("Bildung & Soziales").tap()
    chat.expect_answers(2)
    chat.answers.last.locator(".choices .choice").first.tap()
    chat.expect_answers(3)
    chat.panel.get_by_role("button", name="Chat schließen").tap()
    expect(chat.panel).to_be_hidden()


def test_phone_lone_words_typos_and_a_page_change(start: Start) -> None:
    chat = start(**PHONE)
    chat.launcher.tap()
    chat.expect_answers(1)
    chat.field.tap()
    chat.say("kreaton")
    expect(chat.answers.last).to_contain_text("KReathon")
    chat.say("wo")
    chat.panel.get_by_role("button", name="Chat schließen").tap()
    chat.page.goto(chat.page.url.rstrip("/") + "/datenschutz")
    chat.page.go_back()
    expect(chat.launcher).to_have_accessible_name("Chat öffnen: weiter fragen")
    expect(chat.panel).to_be_hidden()
    chat.launcher.tap()
    chat.expect_answers(3)
    chat.say("und was kostet das?")
    expect(chat.answers.last).to_contain_text("KReathon")


def test_phone_upright_and_across(start: Start) -> None:
    chat = start(**PHONE)
    chat.launcher.tap()
    chat.expect_answers(1)
    chat.say("Welche Telefonnummer hat Herr Lewitzki?")
    link = chat.answers.last.get_by_role("link", name="02151 86-1085").first
    expect(link).to_have_attribute("href", "tel:+492151861085")
    chat.page.set_viewport_size({"width": 720, "height": 390})
    chat.field.scroll_into_view_if_needed()
    expect(chat.field).to_be_in_viewport()
    chat.say("danke")
    chat.page.set_viewport_size({"width": 1280, "height": 800})
    expect(chat.panel).to_be_visible()
    chat.page.wait_for_function("one => !one.matches(':modal')", arg=chat.panel.element_handle())
