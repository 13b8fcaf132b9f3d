"""Reports to Sentry and traces: off unless set, refused with what to install, and nothing that somebody wrote."""

from __future__ import annotations

import gzip
import importlib.metadata
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from smartcity.settings import read_settings
from smartcity.watching import outside, request_id
from smartcity.watching.reports import scrub

SECRET = "Erika Beispiel, 0176 5551234"


def _installed(package: str) -> bool:
    """Asked of the packages: to an import Rasa's stand-ins answer, too."""
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


@pytest.mark.skipif(_installed("sentry-sdk"), reason="the extra is installed")
@pytest.mark.parametrize(
    ("name", "value", "package"),
    [
        ("SENTRY_DSN", "https://key@sentry.example.org/1", "sentry-sdk"),
        ("OTEL_ENDPOINT", "http://127.0.0.1:4318", "opentelemetry-sdk"),
    ],
)
def test_what_is_missing_is_told_with_what_to_install(name: str, value: str, package: str) -> None:
    # In a process of its own: where another test has put Rasa's stand-ins in place, nothing is missing.
    start = "from smartcity.settings import read_settings; from smartcity.watching import outside; "
    start += "outside.start(read_settings(), 'gateway')"
    environ = {**os.environ, f"SMARTCITY_{name}": value}
    done = subprocess.run([sys.executable, "-c", start], env=environ, capture_output=True, text=True, timeout=60)
    told = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 1 and "SettingError" in told
    assert f"SMARTCITY_{name}" in told and f".venv/bin/pip install {package}" in told
    assert "key@" not in told


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


PROGRAM = """
import logging
from smartcity.gateway.errors import log_failure
from smartcity.settings import read_settings
from smartcity.watching import outside, reports, request_id, tracing
secret = "Erika Beispiel, 0176 5551234"
outside.start(read_settings(), "gateway")
request_id.begin("0123abcd")
with tracing.span("turn", channel="web") as note:
    note("outcome", "answered")
    sent = tracing.headers()
assert sent["traceparent"].startswith("00-"), sent
tracing.go_on(sent)
try:
    with tracing.span("broken"):
        raise ValueError(secret)
except ValueError as error:
    log_failure(error)
    logging.getLogger("rasa.core").exception("Failed on %s", secret)
logging.getLogger("rasa.core").error(secret)
reports._sdk.flush(5)
from opentelemetry import trace
trace.get_tracer_provider().force_flush(5000)
"""


@pytest.mark.skipif(not _installed("sentry-sdk"), reason="needs the extra 'watching'")
def test_the_real_services_get_what_they_need_and_nothing_of_a_person() -> None:
    bodies: list[tuple[str, bytes]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            bodies.append((self.path, gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"127.0.0.1:{server.server_port}"
        environ = {"SMARTCITY_SENTRY_DSN": f"http://key@{address}/1", "SMARTCITY_OTEL_ENDPOINT": f"http://{address}"}
        subprocess.run([sys.executable, "-c", PROGRAM], env={**os.environ, **environ}, check=True, timeout=60)
        server.shutdown()
    reports = b"".join(body for path, body in bodies if path.startswith("/api/1/envelope"))
    traces = b"".join(body for path, body in bodies if path == "/v1/traces")
    assert reports.count(b'"type":"ValueError"') == 2 and b"0123abcd" in reports
    assert b"turn" in traces and b"broken" in traces and b"answered" in traces and b"0123abcd" in traces
    for word in (b"Erika", b"5551234"):
        assert word not in reports and word not in traces
