"""How fast the reader takes events in, how much memory it needs, and what the assistant notices of it."""

from __future__ import annotations

import json
import re
import resource
import sqlite3
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from benchmarks.console.log import fill
from benchmarks.own_assistant import SMARTCITY, OwnAssistant
from benchmarks.places import ROOT
from benchmarks.programs import Program, environment
from benchmarks.tables import table
from smartcity.database import open_database

START_SECONDS = 60.0
"""The most until a reader that was just started is at work."""
QUESTIONS = ("Was kostet der Kruiser?", "gibts das noch", "Wer ist zuständig?", "LoRaWAN", "wetter morgen")


@dataclass(frozen=True)
class Ingested:
    """Taking `events` in: seconds of the whole command, those of a processor, peak memory in MB, what arrived."""

    events: int
    turns: int
    seconds: float
    processor: float
    memory: float


@dataclass(frozen=True)
class Answered:
    """Milliseconds of answers: the median and the 95th percentile."""

    name: str
    median: float
    slow: float


def take_in(events: int, folder: Path) -> Ingested:
    """Fill a store of Rasa in `folder` and read it to its end with `smartcity console ingest`."""
    tracker = open_database(sa.engine.make_url(f"sqlite:///{folder}/conversations.db"))
    turns = fill(tracker, events)
    with tracker.connect() as connection:
        events = int(connection.execute(sa.text("SELECT count(*) FROM events")).scalar())
    tracker.dispose()
    begin, used = time.perf_counter(), _processor()
    command = [*SMARTCITY, "console", "ingest"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment({"SMARTCITY_VAR": str(folder)}))
    memory = 0.0
    while process.poll() is None:
        memory = max(memory, _memory(process.pid))
        time.sleep(0.1)
    seconds, processor = time.perf_counter() - begin, _processor() - used
    console = open_database(sa.engine.make_url(f"sqlite:///{folder}/console.db"))
    with console.connect() as connection:
        arrived = int(connection.execute(sa.text("SELECT count(*) FROM turns")).scalar())
    console.dispose()
    if process.returncode or arrived != turns:
        raise RuntimeError(f"{arrived} of {turns} turns arrived; exit code {process.returncode}.")
    return Ingested(events, turns, seconds, processor, memory)


def latencies(messages: int, backlog: int) -> list[Answered]:
    """Answers' times without the reader, with it, and with it busy with a backlog; in turns, in one run."""
    found: dict[str, list[float]] = {"without the reader": [], "with the reader": [], "reader catching up": []}
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folders = [Path(name) / part for part in ("without", "with", "busy")]
        for folder in folders:
            folder.mkdir(mode=0o700)
        store = open_database(sa.engine.make_url(f"sqlite:///{folders[2]}/conversations.db"))
        fill(store, backlog)
        store.dispose()
        clients = [stack.enter_context(_assistant(folder)) for folder in folders]
        for client in clients * 20:
            _ask(client)
        for folder in folders[1:]:
            command = [*SMARTCITY, "console", "ingest", "--follow"]
            stack.enter_context(Program(command, folder / "reader.log", {"SMARTCITY_VAR": str(folder)}))
        end = time.monotonic() + START_SECONDS
        while not all(map(_has_begun, folders[1:])) and time.monotonic() < end:
            time.sleep(0.2)
        for _ in range(messages):
            for client, times in zip(clients, found.values(), strict=True):
                times.append(_ask(client))
        left = _unread(folders[2])
    if not left:
        raise RuntimeError("The reader had caught up before the end: take more events or fewer messages.")
    return [
        Answered(name, statistics.median(times), statistics.quantiles(times, n=20)[-1]) for name, times in found.items()
    ]


def _unread(folder: Path) -> int:
    """Events that the reader has not come to yet."""
    return int(_only(folder / "conversations.db", "SELECT max(id) FROM events")) - _place(folder)


def _has_begun(folder: Path) -> bool:
    return _place(folder) > 0


def _place(folder: Path) -> int:
    try:
        value = _only(folder / "console.db", "SELECT value FROM cursors WHERE name = 'events'")
    except sqlite3.OperationalError:
        return 0  # its tables are not made yet
    return int(json.loads(value)["last"]) if value else 0


def _only(database: Path, query: str) -> Any:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        row = connection.execute(query).fetchone()
    return row[0] if row else None


def report(ingested: Ingested, answered: list[Answered]) -> str:
    """Both as plain text."""
    row = (
        f"{ingested.events:,}", f"{ingested.turns:,}", f"{ingested.seconds:.1f}",
        f"{ingested.events / ingested.seconds:,.0f}", f"{ingested.processor:.1f}",
        f"{ingested.events / ingested.processor:,.0f}", f"{ingested.memory:.0f}",
    )  # fmt: skip
    first = table(
        "Taking in", ("events", "turns", "seconds", "a second", "processor s", "a processor s", "MB at most"), [row]
    )
    rows = [(one.name, f"{one.median:.1f}", f"{one.slow:.1f}") for one in answered]
    second = table("Answers, in milliseconds", ("assistant", "median", "95th percentile"), rows)
    return f"{first}\n\n{second}"


@contextmanager
def _assistant(var: Path) -> Iterator[httpx.Client]:
    """A running assistant, and a client in a conversation with it."""
    with OwnAssistant(var) as program:
        program.wait_until_ready()
        with httpx.Client(base_url=program.address, timeout=30, trust_env=False) as client:
            session = client.post("/chat/sessions", json={}).raise_for_status().json()["session"]
            client.headers["Authorization"] = f"Bearer {session}"
            yield client


_number = iter(range(10**9))


def _ask(client: httpx.Client) -> float:
    """Milliseconds until the whole answer is there."""
    text = QUESTIONS[next(_number) % len(QUESTIONS)]
    begin = time.perf_counter()
    client.post("/chat/messages", json={"text": text}).raise_for_status()
    return (time.perf_counter() - begin) * 1000


def _processor() -> float:
    """Seconds of a processor that processes which have ended have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _memory(pid: int) -> float:
    """Megabytes that the process has in memory."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    except OSError:
        return 0.0
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found.group(1)) / 1024 if found else 0.0
