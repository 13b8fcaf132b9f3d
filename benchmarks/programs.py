"""Programs that a benchmark starts, measures and always ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Dict, List, Mapping, Optional, Sequence, Tuple

from benchmarks.places import ROOT

LOOPBACK = "127.0.0.1"
END_SECONDS = 10.0
"""How long a program may take to end by itself."""
LAST_LINES = 20

Process = Tuple[int, str]
"""Number and start time of a process, so that a number used again is not mistaken for it."""


class ProgramError(RuntimeError):
    """A program failed; the message holds the end of its output."""


def environment(changes: Mapping[str, str]) -> Dict[str, str]:
    """This process's environment without settings of the assistant, quiet, with `changes`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SMARTCITY_", "RASA_"))}
    return {
        **kept,
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "PYTHONWARNINGS": "ignore",
        **changes,
    }


def end_on_signals() -> None:
    """Let SIGTERM and SIGHUP unwind the stack as Ctrl-C does, so that all programs are ended."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: sys.exit(128 + received))


def free_port() -> int:
    """A port of loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def run(command: Sequence[str], log: Path, changes: Mapping[str, str]) -> float:
    """Run a program to its end; the seconds it took. Raises ProgramError."""
    begun = time.perf_counter()
    with Program(command, log, changes) as program:
        code = program.wait()
    if code:
        raise ProgramError(f"{_shown(command)} ended with {code}; {log} holds its output:\n{tail(log)}")
    return time.perf_counter() - begun


class Program:
    """A running program with its output in `log`; a context manager that ends its whole tree."""

    def __init__(self, command: Sequence[str], log: Path, changes: Mapping[str, str]) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self.log = log
        self.command = _shown(command)
        with log.open("wb") as output:
            self._popen = subprocess.Popen(
                list(command),
                cwd=ROOT,
                env=environment(changes),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> Program:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.stop()

    def wait(self) -> int:
        return self._popen.wait()

    def check_running(self) -> None:
        """Raise ProgramError when the program has ended."""
        if self._popen.poll() is not None:
            raise ProgramError(f"{self.command} ended with {self._popen.returncode}:\n{tail(self.log)}")

    def tree(self) -> List[Process]:
        """The program and everything it started that still runs."""
        return tree(self._popen.pid)

    def stop(self) -> None:
        """End the whole tree: asked first, then forced."""
        processes = self.tree()
        if self._popen.poll() is None:
            self._popen.terminate()
            try:
                self._popen.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self._popen.kill()
        end = time.monotonic() + END_SECONDS / 5
        while time.monotonic() < end and any(_is_alive(process) for process in processes):
            time.sleep(0.05)
        for process in processes:
            if _is_alive(process):
                os.kill(process[0], signal.SIGKILL)
        self._popen.wait()


def tree(root: int) -> List[Process]:
    """The process `root` and its descendants."""
    children: Dict[int, List[Process]] = {}
    found: List[Process] = []
    for folder in Path("/proc").glob("[0-9]*"):
        fields = _stat(int(folder.name))
        if fields:
            process = (int(folder.name), fields[19])
            children.setdefault(int(fields[1]), []).append(process)
            if process[0] == root:
                found.append(process)
    for process in found:
        found.extend(children.get(process[0], ()))
    return found


def tail(log: Path) -> str:
    """The last lines of a log."""
    return "\n".join(log.read_text("utf-8", "replace").splitlines()[-LAST_LINES:])


def _stat(number: int) -> List[str]:
    """Fields of /proc/N/stat from the third on: state, parent, ...; the twentieth is the start time."""
    try:
        return Path(f"/proc/{number}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return []


def _is_alive(process: Process) -> bool:
    fields = _stat(process[0])
    return bool(fields) and fields[19] == process[1] and fields[0] != "Z"


def _shown(command: Sequence[str]) -> str:
    return " ".join([Path(command[0]).name, *command[1:]])
