"""`make pictures`: every state of the chat at three widths, light and dark, in results/pictures/.

They are for looking at. The first picture of the README is made here, too.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, Route, expect, sync_playwright

from ..browsers import FLAGS, chromium
from ..system import PROJECT, RunningSystem
from .chat import Chat

FOLDER = PROJECT / "results" / "pictures"
README = PROJECT / "docs" / "images" / "chat.png"
SIZES = ((320, 640), (768, 1024), (1280, 800))
NOTICE: dict[str, object] = {
    "id": "n",
    "kind": "notice",
    "text": "Beispiel eines Hinweises: Das Büro ist heute geschlossen.",
    "language": "de",
    "buttons": [],
    "links": [],
    "source": None,
    "answer": "notice/example",
    "known": True,
}

Shoot = Callable[[str], None]


def _walk(chat: Chat, shoot: Shoot) -> None:
    """Through every state, in an order in which each follows from the one before."""
    page = chat.page
    expect(chat.launcher).to_be_visible()
    shoot("01-closed-with-hint")
    chat.open()
    shoot("02-greeting")
    chat.say("Gibt es den KRuiser noch?")
    shoot("03-answer")
    chat.say("Ist das Zentrum für digitale Lernwelten barrierefrei?")
    shoot("04-unknown")
    chat.button("Nicht hilfreich").last.click()
    chat.element.locator(".reason").last.scroll_into_view_if_needed()
    shoot("05-rated-down")
    chat.send("Schreiben Sie mir an max@example.org")
    expect(chat.element.locator(".warning")).to_be_visible()
    shoot("06-personal-data")
    chat.field.fill("Sehr lang. " * 95)
    shoot("07-too-long")
    chat.field.fill("")
    with _held(page):
        chat.send("Was ist die CodingSchool?")
        expect(chat.element.locator(".typing")).to_be_visible()
        shoot("08-typing")
    expect(chat.element.locator(".typing")).to_be_hidden()
    page.context.set_offline(True)
    expect(chat.element.locator(".trouble")).to_be_visible()
    chat.send("Und was kostet das?")
    expect(chat.element.locator(".failure")).to_be_visible()
    shoot("09-offline-and-failed")
    page.context.set_offline(False)
    chat.button("Noch einmal versuchen").click()
    expect(chat.element.locator(".failure")).to_be_hidden()
    expect(chat.element.locator(".typing")).to_be_hidden()
    page.route("**/chat/messages", lambda route: route.fulfill(body=json.dumps({"messages": [NOTICE]})))
    chat.say("Hat das Büro auf?")
    page.unroute("**/chat/messages")
    shoot("10-notice")
    chat.button("Leichte Sprache").click()
    chat.say("Wer hilft mir?")
    shoot("11-leichte-sprache")
    chat.button("English").click()
    chat.say("Who runs SWCAR?")
    shoot("12-english")
    chat.button("Deutsch").click()
    chat.button("Einstellungen und Gespräch").click()
    shoot("13-menu")
    chat.button("Gespräch beenden oder löschen").click()
    shoot("14-ending")
    chat.button("Beenden und löschen").click()
    expect(chat.button("Neues Gespräch")).to_be_visible()
    shoot("15-deleted")


@contextmanager
def _held(page: Page) -> Iterator[None]:
    """Holds messages back while the picture is taken."""
    held: list[Route] = []
    page.route("**/chat/messages", lambda route: held.append(route))
    yield
    for route in held:
        route.continue_()
    page.unroute("**/chat/messages")


def _pages() -> Iterator[tuple[int, int, str]]:
    for width, height in SIZES:
        for scheme in ("light", "dark"):
            yield width, height, scheme


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as var, sync_playwright() as playwright:
        system = RunningSystem(Path(var))
        try:
            system.wait_until_healthy()
            browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
            for width, height, scheme in _pages():
                context = browser.new_context(
                    viewport={"width": width, "height": height},
                    color_scheme=scheme,  # type: ignore[arg-type]
                    reduced_motion="reduce",
                    locale="de-DE",
                )
                page = context.new_page()
                page.goto(system.address)
                start = f"{width}-{scheme}"
                _walk(Chat(page), lambda state, page=page, start=start: _shoot(page, FOLDER / f"{start}-{state}.png"))
                if (width, scheme) == (1280, "light"):
                    _readme(page, system.address)
                context.close()
            browser.close()
        finally:
            system.stop()
    print(f"{len(list(FOLDER.iterdir()))} pictures in {FOLDER.relative_to(PROJECT)}/")


def _shoot(page: Page, path: Path) -> None:
    page.screenshot(path=path)


def _readme(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 1120, "height": 760})
    page.goto(address)
    chat = Chat(page)
    chat.open()
    chat.say("Gibt es den KRuiser noch?")
    chat.page.mouse.move(0, 0)
    page.screenshot(path=README)


if __name__ == "__main__":
    main()
