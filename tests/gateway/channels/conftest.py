"""The real gateway with every platform on, a stand-in for the platforms, and one for Rasa."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from smartcity.addresses import Proxies
from smartcity.cli import main
from smartcity.gateway.channels.catalogue import WEBHOOKS, channels
from smartcity.gateway.channels.delivery import Patience
from smartcity.gateway.channels.engine import Engine
from smartcity.gateway.channels.records import Letter
from smartcity.gateway.channels.store import Store
from smartcity.gateway.errors import GatewayError, answer_gateway_error
from smartcity.gateway.limits import Limits
from smartcity.gateway.rasa_client import RasaClient
from smartcity.settings import read_settings

from ..conftest import StartGateway
from ..standin import SECRET, running
from .echo import Echo
from .platforms import (
    ACCOUNT,
    APP_SECRET,
    MATRIX,
    MESSENGER,
    PHONE_ID,
    SIGNING_SECRET,
    SLACK,
    TELEGRAM,
    TWILIO,
    VERIFY_TOKEN,
    WHATSAPP,
    Platforms,
)
from .posts import PUBLIC

SETTINGS = {
    "PUBLIC_URL": PUBLIC,
    "TELEGRAM_TOKEN": TELEGRAM,
    "META_APP_SECRET": APP_SECRET,
    "META_VERIFY_TOKEN": VERIFY_TOKEN,
    "WHATSAPP_TOKEN": WHATSAPP,
    "WHATSAPP_PHONE_ID": PHONE_ID,
    "MESSENGER_TOKEN": MESSENGER,
    "TWILIO_ACCOUNT": ACCOUNT,
    "TWILIO_TOKEN": TWILIO,
    "SLACK_TOKEN": SLACK,
    "SLACK_SIGNING_SECRET": SIGNING_SECRET,
}
MATRIX_SETTINGS = {"PUBLIC_URL": PUBLIC, "MATRIX_HOMESERVER": "https://matrix.example.org", "MATRIX_TOKEN": MATRIX}


@pytest.fixture(scope="session")
def _platforms_server() -> Iterator[tuple[Platforms, int]]:
    platforms = Platforms()
    with running(platforms.app) as port:
        yield platforms, port


@pytest.fixture
def platforms(_platforms_server: tuple[Platforms, int]) -> Platforms:
    _platforms_server[0].reset()
    return _platforms_server[0]


@pytest.fixture
def base(platforms: Platforms, _platforms_server: tuple[Platforms, int]) -> dict[str, str]:
    """The setting that leads to the stand-in."""
    return {"PLATFORM_BASE": f"http://127.0.0.1:{_platforms_server[1]}"}


@pytest.fixture
def client(start: StartGateway, base: dict[str, str]) -> httpx.Client:
    return start(**SETTINGS, **base)


def until(true: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until it holds."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.01)


def store_of(var: Path, **environ: str) -> Store:
    """The store of a gateway with this VAR."""
    given = {"SECRET": SECRET, "VAR": str(var), **environ}
    return Store(read_settings({f"SMARTCITY_{name}": value for name, value in given.items()}))


def letters(var: Path, **environ: str) -> list[Letter]:
    with closing(store_of(var, **environ)) as store:
        return store.outbox.letters()


def rows(var: Path, table: str) -> list[Any]:
    with closing(sqlite3.connect(var / "channels.db")) as connection:
        return connection.execute(f"SELECT * FROM {table}").fetchall()


def answers(platforms: Platforms, to: str) -> list[str]:
    """The answers of one person, without the first contact."""
    return [text.removeprefix("Antwort auf ") for text in platforms.texts(to) if text.startswith("Antwort auf ")]


@pytest.fixture
def wait(platforms: Platforms) -> Callable[[int], list[str]]:
    """wait(3) gives the texts when three messages were sent."""

    def waited(number: int) -> list[str]:
        until(lambda: len(platforms.sent) >= number)
        return platforms.texts()

    return waited


Gateway = Callable[..., AbstractContextManager[httpx.Client]]


@pytest.fixture(scope="module")
def _echo_server() -> Iterator[tuple[Echo, int]]:
    echo = Echo(read_settings({"SMARTCITY_SECRET": SECRET}).secret_for("internal"))
    with running(echo.app) as port:
        yield echo, port


@pytest.fixture
def echo(_echo_server: tuple[Echo, int]) -> Echo:
    _echo_server[0].reset()
    return _echo_server[0]


@pytest.fixture
def gateway(echo: Echo, _echo_server: tuple[Echo, int], base: dict[str, str], tmp_path: Path) -> Gateway:
    """A gateway that can be stopped and started again over the same VAR; `patience` makes waiting short."""

    @contextmanager
    def started(patience: Patience | None = None, **environ: str) -> Iterator[httpx.Client]:
        chosen = {"SECRET": SECRET, "VAR": str(tmp_path), "RASA_PORT": str(_echo_server[1]), "LIMITS": "off"}
        settings = read_settings(
            {f"SMARTCITY_{name}": value for name, value in {**chosen, **SETTINGS, **base, **environ}.items()}
        )
        rasa = RasaClient(settings)
        engine = Engine(
            settings, rasa, Limits(settings, Proxies("")), channels(settings), WEBHOOKS, patience or Patience()
        )

        @asynccontextmanager
        async def lifespan(app: Starlette) -> Any:
            await engine.start()
            yield
            await engine.close()
            await rasa.close()

        handlers: Any = {GatewayError: answer_gateway_error}
        app = Starlette(routes=engine.routes(), exception_handlers=handlers, lifespan=lifespan)
        with (
            running(app) as port,
            httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False) as client,
        ):
            yield client

    return started


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], base: dict[str, str], tmp_path: Path):  # type: ignore[no-untyped-def]
    """check("--set", TELEGRAM_TOKEN="x") gives the exit code and what was printed."""

    def checked(*arguments: str, **environ: str) -> tuple[int, str]:
        for name, value in {"SECRET": SECRET, "VAR": str(tmp_path), **base, **environ}.items():
            monkeypatch.setenv(f"SMARTCITY_{name}", value)
        code = main(["channels", "check", *arguments])
        return code, capsys.readouterr().out

    return checked
