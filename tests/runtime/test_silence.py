"""Nothing is reported to outside, whatever the environment says."""

from __future__ import annotations

import pytest
from rasa import telemetry

from smartcity.runtime.silence import be_silent


def test_telemetry_stays_off_when_the_environment_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RASA_TELEMETRY_ENABLED", "true")
    monkeypatch.setenv("RASA_TELEMETRY_WRITE_KEY", "k")
    monkeypatch.setenv("RASA_EXCEPTION_WRITE_KEY", "k")
    assert telemetry.is_telemetry_enabled() is False
    assert telemetry.initialize_telemetry() is False
    assert telemetry.sentry_write_key() is None
    assert telemetry.initialize_error_reporting() is None


def test_the_environment_of_child_processes_says_so_too(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setenv("RASA_TELEMETRY_ENABLED", "true")
    be_silent()
    assert os.environ["RASA_TELEMETRY_ENABLED"] == "false"
