"""Twilio: its signature over address and fields, numbered choices, TwiML."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable

import httpx
import pytest

from ..standin import StandIn
from ..steps import error_of
from .conftest import SETTINGS
from .platforms import TWILIO, Platforms
from .posts import PHONE, sms, twilio

Wait = Callable[[int], list[str]]


def test_numbers_press_choices(client: httpx.Client, rasa: StandIn, platforms: Platforms, wait: Wait) -> None:
    answer = twilio(client, sms("Hallo"))
    assert answer.text == '<?xml version="1.0" encoding="UTF-8"?><Response/>'
    assert answer.headers["content-type"].startswith("text/xml")
    text = wait(2)[1]
    assert text.endswith("Bitte antworten Sie mit einer Nummer:\n1. Was kostet das?")
    assert "Stadt Krefeld: https://www.krefeld.de" in text
    assert platforms.sent[1].body["From"] == "+4921510" and platforms.sent[1].to == f"+{PHONE}"
    twilio(client, sms(" (1) "))
    wait(3)
    assert rasa.received[1]["payload"] == '/ask_cost{"initiative": "kruiser"}'
    twilio(client, sms("2"))
    wait(4)
    assert rasa.received[2]["text"] == "2"


def test_a_number_counts_only_after_choices(
    client: httpx.Client, rasa: StandIn, platforms: Platforms, wait: Wait
) -> None:
    rasa.messages = [{"text": "eins", "buttons": [{"title": "A", "payload": "/a"}]}, {"text": "zwei"},
                     {"text": "drei", "buttons": [{"title": "B", "payload": "/b"}]}]  # fmt: skip
    twilio(client, sms("Hallo"))
    assert wait(4)[3].endswith("2. B")
    twilio(client, sms("", NumMedia="1"))
    assert wait(5)[4].startswith("Ich kann nur Text lesen")
    rasa.messages = [{"text": "gut"}]
    twilio(client, sms("2"))
    wait(6)
    twilio(client, sms("1"))
    wait(7)
    assert [said.get("payload") or said["text"] for said in rasa.received] == ["Hallo", "/b", "1"]


@pytest.mark.parametrize("token", [None, "wrong"])
def test_a_forged_form_reaches_nobody(client: httpx.Client, rasa: StandIn, token: str | None) -> None:
    error_of(twilio(client, sms("Hallo"), token), 403, "bad_signature")
    error_of(twilio(client, sms("Hallo"), address="https://other.example"), 403, "bad_signature")
    fields = sms("Hallo")
    good = twilio(client, fields).request.headers["x-twilio-signature"]
    changed = client.post("/channels/twilio", data=fields | {"Body": "Hallo!"}, headers={"X-Twilio-Signature": good})
    error_of(changed, 403, "bad_signature")
    error_of(
        client.post("/channels/twilio", content=b"\xff=1", headers={"X-Twilio-Signature": "x"}), 403, "bad_signature"
    )


def test_the_example_of_twilios_documentation() -> None:
    """https://www.twilio.com/docs/usage/security#validating-signatures-from-twilio"""
    from smartcity.gateway.channels.channel import Webhook
    from smartcity.gateway.channels.twilio import Twilio
    from smartcity.settings import read_settings

    settings = {f"SMARTCITY_{name}": value for name, value in SETTINGS.items()}
    channel = Twilio(read_settings({**settings, "SMARTCITY_TWILIO_TOKEN": "12345"}))
    body = b"CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212"
    headers = {"x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="}
    channel.verify(Webhook(body, headers, {}, "https://mycompany.com/myapp.php?foo=1&bar=2", 0))


def test_the_standard_port_may_be_signed(client: httpx.Client, rasa: StandIn, wait: Wait) -> None:
    fields = sms("Hallo")
    assert twilio(client, fields, address="https://chat.example.org:443").status_code == 200
    wait(2)
    assert len(rasa.received) == 1


def test_states_are_not_answered(client: httpx.Client, rasa: StandIn, wait: Wait) -> None:
    assert twilio(client, {"MessageSid": "SM1", "MessageStatus": "delivered", "From": "+1"}).status_code == 200
    twilio(client, sms("Hallo"))
    wait(2)
    assert len(rasa.received) == 1


def test_a_value_given_twice_is_signed_once() -> None:
    """As Twilio's own libraries do: values of a name sorted, each once."""
    from smartcity.gateway.channels.twilio import Twilio
    from smartcity.settings import read_settings

    channel = Twilio(read_settings({f"SMARTCITY_{name}": value for name, value in SETTINGS.items()}))
    signed = "https://a.de" + "MediaUrla" + "MediaUrlb"
    expected = base64.b64encode(hmac.new(TWILIO.encode(), signed.encode(), hashlib.sha1).digest()).decode()
    assert channel._signature("https://a.de", {"MediaUrl": ["b", "a", "b"]}) == expected
