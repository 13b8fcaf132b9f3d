"""Requests that no client sends, to every route: refused with a sentence, never a fault of ours."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from smartcity.gateway.app import create_app
from smartcity.settings import read_settings

from .channels.conftest import SETTINGS
from .conftest import StartGateway
from .standin import SECRET, StandIn
from .steps import begin, say

quick = settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
_PARAMETER = re.compile(r"\{[^}]*\}")
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_KEYS = st.sampled_from(("text", "payload", "language", "message", "rating", "comment", "update_id", "entry", "event"))
_BODIES = (
    st.binary(max_size=200)
    | _VALUES.map(lambda value: json.dumps(value).encode())
    | st.dictionaries(_KEYS, _VALUES, max_size=4).map(lambda value: json.dumps(value).encode())
)
_HEADER = st.binary(max_size=60).map(lambda raw: bytes(sign for sign in raw if sign >= 32 and sign != 127).strip())
_HEADERS = st.dictionaries(
    st.sampled_from((
        "accept", "accept-language", "authorization", "content-type", "cookie", "idempotency-key", "if-none-match",
        "origin", "range", "x-forwarded-for", "x-forwarded-proto", "x-hub-signature-256", "x-request-id",
        "x-slack-signature", "x-slack-request-timestamp", "x-telegram-bot-api-secret-token", "x-twilio-signature",
    )),
    _HEADER,
    max_size=5,
)  # fmt: skip

_SEGMENTS = st.binary(min_size=1, max_size=20).map(lambda raw: "".join(f"%{byte:02x}" for byte in raw))
_SEGMENTS |= st.sampled_from(
    ("a", "..%2f..%2fetc%2fpasswd", "%00", "a" * 3000, "smartcity-chat.js", "manifest.json", "{id}")
)


@pytest.fixture
def open_to_all(start: StartGateway) -> httpx.Client:
    """A gateway with every messenger on."""
    return start(**SETTINGS, PLATFORM_BASE="http://127.0.0.1:9")


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    environ = {"SECRET": SECRET, "VAR": str(tmp_path_factory.mktemp("paths")), **SETTINGS}
    app = create_app(read_settings({f"SMARTCITY_{name}": value for name, value in environ.items()}))
    found = sorted({str(getattr(route, "path")) for route in app.routes})
    assert {"/chat/messages", "/api/v1/conversations", "/channels/slack", "/health"} <= set(found)
    return found


@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning")  # the gateway's thread draws, too
def test_any_request_to_any_route_is_refused_or_answered(
    open_to_all: httpx.Client, rasa: StandIn, paths: list[str]
) -> None:
    session = begin(open_to_all)["Authorization"]

    @quick
    @given(data=st.data())
    def call(data: Any) -> None:
        path = data.draw(st.sampled_from([*paths, "/", "//", "/../etc/passwd", "/%00", "/%ff/%2e%2e"]))
        path = _PARAMETER.sub(lambda _: data.draw(_SEGMENTS), path)
        headers = data.draw(_HEADERS)
        if data.draw(st.booleans()):
            headers = {**headers, "authorization": session.encode()}
        if data.draw(st.booleans()):
            headers = {**headers, "content-type": b"application/json"}
        query = data.draw(st.just("") | st.binary(max_size=20).map(lambda raw: "?" + "".join(f"%{b:02x}" for b in raw)))
        method = data.draw(st.sampled_from(METHODS))
        pairs = [(name.encode(), value) for name, value in headers.items()]
        answer = open_to_all.request(method, path + query, headers=pairs, content=data.draw(_BODIES))
        assert answer.status_code < 500, (method, path, query, headers, answer.text)

    call()
    assert say(open_to_all, begin(open_to_all), text="Was kostet das?").status_code == 200


RAW = (
    b"\x00" * 100,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xaa" * 50,  # TLS on a plain port
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"POST /chat/messages HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /chat/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    b"POST /chat/messages HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /chat/messages HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 5000 + b"\r\n",
    b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: \xff\xfe\r\nX: \x00\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "GET /ß HTTP/1.1\r\n\r\n".encode(),
)


def test_what_is_no_http_ends_nothing_but_its_connection(gateway: httpx.Client) -> None:
    port = gateway.base_url.port
    assert port
    for raw in RAW:
        answer = b"".join(_exchange(port, raw))
        assert not re.match(rb"HTTP/1\.1 5", answer), (raw[:60], answer[:100])
    assert gateway.get("/health").status_code == 200


def _exchange(port: int, raw: bytes) -> Iterator[bytes]:
    """What comes back until the server closes or falls silent."""
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        try:
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(1)
            while data := connection.recv(65_536):
                yield data
        except OSError:
            return
