"""Two gateways and two Rasa processes on one PostgreSQL and one Redis hold conversations, and lose one of each."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from smartcity.runtime.model import train_when_stale
from smartcity.settings import read_settings

from ..databases import postgresql_url
from ..ports import free_ports
from ..system import PROJECT, START_SECONDS

pytestmark = pytest.mark.system
QUESTIONS = ("Was ist der KRuiser?", "Was kostet das?", "Wo ist das?", "Wer ist zuständig?", "Was ist mein.KRefeld?")


@dataclass
class House:
    """The addresses of the gateways, and every process by name."""

    gateways: list[str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    engine: Any = None
    environ: dict[str, str] = field(default_factory=dict)

    def said(self) -> dict[str, list[str]]:
        """What people typed, by conversation, as Rasa has stored it."""
        query = sa.text("SELECT sender_id, data FROM events WHERE type_name = 'user' ORDER BY id")
        found: dict[str, list[str]] = {}
        with self.engine.connect() as connection:
            for sender, data in connection.execute(query):
                found.setdefault(sender, []).append(json.loads(data)["text"])
        return found


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    var = Path(tmp_path_factory.mktemp("house"))
    ports = free_ports(4)
    with postgresql_url() as database:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SMARTCITY_")}
        common = {
            **inherited,
            "SMARTCITY_VAR": str(var),
            "SMARTCITY_SECRET": secrets.token_hex(32),
            "SMARTCITY_TRACKER_DATABASE": database,
            "SMARTCITY_DATABASE": database,
            "SMARTCITY_REDIS": "redis://127.0.0.1:6379/0",
            "SMARTCITY_RASA_URLS": ",".join(f"http://127.0.0.1:{port}" for port in ports[:2]),
            "SMARTCITY_LIMITS": "off",
            "SMARTCITY_POOL_SIZE": "2",
        }
        train_when_stale(read_settings({name: text for name, text in common.items() if name.startswith("SMARTCITY_")}))
        house = House(
            [f"http://127.0.0.1:{port}" for port in ports[2:]], engine=sa.create_engine(database), environ=common
        )
        for number, port in enumerate(ports):
            name = f"{'rasa' if number < 2 else 'gateway'} {number % 2}"
            command, setting = (["rasa", "run"], "RASA_PORT") if number < 2 else (["gateway"], "PORT")
            with (var / f"{name}.log").open("wb") as log:
                house.processes[name] = subprocess.Popen(
                    [sys.executable, "-m", "smartcity.cli", *command],
                    cwd=PROJECT,
                    env={**common, f"SMARTCITY_{setting}": str(port)},
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
        try:
            for address in house.gateways:
                _wait(address, "2 of 2")
            yield house
        finally:
            for process in house.processes.values():
                process.terminate()
            for process in house.processes.values():
                process.wait(20)
            house.engine.dispose()


def _wait(address: str, processes: str) -> None:
    end = time.monotonic() + START_SECONDS
    told: Any = None
    while time.monotonic() < end:
        try:
            answer = httpx.get(f"{address}/health", timeout=5, trust_env=False)
            told = answer.json()
            if answer.status_code == 200 and told.get("rasa_processes") == processes:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"{address} did not get healthy: {told}")


class Citizen:
    """Sends each message until it is answered, with the same key, to one gateway after the other."""

    def __init__(self, gateways: list[str]) -> None:
        self._gateways = gateways
        self.said: list[str] = []
        self.refused = 0
        self._http = httpx.Client(timeout=30, trust_env=False)
        self._headers: dict[str, str] = {}
        begun = self._ask("/chat/sessions", {}, 201)
        self._headers = {"Authorization": f"Bearer {begun['session']}"}

    def say(self, text: str) -> list[dict[str, Any]]:
        self.said.append(text)
        headers = {"Idempotency-Key": secrets.token_hex(8)}
        messages: list[dict[str, Any]] = self._ask("/chat/messages", {"text": text}, 200, **headers)["messages"]
        return messages

    def close(self) -> None:
        self._http.close()

    def _ask(self, path: str, body: dict[str, str], expected: int, **headers: str) -> Any:
        for number in range(60):
            gateway = self._gateways[(len(self.said) + number) % len(self._gateways)]
            try:
                answer = self._http.post(gateway + path, json=body, headers={**self._headers, **headers})
            except httpx.TransportError:
                self.refused += 1
                time.sleep(0.2)
                continue
            if answer.status_code == expected:
                return answer.json()
            assert answer.status_code == 503, answer.text
            self.refused += 1
            time.sleep(0.2)
        raise AssertionError("a message was never answered")


def _hold(citizen: Citizen) -> list[str]:
    return [citizen.say(question)[0]["answer"] for question in QUESTIONS]


def test_processes_that_die_cost_no_message_and_double_none(house: House) -> None:
    citizens = [Citizen(house.gateways) for _ in range(8)]
    try:
        with ThreadPoolExecutor(8) as pool:
            calm = [one.result() for one in [pool.submit(_hold, citizen) for citizen in citizens]]
            assert calm == [calm[0]] * 8, "who holds a conversation makes no difference"
            held = [pool.submit(_hold, citizen) for citizen in citizens]
            _until(house, 8 * (len(QUESTIONS) + 2))
            house.processes["rasa 0"].send_signal(signal.SIGKILL)
            house.processes["gateway 1"].send_signal(signal.SIGKILL)
            assert [one.result() for one in held] == calm
        _wait(house.gateways[0], "1 of 2")
        assert sum(citizen.refused for citizen in citizens), "nobody noticed: this says nothing"
        stored = [said[1:] for said in house.said().values()]
        assert stored == [[*QUESTIONS, *QUESTIONS]] * 8, "each message once, in its order"
    finally:
        for citizen in citizens:
            citizen.close()


def _until(house: House, messages: int) -> None:
    """Return when as many messages are stored."""
    end = time.monotonic() + 60
    while sum(map(len, house.said().values())) < messages and time.monotonic() < end:
        time.sleep(0.02)


def test_few_connections_are_enough(house: House) -> None:
    """What a process takes of PostgreSQL is bounded by the setting, whatever Rasa would take."""
    with house.engine.connect() as connection:
        query = sa.text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE :like")
        assert connection.execute(query, {"like": "%FROM events%"}).scalar() <= 2 * 2 * 2 + 1


def test_the_reader_takes_them_from_there(house: House) -> None:
    command = [sys.executable, "-m", "smartcity.cli", "console", "ingest"]
    done = subprocess.run(command, cwd=PROJECT, env=house.environ, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    typed = sum(len(said) - 1 for said in house.said().values())
    with house.engine.connect() as connection:
        counted = connection.execute(sa.text("SELECT count(*) FROM turns WHERE said <> '' AND NOT pressed")).scalar()
    assert counted == typed > 0
