"""`smartcity channels check`: what is on, what the platforms say, what is missing."""

from __future__ import annotations

import time

import pytest

from ...ports import free_port
from .conftest import MATRIX_SETTINGS, SETTINGS
from .platforms import Platforms
from .posts import TELEGRAM_SECRET

ALL = {**SETTINGS, **MATRIX_SETTINGS}


def test_nothing_is_on(check) -> None:  # type: ignore[no-untyped-def]
    code, told = check()
    assert code == 0
    assert told.count(": off; ") == 6
    assert "telegram: off; SMARTCITY_TELEGRAM_TOKEN is empty\n" in told


def test_all_are_on(check, platforms: Platforms) -> None:  # type: ignore[no-untyped-def]
    code, told = check("--set", **ALL)
    assert code == 0, told
    for line in (
        "telegram: ok: the bot is @KrefeldBot",
        "telegram: ok: the webhook is https://chat.example.org/channels/telegram",
        "whatsapp: ok: the number is Stadt Krefeld, +49 2151 0",
        "messenger: ok: the page is Krefeld",
        "messenger: ok: the page's messages go to the app, and its start button is set",
        "twilio: ok: the account 'Krefeld' is active",
        "slack: ok: the app is @krefeld in Stadt",
        "matrix: ok: the account is @krefeld:example.org",
        "https://chat.example.org/channels/slack as Request URL",
    ):
        assert line in told
    assert platforms.webhook == {
        "url": "https://chat.example.org/channels/telegram",
        "secret_token": TELEGRAM_SECRET,
        "allowed_updates": ["message", "edited_message", "callback_query"],
    }
    assert platforms.page == {
        "subscribed_apps": {"subscribed_fields": "messages,messaging_postbacks,message_edits"},
        "messenger_profile": {"get_started": {"payload": "GET_STARTED"}},
    }
    for name, value in ALL.items():
        assert not name.endswith(("TOKEN", "SECRET")) or value not in told
    assert TELEGRAM_SECRET not in told


def test_a_webhook_that_is_not_set(check, platforms: Platforms) -> None:  # type: ignore[no-untyped-def]
    code, told = check(**SETTINGS)
    assert code == 1
    assert (
        "telegram: WRONG: no webhook is set; 'smartcity channels check --set' makes it "
        "https://chat.example.org/channels/telegram"
    ) in told
    assert platforms.webhook == {}


def test_what_is_missing(check) -> None:  # type: ignore[no-untyped-def]
    code, told = check(SLACK_TOKEN="xoxb", PUBLIC_URL="https://a.de")
    assert code == 1
    assert (
        "slack: WRONG: SMARTCITY_SLACK_SIGNING_SECRET is missing. Slack: secret that signs what Slack sends.\n" in told
    )


def test_what_is_set_in_vain(check) -> None:  # type: ignore[no-untyped-def]
    code, told = check(MATRIX_TOKEN="abc", META_APP_SECRET="x", PUBLIC_URL="https://a.de")
    assert code == 1
    assert "matrix: WRONG: off, since SMARTCITY_MATRIX_HOMESERVER is empty; but SMARTCITY_MATRIX_TOKEN is set" in told
    assert "whatsapp: off; SMARTCITY_WHATSAPP_TOKEN is empty" in told


def test_a_call_of_telegrams_that_failed(check, platforms: Platforms) -> None:  # type: ignore[no-untyped-def]
    platforms.webhook = {"url": "https://chat.example.org/channels/telegram"}
    platforms.failure = {"last_error_message": "Wrong response: 403", "last_error_date": int(time.time()) - 60}
    code, told = check(**SETTINGS)
    assert code == 1
    assert "telegram: WRONG: a call of Telegram's failed within the hour: Wrong response: 403" in told
    platforms.failure["last_error_date"] -= 7200
    assert check(**SETTINGS)[0] == 0


@pytest.mark.parametrize(
    "name",
    [
        "TELEGRAM_TOKEN",
        "WHATSAPP_TOKEN",
        "MESSENGER_TOKEN",
        "SLACK_TOKEN",
        "MATRIX_TOKEN",
        "TWILIO_TOKEN",
        "WHATSAPP_PHONE_ID",
    ],
)
def test_a_wrong_token(check, name: str) -> None:  # type: ignore[no-untyped-def]
    code, told = check("--set", **{**ALL, name: "1:wrong" if name.endswith("TOKEN") else "wrong"})
    assert code == 1
    assert told.count("is the token right?") + told.count("is the id right") == 1
    assert "wrong" not in told


def test_a_platform_that_cannot_be_reached(check) -> None:  # type: ignore[no-untyped-def]
    code, told = check(**{**SETTINGS, "PLATFORM_BASE": f"http://127.0.0.1:{free_port()}"})
    assert code == 1
    assert told.count("127.0.0.1 cannot be reached from this machine (ConnectError)") == 5


def test_an_address_without_tls(check) -> None:  # type: ignore[no-untyped-def]
    code, told = check("--set", **{**SETTINGS, "PUBLIC_URL": "http://a.de"})
    assert code == 1
    assert "Telegram calls https addresses only" in told and "Meta calls https addresses only" in told
