from __future__ import annotations

import unicodedata

import httpx
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from .standin import StandIn
from .steps import begin, say

JSON = {"Content-Type": "application/json"}


def _without_control(text: str) -> str:
    return "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign) != "Cc")


def _readable(text: str) -> bool:
    return any(not sign.isspace() and unicodedata.category(sign) != "Cf" for sign in text)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(min_size=1, max_size=60) | st.from_regex(r"\s*/[a-z_]+(\{.*\})?", fullmatch=True))
def test_any_text_arrives_unchanged_but_for_control_characters(gateway: httpx.Client, rasa: StandIn, text: str) -> None:
    expected = _without_control(text)
    assume(_readable(expected))
    if "headers" not in _SESSION:
        _SESSION.update(headers=begin(gateway))
    rasa.received.clear()
    assert say(gateway, _SESSION["headers"], text=text).status_code == 200
    assert [sent["text"] for sent in rasa.received] == [expected]
    assert "payload" not in rasa.received[0]


_SESSION: dict[str, dict[str, str]] = {}


def test_half_a_surrogate_pair_is_left_out(gateway: httpx.Client, rasa: StandIn) -> None:
    headers = {**begin(gateway), **JSON}
    body = b'{"text": "gr\\u00fc\\ud800n \\ud83d\\ude00 \\u0000\\u0007!"}'
    assert gateway.post("/chat/messages", headers=headers, content=body).status_code == 200
    assert rasa.received[-1]["text"] == "grün 😀 !"
