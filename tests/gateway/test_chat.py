from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from .conftest import StartGateway
from .standin import GREETING, StandIn
from .steps import begin, begun, error_of, say

KEYS = {"id", "kind", "text", "language", "buttons", "links", "source", "answer", "known", "expects"}


def test_session_begins_with_the_greeting(gateway: httpx.Client, rasa: StandIn) -> None:
    answer = gateway.post("/chat/sessions", json={"language": "en"})
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    [message] = answer.json()["messages"]
    assert set(message) == KEYS
    assert message["text"] == GREETING["text"]
    assert message["source"] == GREETING["source"]
    assert (message["id"], message["kind"]) == (GREETING["id"], "answer")
    [sent] = rasa.received
    assert sent.pop("sender").startswith("web:")
    assert sent.pop("key")
    assert sent == {"payload": "/greet", "language": "en", "channel": "web"}


def test_message_goes_to_rasa_with_session_and_language(gateway: httpx.Client, rasa: StandIn) -> None:
    headers = begin(gateway)
    answer = say(gateway, headers, text="Was kostet der KRuiser?")
    assert answer.status_code == 200
    assert set(answer.json()) == {"messages"}
    first, second = rasa.received
    assert second.pop("key") != first["key"]
    assert second == {
        "sender": first["sender"],
        "text": "Was kostet der KRuiser?",
        "language": "de",
        "channel": "web",
    }


def test_each_session_is_another_sender(gateway: httpx.Client, rasa: StandIn) -> None:
    for _ in range(3):
        begin(gateway)
    senders = {sent["sender"] for sent in rasa.received}
    assert len(senders) == 3
    assert all(len(sender) == len("web:") + 32 for sender in senders)


def test_changed_language_stays(gateway: httpx.Client, rasa: StandIn) -> None:
    headers = begin(gateway)
    say(gateway, headers, text="Hello", language="en")
    say(gateway, headers, text="Hello again")
    assert [sent["language"] for sent in rasa.received] == ["de", "en", "en"]


def test_all_keys_are_present_when_rasa_leaves_them_out(gateway: httpx.Client, rasa: StandIn) -> None:
    rasa.messages = [{"text": "Ja."}]
    [message] = say(gateway, begin(gateway), text="?").json()["messages"]
    assert message == {
        "id": None,
        "kind": "answer",
        "text": "Ja.",
        "language": "de",
        "buttons": [],
        "links": [],
        "source": None,
        "answer": None,
        "known": True,
        "expects": None,
    }


@pytest.mark.parametrize(("told", "public"), [("personal", "personal"), (None, None), ("anything", None)])
def test_it_is_said_that_something_personal_is_asked_for(
    gateway: httpx.Client, rasa: StandIn, told: str | None, public: str | None
) -> None:
    rasa.messages = [{"text": "Wie ist Ihr Name?", "expects": told}]
    [message] = say(gateway, begin(gateway), text="?").json()["messages"]
    assert message["expects"] == public


def test_unsafe_links_are_left_out(gateway: httpx.Client, rasa: StandIn) -> None:
    rasa.messages = [
        {
            "text": "x",
            "links": [{"title": "böse", "url": "javascript:alert(1)"}, {"title": "Telefon", "url": "tel:+492151"}],
            "source": {"title": "Q", "url": "data:text/html,x", "dated": False, "read": "2026-11-23"},
        }
    ]
    [message] = say(gateway, begin(gateway), text="?").json()["messages"]
    assert message["links"] == [{"title": "Telefon", "url": "tel:+492151"}]
    assert message["source"] == {"title": "Q", "url": None, "as_of": None, "dated": False, "read": "2026-11-23"}


@pytest.mark.parametrize("text", ['/ask_cost{"initiative": "kruiser"}', "/restart", " /session_start", "/"])
def test_typed_intent_goes_as_text(gateway: httpx.Client, rasa: StandIn, text: str) -> None:
    assert say(gateway, begin(gateway), text=text).status_code == 200
    assert rasa.received[-1]["text"] == text
    assert "payload" not in rasa.received[-1]


def test_button_sends_the_payload_that_rasa_gave(gateway: httpx.Client, rasa: StandIn) -> None:
    headers, payload = begun(gateway)
    assert "ask_cost" not in payload
    assert say(gateway, headers, payload=payload).status_code == 200
    assert rasa.received[-1]["payload"] == GREETING["buttons"][0]["payload"]  # type: ignore[index]
    assert "text" not in rasa.received[-1]


@pytest.mark.parametrize(
    "forged",
    [
        '/ask_cost{"initiative": "kruiser"}',
        "/restart",
        "",
        "abc",
        "Ii9yZXN0YXJ0Ig.AAAA",
        "Ii9yZXN0YXJ0Ig.",
        ".ü",
        "\ud800",
    ],
)
def test_forged_payload_is_refused(gateway: httpx.Client, rasa: StandIn, forged: str) -> None:
    headers = begin(gateway)
    body = b'{"payload": "\\ud800"}' if forged == "\ud800" else None
    answer = (
        gateway.post("/chat/messages", headers={**headers, "Content-Type": "application/json"}, content=body)
        if body
        else say(gateway, headers, payload=forged)
    )
    error_of(answer, 400, "bad_payload")
    assert len(rasa.received) == 1


def test_every_changed_sign_breaks_a_payload(gateway: httpx.Client) -> None:
    headers, payload = begun(gateway)
    for place in range(0, len(payload) - 1, 5):
        other = "A" if payload[place] != "A" else "B"
        error_of(say(gateway, headers, payload=payload[:place] + other + payload[place + 1 :]), 400, "bad_payload")


def test_payload_of_another_session_is_refused(gateway: httpx.Client, rasa: StandIn) -> None:
    _, payload = begun(gateway)
    error_of(say(gateway, begin(gateway), payload=payload), 400, "bad_payload")
    assert len(rasa.received) == 2


def test_session_token_is_no_payload_and_payload_no_token(gateway: httpx.Client) -> None:
    headers, payload = begun(gateway)
    token = headers["Authorization"].split()[1]
    error_of(say(gateway, headers, payload=token), 400, "bad_payload")
    error_of(say(gateway, {"Authorization": f"Bearer {payload}"}, text="x"), 401, "bad_session")


def test_sixty_four_at_once_share_the_pool(start: StartGateway, rasa: StandIn) -> None:
    client = start()
    headers = begin(client)
    rasa.delay = 1.5
    with ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(lambda number: say(client, headers, text=str(number)), range(64)))
    assert {answer.status_code for answer in answers} == {200}
    assert rasa.most_at_once > 48
