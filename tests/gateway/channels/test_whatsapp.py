"""WhatsApp: Meta's signature and handshake, buttons and lists, the 24-hour window."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from ..standin import StandIn
from ..steps import error_of
from .conftest import letters, until
from .platforms import APP_SECRET, VERIFY_TOKEN, Platforms
from .posts import PHONE, meta, whatsapp, whatsapp_message

Wait = Callable[[int], list[str]]


def _buttons(*titles: str) -> list[dict[str, str]]:
    return [{"title": title, "payload": f"/theme_{number}"} for number, title in enumerate(titles)]


def _say(client: httpx.Client, text: str, **more: object) -> None:
    assert meta(client, "whatsapp", whatsapp(whatsapp_message(text, **more))).status_code == 200


def test_the_handshake(client: httpx.Client) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "1158201444"}
    answer = client.get("/channels/whatsapp", params=asked)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    assert answer.headers["content-type"].startswith("text/plain")
    for wrong in ({"hub.verify_token": "x"}, {"hub.mode": "x"}):
        error_of(client.get("/channels/whatsapp", params=asked | wrong), 403, "bad_signature")
    error_of(client.get("/channels/messenger"), 403, "bad_signature")


@pytest.mark.parametrize("secret, tamper", [(None, b""), ("wrong", b""), (APP_SECRET, b" "), (APP_SECRET.upper(), b"")])
def test_a_forged_or_changed_body_reaches_nobody(
    client: httpx.Client, rasa: StandIn, platforms: Platforms, secret: str | None, tamper: bytes
) -> None:
    error_of(meta(client, "whatsapp", whatsapp(whatsapp_message("Hallo")), secret, tamper), 403, "bad_signature")
    _say(client, "Hallo", person="49151999")
    until(lambda: len(platforms.sent) == 2)
    assert [len(rasa.received), platforms.texts(PHONE)] == [1, []]


def test_three_short_choices_are_buttons(client: httpx.Client, rasa: StandIn, platforms: Platforms, wait: Wait) -> None:
    rasa.messages = [{"text": "Was möchten Sie wissen?", "buttons": _buttons("Ja", "Nein", "Mehr")}]
    _say(client, "Hallo")
    wait(2)
    shown = platforms.sent[1].body["interactive"]
    assert shown["type"] == "button"
    pressed = {"type": "button_reply", "button_reply": {"id": platforms.sent[1].buttons[2][1], "title": "Mehr"}}
    message = whatsapp_message(type="interactive", interactive=pressed)
    meta(client, "whatsapp", whatsapp(message))
    wait(3)
    assert rasa.received[1]["payload"] == "/theme_2"
    assert rasa.received[1]["sender"] == rasa.received[0]["sender"]


@pytest.mark.parametrize("titles", [["Eins", "Zwei", "Drei", "Vier"], ["Mitmachen und selbst nutzen, heute noch"]])
def test_more_or_longer_choices_are_a_list(
    client: httpx.Client, rasa: StandIn, platforms: Platforms, wait: Wait, titles: list[str]
) -> None:
    rasa.messages = [{"text": "Was?", "buttons": _buttons(*titles)}]
    _say(client, "Hallo")
    wait(2)
    shown = platforms.sent[1].body["interactive"]
    assert shown["type"] == "list"
    rows = shown["action"]["sections"][0]["rows"]
    assert [row.get("description", row["title"]) for row in rows] == titles
    pressed = {"type": "list_reply", "list_reply": {"id": rows[0]["id"], "title": rows[0]["title"]}}
    meta(client, "whatsapp", whatsapp(whatsapp_message(type="interactive", interactive=pressed)))
    wait(3)
    assert rasa.received[1]["payload"] == "/theme_0"


def test_more_than_ten_choices_are_numbers(
    client: httpx.Client, rasa: StandIn, platforms: Platforms, wait: Wait
) -> None:
    rasa.messages = [{"text": "Was?", "buttons": _buttons(*(f"Thema {n}" for n in range(12)))}]
    _say(client, "Hallo")
    assert wait(2)[1].endswith("12. Thema 11")
    _say(client, "12.")
    wait(3)
    assert rasa.received[1]["payload"] == "/theme_11"


def test_a_long_text_goes_before_its_choices(
    client: httpx.Client, rasa: StandIn, platforms: Platforms, wait: Wait
) -> None:
    text = "Das ist ein Satz mit *Stern*. " * 200
    rasa.messages = [{"text": text, "buttons": _buttons("Ja")}]
    _say(client, "Hallo")
    until(lambda: platforms.sent and platforms.sent[-1].buttons)
    assert not platforms.refused
    assert " ".join(platforms.texts()[1:]).split() == text.replace("*", "∗").split()
    assert all(part.endswith(".") for part in platforms.texts())


@pytest.mark.parametrize(
    "kind", ["image", "audio", "sticker", "location", "contacts", "video", "document", "unsupported"]
)
def test_what_is_no_text_is_said_kindly(client: httpx.Client, rasa: StandIn, wait: Wait, kind: str) -> None:
    meta(client, "whatsapp", whatsapp(whatsapp_message(type=kind, **{kind: {"id": "1"}})))
    assert wait(2)[1].startswith("Ich kann nur Text lesen")
    assert not rasa.received


def test_states_reactions_and_other_numbers_are_not_answered(
    client: httpx.Client, rasa: StandIn, platforms: Platforms, wait: Wait
) -> None:
    meta(client, "whatsapp", whatsapp(statuses=[{"id": "wamid.1", "status": "read", "recipient_id": PHONE}]))
    meta(client, "whatsapp", whatsapp(whatsapp_message(type="reaction", reaction={"emoji": "x"})))
    meta(client, "whatsapp", whatsapp(whatsapp_message("Hallo"), phone="999"))
    meta(client, "whatsapp", {"object": "page", "entry": [{"id": "1"}]})
    meta(client, "whatsapp", {"object": "whatsapp_business_account", "entry": 3})
    meta(client, "whatsapp", whatsapp({"id": "wamid.broken"}, whatsapp_message("Ist jemand da?")))
    wait(2)
    assert [said["text"] for said in rasa.received] == ["Ist jemand da?"]


def test_one_request_may_bring_many_messages_and_bring_them_again(
    client: httpx.Client, rasa: StandIn, platforms: Platforms, wait: Wait
) -> None:
    body = whatsapp(*(whatsapp_message(f"Frage {n}", person=f"49151{n}") for n in range(5)))
    for _ in range(3):
        assert meta(client, "whatsapp", body).status_code == 200
    wait(10)
    _say(client, "Hallo", person="49152")
    wait(12)
    assert len(rasa.received) == 6
    assert len(platforms.sent) == 12


def test_nothing_is_sent_when_the_window_is_closed(
    client: httpx.Client, rasa: StandIn, platforms: Platforms, tmp_path: Path
) -> None:
    _say(client, "Hallo", at=time.time() - 25 * 3600)
    until(lambda: len(letters(tmp_path)) == 2)
    assert {letter.reason for letter in letters(tmp_path)} == {"window closed"}
    assert platforms.sent == [] and platforms.tries == 0


def test_a_message_too_old_to_be_known_again_is_not_taken(
    client: httpx.Client, rasa: StandIn, platforms: Platforms, wait: Wait
) -> None:
    _say(client, "Hallo", at=time.time() - 9 * 24 * 3600)
    _say(client, "Neu", person="49152")
    wait(2)
    assert [said["text"] for said in rasa.received] == ["Neu"]


@pytest.mark.parametrize(
    "status, code, reason",
    [(400, 131047, "window closed"), (400, 131026, "131026"), (400, 100, "100"), (401, 190, "190"), (403, None, "403")],
)
def test_metas_refusals_are_final(
    client: httpx.Client, platforms: Platforms, tmp_path: Path, status: int, code: int | None, reason: str
) -> None:
    error = {"error": {"code": code, "message": f"not for {PHONE}"}} if code else {}
    platforms.answers = [(status, {}, error)] * 2
    _say(client, "Hallo")
    until(lambda: len(letters(tmp_path)) == 2)
    assert {letter.reason for letter in letters(tmp_path)} == {reason}
    assert platforms.tries <= 2


def test_what_passes_is_tried_again(client: httpx.Client, platforms: Platforms, wait: Wait) -> None:
    platforms.answers = [(400, {}, {"error": {"code": 131056}}), (500, {}, {"error": {"code": 131000}})]
    _say(client, "Hallo")
    assert len(wait(2)) == 2


def test_a_failure_told_later_becomes_a_dead_letter(client: httpx.Client, platforms: Platforms, tmp_path: Path) -> None:
    failed = {"id": "wamid.1", "status": "failed", "recipient_id": PHONE, "errors": [{"code": 131026, "title": "x"}]}
    meta(client, "whatsapp", whatsapp(statuses=[failed]))
    until(lambda: letters(tmp_path))
    (letter,) = letters(tmp_path)
    assert (letter.channel, letter.reason, letter.content) == ("whatsapp", "131026", None)
    assert platforms.sent == []
