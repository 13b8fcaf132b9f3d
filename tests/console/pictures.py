"""Pictures of the console: `python -m tests.console.pictures`, in results/console/, and three in docs/images/."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy.engine import Engine
from starlette.applications import Starlette

from smartcity.console.database import migrate, open_database
from smartcity.console.web.app import create_app
from smartcity.inquiries.desk import Desk
from smartcity.inquiries.tables import inquiries
from smartcity.settings import read_settings

from ..browsers import FLAGS, chromium
from ..gateway.standin import running
from ..system import PROJECT
from .letters import a_letter, bury
from .rows import an_account
from .sample import fill

FOLDER = PROJECT / "results" / "console"
DOCS = PROJECT / "docs" / "images"
CITIZEN = {"kind": "message", "subject": "Eine Frage", "name": "Erna Beispiel", "language": "de", "channel": "web"}
SIZES = ((390, 800), (1280, 860))


def main() -> None:
    """Draw every page at two widths, light and dark."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, _console(Path(folder)) as console:
        engine, app, address = console
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        with _page(browser, app, address, None, 1280, "light") as page:
            page.goto(f"{address}/setup")
            page.screenshot(path=FOLDER / "setup-1280-light.png", full_page=True)
        ids = fill(engine)
        admin = an_account(engine, "admin", name="chefin", shown="Kim Beispiel")
        _leave(app)
        pages = {
            "queues": "/",
            "search": "/search?period=7d",
            "filters": "/search?intent=ask_status&feedback=up",
            "queue": "/search?queue=not_understood&period=7d",
            "conversation": f"/conversations/{ids['main']}",
            "accounts": "/accounts",
            "audit": "/audit",
            "account": "/account",
            "inquiries": "/inquiries",
            "inquiries-stale": "/inquiries?list=stale",
            "content": "/health-of-content",
            "dead-letters": "/dead-letters",
        }
        for width, height in SIZES:
            for scheme in ("light", "dark"):
                with _page(browser, app, address, admin, width, scheme, height) as page:
                    for name, path in pages.items():
                        page.goto(address + path)
                        page.screenshot(path=FOLDER / f"{name}-{width}-{scheme}.png", full_page=True)
        with _page(browser, app, address, None, 390, "light") as page:
            page.goto(f"{address}/signin")
            page.screenshot(path=FOLDER / "signin-390-light.png", full_page=True)
        with _page(browser, app, address, admin, 1120, "light", 720) as page:
            for name, path in (
                ("queues", "/"),
                ("list", "/search?period=7d"),
                ("transcript", f"/conversations/{ids['main']}"),
            ):
                page.goto(address + path)
                expect(page.get_by_role("heading", level=1)).to_be_visible()
                page.screenshot(path=DOCS / f"console-{name}.png")
        browser.close()
    print(f"{len(list(FOLDER.iterdir()))} pictures in {FOLDER.relative_to(PROJECT)}/, 3 in docs/images/")


def _leave(app: Starlette) -> None:
    """What citizens and messengers leave: requests, one of which lies for too long, and dead letters."""
    settings, engine = app.state.settings, app.state.engine
    desk = Desk(settings, engine)
    for number in range(3):
        desk.note(f"web:{number}", **CITIZEN, email=f"e{number}@b.example")
        desk.file(f"web:{number}")
    with engine.begin() as connection:
        connection.execute(inquiries.update().where(inquiries.c.id == 1).values(at=1_700_000_000_000, due=1))
    late = a_letter("Das weiß ich nicht.", channel="whatsapp", reason="window closed", attempts=1)
    bury(settings.var, [a_letter(), late, a_letter(None, channel="slack", reason="unreachable: ConnectTimeout")])


@contextmanager
def _console(folder: Path) -> Iterator[tuple[Engine, Starlette, str]]:
    engine = open_database(sa.engine.make_url(f"sqlite:///{folder / 'console.db'}"))
    migrate(engine)
    app = create_app(read_settings({"SMARTCITY_VAR": str(folder), "SMARTCITY_SECRET": "0" * 64}), engine)
    with running(app) as port:
        yield engine, app, f"http://127.0.0.1:{port}"
    engine.dispose()


@contextmanager
def _page(
    browser: Browser, app: Starlette, address: str, account: int | None, width: int, scheme: str, height: int = 800
) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,  # type: ignore[arg-type]
        locale="de-DE",
        reduced_motion="reduce",
    )
    if account is not None:
        token = app.state.sessions.begin(account)
        context.add_cookies([{"name": "console", "value": token, "url": address}])
    yield context.new_page()
    context.close()


if __name__ == "__main__":
    main()
