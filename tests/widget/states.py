"""Every state of the chat, one after the other on one page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Route, expect

from ..gateway.standin import GREETING, StandIn
from .chat import Chat

ANSWER: dict[str, Any] = {
    "id": "a1",
    "text": (
        "Der **KRuiser** fährt *nicht mehr*. Mehr steht auf https://www.krefeld.de/smartcity/kruiser.\n"
        "- Fahrten auf Bestellung gibt es nicht.\n"
        "- Busse und Bahnen fahren: [Fahrplan](https://www.swk.de).\n\n"
        "1. Anrufen: 02151 86-0\n2. Schreiben: smartcity@krefeld.de"
    ),
    "language": "de",
    "buttons": [
        {"title": "Was kostet das?", "payload": '/ask_cost{"initiative": "kruiser"}'},
        {"title": "Gibt es das noch?", "payload": '/ask_status{"initiative": "kruiser"}'},
        {"title": "Wer ist für Mobilität und Verkehr zuständig?", "payload": "/ask_contact"},
    ],
    "links": [
        {"title": "Stadt Krefeld", "url": "https://www.krefeld.de"},
        {"title": "Anruf bei der Stadtverwaltung", "url": "tel:+492151860"},
    ],
    "source": GREETING["source"],
    "answer": "initiatives/kruiser",
}
NOTICE: dict[str, Any] = {
    "id": "n1",
    "kind": "notice",
    "text": "Zwischen den Jahren ist das Rathaus **geschlossen**.",
    "language": "de",
}


def answer(text: str, **fields: Any) -> dict[str, Any]:
    """An answer of Rasa with an id of its own."""
    return {"id": f"id-{text[:40]}", "text": text, "language": "de", **fields}


class Held:
    """Keeps messages on their way until they are let go: what is seen meanwhile does not depend on time."""

    def __init__(self, chat: Chat) -> None:
        self._page = chat.page
        self._routes: list[Route] = []

    def __enter__(self) -> Held:
        self._page.route("**/chat/messages", self._hold)
        return self

    def __exit__(self, *_: object) -> None:
        for route in self._routes:
            route.continue_()
        self._page.unroute("**/chat/messages")

    def _hold(self, route: Route) -> None:
        self._routes.append(route)


def states(chat: Chat, rasa: StandIn) -> Iterator[str]:
    """Bring the chat of the demonstration page from state to state; gives the name of each."""
    page = chat.page
    expect(chat.launcher).to_be_visible()
    yield "closed, with the hint"

    chat.open()
    yield "greeting"

    with Held(chat):
        chat.send("Gibt es den KRuiser noch?")
        expect(chat.element.locator(".typing")).to_be_visible()
        rasa.messages = [ANSWER]
        yield "typing"
    chat.expect_answers(2)
    yield "answer with everything"

    rasa.messages = [NOTICE, answer("Das Rathaus hat sonst von 8 bis 16 Uhr offen.")]
    chat.say("Hat das Rathaus offen?", answers=2)
    yield "notice"

    chat.element.get_by_role("button", name="Nicht hilfreich").last.click()
    expect(chat.element.locator(".reason input:visible")).to_be_visible()
    yield "thumb down, with the field for a reason"

    rasa.status = 503
    chat.send("Und am Samstag?")
    expect(chat.button("Noch einmal versuchen")).to_be_visible()
    rasa.status = 200
    yield "failure"

    page.context.set_offline(True)
    expect(chat.element.locator(".trouble")).to_be_visible()
    yield "offline"
    page.context.set_offline(False)

    chat.send("Schreiben Sie an max.muster@example.org")
    expect(chat.button("Trotzdem senden")).to_be_visible()
    yield "warning of personal data"

    chat.field.fill("Wort " * 210)
    expect(chat.element.locator(".over")).to_be_visible()
    yield "text too long"
    chat.field.fill("")

    chat.element.locator(".bar button[aria-controls=menu]").click()
    for switch in chat.element.get_by_role("switch").all():
        switch.check()
    yield "menu"
    chat.element.locator(".bar button[aria-controls=menu]").click()
    expect(chat.button("Diktieren")).to_be_visible()
    yield "with voice"

    for language in ("English", "Leichte Sprache"):
        chat.button(language).click()
        yield language

    page.reload()
    expect(chat.launcher).to_be_visible()
    yield "closed, with a conversation"
    chat.launcher.click()
    chat.expect_answers(4)
    yield "restored"

    chat.button("Deutsch").click()
    chat.menu("Gespräch beenden oder löschen")
    expect(chat.button("Beenden und löschen")).to_be_visible()
    yield "ending"

    chat.button("Beenden").click()
    expect(chat.button("Neues Gespräch")).to_be_visible()
    yield "ended"
