"""Reading aloud and dictation, with stand-ins for what the browser does."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .chat import LISTEN
from .conftest import Open, Stage
from .states import answer

VOICES = """
globalThis.spoken = [];
globalThis.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
const voices = [
  { lang: "de-DE", name: "Netz", localService: false }, { lang: "de_DE", name: "Gerät", localService: true },
  { lang: "en-GB", name: "Net", localService: false },
];
let under = null;
Object.defineProperty(globalThis, "speechSynthesis", { value: {
  getVoices: () => voices,
  speak(utterance) {
    under = utterance;
    spoken.push([utterance.text, utterance.lang, utterance.rate, utterance.voice?.name ?? null]);
  },
  cancel() {
    const before = under;
    under = null;
    if (before) { spoken.push("cancelled"); setTimeout(() => before.onerror?.({ error: "interrupted" })); }
  },
} });
globalThis.endOfSpeech = () => { const before = under; under = null; before.onend(); };
"""
EARS = """
globalThis.ears = [];
globalThis.SpeechRecognition = globalThis.webkitSpeechRecognition = class {
  constructor() { ears.push(this); this.state = "made"; }
  start() { this.state = "started"; }
  stop() { if (this.state === "started") { this.state = "stopped"; setTimeout(() => this.onend()); } }
  hear(...pieces) {
    const results = pieces.map(([text, isFinal]) => Object.assign([{ transcript: text }], { isFinal }));
    this.onresult({ resultIndex: 0, results });
  }
  fail(error) { this.onerror({ error }); this.state = "stopped"; this.onend(); }
};
"""
NEITHER = """
const parts = ["speechSynthesis", "SpeechSynthesisUtterance", "SpeechRecognition", "webkitSpeechRecognition"];
for (const place of [globalThis, Window.prototype]) for (const name of parts) delete place[name];
"""
MENU = "Einstellungen und Gespräch"
ALOUD, DICTATE = "Antworten vorlesen lassen", "Diktieren"


def test_it_is_only_offered_where_the_browser_can(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", init=NEITHER)
    chat.open()
    chat.say("Hallo")
    chat.button(MENU).click()
    expect(chat.button("Gespräch als Text speichern")).to_be_visible()
    expect(chat.element.get_by_role("switch")).to_have_count(0)
    for name in ("Vorlesen", "Diktieren"):
        expect(chat.button(name)).to_have_count(0)
    half = open_page("/", init=NEITHER + EARS)
    half.open()
    half.button(MENU).click()
    expect(half.element.get_by_role("switch")).to_have_count(1)
    expect(half.element.get_by_role("switch", name=DICTATE)).to_be_visible()


def test_it_is_off_until_the_citizen_turns_it_on_and_says_where_the_voice_goes(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", init=VOICES + EARS)
    chat.open()
    chat.say("Hallo")
    for name in ("Vorlesen", "Diktieren"):
        expect(chat.button(name)).to_have_count(0)
    assert chat.page.evaluate("[spoken.length, ears.length]") == [0, 0]
    chat.button(MENU).click()
    aloud, dictate = (chat.element.get_by_role("switch", name=name) for name in (ALOUD, DICTATE))
    for switch in (aloud, dictate):
        expect(switch).not_to_be_checked()
    expect(aloud).to_have_accessible_description(
        "Ihr Browser liest vor. Manche Browser schicken dafür den Text an ihren Hersteller."
    )
    expect(dictate).to_have_accessible_description(
        "Ihr Browser schreibt mit. Meist schickt er dafür Ihre Stimme an seinen Hersteller, nicht an die Stadt."
    )
    aloud.press("Space")
    chat.element.get_by_text(DICTATE, exact=True).click()
    expect(dictate).to_be_checked()
    chat.button(MENU).click()
    expect(chat.button("Vorlesen")).to_be_visible()
    expect(chat.button("Diktieren")).to_be_visible()
    assert chat.page.evaluate("[spoken.length, ears.length]") == [0, 0], "nothing speaks or listens yet"
    # The choice is kept when the language changes, and turned off again.
    chat.button("English").click()
    chat.button("Settings and conversation").click()
    expect(chat.element.get_by_role("switch", name="Have answers read aloud")).to_be_checked()
    for switch in chat.element.get_by_role("switch").all():
        switch.uncheck()
    chat.button("Settings and conversation").click()
    for name in ("Vorlesen", "Dictate"):
        expect(chat.button(name)).to_have_count(0)


def test_an_answer_is_read_aloud_in_its_language_and_can_be_stopped(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", init=VOICES)
    chat.open()
    chat.button(MENU).click()
    chat.element.get_by_role("switch", name=ALOUD).check()
    chat.button(MENU).click()
    stage.rasa.messages = [
        answer("Der **KRuiser** fährt [nicht mehr](https://www.krefeld.de)."),
        answer("It has stopped.", language="en"),
        answer("Er fährt nicht.", language="de-simple"),
    ]
    chat.say("KRuiser", answers=3)
    assert chat.page.evaluate("spoken") == [], "only on demand"
    first, second, third = chat.element.locator(".speaker").all()
    first.click()
    expect(first).to_have_accessible_name("Vorlesen anhalten")
    second.click()
    expect(second).to_have_accessible_name("Stop reading")
    expect(first).to_have_accessible_name("Vorlesen")
    second.click()
    expect(second).to_have_accessible_name("Read aloud")
    third.click()
    expect(third).to_have_accessible_name("Nicht mehr vorlesen")
    chat.page.evaluate("endOfSpeech()")
    expect(third).to_have_accessible_name("Vorlesen")
    assert chat.page.evaluate("spoken") == [
        ["Der KRuiser fährt nicht mehr.", "de-DE", 1, "Gerät"],
        "cancelled",
        ["It has stopped.", "en-GB", 1, "Net"],
        "cancelled",
        ["Er fährt nicht.", "de-DE", 0.85, "Gerät"],
    ]


@pytest.mark.parametrize("how", ["closed", "turned off", "ended", "removed"])
def test_reading_stops_when_nobody_can_see_it(open_page: Open, stage: Stage, how: str) -> None:
    chat = open_page("/", init=VOICES)
    chat.open()
    chat.button(MENU).click()
    chat.element.get_by_role("switch", name=ALOUD).check()
    chat.button(MENU).click()
    chat.say("Hallo")
    chat.button("Vorlesen").click()
    if how == "closed":
        chat.page.keyboard.press("Escape")
    elif how == "turned off":
        chat.button(MENU).click()
        chat.element.get_by_role("switch", name=ALOUD).uncheck()
    elif how == "ended":
        chat.menu("Gespräch beenden oder löschen")
        chat.button("Beenden").click()
        expect(chat.button("Neues Gespräch")).to_be_visible()
    else:
        chat.element.evaluate("(one) => one.remove()")
    assert chat.page.evaluate("spoken.at(-1)") == "cancelled"


def test_what_is_dictated_lands_in_the_field_and_is_not_sent(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", init=EARS + LISTEN)
    chat.open()
    chat.button(MENU).click()
    chat.element.get_by_role("switch", name=DICTATE).check()
    chat.button(MENU).click()
    chat.field.fill("Bitte:")
    microphone = chat.button("Diktieren")
    microphone.click()
    expect(microphone).to_have_attribute("aria-pressed", "true")
    assert chat.page.evaluate("[ears[0].state, ears[0].lang]") == ["started", "de-DE"]
    chat.page.evaluate("ears[0].hear(['fährt der', false])")
    expect(chat.field).to_have_value("Bitte:")
    chat.page.evaluate("ears[0].hear([' fährt der KRuiser noch', true])")
    expect(chat.field).to_have_value("Bitte: fährt der KRuiser noch")
    expect(chat.element.locator("#count")).to_have_text("29 von 1000 Zeichen")
    microphone.click()
    expect(microphone).to_have_attribute("aria-pressed", "false")
    assert chat.told("states") == ["Aufnahme läuft. Bitte sprechen Sie.", "Aufnahme beendet."]
    assert len(stage.rasa.received) == 1, "only the greeting"
    chat.button("Senden").click()
    chat.expect_answers(2)
    assert stage.rasa.received[-1]["text"] == "Bitte: fährt der KRuiser noch"


def test_a_dictation_that_fails_is_told(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", init=EARS + LISTEN)
    chat.open()
    chat.button(MENU).click()
    chat.element.get_by_role("switch", name=DICTATE).check()
    chat.button(MENU).click()
    microphone = chat.button("Diktieren")
    trouble = chat.element.locator(".trouble")
    told = "Die Aufnahme hat nicht geklappt. Bitte prüfen Sie, ob das Mikrofon erlaubt ist."
    for error, failed in [("not-allowed", True), ("network", True), ("no-speech", False), ("aborted", False)]:
        microphone.click()
        expect(microphone).to_have_attribute("aria-pressed", "true")
        expect(trouble).to_be_hidden()
        chat.page.evaluate("(error) => ears.at(-1).fail(error)", error)
        expect(microphone).to_have_attribute("aria-pressed", "false")
        expect(trouble).to_have_text(told if failed else "")
        assert chat.told("states")[-1] == (told if failed else "Aufnahme beendet."), error


@pytest.mark.parametrize("how", ["sent", "closed", "turned off", "ended", "removed"])
def test_nobody_is_listened_to_longer_than_they_can_see(open_page: Open, stage: Stage, how: str) -> None:
    chat = open_page("/", init=EARS)
    chat.open()
    chat.say("Hallo")
    chat.button(MENU).click()
    chat.element.get_by_role("switch", name=DICTATE).check()
    chat.button(MENU).click()
    chat.button("Diktieren").click()
    if how == "sent":
        chat.say("Getippt")
    elif how == "closed":
        chat.page.keyboard.press("Escape")
    elif how == "turned off":
        chat.button(MENU).click()
        chat.element.get_by_role("switch", name=DICTATE).uncheck()
    elif how == "ended":
        chat.menu("Gespräch beenden oder löschen")
    else:
        chat.element.evaluate("(one) => one.remove()")
    assert chat.page.evaluate("ears.map((one) => one.state)") == ["stopped"]
