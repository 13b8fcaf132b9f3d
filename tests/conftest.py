"""Fixtures for every test: the running assistant, started once, and a citizen who talks to it."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import expect

from .steadiness import judge, show
from .system import ApiClient, RunningSystem
from .timetable import put_long_last, skip_when_late

# Machines are noisy: a slow example is no failure.
settings.register_profile("untimed", deadline=None)
# For the second Python in CI: what the first one tries with a hundred examples.
settings.register_profile("brief", deadline=None, max_examples=10)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "untimed"))
expect.set_options(timeout=20_000)


LOGS = ("", "smartcity", "smartcity.gateway", "smartcity.console", "uvicorn.error")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever drives a browser, through whichever fixture, is marked so; long files come last."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
    put_long_last(items)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    skip_when_late(item)


def pytest_sessionfinish(session: pytest.Session) -> None:
    judge(session)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    show(terminalreporter)


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """Commands set up the logs of their process; called by a test they would do it for all tests after it."""
    before = [(log, list(log.handlers), log.level, log.propagate) for log in map(logging.getLogger, LOGS)]
    yield
    for log, handlers, level, propagate in before:
        if log.propagate != propagate or log.level != level or log.handlers != handlers:
            log.handlers = handlers
            log.setLevel(level)
            log.propagate = propagate


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """The whole assistant, `smartcity run` on free ports without rate limits."""
    system = RunningSystem(Path(tmp_path_factory.mktemp("system")))
    try:
        system.wait_until_healthy()
        yield system
    finally:
        left = system.stop()
    assert not left, f"Ctrl-C left processes behind: {left}"


@pytest.fixture(scope="session")
def assistant(running: RunningSystem) -> str:
    """The base URL of the whole assistant."""
    return running.address


@pytest.fixture
def client(assistant: str) -> Iterator[ApiClient]:
    """A citizen's browser with no conversation begun yet."""
    client = ApiClient(assistant)
    yield client
    client.close()
