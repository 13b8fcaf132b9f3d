"""The chat page in a browser: it answers, by keyboard alone, accessibly, with an empty console."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.system

TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice", "EN-301-549"]
Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, assistant: str) -> Iterator[Open]:
    pages: list[tuple[Page, list[str]]] = []

    def run(width: int = 1280, height: int = 800, scheme: Any = "light") -> Page:
        page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
        told: list[str] = []
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        pages.append((page, told))
        page.goto(assistant + "/")
        expect(page.get_by_role("log")).to_contain_text("Maschine")
        return page

    yield run
    for page, told in pages:
        page.close()
        assert told == []


def _violations(page: Page) -> list[str]:
    # Colours count when they have arrived: a fading message has none of its own yet.
    page.evaluate(
        "() => Promise.all(document.getAnimations().filter(a => a.effect.getTiming().iterations !== Infinity)"
        ".map(a => a.finished)).then(() => null)"
    )
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}}).response["violations"]
    return [f"{v['id']}: {[n['target'] for n in v['nodes']]}" for v in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_no_accessibility_rule_is_broken(open_page: Open, width: int, scheme: str) -> None:
    page = open_page(width, scheme=scheme)
    assert _violations(page) == []
    page.get_by_label("Ihre Frage").fill("Gibt es den KRuiser noch?")
    page.get_by_role("button", name="Senden").click()
    expect(page.get_by_role("log")).to_contain_text("Stand Dezember 2025")
    assert _violations(page) == []


def test_nothing_is_wider_than_a_small_phone(open_page: Open) -> None:
    page = open_page(320)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_conversation_by_keyboard_alone(open_page: Open) -> None:
    page = open_page()
    field = page.get_by_label("Ihre Frage")
    for _ in range(30):
        if field.evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.type("kruiser preis")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("gibt es nicht mehr")
    button = page.get_by_role("button", name="Gibt es das noch?").last
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("Vandalismus")


def test_markup_stays_text(open_page: Open) -> None:
    page = open_page()
    page.get_by_label("Ihre Frage").fill("<img src=x onerror=alert(1)><b>KRuiser</b>")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("<img src=x")
    assert page.locator("[role=log] img[src=x]").count() == 0


def test_the_language_can_be_changed(open_page: Open) -> None:
    page = open_page()
    page.get_by_role("button", name="English").click()
    page.get_by_role("textbox").fill("KRuiser")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("municipal utility")


def test_the_privacy_page(open_page: Open) -> None:
    page = open_page()
    page.goto(page.url + "datenschutz")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert _violations(page) == []
