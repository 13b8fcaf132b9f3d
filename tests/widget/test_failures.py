"""When something fails: nothing is lost, nothing is said twice, and the citizen knows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from smartcity.gateway.app import create_app
from smartcity.settings import read_settings

from ..gateway.standin import SECRET, running
from ..ports import free_port
from .chat import LISTEN, Chat
from .conftest import Open, Stage
from .states import ANSWER, NOTICE, Held, answer
from .wire import Wire

RETRY = "Noch einmal versuchen"


def _texts(stage: Stage) -> list[str | None]:
    """What Rasa was asked after its greeting."""
    return [one.get("text", one.get("payload")) for one in stage.rasa.received[1:]]


def _fulfil(route: Route, status: int, body: str) -> None:
    route.fulfill(status=status, body=body, content_type="application/json")


Other = Callable[..., str]


@pytest.fixture
def other(stage: Stage, tmp_path: Path) -> Iterator[Other]:
    """Another gateway to the same Rasa: other(MESSAGES_PER_MINUTE="1") gives its address."""
    with ExitStack() as stack:
        rasa_port = stack.enter_context(running(stage.rasa.app))

        def run(**environ: str) -> str:
            settings = read_settings(
                {
                    "SMARTCITY_SECRET": SECRET,
                    "SMARTCITY_VAR": str(tmp_path),
                    "SMARTCITY_RASA_PORT": str(rasa_port),
                    "SMARTCITY_ORIGINS": stage.gateway,
                    **{f"SMARTCITY_{name}": value for name, value in environ.items()},
                }
            )
            return f"http://127.0.0.1:{stack.enter_context(running(create_app(settings)))}"

        yield run


def _led_to(chat: Chat, stage: Stage, address: str) -> None:
    """From here on the page speaks with the gateway of that address."""
    chat.page.route("**/chat/**", lambda route: route.continue_(url=route.request.url.replace(stage.gateway, address)))


# -- Rasa


def test_when_rasa_is_away_the_server_s_sentence_stands_there_and_the_message_can_go_again(
    open_page: Open, stage: Stage
) -> None:
    chat = open_page("/", quiet=False)
    chat.open()
    stage.rasa.status = 503
    chat.send("Fährt der KRuiser noch?")
    own = chat.element.locator(".own")
    expect(own.locator(".failure")).to_contain_text("Der Assistent ist gerade nicht erreichbar.")
    expect(own.locator(".failure")).to_contain_text("www.krefeld.de")
    expect(own.locator(".bubble")).to_have_text("Fährt der KRuiser noch?")
    expect(chat.element.locator(".typing")).to_be_hidden()
    chat.button(RETRY).click()
    expect(own.locator(".failure")).to_be_visible()
    assert chat.focused() == "field"
    stage.rasa.status = 200
    stage.rasa.messages = [answer("Nein.")]
    chat.button(RETRY).click()
    chat.expect_answers(2)
    expect(own).to_have_count(1)
    expect(own.locator(".failure")).to_have_count(0)


def test_a_failed_message_can_be_changed(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", quiet=False)
    chat.open()
    stage.rasa.status = 503
    chat.send("Fährt der KRuser noch?")
    expect(chat.button("Nachricht ändern")).to_be_visible()
    stage.rasa.status = 200
    chat.button("Nachricht ändern").click()
    expect(chat.element.locator(".own")).to_have_count(0)
    expect(chat.field).to_be_focused()
    expect(chat.field).to_have_value("Fährt der KRuser noch?")
    chat.say("Fährt der KRuiser noch?")
    expect(chat.element.locator(".own")).to_have_count(1)


def test_a_turn_that_breaks_off_keeps_what_came(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", quiet=False)
    chat.open()
    stage.rasa.done = False
    stage.rasa.messages = [answer("Das kam noch an.")]
    chat.send("Hallo")
    expect(chat.button(RETRY)).to_be_visible()
    expect(chat.answers.last).to_contain_text("Das kam noch an.")


def test_a_greeting_that_fails_can_be_tried_again(open_page: Open, stage: Stage) -> None:
    stage.rasa.status = 503
    chat = open_page("/", quiet=False)
    chat.launcher.click()
    expect(chat.button(RETRY)).to_be_visible()
    expect(chat.button("Nachricht ändern")).to_have_count(0)
    assert chat.stored() == []
    stage.rasa.status = 200
    chat.button(RETRY).click()
    chat.expect_answers(1)
    expect(chat.element.locator(".failure")).to_have_count(0)


def test_a_question_after_a_failed_greeting_brings_both(open_page: Open, stage: Stage) -> None:
    stage.rasa.status = 503
    chat = open_page("/", quiet=False)
    chat.launcher.click()
    expect(chat.button(RETRY)).to_be_visible()
    stage.rasa.status = 200
    stage.rasa.messages = [answer("Guten Tag.", id=None)]
    chat.send("Hallo")
    chat.expect_answers(2)
    expect(chat.button(RETRY)).to_have_count(0)  # it would try nothing


def test_an_unexpected_answer_gives_a_sentence_and_not_a_program_s_words(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", quiet=False)
    chat.open()
    for body, status in [("<html>", 502), ("[]", 200), ("{}", 500), ('{"messages": 5}', 200), ("null", 500)]:
        fulfil = partial(_fulfil, status=status, body=body)
        chat.page.route("**/chat/messages", lambda route, *, fulfil=fulfil: fulfil(route))
        chat.send(f"Frage mit {body}")
        failure = chat.element.locator(".failure").last
        expect(failure).to_be_visible()
        expect(chat.element.locator(".typing")).to_be_hidden()
        assert "Bitte" in failure.inner_text(), body
        chat.page.unroute("**/chat/messages")
    chat.say("Und jetzt?")


# -- the net


def test_a_connection_cut_in_an_answer_is_taken_up_again(open_page: Open, stage: Stage, other: Other) -> None:
    chat = open_page("/", init=LISTEN, quiet=False)
    with Wire(other(LIMITS="off")) as wire:
        _led_to(chat, stage, wire.address)
        chat.open()
        stage.rasa.pause = 0.8
        stage.rasa.messages = [answer("Erstens."), answer("Zweitens.")]
        chat.send("Zwei Dinge")
        expect(chat.answers).to_have_count(2)
        wire.cut()
        expect(chat.button(RETRY)).to_be_visible()
        expect(chat.element.locator(".failure")).to_contain_text("Bitte prüfen Sie Ihre Internetverbindung")
        chat.button(RETRY).click()
        expect(chat.answers.locator(".bubble")).to_contain_text(["Guten Tag!", "Erstens.", "Zweitens."])
        expect(chat.element.locator(".typing")).to_be_hidden()
    expect(chat.entries).to_have_count(4)
    assert _texts(stage) == ["Zwei Dinge"]
    assert chat.told("messages")[1:] == ["Assistent: Erstens.", "Assistent: Zweitens."]


def test_a_message_that_never_arrived_is_sent_once_more(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", quiet=False)
    chat.open()
    chat.page.route("**/chat/messages", lambda route: route.abort())
    chat.send("Hallo")
    expect(chat.button(RETRY)).to_be_visible()
    chat.page.unroute("**/chat/messages")
    chat.button(RETRY).click()
    chat.expect_answers(2)
    assert _texts(stage) == ["Hallo"]


def test_an_answer_that_was_lost_on_its_way_is_the_same_again(open_page: Open, stage: Stage) -> None:
    """Rasa saw the message; the citizen saw nothing of the answer."""
    chat = open_page("/", quiet=False)
    chat.open()

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    chat.page.route("**/chat/messages", lose)
    stage.rasa.messages = [answer("Die eine Antwort.")]
    chat.send("Hallo")
    expect(chat.button(RETRY)).to_be_visible()
    chat.page.unroute("**/chat/messages")
    stage.rasa.messages = [answer("Eine andere Antwort.")]
    chat.button(RETRY).click()
    expect(chat.answers.last).to_contain_text("Die eine Antwort.")
    expect(chat.entries).to_have_count(3)
    assert _texts(stage) == ["Hallo"]


def test_offline_is_shown_and_the_message_waits(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", quiet=False)
    chat.open()
    trouble = chat.element.locator(".trouble")
    expect(trouble).to_be_hidden()
    chat.page.context.set_offline(True)
    expect(trouble).to_have_text("Keine Internetverbindung. Ihre Nachricht bleibt hier stehen.")
    chat.field.fill("Entwurf")
    chat.page.context.set_offline(False)
    expect(trouble).to_be_hidden()
    expect(chat.field).to_have_value("Entwurf")
    chat.page.context.set_offline(True)
    chat.field.press("Enter")
    expect(chat.element.locator(".own .bubble")).to_have_text("Entwurf")
    expect(chat.button(RETRY)).to_be_visible()
    expect(trouble).to_be_visible()
    chat.page.context.set_offline(False)
    chat.button(RETRY).click()
    chat.expect_answers(2)
    assert _texts(stage) == ["Entwurf"]


def test_without_events_the_same_is_shown(open_page: Open, stage: Stage) -> None:
    """As behind a proxy that stops server-sent events."""
    stage.rasa.messages = [ANSWER, NOTICE]
    shown = []
    for plain in (False, True):
        chat = open_page("/", reduced_motion="reduce")
        chat.open()
        if plain:
            chat.page.route(
                "**/chat/messages",
                lambda route: route.continue_(headers={**route.request.headers, "accept": "application/json"}),
            )
        with chat.page.expect_response("**/chat/messages") as response:
            chat.send("Hallo")
        kind = response.value.headers["content-type"]
        assert kind.startswith("application/json" if plain else "text/event-stream")
        expect(chat.element.locator(".notice")).to_have_count(2)
        expect(chat.element.locator(".typing")).to_be_hidden()
        shown.append(
            chat.element.locator(".list > li .bubble").evaluate_all("(all) => all.map((one) => one.outerHTML)")
        )
    assert shown[0] == shown[1]


def test_replies_are_shown_as_they_come(open_page: Open, stage: Stage) -> None:
    chat = open_page("/")
    chat.open()
    stage.rasa.pause = 1
    stage.rasa.messages = [answer("Erstens."), answer("Zweitens.")]
    chat.send("Zwei Dinge")
    expect(chat.answers).to_have_count(2)
    expect(chat.element.locator(".typing")).to_be_visible()
    assert stage.rasa.finished == 1, "the greeting; this one is under way"
    chat.expect_answers(3)
    expect(chat.element.locator(".typing")).to_be_hidden()


# -- what is written


def test_what_is_too_long_is_not_sent_and_not_lost(open_page: Open, stage: Stage) -> None:
    chat = open_page("/")
    chat.open()
    text = "ä😀" * 501
    chat.field.fill(text)
    chat.field.press("Enter")
    chat.button("Senden").click()
    expect(chat.element.locator("#count")).to_have_text("2 Zeichen zu viel. Bitte kürzen Sie Ihre Nachricht.")
    expect(chat.field).to_have_value(text)
    expect(chat.entries).to_have_count(1)
    assert _texts(stage) == []
    chat.say(text[:-2])  # counted as the server counts: signs, not code units
    assert _texts(stage) == [text[:-2]]


def test_nothing_is_not_sent(open_page: Open, stage: Stage) -> None:
    chat = open_page("/")
    chat.open()
    for text in ("", "   ", "\n\n"):
        chat.send(text)
        chat.button("Senden").click()
    expect(chat.entries).to_have_count(1)
    assert _texts(stage) == []


def test_what_is_typed_while_an_answer_is_under_way_is_not_lost(open_page: Open, stage: Stage) -> None:
    chat = open_page("/")
    chat.open()
    with Held(chat):
        chat.send("Erste Frage")
        chat.field.fill("Zweite Frage")
        chat.field.press("Enter")
        expect(chat.field).to_have_value("Zweite Frage")
    chat.expect_answers(2)
    expect(chat.field).to_have_value("Zweite Frage")
    chat.field.press("Enter")
    expect(chat.entries).to_have_count(5)
    assert _texts(stage) == ["Erste Frage", "Zweite Frage"]


# -- limits and outages


def test_too_many_messages_are_told_with_the_seconds_to_wait(open_page: Open, stage: Stage, other: Other) -> None:
    chat = open_page("/", quiet=False)
    _led_to(chat, stage, other(MESSAGES_PER_MINUTE="1"))
    chat.open()
    chat.say("Erste Frage")
    chat.send("Zweite Frage")
    failure = chat.element.locator(".failure")
    expect(failure).to_contain_text("Das waren viele Nachrichten in kurzer Zeit. Bitte warten Sie")
    seconds = int("".join(sign for sign in failure.locator("p").inner_text() if sign.isdigit()))
    assert 50 <= seconds <= 60
    expect(chat.button(RETRY)).to_be_visible()
    chat.button("English").click()
    chat.button("Leichte Sprache").click()
    expect(chat.element.locator(".failure")).to_contain_text(str(seconds))


def test_a_conversation_whose_gateway_is_gone_says_so(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", quiet=False)
    chat.open()
    _led_to(chat, stage, f"http://127.0.0.1:{free_port()}")
    chat.send("Hallo")
    expect(chat.element.locator(".failure")).to_contain_text("Der Assistent ist gerade nicht erreichbar.")


# -- whether it shows up at all


def test_switched_off_there_is_no_chat(open_page: Open, stage: Stage) -> None:
    stage.switch.turn_off()
    chat = open_page("/")
    expect(chat.page.locator("#ask")).to_be_visible()
    chat.page.wait_for_load_state("networkidle")
    expect(chat.launcher).to_be_hidden()
    expect(chat.element).not_to_have_attribute("ready", "")
    chat.page.locator("#ask").click()
    expect(chat.panel).to_be_hidden()
    assert stage.rasa.received == []
    stage.switch.turn_on()
    chat.page.reload()
    expect(chat.launcher).to_be_visible()


def test_switched_off_in_a_conversation_the_sentence_says_so(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", quiet=False)
    chat.open()
    stage.switch.turn_off()
    chat.send("Hallo")
    expect(chat.element.locator(".failure")).to_contain_text("Der Assistent ist im Moment ausgeschaltet.")


def test_without_a_gateway_there_is_no_chat_without_a_conversation(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", quiet=False)
    expect(chat.launcher).to_be_visible()
    chat.page.route("**/chat/**", lambda route: route.abort())
    chat.page.reload()
    chat.page.wait_for_load_state("networkidle")
    expect(chat.launcher).to_be_hidden()
    # Back with the net, without a reload.
    chat.page.unroute("**/chat/**")
    chat.page.context.set_offline(True)
    chat.page.context.set_offline(False)
    expect(chat.launcher).to_be_visible()
    chat.open()
    chat.say("Hallo")
    chat.page.route("**/chat/**", lambda route: route.abort())
    chat.page.reload()
    expect(chat.launcher).to_be_visible()
    chat.open()
    chat.expect_answers(2)


def test_the_page_is_told_of_failures_by_their_code(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", quiet=False)
    chat.page.evaluate(
        "() => { globalThis.heard = [];"
        " document.addEventListener('smartcity-chat:error', ({ detail }) => heard.push(detail)); }"
    )
    chat.open()
    stage.rasa.status = 503
    chat.send("Geheim")
    expect(chat.button(RETRY)).to_be_visible()
    stage.rasa.rate_status = 503
    stage.rasa.status = 200
    chat.say("Hallo")
    chat.button("Hilfreich").last.click()
    expect(chat.element.locator(".trouble")).to_be_visible()
    heard = chat.page.evaluate("heard")
    assert heard == [{"code": "unavailable"}, {"code": "unavailable"}]
    assert "Geheim" not in json.dumps(heard)
