"""Starts processes again that have ended, a second later: what systemd does with Restart=on-failure, RestartSec=1.

`smartcity run` ends all processes when one ends, and leaves the new start to a service manager; for faults
in single processes they run one by one, as docs/operation.md describes.
"""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Dict, Optional, Sequence

from benchmarks.stack.part import Part

RESTART_SECONDS = 1.0
LOOK_SECONDS = 0.2


class Supervisor:
    """A context manager: while it is open, `parts` are kept running."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts
        self._ended: Dict[str, float] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)

    def __enter__(self) -> Supervisor:
        self._thread.start()
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            for part in self._parts:
                if part.is_alive():
                    self._ended.pop(part.name, None)
                elif time.monotonic() - self._ended.setdefault(part.name, time.monotonic()) >= RESTART_SECONDS:
                    self._ended.pop(part.name)
                    part.start()
