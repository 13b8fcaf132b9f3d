"""A real Chromium (Debian's) on the chat: the real gateway with a stand-in for Rasa, and a city's website."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from smartcity.gateway.app import create_app
from smartcity.gateway.switch import Switch
from smartcity.settings import read_settings

from ..browsers import FLAGS, chromium
from ..gateway.standin import SECRET, StandIn, running
from .chat import Chat
from .website import Website


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Ends with the folder: Playwright's loop would stand in the way of later asynchronous tests."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield opened
        opened.close()


@dataclass
class Stage:
    """What the browser talks to: the gateway, with Rasa and a website of another origin at its sides."""

    gateway: str
    rasa: StandIn
    website: Website
    site: str
    """Address of the website, which ORIGINS allows."""
    foreign: str
    """The same website at an address that ORIGINS does not allow."""
    switch: Switch
    """The switch that `smartcity website off` turns."""


@pytest.fixture(scope="package")
def _stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    environ = {"SMARTCITY_SECRET": SECRET, "SMARTCITY_LIMITS": "off"}
    rasa = StandIn(read_settings(environ).secret_for("internal"))
    website = Website()
    with ExitStack() as stack:
        rasa_port = stack.enter_context(running(rasa.app))
        site_port = stack.enter_context(running(website.app))
        settings = read_settings(
            {
                **environ,
                "SMARTCITY_RASA_PORT": str(rasa_port),
                "SMARTCITY_ORIGINS": f"http://127.0.0.1:{site_port}",
                "SMARTCITY_VAR": str(tmp_path_factory.mktemp("widget")),
                "SMARTCITY_ANSWER_SECONDS": "20",
            }
        )
        port = stack.enter_context(running(create_app(settings)))
        website.gateway = f"http://127.0.0.1:{port}"
        yield Stage(
            website.gateway,
            rasa,
            website,
            f"http://127.0.0.1:{site_port}",
            f"http://localhost:{site_port}",
            Switch(settings),
        )


@pytest.fixture
def stage(_stage: Stage) -> Stage:
    _stage.rasa.reset()
    _stage.website.reset()
    _stage.switch.turn_on()
    return _stage


@dataclass
class Watched:
    """A page and what the browser told of it."""

    page: Page
    quiet: bool
    told: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)


Open = Callable[..., Chat]


@pytest.fixture
def open_page(browser: Browser, stage: Stage) -> Iterator[Open]:
    """open_page("/", width=320, scheme="dark"): a fresh browser profile on a page of the gateway (or a whole address).

    At the end the console must be empty (unless quiet=False), nothing may have come from a third party,
    and there must be no cookie.
    """
    opened: list[tuple[BrowserContext, Watched]] = []
    known = {stage.gateway, stage.site, stage.foreign}

    def run(path: str = "/", width: int = 1280, height: int = 800, quiet: bool = True, **profile: Any) -> Chat:
        scheme = profile.pop("scheme", "light")
        init = profile.pop("init", None)
        profile.setdefault("locale", "de-DE")
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, **profile)
        page = context.new_page()
        if init:
            page.add_init_script(init)
        watched = Watched(page, quiet)
        page.on("console", lambda message: watched.told.append(message.text))
        page.on("pageerror", lambda error: watched.told.append(str(error)))
        page.on("request", lambda request: watched.hosts.add("/".join(request.url.split("/")[:3])))
        opened.append((context, watched))
        address = path if path.startswith("http") else stage.gateway + path
        known.add("/".join(address.split("/")[:3]))
        page.goto(address)
        return Chat(page)

    yield run
    for context, watched in opened:
        cookies = context.cookies()
        context.close()
        assert not cookies
        assert not watched.quiet or watched.told == []
        assert {host for host in watched.hosts if host.startswith("http")} <= known
