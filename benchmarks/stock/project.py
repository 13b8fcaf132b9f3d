"""This project trained and served by stock Rasa's own commands."""

from __future__ import annotations

import json
import secrets
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Dict, List

import httpx

from benchmarks.places import STOCK_PYTHON
from benchmarks.programs import LOOPBACK, Program, free_port, run

READY_SECONDS = 300.0
RASA = [str(STOCK_PYTHON), "-m", "rasa"]


class StockProject:
    """Trains into `folder`, then serves `rasa run` and `rasa run actions` on loopback."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port, self._actions_port = free_port(), free_port()
        self.secret = secrets.token_hex(32)
        self.address = f"http://{LOOPBACK}:{self._port}/webhooks/internal"
        self._environment = {
            "SMARTCITY_INTERNAL_SECRET": self.secret,
            "SMARTCITY_ACTIONS_URL": f"http://{LOOPBACK}:{self._actions_port}/webhook",
            "SMARTCITY_TRACKER_DB": str(folder / "conversations.db"),
            "SANIC_HOST": LOOPBACK,
            "RASA_MAX_CACHE_SIZE": "0",
            "RASA_CACHE_DIRECTORY": str(folder / "cache"),
        }

    def train(self) -> float:
        """Train config.yml as it stands; seconds."""
        command = [*RASA, "train", "--force", "--out", str(self._folder), "--fixed-model-name", "project"]
        return run(command, self._folder / "training.log", self._environment)

    def serve(self) -> ExitStack:
        """Start both servers and wait until they answer; closing the stack ends them."""
        model = str(self._folder / "project.tar.gz")
        server = [*RASA, "run", "--interface", LOOPBACK, "--port", str(self._port), "--model", model]
        actions = [*RASA, "run", "actions", "--actions", "actions", "--port", str(self._actions_port)]
        with ExitStack() as stack:
            programs = [
                stack.enter_context(Program(command, self._folder / log, self._environment))
                for command, log in ((actions, "actions.log"), (server, "rasa.log"))
            ]
            self._wait(programs)
            return stack.pop_all()

    def _wait(self, programs: List[Program]) -> None:
        end = time.monotonic() + READY_SECONDS
        ready = {"rasa": "ok", "actions": "ok"}
        with httpx.Client(headers=self.headers, timeout=5, trust_env=False) as client:
            while time.monotonic() < end:
                for program in programs:
                    program.check_running()
                try:
                    if client.get(f"{self.address}/health").json() == ready:
                        return
                except (httpx.HTTPError, ValueError):
                    pass
                time.sleep(0.2)
        raise TimeoutError(f"Stock Rasa was not ready within {READY_SECONDS:g} s.")

    @property
    def headers(self) -> Dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}


class InternalClient:
    """Holds conversations over the internal channel, as the gateway does."""

    def __init__(self, project: StockProject) -> None:
        self._http = httpx.Client(headers=project.headers, timeout=60, trust_env=False)
        self._address = f"{project.address}/webhook"
        self._sender, self._language = "", "de"

    def open(self, language: str) -> None:
        """Begin another conversation with the greeting that the gateway asks for."""
        self._sender, self._language = f"web:{secrets.token_hex(16)}", language
        self.press("/greet")

    def say(self, text: str) -> List[Dict[str, Any]]:
        return self._send(text=text)

    def press(self, payload: str) -> List[Dict[str, Any]]:
        return self._send(payload=payload)

    def close(self) -> None:
        self._http.close()

    def _send(self, **said: str) -> List[Dict[str, Any]]:
        body = {"sender": self._sender, "channel": "web", "language": self._language, **said}
        answer = self._http.post(self._address, json=body)
        if answer.status_code != 200:
            return []
        *lines, last = [json.loads(line) for line in answer.text.split("\n") if line]
        return [line["message"] for line in lines] if last == {"done": True} else []
