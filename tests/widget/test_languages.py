"""German, English, Leichte Sprache: which one, how it is marked, and pages from right to left."""

from __future__ import annotations

from playwright.sync_api import expect

from .chat import LISTEN
from .conftest import Open, Stage
from .looks import look
from .states import ANSWER, answer, states

PLACEHOLDERS = {"de": "Ihre Frage", "en": "Your question", "de-simple": "Ihre Frage"}
PRESSED = {"de": "Deutsch", "en": "English", "de-simple": "Leichte Sprache"}


def test_the_page_s_language_decides_at_first(open_page: Open, stage: Stage) -> None:
    chat = open_page(stage.site)
    for html, language in [
        ("<html>", "de"),
        ('<html lang="de">', "de"),
        ('<html lang="de-AT">', "de"),
        ('<html lang="en">', "en"),
        ('<html lang="en-US">', "en"),
        ('<html lang="de-x-leicht">', "de-simple"),
        ('<html lang="de-simple">', "de-simple"),
        ('<html lang="tr">', "en"),
    ]:
        stage.website.html = html
        chat.page.reload()
        chat.open()
        expect(chat.panel).to_have_attribute("lang", "en" if language == "en" else "de")
        expect(chat.element.get_by_role("button", pressed=True)).to_have_text(PRESSED[language])
        expect(chat.field).to_have_attribute("placeholder", PLACEHOLDERS[language])
        assert stage.rasa.received[-1]["language"] == language, html


def test_a_language_on_the_way_counts_and_the_element_s_own_most(open_page: Open, stage: Stage) -> None:
    stage.website.body = '<div lang="en"><smartcity-chat></smartcity-chat></div>'
    chat = open_page(stage.site)
    chat.open()
    expect(chat.panel).to_have_attribute("lang", "en")
    stage.website.body = '<div lang="en"><smartcity-chat lang="de-simple"></smartcity-chat></div>'
    chat.page.reload()
    chat.open()
    expect(chat.element.get_by_role("button", pressed=True)).to_have_text("Leichte Sprache")
    chat.element.evaluate("(one) => one.setAttribute('lang', 'en')")
    expect(chat.element.get_by_role("button", pressed=True)).to_have_text("English")


def test_messages_have_their_own_language(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", init=LISTEN)
    chat.open()
    stage.rasa.messages = [{**ANSWER, "text": "The KRuiser has stopped.", "language": "en"}, answer("Auf Deutsch.")]
    chat.say("Does the KRuiser run?", answers=2)
    english, german = chat.answers.nth(1), chat.answers.nth(2)
    expect(english).to_have_attribute("lang", "en")
    expect(english.locator(".who")).to_have_text("Assistant")
    expect(english.locator(".source")).to_have_text("Source: Smart City Themen, as of December 2025")
    expect(english.get_by_role("button", name="Copy answer")).to_be_visible()
    expect(german).to_have_attribute("lang", "de")
    expect(german.locator(".who")).to_have_text("Assistent")
    told = chat.page.evaluate("told.slice(1).map(([region, text, language]) => [language, text])")
    assert told == [
        ["en", "Assistant: The KRuiser has stopped. There are 3 buttons with it."],
        ["de", "Assistent: Auf Deutsch."],
    ]


def test_the_whole_interface_follows_the_switch(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", init=LISTEN, quiet=False)
    chat.open()
    stage.rasa.messages = [answer("Auf Deutsch.")]
    chat.say("Guten Tag")
    stage.rasa.status = 503
    chat.send("Noch etwas")
    expect(chat.button("Noch einmal versuchen")).to_be_visible()
    chat.element.locator(".bar button[aria-controls=menu]").click()
    chat.button("English").click()
    expect(chat.panel).to_have_attribute("lang", "en")
    expect(chat.launcher).to_have_attribute("lang", "en")
    expect(chat.launcher).to_have_accessible_name("Close chat")
    expect(chat.element.get_by_role("log")).to_have_accessible_name("Conversation")
    expect(chat.element.locator(".own .who")).to_have_text(["You", "You"])
    expect(chat.button("Try again")).to_be_visible()
    for name in ("Save conversation as text", "End or delete conversation", "Settings and conversation", "Send"):
        expect(chat.button(name)).to_be_visible()
    told = chat.page.evaluate("told.at(-1)")
    assert told[:3] == ["states", "The assistant now answers in English.", "en"]
    # What was said in German stays German, and is marked so.
    expect(chat.answers.last).to_have_attribute("lang", "de")
    expect(chat.button("English")).to_be_focused()
    stage.rasa.status = 200
    stage.rasa.messages = [{**answer("In English."), "language": "en"}]
    chat.say("And now?")
    assert stage.rasa.received[-1]["language"] == "en"


def test_an_unanswered_greeting_comes_anew(open_page: Open, stage: Stage) -> None:
    chat = open_page("/")
    chat.open()
    chat.button("Leichte Sprache").click()
    chat.expect_answers(1)
    expect(chat.element.locator(".note")).to_have_count(0)
    assert [one["language"] for one in stage.rasa.received] == ["de", "de-simple"]
    assert stage.rasa.received[0]["sender"] != stage.rasa.received[1]["sender"]


def test_a_greeting_on_its_way_in_another_language_is_not_shown(open_page: Open, stage: Stage) -> None:
    stage.rasa.delay = 0.4
    chat = open_page("/")
    chat.launcher.click()
    expect(chat.element.locator(".typing")).to_be_visible()
    chat.button("English").click()
    chat.expect_answers(1)
    expect(chat.element.locator(".typing")).to_be_hidden()
    chat.page.wait_for_timeout(300)
    expect(chat.entries).to_have_count(1)
    assert [one["language"] for one in stage.rasa.received] == ["de", "en"]
    stage.rasa.delay = 0
    chat.say("Hello")
    assert stage.rasa.received[-1]["sender"] == stage.rasa.received[1]["sender"]


def test_a_chosen_language_outlives_a_reload(open_page: Open, stage: Stage) -> None:
    chat = open_page(stage.site)
    chat.open()
    chat.button("English").click()
    expect(chat.panel).to_have_attribute("lang", "en")
    chat.expect_answers(1)  # the greeting
    chat.say("Hello")
    chat.page.reload()
    expect(chat.launcher).to_have_accessible_name("Open chat: ask us more")
    chat.open()
    expect(chat.panel).to_have_attribute("lang", "en")
    expect(chat.element.get_by_role("button", pressed=True)).to_have_text("English")
    chat.expect_answers(2)


def test_the_end_follows_the_switch_and_keeps_what_was_filled_in(open_page: Open, stage: Stage) -> None:
    chat = open_page("/")
    chat.open()
    chat.say("Hallo")
    chat.menu("Gespräch beenden oder löschen")
    chat.element.get_by_role("radio", name="unzufrieden", exact=True).check()
    chat.element.locator("#comment").fill("Zu kurz")
    chat.button("English").press("Enter")
    expect(chat.element.get_by_role("heading", name="End conversation")).to_be_visible()
    expect(chat.element.get_by_role("radio", name="dissatisfied", exact=True)).to_be_checked()
    expect(chat.element.locator("#comment")).to_have_value("Zu kurz")
    expect(chat.button("English")).to_be_focused()
    chat.button("End").click()
    expect(chat.element.get_by_role("heading", name="The conversation has ended.")).to_be_focused()
    said = len(stage.rasa.received)
    chat.button("Deutsch").click()
    expect(chat.element.get_by_role("heading", name="Das Gespräch ist beendet.")).to_be_visible()
    assert len(stage.rasa.received) == said, "nothing begins before the citizen wants it"
    chat.button("Neues Gespräch").click()
    chat.expect_answers(1)
    assert stage.rasa.received[-1]["language"] == "de"


# -- from right to left


def test_on_a_page_from_right_to_left_everything_has_its_place(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", quiet=False, reduced_motion="reduce")
    chat.page.evaluate("document.documentElement.dir = 'rtl'")
    faults = {}
    for state in states(chat, stage.rasa):
        chat.page.evaluate("document.documentElement.dir = 'rtl'")
        if found := [fault for one in ("sticking", "unreached", "spoilt") for fault in look(chat.page, one)]:
            faults[state] = found
        for part in (chat.launcher, chat.panel):
            box = part.bounding_box()
            assert box is None or box["x"] + box["width"] < 640, "the end of a line is at the left"
    assert faults == {}


def test_at_the_start_on_wish(open_page: Open, stage: Stage) -> None:
    stage.website.body = '<smartcity-chat position="start"></smartcity-chat>'
    chat = open_page(stage.site)
    chat.open()
    for part in (chat.launcher, chat.panel):
        box = part.bounding_box()
        assert box is not None
        assert box["x"] < 40


def test_arabic_is_written_from_right_to_left(open_page: Open, stage: Stage) -> None:
    chat = open_page("/")
    chat.open()
    arabic = "أين مبنى البلدية؟"
    direction = "(one) => getComputedStyle(one).direction"
    chat.field.fill(arabic)
    assert chat.field.evaluate(direction) == "rtl"
    stage.rasa.messages = [answer(arabic), answer("Auf Deutsch.")]
    chat.say(arabic, answers=2)
    own = chat.element.locator(".own .bubble")
    assert own.evaluate(direction) == "rtl"
    assert chat.answers.nth(1).locator(".bubble").evaluate(direction) == "rtl"
    assert chat.answers.nth(2).locator(".bubble").evaluate(direction) == "ltr"
    assert chat.field.evaluate(direction) == "ltr"
