"""The real gateway over real HTTP, with a stand-in for Rasa on another port."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from smartcity.gateway.app import create_app
from smartcity.settings import read_settings

from .standin import SECRET, StandIn, running

StartGateway = Callable[..., httpx.Client]


@pytest.fixture(scope="session")
def _rasa_server() -> Iterator[tuple[StandIn, int]]:
    rasa = StandIn(read_settings({"SMARTCITY_SECRET": SECRET}).secret_for("internal"))
    with running(rasa.app) as port:
        yield rasa, port


@pytest.fixture
def rasa(_rasa_server: tuple[StandIn, int]) -> StandIn:
    _rasa_server[0].reset()
    return _rasa_server[0]


def _settings(port: int, var: Path, environ: dict[str, str]) -> dict[str, str]:
    return {
        "SMARTCITY_SECRET": SECRET,
        "SMARTCITY_VAR": str(var),
        "SMARTCITY_RASA_PORT": str(port),
        "SMARTCITY_LIMITS": "off",
        **{f"SMARTCITY_{name}": value for name, value in environ.items()},
    }


@pytest.fixture
def start(rasa: StandIn, _rasa_server: tuple[StandIn, int], tmp_path: Path) -> Iterator[StartGateway]:
    """Start a gateway with settings of its own: start(MAX_TEXT="5"), start(transport=...)."""
    with ExitStack() as stack:

        def started(transport: httpx.AsyncBaseTransport | None = None, **environ: str) -> httpx.Client:
            settings = read_settings(_settings(_rasa_server[1], tmp_path, environ))
            port = stack.enter_context(running(create_app(settings, transport)))
            return stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False))

        yield started


@pytest.fixture(scope="session")
def _gateway_server(_rasa_server: tuple[StandIn, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    environ = {"ORIGINS": "https://www.krefeld.de"}
    settings = read_settings(_settings(_rasa_server[1], tmp_path_factory.mktemp("gateway"), environ))
    with running(create_app(settings)) as port:
        yield port


@pytest.fixture
def gateway(rasa: StandIn, _gateway_server: int) -> Iterator[httpx.Client]:
    """The gateway of the default settings, with one foreign origin allowed and no rate limits."""
    with httpx.Client(base_url=f"http://127.0.0.1:{_gateway_server}", timeout=20, trust_env=False) as client:
        yield client
