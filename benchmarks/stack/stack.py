"""The assistant's processes in one layout: from one Rasa with SQLite to several with PostgreSQL and Redis."""

from __future__ import annotations

import os
import secrets
import socket
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Callable, Dict, List, Mapping, Optional

import httpx

from benchmarks.own_assistant import SMARTCITY
from benchmarks.places import OWN_PYTHON
from benchmarks.programs import LOOPBACK, free_port
from benchmarks.stack import servers
from benchmarks.stack.part import Part
from benchmarks.stack.supervisor import Supervisor

READY_SECONDS = 120.0


@dataclass(frozen=True)
class Layout:
    """How many of what; `shared` puts conversations into PostgreSQL and what is short-lived into Redis.

    Several `rasas` without it keep their conversations each in a file of its own: what sharing costs shows beside them.
    """

    name: str
    rasas: int = 1
    shared: bool = False
    actions: str = "inprocess"
    console: bool = False
    nginx: bool = False
    more: Mapping[str, str] = field(default_factory=dict)


DEFAULT = Layout("SQLite, 1 rasa")


Via = Callable[[str, int], int]


def _straight(_name: str, port: int) -> int:
    return port


class Stack:
    """A context manager: all processes of a layout, kept running; `address` is where citizens reach them."""

    def __init__(
        self,
        layout: Layout,
        folder: Path,
        restarts: bool = False,
        via: Via = _straight,
        ready_seconds: float = READY_SECONDS,
    ) -> None:
        """With `restarts` ended processes start again; `via` gives the port by which others reach a process."""
        self.layout = layout
        self.folder = folder
        self.var = folder / "var"
        self.parts: Dict[str, Part] = {}
        self._restarts = restarts
        self._ready_seconds = ready_seconds
        self._via = via
        self._stack = ExitStack()
        self.secret = secrets.token_hex(32)
        self.ports = {name: free_port() for name in ("gateway", "actions", "console")}
        self.rasa_ports = [free_port() for _ in range(layout.rasas)]
        self.settings: Dict[str, str] = {}
        self.trackers = [f"sqlite:///{folder}/conversations.db" for folder in self._rasa_folders()]
        self.console_database = f"sqlite:///{self.var}/console.db"
        self.gateway = f"http://{LOOPBACK}:{self.ports['gateway']}"
        self.address = self.gateway

    def __enter__(self) -> Stack:
        self.var.mkdir(parents=True, mode=0o700)
        try:
            self._build()
            if self._restarts:
                self._stack.enter_context(Supervisor(list(self.parts.values())))
            self.wait_until_ready(self._ready_seconds)
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._stack.close()

    def wait_until_ready(self, seconds: float = READY_SECONDS) -> None:
        """Return when all answer. Raises TimeoutError with the ends of their logs."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            listening = all(_listens(port) for port in self.rasa_ports)
            if listening and all(_is_healthy(address) for address in self._health_addresses()):
                return
            time.sleep(0.2)
        ends = "\n".join(f"--- {part.name}\n{part.output()[-800:]}" for part in self.parts.values())
        raise TimeoutError(f"The assistant was not ready within {seconds:g} s.\n{ends}")

    def _health_addresses(self) -> List[str]:
        found = [f"{self.gateway}/health"]
        if self.layout.console:
            found.append(f"http://{LOOPBACK}:{self.ports['console']}/health")
        return found

    @property
    def tracker(self) -> str:
        """Where the conversations are kept. Raises ValueError where each Rasa has a place of its own."""
        [tracker] = self.trackers
        return tracker

    def _rasa_folders(self) -> List[Path]:
        """The `var` of each Rasa: that of all parts, unless several share nothing."""
        same = self.layout.shared or self.layout.rasas == 1
        return [self.var if same else self.var / f"rasa-{number + 1}" for number in range(self.layout.rasas)]

    def _build(self) -> None:
        self.settings = {
            "PATH": os.pathsep.join([str(OWN_PYTHON.parent), os.environ.get("PATH", "")]),
            "PYTHONUNBUFFERED": "1",
            "SMARTCITY_HOST": LOOPBACK,
            "SMARTCITY_PORT": str(self.ports["gateway"]),
            "SMARTCITY_ACTIONS_PORT": str(self._via("actions", self.ports["actions"])),
            "SMARTCITY_CONSOLE_PORT": str(self.ports["console"]),
            "SMARTCITY_RASA_PORT": str(self._via("rasa", self.rasa_ports[0])),
            "SMARTCITY_VAR": str(self.var),
            "SMARTCITY_SECRET": self.secret,
            "SMARTCITY_ACTIONS": self.layout.actions,
            "SMARTCITY_CONSOLE": "on" if self.layout.console else "off",
            "SMARTCITY_LIMITS": "off",
            **self.layout.more,
        }
        if self.layout.shared:
            self._share()
        if self.layout.rasas > 1:
            rasas = [self._via("rasa", one) for one in self.rasa_ports]
            self.settings["SMARTCITY_RASA_URLS"] = ",".join(f"http://{LOOPBACK}:{one}" for one in rasas)
        for number, (port, place) in enumerate(zip(self.rasa_ports, self._rasa_folders(), strict=True), 1):
            name = "rasa" if len(self.rasa_ports) == 1 else f"rasa-{number}"
            own = {"SMARTCITY_RASA_PORT": str(port), "SMARTCITY_VAR": str(place)}
            self._add(self._part(name, ["rasa", "run"], own))
        if self.layout.actions == "http":
            self._add(self._part("actions", ["actions"], {"SMARTCITY_ACTIONS_PORT": str(self.ports["actions"])}))
        self._add(self._part("gateway", ["gateway"]))
        if self.layout.console:
            self._add(self._part("console", ["console", "serve"]))
            self._add(self._part("reader", ["console", "ingest", "--follow"]))
        public = self._via("gateway", self.ports["gateway"])
        self.address = f"http://{LOOPBACK}:{public}"
        if self.layout.nginx:
            part, port = servers.nginx(self.folder, public)
            self._add(part)
            self.address = f"http://{LOOPBACK}:{self._via('nginx', port)}"

    def _share(self) -> None:
        server, port = servers.postgresql(self.folder)
        self._add(server)
        servers.wait_for_postgresql(port)
        cache, redis_port = servers.redis(self.folder)
        self._add(cache)
        self.ports.update(postgresql=port, redis=redis_port)
        self.console_database = servers.postgresql_url(port)
        self.trackers = [self.console_database]
        database = servers.postgresql_url(self._via("postgresql", port))
        self.settings.update(
            SMARTCITY_TRACKER_DATABASE=database,
            SMARTCITY_DATABASE=database,
            SMARTCITY_REDIS=servers.redis_url(self._via("redis", redis_port)),
        )

    def _part(self, name: str, command: List[str], changes: Optional[Mapping[str, str]] = None) -> Part:
        return Part(name, [*SMARTCITY, *command], self.folder, {**self.settings, **(changes or {})})

    def _add(self, part: Part) -> None:
        self.parts[part.name] = part
        self._stack.callback(part.stop)
        part.start()


def _is_healthy(address: str) -> bool:
    try:
        return httpx.get(address, timeout=3, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _listens(port: int) -> bool:
    """Whether this Rasa has its model: before that it does not listen. The gateway is content with one of several."""
    try:
        socket.create_connection((LOOPBACK, port), 1).close()
    except OSError:
        return False
    return True


def wait_for_port(port: int, seconds: float = READY_SECONDS) -> None:
    """Return when something listens there. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if _listens(port):
            return
        time.sleep(0.1)
    raise TimeoutError(f"Nothing listens on port {port} after {seconds:g} s.")
