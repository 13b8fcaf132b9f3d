"""A gateway with API keys of its own for every test."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import httpx
import pytest

from smartcity.gateway.api.keys import SCOPES, ApiKeys
from smartcity.knowledge.catalogue import catalogue
from smartcity.knowledge.loading import load, read_folder
from smartcity.knowledge.records import LANGUAGES
from smartcity.settings import read_settings

from ..conftest import StartGateway
from ..standin import SECRET, StandIn

MakeHolder = Callable[..., dict[str, str]]
CITY = {language: catalogue(load(read_folder(Path("content"))), language) for language in LANGUAGES}
"""What the city really says."""


@pytest.fixture
def keys(tmp_path: Path) -> ApiKeys:
    """The keys of the gateways that `start` starts."""
    return ApiKeys(read_settings({"SMARTCITY_VAR": str(tmp_path), "SMARTCITY_SECRET": SECRET}))


@pytest.fixture
def holder(keys: ApiKeys) -> MakeHolder:
    """Make a key: holder("messages", callback=...), with every scope when none is named; gives its header."""
    numbers = count(1)

    def made(*scopes: str, callback: str | None = None, per_minute: int = 100_000, name: str = "") -> dict[str, str]:
        name = name or f"holder-{next(numbers)}"
        return {"Authorization": f"Bearer {keys.create(name, scopes or SCOPES, callback, per_minute)[1]}"}

    return made


@pytest.fixture
def api(start: StartGateway, holder: MakeHolder, rasa: StandIn) -> httpx.Client:
    """A gateway, called with a key that may do everything; Rasa knows what the city says."""
    rasa.content = CITY
    client = start()
    client.headers.update(holder(name="all"))
    return client
