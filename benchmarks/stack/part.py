"""One process of the assistant that can be killed, frozen and started again."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Dict, List, Mapping, Optional, Sequence

from benchmarks.programs import Process, Program, ProgramError
from benchmarks.usage import Usage, usage


class Part:
    """A process by name; every start writes a log of its own."""

    def __init__(self, name: str, command: Sequence[str], folder: Path, changes: Mapping[str, str]) -> None:
        self.name = name
        self.starts = 0
        self.changes: Dict[str, str] = dict(changes)
        self._command = list(command)
        self._folder = folder
        self._program: Optional[Program] = None

    def start(self) -> None:
        self.starts += 1
        self._program = Program(self._command, self._folder / f"{self.name}-{self.starts}.log", self.changes)

    def is_alive(self) -> bool:
        if self._program is None:
            return False
        try:
            self._program.check_running()
        except ProgramError:
            return False
        return True

    def processes(self) -> List[Process]:
        return self._program.tree() if self._program else []

    def usage(self) -> Usage:
        return usage(self.processes())

    def kill(self) -> None:
        """At once and without a word, its children too."""
        self._signal(signal.SIGKILL)

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it as a service manager does."""
        if self._program:
            self.thaw()
            self._program.stop()

    def output(self) -> str:
        """What all its starts have written."""
        logs = [self._folder / f"{self.name}-{number}.log" for number in range(1, self.starts + 1)]
        return "\n".join(log.read_text("utf-8", "replace") for log in logs if log.exists())

    def _signal(self, number: int) -> None:
        for process, _ in self.processes():
            try:
                os.kill(process, number)
            except ProcessLookupError:
                continue
