"""Settings of the messengers."""

from __future__ import annotations

from pathlib import Path

import pytest

from smartcity.gateway.app import create_app
from smartcity.settings import SettingError, read_settings

from ..standin import SECRET


def test_a_half_set_platform_stops_the_start(tmp_path: Path) -> None:
    settings = {"SMARTCITY_VAR": str(tmp_path), "SMARTCITY_SECRET": SECRET, "SMARTCITY_WHATSAPP_TOKEN": "t"}
    with pytest.raises(SettingError) as refused:
        create_app(read_settings(settings))
    assert str(refused.value) == (
        "Whatsapp is switched on by SMARTCITY_WHATSAPP_TOKEN, but these settings are empty: "
        "SMARTCITY_WHATSAPP_PHONE_ID, SMARTCITY_META_APP_SECRET, SMARTCITY_META_VERIFY_TOKEN, SMARTCITY_PUBLIC_URL."
    )


@pytest.mark.parametrize(
    "name, value",
    [
        ("TELEGRAM_TOKEN", "1/../2:x"),
        ("SLACK_TOKEN", "xoxb geheim"),
        ("MATRIX_TOKEN", "gehéim"),
        ("WHATSAPP_PHONE_ID", "1/2"),
        ("PUBLIC_URL", "chat.example.org"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_and_no_secret_shown(name: str, value: str) -> None:
    with pytest.raises(SettingError) as refused:
        read_settings({f"SMARTCITY_{name}": value})
    assert str(refused.value).startswith(f"SMARTCITY_{name}: ")
    assert (value in str(refused.value)) == (not name.endswith("TOKEN"))


def test_a_space_around_a_token_is_no_part_of_it() -> None:
    assert read_settings({"SMARTCITY_SLACK_TOKEN": " xoxb-1 "}).slack_token == "xoxb-1"
