"""Facebook Messenger: quick replies, postbacks, echoes, edits."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from ..standin import StandIn
from ..steps import error_of
from .platforms import Platforms
from .posts import fresh, messenger, meta

Wait = Callable[[int], list[str]]


def _text(text: str, **more: object) -> dict[str, object]:
    return messenger(message={"mid": f"m{fresh()}", "text": text, **more})


def test_a_question_and_a_quick_reply(client: httpx.Client, rasa: StandIn, platforms: Platforms, wait: Wait) -> None:
    assert meta(client, "messenger", _text("Hallo")).status_code == 200
    wait(2)
    ((title, payload),) = platforms.sent[1].buttons
    assert title == "Was kostet das?"
    assert platforms.sent[1].body["messaging_type"] == "RESPONSE"
    meta(client, "messenger", _text(title, quick_reply={"payload": payload}))
    wait(3)
    assert rasa.received[1]["payload"] == '/ask_cost{"initiative": "kruiser"}'
    assert rasa.received[1]["channel"] == "messenger"


def test_short_links_are_buttons_of_a_template(
    client: httpx.Client, rasa: StandIn, platforms: Platforms, wait: Wait
) -> None:
    link = {"title": "Stadt Krefeld", "url": "https://www.krefeld.de"}
    rasa.messages = [
        {"text": "Satz. " * 150, "links": [link], "buttons": [{"title": "Was kostet das?", "payload": "/t"}]},
        {"text": "Zu lang.", "links": [{**link, "title": "Ein Titel von mehr als zwanzig Zeichen"}]},
        {"text": "Kein Netz.", "links": [link, {"title": "Anruf", "url": "tel:+4921510"}]},
    ]
    meta(client, "messenger", _text("Hallo"))
    _, before, beside, too_long, telephone = wait(5)
    template = platforms.sent[2].body["message"]["attachment"]["payload"]
    assert template["buttons"] == [{"type": "web_url", **link}]
    assert len(before) > 200 and 0 < len(beside) <= 640 and "krefeld.de" not in before + beside
    assert [title for title, _ in platforms.sent[2].buttons] == ["Was kostet das?"]
    assert too_long.endswith("zwanzig Zeichen: https://www.krefeld.de") and "+4921510" in telephone
    assert not platforms.refused


def test_long_or_many_choices_are_numbered_too(
    client: httpx.Client, rasa: StandIn, platforms: Platforms, wait: Wait
) -> None:
    titles = ["Was der KRuiser gekostet hat", *(f"Thema {n}" for n in range(14))]
    rasa.messages = [{"text": "Was?", "buttons": [{"title": t, "payload": f"/t_{n}"} for n, t in enumerate(titles)]}]
    meta(client, "messenger", _text("Hallo"))
    text = wait(2)[1]
    assert "1. Was der KRuiser gekostet hat\n2. Thema 0" in text and text.endswith("15. Thema 13")
    assert platforms.sent[1].buttons[0][0] == "1. Was der KRuiser…"
    assert not platforms.refused
    meta(client, "messenger", _text("15"))
    wait(3)
    assert rasa.received[1]["payload"] == "/t_14"


def test_the_start_button_edits_and_echoes(
    client: httpx.Client, rasa: StandIn, platforms: Platforms, wait: Wait
) -> None:
    meta(client, "messenger", _text("Ich bin es selbst", is_echo=True))
    meta(client, "messenger", messenger(read={"watermark": 1}))
    meta(client, "messenger", messenger(postback={"mid": "m1", "payload": "GET_STARTED", "title": "Los"}))
    assert "„stop“" in wait(1)[0]
    meta(client, "messenger", messenger(message_edit={"mid": "m2", "text": "Neu gesagt", "num_edit": 1}))
    assert wait(2)[1].startswith("Zu Ihrer geänderten Nachricht:")
    meta(client, "messenger", messenger(message={"mid": "m3", "attachments": [{"type": "image"}]}))
    assert wait(3)[2].startswith("Ich kann nur Text lesen")
    assert [said.get("text") or said["payload"] for said in rasa.received] == ["/greet", "Neu gesagt"]


def test_a_forged_body(client: httpx.Client, rasa: StandIn) -> None:
    error_of(meta(client, "messenger", _text("Hallo"), "wrong"), 403, "bad_signature")
    assert not rasa.received
