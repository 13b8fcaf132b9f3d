"""What processes use: processor time, memory, open files, from /proc."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

from benchmarks.programs import Process

TICKS = os.sysconf("SC_CLK_TCK")
_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True)
class Usage:
    """Seconds of a processor so far, MB of memory (proportional), open files, threads."""

    processor: float
    memory: float
    files: int
    threads: int


def usage(processes: Sequence[Process]) -> Usage:
    """Of some processes together; those that have ended count nothing."""
    seconds, kilobytes, files, threads = 0.0, 0, 0, 0
    for number, _ in processes:
        folder = Path(f"/proc/{number}")
        try:
            fields = (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
            # With the time of children that have ended: PostgreSQL has a process for each connection.
            seconds += sum(int(fields[place]) for place in (11, 12, 13, 14)) / TICKS
            threads += int(fields[17])
            found = _PSS.search((folder / "smaps_rollup").read_text("ascii"))
            kilobytes += int(found.group(1)) if found else 0
            files += len(os.listdir(folder / "fd"))
        except OSError:
            continue
    return Usage(seconds, kilobytes * 1024 / 1e6, files, threads)


def machine_seconds() -> tuple[float, float]:
    """Seconds of all processors together since the start: in use, and idle."""
    fields = [int(field) for field in Path("/proc/stat").read_text("ascii").splitlines()[0].split()[1:9]]
    idle = fields[3] + fields[4]
    return (sum(fields) - idle) / TICKS, idle / TICKS
