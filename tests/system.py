"""The whole assistant for tests: `smartcity run` in a process group of its own, and a client of its public API."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional

import httpx

from .ports import free_ports

START_SECONDS = 120
"""How long training (when stale) and start may take together."""
STOP_SECONDS = 20
"""How long all processes may take to end after SIGINT."""
PROJECT = Path(__file__).parent.parent


class RunningSystem:
    """`smartcity run`, started with settings of its own; ends with `stop`."""

    def __init__(self, var: Path, environ: Optional[Mapping[str, str]] = None, project: Path = PROJECT) -> None:
        port, rasa_port, actions_port, console_port = free_ports(4)
        self.address = f"http://127.0.0.1:{port}"
        self.console = f"http://127.0.0.1:{console_port}"
        self.rasa = f"http://127.0.0.1:{rasa_port}"
        self.log = var / "run.log"
        self.settings = {
            "SMARTCITY_PORT": str(port),
            "SMARTCITY_RASA_PORT": str(rasa_port),
            "SMARTCITY_ACTIONS_PORT": str(actions_port),
            # Most tests need no console; those that do switch it on.
            "SMARTCITY_CONSOLE": "off",
            "SMARTCITY_CONSOLE_PORT": str(console_port),
            "SMARTCITY_VAR": str(var),
            "SMARTCITY_LIMITS": "off",
            **(environ or {}),
        }
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SMARTCITY_")}
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "smartcity.cli", "run"],
                cwd=project,
                env={**inherited, **self.settings},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._started: Dict[int, str] = {}

    def wait_until_healthy(self) -> None:
        """Return when it says so itself and /health answers 200. Raises RuntimeError with the end of the output."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            try:
                # While it still trains, its port may be another program's.
                said = b"The assistant is ready." in self.log.read_bytes()
                if said and httpx.get(f"{self.address}/health", timeout=3, trust_env=False).status_code == 200:
                    self._started = _family(self._process.pid)
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.3)
        raise RuntimeError(f"The assistant did not become ready. The end of its output:\n{self._end_of_log()}")

    def pid(self, part: str) -> int:
        """The process whose command line ends like this, such as 'rasa run'."""
        alive = _alive(_family(self._process.pid)).items()
        [found] = [pid for pid, line in alive if line.endswith(part) and "sh -c" not in line]
        return found

    def stop(self) -> List[str]:
        """End it as Ctrl-C does; the command lines of its processes that are left all the same."""
        started = {**self._started, **_family(self._process.pid)}
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        end = time.monotonic() + 3
        while _alive(started) and time.monotonic() < end:
            time.sleep(0.1)
        left = _alive(started)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        if self._process.poll() is None:
            self._process.wait(5)
        return list(left.values())

    def _end_of_log(self) -> str:
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-25:])


def _family(root: int) -> Dict[int, str]:
    """The process, its descendants and whoever shares a session with one of them, with when they began.

    The manager starts a session of its own, so the process group of `root` alone would miss most.
    """
    stats = _stats()
    family = {root} & stats.keys()
    while True:
        sessions = {stats[pid][1] for pid in family}
        more = {pid for pid, (parent, session, _) in stats.items() if parent in family or session in sessions}
        if more <= family:
            return {pid: stats[pid][2] for pid in family}
        family |= more


def _alive(started: Mapping[int, str]) -> Dict[int, str]:
    """Those of the processes that still run, with their command lines."""
    stats = _stats()
    return {pid: _command(pid) for pid, began in started.items() if pid in stats and stats[pid][2] == began}


def _stats() -> Dict[int, tuple[int, int, str]]:
    """Parent, session and start time of every process that is not a zombie."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z":
                found[int(folder.name)] = (int(fields[1]), int(fields[3]), fields[19])
    return found


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace").replace("\0", " ").strip()
    except OSError:
        return f"process {pid}"


class ApiClient:
    """A citizen's browser: holds one conversation over the public API."""

    def __init__(self, address: str) -> None:
        self._http = httpx.Client(base_url=address, timeout=20, trust_env=False)
        self.greeting: List[Dict[str, Any]] = []

    def open(self, language: str = "de") -> None:
        """Begin a conversation; `greeting` holds what the assistant says first."""
        self._http.headers.pop("Authorization", None)
        answer = self._http.post("/chat/sessions", json={"language": language})
        answer.raise_for_status()
        self._http.headers["Authorization"] = f"Bearer {answer.json()['session']}"
        self.greeting = answer.json()["messages"]

    def say(self, text: str) -> List[Dict[str, Any]]:
        return self._send({"text": text})

    def press(self, payload: str) -> List[Dict[str, Any]]:
        return self._send({"payload": payload})

    def close(self) -> None:
        self._http.close()

    def _send(self, body: Mapping[str, str]) -> List[Dict[str, Any]]:
        answer = self._http.post("/chat/messages", json=dict(body))
        answer.raise_for_status()
        messages: List[Dict[str, Any]] = answer.json()["messages"]
        return messages
