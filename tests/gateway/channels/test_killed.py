"""One hundred senders on three platforms at once, while gateways are ended, killed, and started again.

CROWD_ROUNDS=20 kills as often and lets everybody say more; without it this takes seconds.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import redis

from smartcity.settings import read_settings

from ...databases import postgresql_url
from ...ports import free_port
from ..standin import SECRET, running
from .conftest import SETTINGS, letters, until
from .crowd import Crowd, Process
from .echo import Echo
from .platforms import Platforms

ROUNDS = int(os.environ.get("CROWD_ROUNDS", "1"))
MESSAGES = min(ROUNDS + 1, 15)
"""Of more than twenty that wait a person is told to wait."""


@pytest.fixture
def echo() -> Iterator[tuple[Echo, int]]:
    echo = Echo(read_settings({"SMARTCITY_SECRET": SECRET}).secret_for("internal"))
    with running(echo.app) as port:
        yield echo, port


@pytest.fixture
def environ(echo: tuple[Echo, int], platforms: Platforms, base: dict[str, str], tmp_path: Path) -> dict[str, str]:
    echo[0].slow = 0.2
    platforms.delay = 0.02
    own = {"SECRET": SECRET, "VAR": str(tmp_path), "RASA_PORT": str(echo[1]), "LIMITS": "off"}
    return {**own, **SETTINGS, **base}


@pytest.fixture
def redis_url() -> Iterator[str]:
    """A Redis of its own."""
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        until(lambda: _answers(port))
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()


def _answers(port: int) -> bool:
    try:
        return bool(redis.Redis(port=port).ping())
    except redis.ConnectionError:
        return False


def test_one_process_that_is_stopped(
    echo: tuple[Echo, int], platforms: Platforms, environ: dict[str, str], tmp_path: Path
) -> None:
    crowd = Crowd([Process(environ, free_port())], echo[0], platforms, messages=2)
    try:
        crowd.talk(partial(crowd.end_at_random, signal.SIGTERM, 1))
        outcome = crowd.settle(partial(letters, tmp_path))
    finally:
        crowd.processes[0].end(signal.SIGTERM)
    outcome.check(killed=0)


def test_one_process_that_is_killed(
    echo: tuple[Echo, int], platforms: Platforms, environ: dict[str, str], tmp_path: Path
) -> None:
    crowd = Crowd([Process(environ, free_port())], echo[0], platforms, messages=MESSAGES)
    try:
        crowd.talk(partial(crowd.end_at_random, signal.SIGKILL, ROUNDS))
        outcome = crowd.settle(partial(letters, tmp_path))
    finally:
        crowd.processes[0].end(signal.SIGTERM)
    outcome.check(killed=ROUNDS)


def test_two_processes_of_which_one_is_killed(
    echo: tuple[Echo, int], platforms: Platforms, environ: dict[str, str], tmp_path: Path, redis_url: str
) -> None:
    with postgresql_url() as database:
        shared = {"DATABASE": database, "REDIS": redis_url}
        processes = [Process({**environ, **shared}, free_port()) for _ in range(2)]
        crowd = Crowd(processes, echo[0], platforms, messages=MESSAGES)
        try:
            crowd.talk(partial(crowd.end_at_random, signal.SIGKILL, ROUNDS, left_to_others=True))
            outcome = crowd.settle(partial(letters, tmp_path, **shared))
        finally:
            for process in processes:
                process.end(signal.SIGTERM)
        outcome.check(killed=ROUNDS)
        assert redis.Redis.from_url(redis_url).dbsize() == 100 * crowd.messages
    assert not (tmp_path / "channels.db").exists()
