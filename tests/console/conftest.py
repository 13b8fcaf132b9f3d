"""The console for tests: a database of its own for each, signed-in staff, and a real browser on a live server."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy.engine import Engine
from starlette.applications import Starlette

from smartcity.console.database import empty_log, migrate, open_database
from smartcity.console.web.app import create_app
from smartcity.settings import Settings, read_settings

from ..gateway.standin import running
from ..widget.conftest import browser as browser
from .rows import an_account
from .staff import Staff

SECRET = "0123456789abcdef" * 4


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({"SMARTCITY_VAR": str(tmp_path / "var"), "SMARTCITY_SECRET": SECRET})


@pytest.fixture(scope="session")
def _migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the newest tables and no row, to be copied."""
    path: Path = tmp_path_factory.mktemp("migrated") / "console.db"
    made = open_database(sa.engine.make_url(f"sqlite:///{path}"))
    migrate(made)
    empty_log(made)
    made.dispose()
    return path


@pytest.fixture
def engine(tmp_path: Path, _migrated: Path) -> Iterator[Engine]:
    """A fresh database with the newest tables."""
    path = tmp_path / "console.db"
    shutil.copyfile(_migrated, path)
    made = open_database(sa.engine.make_url(f"sqlite:///{path}"))
    yield made
    made.dispose()


@pytest.fixture
def app(settings: Settings, engine: Engine) -> Starlette:
    return create_app(settings, engine)


SignIn = Callable[..., Staff]


@pytest.fixture
def sign_in(app: Starlette, engine: Engine) -> SignIn:
    """sign_in("admin"): somebody with this role, on a browser of their own; sign_in(None): nobody yet."""

    def run(role: str | None = "reader", **values: Any) -> Staff:
        return Staff(app, None if role is None else an_account(engine, role, **values))

    return run


@pytest.fixture
def client(sign_in: SignIn) -> Staff:
    """Somebody who may everything."""
    return sign_in("admin", name="chefin", shown="Chefin")


@pytest.fixture
def address(app: Starlette) -> Iterator[str]:
    """The console on a real port."""
    with running(app) as port:
        yield f"http://127.0.0.1:{port}"


OpenConsole = Callable[..., Page]


@pytest.fixture
def open_console(browser: Browser, app: Starlette, engine: Engine, address: str) -> Iterator[OpenConsole]:
    """open_console("/search", role="reviewer", width=320, scheme="dark"): a page in a fresh profile, signed in.

    At the end the browser must have complained of nothing, and all must have come from the console.
    """
    opened: list[BrowserContext] = []
    told: list[str] = []
    hosts: set[str] = set()

    def run(path: str = "/", role: str | None = "admin", width: int = 1280, height: int = 800, **profile: Any) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=profile.pop("scheme", "light"),
            locale="de-DE",
            reduced_motion="reduce",
            **profile,
        )
        if role is not None:
            token = app.state.sessions.begin(an_account(engine, role))
            context.add_cookies([{"name": "console", "value": token, "url": address}])
        opened.append(context)
        page = context.new_page()
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("request", lambda request: hosts.add("/".join(request.url.split("/")[:3])))
        page.goto(address + path)
        return page

    yield run
    for context in opened:
        context.close()
    assert told == []
    assert hosts <= {address}
