"""What the browser remembers: nothing before the first message, then this tab, until the citizen ends it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import expect

from smartcity.gateway.sessions import Sessions
from smartcity.settings import read_settings

from ..gateway.standin import SECRET
from .chat import LISTEN, Chat
from .conftest import Open, Stage
from .states import ANSWER, Held, answer

NAME = "Object.keys(sessionStorage)[0]"


def _until(holds: Callable[[], bool], seconds: float = 5) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it does not come to that"
        time.sleep(0.02)


def _remembered(chat: Chat) -> dict[str, object]:
    stored: dict[str, object] = json.loads(chat.page.evaluate(f"sessionStorage.getItem({NAME})"))
    return stored


# -- before the first message


def test_nothing_is_stored_before_the_first_message(open_page: Open, stage: Stage) -> None:
    chat = open_page("/")
    expect(chat.launcher).to_be_visible()
    assert chat.stored() == []
    chat.open()
    assert chat.stored() == []
    chat.button("English").click()
    chat.expect_answers(1)
    chat.field.fill("Not sent")
    chat.element.locator(".bar button[aria-controls=menu]").click()
    chat.page.keyboard.press("Escape")
    chat.page.keyboard.press("Escape")
    assert chat.stored() == []
    chat.open()
    chat.say("Hello")
    assert chat.stored() == [f"smartcity-chat {stage.gateway}"]
    assert chat.page.evaluate("Object.keys(localStorage)") == []


# -- this tab


def test_the_conversation_outlives_a_reload(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", reduced_motion="reduce")
    chat.open()
    stage.rasa.messages = [ANSWER]
    chat.say("Gibt es den KRuiser noch?")
    said = len(stage.rasa.received)
    before = chat.element.locator(".list").inner_text()
    chat.page.reload()
    chat.open()
    chat.expect_answers(2)
    assert chat.element.locator(".list").inner_text() == before
    expect(chat.entries.last).to_be_in_viewport()
    assert len(stage.rasa.received) == said, "nothing is asked again"
    # The choices still hold, in the same conversation.
    stage.rasa.messages = [answer("Nichts mehr.")]
    chat.button("Gibt es das noch?").click()
    chat.expect_answers(3)
    assert stage.rasa.received[-1]["sender"] == stage.rasa.received[0]["sender"]
    assert stage.rasa.received[-1]["payload"] == ANSWER["buttons"][1]["payload"]


def test_the_conversation_goes_along_to_another_page_but_not_to_another_tab(open_page: Open, stage: Stage) -> None:
    chat = open_page(stage.site)
    chat.open()
    chat.say("Hallo")
    chat.page.get_by_role("link", name="Weiter").click()
    chat.page.wait_for_url("**/seite/2")
    chat.open()
    chat.expect_answers(2)
    chat.say("Noch etwas")
    assert len({one["sender"] for one in stage.rasa.received}) == 1
    other = Chat(chat.page.context.new_page())
    other.page.goto(stage.site)
    expect(other.launcher).to_have_accessible_name("Chat öffnen: Fragen zur Smart City")
    assert other.stored() == []
    other.open()
    expect(other.entries).to_have_count(1)
    assert len({one["sender"] for one in stage.rasa.received}) == 2


def test_a_message_under_way_at_a_reload_is_finished_after_it(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", init=LISTEN)
    chat.open()
    stage.rasa.delay = 1
    stage.rasa.messages = [answer("Da ist sie.")]
    chat.send("Eine lange Frage")
    _until(lambda: len(stage.rasa.received) == 2)
    chat.page.reload()
    expect(chat.launcher).to_have_accessible_name("Chat öffnen: weiter fragen (1 neue Antwort)")
    assert chat.told("outside") == ["Assistent: Da ist sie."]
    chat.launcher.click()
    expect(chat.answers.locator(".bubble")).to_have_text([re.compile("Guten Tag!"), "Da ist sie."])
    assert [one.get("text") for one in stage.rasa.received] == [None, "Eine lange Frage"]


def test_of_an_answer_half_there_at_a_reload_only_the_rest_comes(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", init=LISTEN)
    chat.open()
    stage.rasa.pause = 1
    stage.rasa.messages = [answer("Erstens."), answer("Zweitens.")]
    chat.send("Zwei Dinge")
    expect(chat.answers).to_have_count(2)
    chat.page.reload()
    chat.launcher.click()
    expect(chat.answers.locator(".bubble")).to_have_text([re.compile("Guten Tag!"), "Erstens.", "Zweitens."])
    expect(chat.element.locator(".typing")).to_be_hidden()
    assert chat.told("messages") == ["Assistent: Zweitens."]
    assert len(stage.rasa.received) == 2


def test_a_failure_outlives_a_reload_and_can_be_tried_again(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", quiet=False)
    chat.open()
    stage.rasa.status = 503
    chat.send("Hallo")
    expect(chat.button("Noch einmal versuchen")).to_be_visible()
    chat.page.reload()
    chat.open()
    stage.rasa.status = 200
    chat.button("Noch einmal versuchen").click()
    chat.expect_answers(2)
    expect(chat.element.locator(".failure")).to_have_count(0)


def test_by_the_browser_s_back_the_conversation_is_as_the_other_page_left_it(open_page: Open, stage: Stage) -> None:
    """A page that the browser kept whole, told so by "pageshow"."""
    chat = open_page(stage.site)
    chat.open()
    chat.say("Hallo")
    kept = chat.page.evaluate(f"[{NAME}, sessionStorage.getItem({NAME})]")
    chat.say("Auf der anderen Seite")
    after = chat.page.evaluate(f"sessionStorage.getItem({NAME})")
    back = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"
    chat.page.evaluate("([name, value]) => sessionStorage.setItem(name, value)", kept)
    chat.page.evaluate(back)
    chat.expect_answers(2)
    chat.page.evaluate("([name, value]) => sessionStorage.setItem(name, value)", [kept[0], after])
    chat.page.evaluate(back)
    chat.expect_answers(3)
    chat.say("Weiter")
    assert len({one["sender"] for one in stage.rasa.received}) == 1
    # It was ended there.
    chat.page.evaluate("sessionStorage.clear()")
    chat.page.evaluate(back)
    expect(chat.entries).to_have_count(0)
    chat.page.keyboard.press("Escape")
    chat.open()
    expect(chat.entries).to_have_count(1)


# -- the end


def test_the_end_forgets_here(open_page: Open, stage: Stage) -> None:
    chat = open_page("/")
    chat.open()
    chat.say("Hallo")
    chat.menu("Gespräch beenden oder löschen")
    chat.button("Zurück zum Gespräch").click()
    chat.expect_answers(2)
    assert chat.focused() == "field"
    chat.menu("Gespräch beenden oder löschen")
    chat.button("Beenden").click()
    expect(chat.element.get_by_role("heading", name="Das Gespräch ist beendet.")).to_be_visible()
    assert chat.stored() == []
    assert stage.rasa.forgotten == []
    assert stage.rasa.rated == []
    chat.page.keyboard.press("Escape")
    expect(chat.launcher).to_have_accessible_name("Chat öffnen: Fragen zur Smart City")
    chat.page.reload()
    chat.open()
    expect(chat.entries).to_have_count(1)
    assert len({one["sender"] for one in stage.rasa.received}) == 2


def test_deleting_forgets_in_rasa_too(open_page: Open, stage: Stage) -> None:
    chat = open_page("/")
    chat.open()
    chat.say("Hallo")
    token = _remembered(chat)["session"]
    chat.menu("Gespräch beenden oder löschen")
    chat.button("Beenden und löschen").click()
    expect(
        chat.element.get_by_role("heading", name="Das Gespräch ist gelöscht, hier und auf dem Server.")
    ).to_be_focused()
    assert stage.rasa.forgotten == [stage.rasa.received[0]["sender"]]
    assert chat.stored() == []
    headers = {"Authorization": f"Bearer {token}", "Origin": stage.gateway}
    gone = httpx.post(f"{stage.gateway}/chat/messages", json={"text": "Hallo"}, headers=headers)
    assert gone.status_code == 401
    chat.button("Neues Gespräch").click()
    expect(chat.entries).to_have_count(1)
    chat.say("Hallo")
    assert len({one["sender"] for one in stage.rasa.received}) == 2


def test_a_deletion_that_fails_loses_nothing_and_says_so(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", quiet=False)
    chat.open()
    chat.say("Hallo")
    chat.menu("Gespräch beenden oder löschen")
    stage.rasa.forget_status = 503
    chat.button("Beenden und löschen").click()
    expect(chat.element.locator("#states")).to_contain_text("Das Löschen hat noch nicht geklappt.")
    expect(chat.element.locator(".trouble")).to_contain_text("Das Löschen hat noch nicht geklappt.")
    assert len(chat.stored()) == 1
    chat.button("Zurück zum Gespräch").click()
    chat.expect_answers(2)
    stage.rasa.forget_status = 204
    chat.menu("Gespräch beenden oder löschen")
    expect(chat.element.locator(".trouble")).to_be_hidden()
    chat.button("Beenden und löschen").click()
    expect(chat.button("Neues Gespräch")).to_be_visible()
    assert len(stage.rasa.forgotten) == 2
    assert chat.stored() == []


def test_an_answer_after_the_end_belongs_to_nothing(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", init=LISTEN)
    chat.open()
    with chat.page.expect_response("**/chat/messages"), Held(chat):
        chat.send("Hallo")
        chat.menu("Gespräch beenden oder löschen")
        chat.button("Beenden").click()
        stage.rasa.messages = [answer("Guten Tag noch einmal.")]
        chat.button("Neues Gespräch").click()
        chat.expect_answers(1)
        expect(chat.element.locator(".typing")).to_be_hidden()
        stage.rasa.messages = [answer("Zu spät.")]
    stage.rasa.messages = [answer("Weiter.")]
    chat.say("Weiter")
    expect(chat.answers.locator(".bubble")).to_have_text(["Guten Tag noch einmal.", "Weiter."])
    assert chat.told("messages")[1:] == ["Assistent: Guten Tag noch einmal.", "Assistent: Weiter."]
    assert chat.told("states") == []


# -- what goes wrong with it


@pytest.mark.parametrize("store", ["forbidden", "full"])
def test_where_storing_is_forbidden_the_chat_goes_on_without(open_page: Open, stage: Stage, store: str) -> None:
    init = {
        "forbidden": "Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('no'); } });",
        "full": "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };",
    }[store]
    chat = open_page("/", init=init)
    chat.open()
    chat.say("Hallo")
    chat.page.keyboard.press("Escape")
    chat.open()
    chat.expect_answers(2)
    chat.menu("Gespräch beenden oder löschen")
    chat.button("Beenden").click()
    expect(chat.button("Neues Gespräch")).to_be_visible()


ENTRY = '{"who": "assistant", "id": 1, "time": 1, "message": %s}'


def test_what_somebody_else_stored_is_ignored(open_page: Open, stage: Stage) -> None:
    chat = open_page("/")
    for stored in [
        "",
        "null",
        "5",
        "{",
        "[]",
        "{}",
        '{"entries": 5, "language": "de"}',
        '{"entries": [], "language": "tlh"}',
        '{"entries": [], "language": "toString"}',
        '{"entries": [null], "language": "de"}',
        '{"entries": [5], "language": "de"}',
        '{"entries": [{}], "language": "de"}',
        '{"entries": [%s], "language": "de"}' % (ENTRY % "null"),
        '{"entries": [%s], "language": "de"}' % (ENTRY % '{"text": "Halb"}'),
        '{"entries": [{"who": "you", "id": 1, "state": "waiting"}], "language": "de"}',
    ]:
        chat.page.evaluate(f"(stored) => sessionStorage.setItem('smartcity-chat {stage.gateway}', stored)", stored)
        chat.page.reload()
        expect(chat.launcher).to_be_visible()
        chat.open()
        expect(chat.entries).to_have_count(1)
        chat.say("Hallo")
        assert chat.entries.count() == 3, stored


def _deleted(chat: Chat, stage: Stage) -> None:
    headers = {"Authorization": f"Bearer {_remembered(chat)['session']}", "Origin": stage.gateway}
    assert httpx.delete(f"{stage.gateway}/chat/sessions", headers=headers).status_code == 204


def _give(chat: Chat, token: str) -> None:
    stored = json.dumps({**_remembered(chat), "session": token})
    chat.page.evaluate(f"(stored) => sessionStorage.setItem({NAME}, stored)", stored)
    chat.page.reload()
    chat.open()


def _expired(chat: Chat, stage: Stage) -> None:
    settings = read_settings({"SMARTCITY_SECRET": SECRET, "SMARTCITY_SESSION_HOURS": "1"})
    sessions = Sessions(settings)
    sessions._seconds = -1
    _give(chat, sessions.begin(stage.gateway, "de")[1])


def _forged(chat: Chat, stage: Stage) -> None:
    _give(chat, "eyJ.forged")


@pytest.mark.parametrize("over", [_deleted, _expired, _forged])
def test_after_the_end_of_its_session_a_conversation_begins_anew(
    open_page: Open, stage: Stage, over: Callable[[Chat, Stage], None]
) -> None:
    chat = open_page("/", quiet=False)
    chat.open()
    stage.rasa.messages = [ANSWER]
    chat.say("Gibt es den KRuiser noch?")
    over(chat, stage)
    stage.rasa.messages = [answer("Neu begonnen.", id=None)]
    chat.send("Und die Busse?")
    chat.expect_answers(4)
    expect(chat.element.locator(".note")).to_have_text("Das Gespräch war abgelaufen. Ein neues hat begonnen.")
    expect(chat.element.locator(".failure")).to_have_count(0)
    first, *_, greeted, asked = stage.rasa.received
    assert greeted["payload"] == "/greet"
    assert asked["text"] == "Und die Busse?", "asked again, in the new one"
    assert asked["sender"] == greeted["sender"] != first["sender"]
    # An old button holds no longer, and nothing fails for it.
    chat.say("Weiter")
    assert stage.rasa.received[-1]["sender"] == asked["sender"]


def test_a_choice_of_an_ended_session_gives_a_new_greeting(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", quiet=False)
    chat.open()
    stage.rasa.messages = [ANSWER]
    chat.say("Gibt es den KRuiser noch?")
    _deleted(chat, stage)
    stage.rasa.messages = [answer("Neu begonnen.", id=None)]
    chat.button("Gibt es das noch?").click()
    chat.expect_answers(3)
    expect(chat.element.locator(".note")).to_be_visible()
    expect(chat.element.locator(".failure")).to_have_count(0)
    expect(chat.element.locator(".typing")).to_be_hidden()
    assert stage.rasa.received[-1]["payload"] == "/greet"
