"""What a citizen takes along: a copied answer, the conversation as a text."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from .chat import Chat
from .conftest import Open, Stage
from .states import ANSWER, NOTICE, answer

COPIED = """Der KRuiser fährt nicht mehr. Mehr steht auf https://www.krefeld.de/smartcity/kruiser.
- Fahrten auf Bestellung gibt es nicht.
- Busse und Bahnen fahren: Fahrplan.

1. Anrufen: 02151 86-0
2. Schreiben: smartcity@krefeld.de
Stadt Krefeld: https://www.krefeld.de
Anruf bei der Stadtverwaltung: tel:+492151860
Quelle: Smart City Themen, Stand Dezember 2025, https://www.krefeld.de/smartcity"""


def _saved(chat: Chat, name: str = "Gespräch als Text speichern") -> tuple[str, str]:
    """The name of the file and what is in it."""
    with chat.page.expect_download() as download:
        chat.menu(name)
    return download.value.suggested_filename, Path(download.value.path()).read_text("utf-8")


def test_a_copied_answer_has_its_text_and_source_without_markdown(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", permissions=["clipboard-read", "clipboard-write"])
    chat.open()
    stage.rasa.messages = [ANSWER]
    chat.say("Gibt es den KRuiser noch?")
    chat.button("Antwort kopieren").click()
    expect(chat.element.locator("#states")).to_have_text("Antwort kopiert.")
    assert chat.page.evaluate("navigator.clipboard.readText()") == COPIED
    expect(chat.button("Antwort kopieren")).to_be_focused()


def test_an_english_answer_is_copied_in_english(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", permissions=["clipboard-read", "clipboard-write"])
    chat.open()
    source = {
        "title": "Topics",
        "url": "https://www.krefeld.de/en",
        "as_of": None,
        "dated": False,
        "read": "2026-11-23",
    }
    stage.rasa.messages = [answer("It has *stopped*.", language="en", source=source)]
    chat.say("KRuiser?")
    chat.button("Copy answer").click()
    expect(chat.element.locator("#states")).to_have_text("Antwort kopiert.")
    assert chat.page.evaluate("navigator.clipboard.readText()") == (
        "It has stopped.\nSource: Topics, page without a date, read on 23 November 2026, https://www.krefeld.de/en"
    )


def test_where_copying_is_not_allowed_the_chat_says_so(open_page: Open, stage: Stage) -> None:
    init = "Object.defineProperty(navigator, 'clipboard', { value: undefined });"
    chat = open_page("/", init=init)
    chat.open()
    chat.say("Hallo")
    chat.button("Antwort kopieren").click()
    expect(chat.element.locator(".trouble")).to_have_text("Kopieren ist hier nicht möglich.")
    expect(chat.element.locator("#states")).to_have_text("Kopieren ist hier nicht möglich.")


def test_the_saved_conversation_has_every_turn_with_its_time(open_page: Open, stage: Stage) -> None:
    chat = open_page("/")
    chat.open()
    stage.rasa.messages = [NOTICE, ANSWER]
    chat.say("Gibt es den **KRuiser** noch?\nUnd wo?", answers=2)
    stage.rasa.messages = [answer("It has stopped.", language="en")]
    chat.say("In English?")
    name, text = _saved(chat)
    assert re.fullmatch(r"smart-city-chat-\d{4}-\d\d-\d\d\.txt", name)
    times = re.findall(r"^\[(\d\d:\d\d)\] ", text, re.MULTILINE)
    assert len(times) == 6
    turns = re.split(r"\n\n\[\d\d:\d\d\] ", text)
    title, when = turns[0].split("\n\n")
    assert title == "Gespräch mit dem Assistenten: Smart City Krefeld"
    assert re.match(r"\d{1,2}\.\d{1,2}\.\d{4}, \d\d:\d\d", when)
    assert [turn.split("\n")[0] for turn in turns[1:]] == [
        "Assistent: Guten Tag! Ich bin ein Computer-Programm.",
        "Sie: Gibt es den **KRuiser** noch?",  # as the citizen wrote it
        "Assistent: Zwischen den Jahren ist das Rathaus geschlossen.",
        "Assistent: Der KRuiser fährt nicht mehr. Mehr steht auf https://www.krefeld.de/smartcity/kruiser.",
        "Sie: In English?",
        "Assistant: It has stopped.",
    ]
    assert f"Assistent: {COPIED}" in text
    expect(chat.element.locator(".menu")).to_be_visible()
    assert len(stage.rasa.received) == 3, "made in the browser"


def test_a_long_conversation_is_saved_and_shown_whole(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", reduced_motion="reduce")
    chat.open()
    turns = 40
    for number in range(turns):
        stage.rasa.messages = [answer(f"Antwort {number}. " + "Ein längerer Satz dazu. " * 12)]
        chat.say(f"Frage {number}")
    expect(chat.entries.last).to_be_in_viewport()
    assert chat.log.evaluate("(one) => one.scrollHeight") > 8000
    _, text = _saved(chat)
    for number in range(turns):
        assert f"] Sie: Frage {number}\n" in text
        assert f"] Assistent: Antwort {number}. Ein" in text
    assert len(re.findall(r"^\[", text, re.MULTILINE)) == 2 * turns + 1
    chat.page.reload()
    chat.open()
    expect(chat.entries).to_have_count(2 * turns + 1)
    expect(chat.entries.last).to_be_in_viewport()
