from __future__ import annotations

import base64
import json
import secrets
import time

import httpx
import pytest

from .conftest import StartGateway
from .standin import StandIn
from .steps import begin, error_of, say

KREFELD = "https://www.krefeld.de"


def _bearer(token: str) -> httpx.Headers:
    return httpx.Headers({"Authorization": f"Bearer {token}"}, encoding="latin-1")


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Basic YTpi", "abc"])
def test_missing_session_is_told(gateway: httpx.Client, rasa: StandIn, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = say(gateway, headers, text="Hallo")
    error_of(answer, 401, "no_session")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert not rasa.received


def test_guessed_and_forged_tokens_are_refused(gateway: httpx.Client, rasa: StandIn) -> None:
    held = json.dumps([secrets.token_hex(16), "", "de", time.time() + 1000]).encode()
    body = base64.urlsafe_b64encode(held).decode().rstrip("=")
    guessed = ["x", ".", "a.b.c", secrets.token_hex(16), body, f"{body}.", f"{body}.{secrets.token_urlsafe(32)}"]
    guessed += ["web:1", "A" * 5000, "null", "\xe4"]
    for token in guessed:
        error_of(say(gateway, _bearer(token), text="Hallo"), 401, "bad_session")
    assert not rasa.received


def test_every_changed_sign_breaks_a_token(gateway: httpx.Client) -> None:
    token = begin(gateway)["Authorization"].split()[1]
    for place in range(0, len(token) - 1, 7):
        other = "A" if token[place] != "A" else "B"
        changed = token[:place] + other + token[place + 1 :]
        error_of(say(gateway, _bearer(changed), text="Hallo"), 401, "bad_session")


def test_token_of_another_installation_is_refused(start: StartGateway, gateway: httpx.Client) -> None:
    other = start(SECRET="f" * 64, RASA_PORT="1")
    error_of(say(other, begin(gateway), text="Hallo"), 401, "bad_session")


def test_expired_token_is_refused(start: StartGateway) -> None:
    client = start(SESSION_HOURS="0.0001")
    headers = begin(client)
    assert say(client, headers, text="Hallo").status_code == 200
    time.sleep(0.4)
    error_of(say(client, headers, text="Hallo"), 401, "session_expired")


def test_token_is_bound_to_its_origin(gateway: httpx.Client) -> None:
    own = str(gateway.base_url)
    headers = begin(gateway, Origin=KREFELD)
    assert say(gateway, headers, text="Hallo").status_code == 200
    error_of(say(gateway, {**headers, "Origin": own}, text="Hallo"), 403, "foreign_session")
    del headers["Origin"]
    error_of(say(gateway, headers, text="Hallo"), 403, "foreign_session")
    error_of(say(gateway, {**begin(gateway), "Origin": KREFELD}, text="Hallo"), 403, "foreign_session")


def test_session_is_read_by_another_process_with_the_same_secret(start: StartGateway, rasa: StandIn) -> None:
    assert say(start(), begin(start()), text="Hallo").status_code == 200
    assert rasa.received[0]["sender"] == rasa.received[1]["sender"]
