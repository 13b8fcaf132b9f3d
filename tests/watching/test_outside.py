"""Reports to Sentry and traces: off unless set, refused with what to install, and nothing that somebody wrote."""

from __future__ import annotations

import importlib.util
import json

import pytest

from smartcity.settings import SettingError, read_settings
from smartcity.watching import outside, request_id
from smartcity.watching.reports import scrub

SECRET = "Erika Beispiel, 0176 5551234"
needs_none = pytest.mark.skipif(bool(importlib.util.find_spec("sentry_sdk")), reason="the extra is installed")


@needs_none
@pytest.mark.parametrize(
    ("name", "value"),
    [("SENTRY_DSN", "https://key@sentry.example.org/1"), ("OTEL_ENDPOINT", "http://127.0.0.1:4318")],
)
def test_what_is_missing_is_told_with_what_to_install(name: str, value: str) -> None:
    with pytest.raises(SettingError) as told:
        outside.start(read_settings({f"SMARTCITY_{name}": value}), "gateway")
    assert f"SMARTCITY_{name}" in str(told.value)
    assert ".venv/bin/pip install '.[watching]'" in str(told.value)
    assert "key@" not in str(told.value)


def test_nothing_set_needs_nothing() -> None:
    outside.start(read_settings({}), "gateway")


def _event() -> dict[str, object]:
    frame = {"filename": "actions/turn.py", "function": "read_turn", "lineno": 7, "vars": {"text": SECRET}}
    frame |= {"context_line": SECRET, "pre_context": [SECRET], "in_app": True}
    exception = {"type": "ValueError", "module": None, "value": SECRET, "stacktrace": {"frames": [frame]}}
    return {
        "event_id": "1", "level": "error", "exception": {"values": [exception]}, "message": SECRET,
        "logentry": {"message": "%s", "params": [SECRET]}, "extra": {"text": SECRET}, "user": {"id": SECRET},
        "request": {"data": SECRET, "headers": {"Authorization": SECRET}, "url": SECRET}, "contexts": {"a": SECRET},
        "breadcrumbs": {"values": [{"message": SECRET}]}, "transaction": SECRET, "something_new": SECRET,
        "server_name": "host",
    }  # fmt: skip


def test_only_what_failed_and_where_leaves() -> None:
    request_id.begin("0123abcd")
    left = scrub(dict(_event()))
    assert left is not None
    assert "Erika" not in json.dumps(left) and "5551234" not in json.dumps(left)
    [exception] = left["exception"]["values"]
    assert exception["type"] == "ValueError"
    assert exception["stacktrace"]["frames"][0]["lineno"] == 7
    assert left["tags"] == {"request": "0123abcd"}
    assert "server_name" not in left


def test_a_line_of_the_log_alone_does_not_leave() -> None:
    event = {key: value for key, value in _event().items() if key != "exception"}
    assert scrub(event) is None
