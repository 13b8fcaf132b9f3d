from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from smartcity.gateway.errors import STATUS
from smartcity.gateway.pages import FOLDER
from smartcity.gateway.texts import SENTENCES

from .conftest import StartGateway
from .steps import error_of

PAGES = ["/", "/datenschutz"]
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)


class _Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("path", [*PAGES, "/health", "/static/icon.svg", "/nowhere", "/chat/sessions", "/chat/config"])
def test_security_headers_are_everywhere(gateway: httpx.Client, path: str) -> None:
    headers = gateway.get(path).headers
    assert headers["content-security-policy"] == CSP
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"]
    assert headers["permissions-policy"] == "camera=(), geolocation=(), microphone=(self), payment=(), usb=()"
    assert "strict-transport-security" not in headers, "only over https"
    assert "set-cookie" not in headers


def test_only_websites_that_may_use_the_chat_may_frame_it(start: StartGateway, gateway: httpx.Client) -> None:
    allowed = "https://www.krefeld.de https://krefeld.de"
    page = start(ORIGINS=allowed.replace(" ", ",")).get("/chat")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    framed = page.headers["content-security-policy"]
    assert framed == CSP.replace("frame-ancestors 'none'", f"frame-ancestors 'self' {allowed}")
    assert start().get("/chat").headers["content-security-policy"] == framed.replace(f" {allowed}", "")
    tag = {"If-None-Match": page.headers["etag"]}
    assert start().get("/chat", headers=tag).status_code == 304


def test_hsts_over_https(start: StartGateway) -> None:
    https = {"X-Forwarded-Proto": "https"}
    assert "max-age" in start(TRUSTED_PROXIES="127.0.0.1").get("/", headers=https).headers["strict-transport-security"]
    assert "strict-transport-security" not in start().get("/", headers=https).headers, "said by anybody"


@pytest.mark.parametrize("path", [*PAGES, "/chat"])
def test_page_keeps_to_its_policy(gateway: httpx.Client, path: str) -> None:
    page = gateway.get(path)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    tags = _Tags(page.text).tags
    for tag, attributes in tags:
        assert tag != "style"
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        if tag == "script":
            assert attributes["src"]
            assert attributes["type"] == "module"
        if tag in ("script", "img", "link"):
            address = attributes.get("src") or attributes.get("href")
            assert gateway.get(str(address)).status_code == 200, address
    assert "<script>" not in page.text
    assert [attributes["lang"] for tag, attributes in tags if tag == "html"] == ["de"]


def test_files_are_revalidated(gateway: httpx.Client) -> None:
    first = gateway.get("/static/icon.svg")
    assert first.headers["cache-control"] == "no-cache"
    again = gateway.get("/static/icon.svg", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""


@pytest.mark.parametrize(
    "path", ["/nowhere", "/static/nothing.js", "/static/..%2fapp.py", "/static/../app.py", "/chat/", "/chat/sessions/"]
)
def test_unknown_paths(gateway: httpx.Client, path: str) -> None:
    error_of(gateway.get(path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/chat/messages", "POST"),
        ("DELETE", "/chat/messages", "POST"),
        ("PUT", "/chat/sessions", "POST"),
        ("PUT", "/chat/sessions", "DELETE"),
        ("OPTIONS", "/chat/sessions", "POST"),
        ("POST", "/chat/config", "GET"),
        ("GET", "/chat/feedback", "POST"),
        ("POST", "/widget/smartcity-chat.js", "GET"),
        ("POST", "/health", "GET"),
        ("POST", "/", "GET"),
    ],
)
def test_wrong_methods(gateway: httpx.Client, method: str, path: str, allowed: str) -> None:
    answer = gateway.request(method, path)
    error_of(answer, 405, "method_not_allowed")
    assert allowed in answer.headers["allow"]


def test_every_error_code_has_status_and_sentences() -> None:
    assert set(STATUS) == set(SENTENCES)
    raised = set()
    for module in Path(FOLDER).parent.glob("*.py"):
        raised |= set(re.findall(r'GatewayError\(\s*"(\w+)"', module.read_text("utf-8")))
    assert raised <= set(STATUS)
    for german, english, *simple in SENTENCES.values():
        assert re.findall(r"\{(\w+)\}", german) == re.findall(r"\{(\w+)\}", english)
        # In simple language 'a moment' may stand for a number of seconds.
        assert all(set(re.findall(r"\{(\w+)\}", said)) <= set(re.findall(r"\{(\w+)\}", german)) for said in simple)
