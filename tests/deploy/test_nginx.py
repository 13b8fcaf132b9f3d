"""nginx as deploy/ sets it up, in front of the running assistant: TLS, names, headers, limits, streams, emergencies."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from ..ports import free_ports
from ..system import PROJECT, RunningSystem
from .nginx import CHAT, CONSOLE, Nginx

ENVIRON = {
    "SMARTCITY_CONSOLE": "on",
    "SMARTCITY_CONSOLE_URL": f"https://{CONSOLE}",
    "SMARTCITY_PUBLIC_URL": f"https://{CHAT}",
    "SMARTCITY_TRUSTED_PROXIES": "127.0.0.1",
    "SMARTCITY_SECRET": "9b3e7a61d28f4c0b" * 4,
}


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    running = RunningSystem(tmp_path_factory.mktemp("system"), ENVIRON)
    try:
        running.wait_until_healthy()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def second(system: RunningSystem) -> Iterator[subprocess.Popen[bytes]]:
    """A second gateway beside the first, at `port`."""
    (port,) = free_ports(1)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SMARTCITY_")}
    environ = {**inherited, **system.settings, "SMARTCITY_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-m", "smartcity.cli", "gateway"], cwd=PROJECT, env=environ)
    setattr(process, "port", port)
    try:
        with httpx.Client(transport=httpx.HTTPTransport(retries=30), timeout=20) as client:
            client.get(f"http://127.0.0.1:{port}/health")
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def nginx(
    system: RunningSystem, second: subprocess.Popen[bytes], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Nginx]:
    gateways = [urlsplit(system.address).port or 0, getattr(second, "port")]
    made = Nginx(tmp_path_factory.mktemp("nginx"), gateways, urlsplit(system.console).port or 0)
    checked = made.check()
    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr.replace('the "user" directive', ""), checked.stderr
    made.start()
    yield made
    made.stop()


@pytest.fixture
def browser(nginx: Nginx) -> Iterator[httpx.Client]:
    with nginx.client() as client:
        yield client


def begin(client: httpx.Client) -> dict[str, str]:
    """The header of a new conversation."""
    answer = client.post("/chat/sessions", json={"language": "de"})
    answer.raise_for_status()
    return {"Authorization": f"Bearer {answer.json()['session']}"}


def ask(client: httpx.Client, session: dict[str, str], key: str = "") -> httpx.Response:
    headers = {**session, **({"Idempotency-Key": key} if key else {})}
    return client.post("/chat/messages", json={"text": "Gibt es den KRuiser noch?"}, headers=headers)


def test_a_conversation_with_the_headers_of_https(browser: httpx.Client) -> None:
    page = browser.get("/")
    assert page.status_code == 200 and page.headers["Strict-Transport-Security"].startswith("max-age=")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["server"] == "nginx", "no version is told"
    assert "KRuiser" in ask(browser, begin(browser)).json()["messages"][0]["text"]


def test_an_answer_streams_through(browser: httpx.Client) -> None:
    headers = {**begin(browser), "Accept": "text/event-stream"}
    with browser.stream("POST", "/chat/messages", json={"text": "Hallo"}, headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "content-length" not in answer.headers and "x-accel-buffering" not in answer.headers
        assert "event: message" in "".join(answer.iter_text())


def test_the_console_has_a_name_of_its_own(nginx: Nginx, browser: httpx.Client) -> None:
    with nginx.client(CONSOLE) as staff:
        signin = staff.get("/signin", follow_redirects=True)
        assert signin.status_code == 200 and "Konsole" in signin.text
        assert "__Host-" in signin.headers.get("set-cookie", "__Host-")
        assert staff.post("/chat/sessions", json={}).status_code in (403, 404, 405)
    assert browser.get("/signin").status_code == 404


@pytest.mark.parametrize("host", [CHAT, CONSOLE])
def test_figures_are_not_for_the_world(nginx: Nginx, host: str) -> None:
    with nginx.client(host) as client:
        for path in ("/metrics", f"https://{host}//metrics", "/x/../metrics", "/%6detrics"):
            assert client.get(path).status_code in (400, 404), path


def test_plain_http_leads_to_https_and_foreign_names_nowhere(nginx: Nginx) -> None:
    address = f"http://127.0.0.1:{nginx.plain}/chat?x=1"
    moved = httpx.get(address, headers={"Host": CHAT}, trust_env=False)
    assert (moved.status_code, moved.headers["location"]) == (301, f"https://{CHAT}/chat?x=1")
    with pytest.raises(httpx.TransportError):
        httpx.get(address, headers={"Host": "other.example.org"}, trust_env=False)
    context = ssl._create_unverified_context()
    with socket.create_connection(("127.0.0.1", nginx.port)) as plain, pytest.raises(ssl.SSLError):
        context.wrap_socket(plain, server_hostname="other.example.org")


def test_old_tls_is_refused(nginx: Nginx) -> None:
    context = ssl._create_unverified_context()
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", nginx.port)) as plain, pytest.raises((ssl.SSLError, OSError)):
        context.wrap_socket(plain, server_hostname=CHAT)


def test_a_claimed_address_is_not_believed(tmp_path: Path) -> None:
    """The gateway counts by address; who claims others must not escape it."""
    (port,) = free_ports(1)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
        listener.listen()
        behind = Nginx(tmp_path, [port], port)
        behind.start()
        try:
            with ThreadPoolExecutor(1) as pool, behind.client() as client:
                answer = pool.submit(client.get, "/chat", headers={"X-Forwarded-For": "203.0.113.7"})
                connection, _ = listener.accept()
                asked = connection.recv(65536).decode().lower()
                connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
                assert answer.result().status_code == 204
                connection.close()
        finally:
            behind.stop()
    assert "x-forwarded-for: 127.0.0.1\r\n" in asked and "203.0.113.7" not in asked
    assert "x-forwarded-proto: https\r\n" in asked and f"host: {CHAT}\r\n" in asked


def test_a_body_that_is_too_large_does_not_reach_the_gateway(browser: httpx.Client) -> None:
    assert browser.post("/chat/messages", content=b"x" * 2_000_000).status_code == 413


def test_one_conversation_stays_with_one_gateway(browser: httpx.Client) -> None:
    """A message that is sent again gets the same answer only from the gateway that gave it."""
    for number in range(12):
        session = begin(browser)
        first, again = (ask(browser, session, f"key-{number}").json() for _ in range(2))
        assert first["messages"][0]["id"] == again["messages"][0]["id"]


def test_a_flood_from_one_address_is_stopped_before_the_gateway(system: RunningSystem, tmp_path: Path) -> None:
    port = urlsplit(system.address).port or 0
    flooded = Nginx(tmp_path, [port], port)
    flooded.start()
    try:
        with flooded.client() as client, ThreadPoolExecutor(8) as pool:
            states = list(pool.map(lambda _: client.get("/static/icon.svg").status_code, range(400)))
    finally:
        flooded.stop()
    assert set(states) == {200, 429} and states.count(200) >= 80


def test_when_a_gateway_is_gone_the_other_answers_and_then_the_emergency_page(
    system: RunningSystem, second: subprocess.Popen[bytes], nginx: Nginx, browser: httpx.Client
) -> None:
    session = begin(browser)
    second.terminate()
    second.wait(20)
    for _ in range(4):
        session = begin(browser)
        assert ask(browser, session).status_code == 200
    system.stop()
    page = browser.get("/", headers={"Accept": "text/html"})
    assert page.status_code == 503 and page.headers["content-type"].startswith("text/html")
    assert "später" in page.text and page.headers["Retry-After"] and page.headers["Strict-Transport-Security"]
    answer = ask(browser, session)
    assert answer.status_code == 503 and answer.json()["error"]["code"] == "unavailable"
    assert answer.headers["Access-Control-Allow-Origin"] == "*" and answer.headers["Retry-After"]
    assert browser.get("/emergency.json").status_code in (404, 503)
    assert (nginx.folder / "error.log").read_text("utf-8") == "", "addresses of people stand in no log"
