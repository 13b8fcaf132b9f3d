"""What a screen reader is told: each message once, states when they matter, nothing again."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from .chat import LISTEN, Chat
from .conftest import Open, Stage
from .states import ANSWER, NOTICE, Held, answer

SAID = (
    "Assistent: Der KRuiser fährt nicht mehr. Mehr steht auf https://www.krefeld.de/smartcity/kruiser.\n"
    "- Fahrten auf Bestellung gibt es nicht.\n"
    "- Busse und Bahnen fahren: Fahrplan.\n\n"
    "1. Anrufen: 02151 86-0\n2. Schreiben: smartcity@krefeld.de Dazu gibt es 3 Schaltflächen."
)
GREETED = "Assistent: Guten Tag! Ich bin ein Computer-Programm.\n- Mobilität\n- Bildung Dazu gibt es 1 Schaltfläche."


@pytest.fixture
def listen(open_page: Open) -> Open:
    """open_page, and everything that a screen reader is told is written down."""

    def run(path: str = "/", **profile: Any) -> Chat:
        return open_page(path, init=LISTEN + profile.pop("init", ""), **profile)

    return run


def test_there_are_three_polite_regions_apart_from_the_transcript(open_page: Open) -> None:
    chat = open_page("/")
    chat.open()
    regions = chat.element.locator("[aria-live]:not([aria-live=off])")
    told = regions.evaluate_all("(all) => all.map((one) => [one.id, one.ariaLive, Boolean(one.closest('.log'))])")
    assert sorted(told) == [["messages", "polite", False], ["outside", "polite", False], ["states", "polite", False]]
    for region in regions.all():
        box = region.bounding_box()
        assert box is None or box["width"] <= 1, "for the ear only"


def test_each_answer_is_said_once_and_without_markdown(listen: Open, stage: Stage) -> None:
    chat = listen()
    chat.open()
    assert chat.told() == [GREETED]
    stage.rasa.messages = [ANSWER]
    chat.say("Gibt es den KRuiser noch?")
    assert chat.told() == [GREETED, SAID]
    assert chat.page.evaluate("told.every(([region, text, language, rendered]) => region === 'messages' && rendered)")
    stage.rasa.messages = [NOTICE, answer("Sonst ab 8 Uhr.")]
    chat.say("Hat das Rathaus offen?", answers=2)
    assert chat.told()[2:] == [
        "Hinweis: Zwischen den Jahren ist das Rathaus geschlossen.",
        "Assistent: Sonst ab 8 Uhr.",
    ]


def test_nothing_is_said_again_when_the_page_or_the_panel_comes_back(listen: Open, stage: Stage) -> None:
    chat = listen(stage.site)
    chat.open()
    chat.say("Hallo")
    chat.panel.get_by_role("button", name="Chat schließen", exact=True).click()
    before = len(chat.told())
    region = chat.element.locator("#messages, #states")
    expect(region.first).to_be_empty()
    expect(region.last).to_be_empty()
    chat.open()
    assert len(chat.told()) == before
    for change in (chat.page.reload, chat.page.get_by_role("link", name="Weiter").click):
        change()
        expect(chat.launcher).to_have_accessible_name("Chat öffnen: weiter fragen")
        chat.open()
        chat.expect_answers(2)
        assert chat.told() == []


def test_with_the_panel_closed_the_answer_is_said_outside_and_counted(listen: Open, stage: Stage) -> None:
    chat = listen()
    chat.open()
    with Held(chat):
        chat.send("Hallo")
        chat.launcher.click()
        expect(chat.panel).to_be_hidden()
    expect(chat.launcher).to_have_accessible_name("Chat öffnen: weiter fragen (1 neue Antwort)")
    expect(chat.launcher.locator(".badge")).to_have_text("1")
    assert chat.told("outside") == [GREETED]
    assert chat.told("messages") == [GREETED], "the greeting, before"
    assert chat.page.evaluate("told.every(([region, text, language, rendered]) => rendered)")
    chat.open()
    expect(chat.launcher).to_have_accessible_name("Chat schließen")
    expect(chat.launcher.locator(".badge")).to_be_hidden()
    stage.rasa.messages = [answer("Erstens."), answer("Zweitens.")]
    with Held(chat):
        chat.send("Und sonst?")
        chat.launcher.click()
    expect(chat.launcher).to_have_accessible_name("Chat öffnen: weiter fragen (2 neue Antworten)")
    assert chat.told("outside") == [GREETED, "Assistent: Erstens.", "Assistent: Zweitens."]


@pytest.mark.parametrize(("language", "many"), [("English", "2 new answers"), ("Leichte Sprache", "2 neue Antworten")])
def test_answers_are_counted_in_each_language(open_page: Open, stage: Stage, language: str, many: str) -> None:
    chat = open_page("/")
    chat.open()
    chat.button(language).click()
    chat.expect_answers(1)
    stage.rasa.messages = [answer("Erstens."), answer("Zweitens.")]
    with Held(chat):
        chat.send("Und sonst?")
        chat.page.keyboard.press("Escape")
    expect(chat.launcher.locator(".badge")).to_have_text("2")
    name = chat.launcher.get_attribute("aria-label") or ""
    assert name.endswith(f"({many})")


def test_that_the_assistant_writes_is_said_only_when_it_takes_long(listen: Open, stage: Stage) -> None:
    chat = listen()
    chat.open()
    chat.say("Hallo")
    chat.page.wait_for_timeout(800)
    assert chat.told("states") == []
    with Held(chat):
        chat.send("Und nun?")
        expect(chat.element.locator(".typing")).to_be_visible()
        expect(chat.element.locator("#states")).to_have_text("Der Assistent schreibt …")
    chat.expect_answers(3)
    expect(chat.element.locator(".typing")).to_be_hidden()
    assert chat.told("states") == ["Der Assistent schreibt …"]


def test_failures_and_the_net_are_told(listen: Open, stage: Stage) -> None:
    chat = listen(quiet=False)
    chat.open()
    stage.rasa.status = 503
    chat.send("Hallo")
    failure = chat.element.locator(".failure p")
    expect(failure).to_be_visible()
    assert chat.told("states") == [failure.inner_text().strip()]
    chat.page.context.set_offline(True)
    expect(chat.element.locator(".trouble")).to_be_visible()
    chat.page.context.set_offline(False)
    expect(chat.element.locator(".trouble")).to_be_hidden()
    assert chat.told("states")[1:] == [
        "Keine Internetverbindung. Ihre Nachricht bleibt hier stehen.",
        "Die Internetverbindung ist wieder da.",
    ]


def test_what_was_done_is_told(listen: Open, stage: Stage) -> None:
    chat = listen(permissions=["clipboard-read", "clipboard-write"])
    chat.open()
    chat.say("Hallo")
    for name, told in [
        ("Antwort kopieren", "Antwort kopiert."),
        ("Hilfreich", "Danke für Ihre Bewertung."),
        ("Hilfreich", "Bewertung zurückgenommen."),
        ("Nicht hilfreich", "Danke für Ihre Bewertung."),
    ]:
        chat.button(name).click()
        expect(chat.element.locator("#states")).to_have_text(told)
    assert len(chat.told("states")) == 4


def test_the_characters_that_are_left_are_told_twice(listen: Open) -> None:
    chat = listen()
    chat.open()
    expect(chat.element.locator("#count")).to_be_hidden()
    for count in (500, 899, 900, 901, 950, 979, 980, 990, 1000):
        chat.field.fill("x" * count)
    expect(chat.element.locator("#count")).to_have_text("1000 von 1000 Zeichen")
    assert chat.told("states") == ["Noch 100 Zeichen.", "Noch 20 Zeichen."]
    chat.field.fill("x" * 1007)
    chat.field.fill("x" * 1009)
    expect(chat.field).to_have_attribute("aria-invalid", "true")
    told = "7 Zeichen zu viel. Bitte kürzen Sie Ihre Nachricht."
    assert chat.told("states")[2:] == [told]
    expect(chat.field).to_have_accessible_description(
        "9 Zeichen zu viel. Bitte kürzen Sie Ihre Nachricht. Bitte keine persönlichen Daten eingeben. Datenschutz"
    )
    chat.field.fill("x")
    chat.field.fill("x" * 999)
    assert chat.told("states")[3:] == ["Noch 1 Zeichen."]


def test_a_warning_of_personal_data_is_told_with_what_can_be_done(listen: Open, stage: Stage) -> None:
    chat = listen()
    chat.open()
    chat.send("Ich bin max.muster@example.org")
    warning = chat.element.get_by_role("group", name="Ihre Nachricht enthält vielleicht persönliche Daten")
    expect(warning).to_be_visible()
    assert chat.told("states") == [
        "Ihre Nachricht enthält vielleicht persönliche Daten: E-Mail-Adresse. "
        "Für eine Auskunft sind sie nicht nötig. Trotzdem senden? Nachricht ändern?"
    ]
    assert chat.focused() == "field"
    assert len(stage.rasa.received) == 1
    chat.button("Nachricht ändern").click()
    expect(warning).to_be_hidden()
    assert chat.focused() == "field"
    expect(chat.field).to_have_value("Ich bin max.muster@example.org")
    chat.field.press("Enter")
    chat.expect_answers(2)  # whoever was warned of this text may send it
    assert stage.rasa.received[-1]["text"] == "Ich bin max.muster@example.org"


def test_pressing_send_while_the_assistant_writes_says_so(listen: Open, stage: Stage) -> None:
    chat = listen()
    chat.open()
    with Held(chat):
        chat.send("Hallo")
        expect(chat.button("Senden")).to_have_attribute("aria-disabled", "true")
        chat.send("Und noch etwas")
        chat.button("Was kostet das?").click()
        expect(chat.field).to_have_value("Und noch etwas")
        expect(chat.element.locator("#states")).to_have_text("Der Assistent schreibt …")
        assert chat.told("states").count("Der Assistent schreibt …") >= 2
    chat.expect_answers(2)
    expect(chat.button("Senden")).to_have_attribute("aria-disabled", "false")
    expect(chat.field).to_have_value("Und noch etwas")
    assert [one.get("text") for one in stage.rasa.received] == [None, "Hallo"]


def test_there_is_no_warning_where_what_is_personal_is_asked_for(listen: Open, stage: Stage) -> None:
    question = answer("Wie ist Ihre E-Mail-Adresse?")
    stage.rasa.messages = [{**question, "expects": "personal"}]
    chat = listen()
    chat.open()
    hint = chat.element.locator("#hint")
    expect(hint).to_contain_text("Hier dürfen Sie Persönliches schreiben.")
    expect(hint).not_to_contain_text("Bitte keine persönlichen Daten")
    chat.page.reload()
    chat.open()
    expect(hint).to_contain_text("Hier dürfen Sie Persönliches schreiben.")
    chat.send("max.muster@example.org")
    chat.expect_answers(2)
    assert stage.rasa.received[-1]["text"] == "max.muster@example.org"
    stage.rasa.messages = [question]
    chat.send("max.muster@example.org")
    chat.expect_answers(3)
    expect(hint).to_contain_text("Bitte keine persönlichen Daten eingeben.")
    chat.send("max.muster@example.org")
    expect(chat.element.get_by_role("group", name="persönliche Daten")).to_be_visible()
