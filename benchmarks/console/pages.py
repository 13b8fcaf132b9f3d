"""Times of the console's pages at few and at many turns, side by side: the same requests in turn to both.

Pages of the same length are compared: bulk.py says how. The ratio is that of the processor's time (of browser, console
and database together), since others that use the machine lengthen a page by more than a million turns do; how long it
took by the clock stands beside it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import secrets
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
import sqlalchemy as sa
import uvicorn
from sqlalchemy.engine import Engine
from starlette.applications import Starlette

from benchmarks.console.bulk import DAYS, TURNS, fill
from benchmarks.tables import table
from smartcity.console import clock
from smartcity.console.database import migrate, open_database, write
from smartcity.console.tables import accounts, figure_days, turns
from smartcity.console.web.app import create_app
from smartcity.console.web.pages.figures import Cache
from smartcity.settings import read_settings

LIMIT = 2.0
"""How much slower a page may be at many turns."""


def _paths(number: int) -> Mapping[str, str]:
    """What is measured, for a database of so many turns."""
    deep = number * 3 // 4
    return {
        "overview, yesterday and today": "/",
        "overview, everything": "/?period=all",
        "queue, not understood": "/search?queue=not_understood&period=180d",
        "queue, not reviewed": "/search?queue=unreviewed",
        "search, no filter": "/search",
        "search, a common word": "/search?text=kruiser",
        "search, three letters": "/search?text=kru",
        "search, a rare word": "/search?text=einhorn",
        "search, two words and a channel": "/search?text=bus+kostet&channel=telegram",
        "search, rare word and common channel": "/search?text=einhorn&channel=web",
        "search, common word and rare intent": "/search?text=kruiser&intent=theme_rare",
        "search, intent and outcome": "/search?intent=ask_cost&outcome=unknown",
        "search, initiative and outcome, rare": "/search?initiative=initiative-1&outcome=failed",
        "search, a common tag": "/search?tag=Schlagwort+1",
        "search, a rare tag": "/search?tag=Selten",
        "search, tag and language": "/search?tag=Schlagwort+1&language=de",
        "search, deep page": f"/search?page=older.{{at}}.{deep}",
        "search, common word, deep page": f"/search?text=kruiser&page=older.{{at}}.{deep}",
        "transcript": f"/conversations/{number // 2 // TURNS}",
    }


class Figure(NamedTuple):
    """Median milliseconds of a page with few and with many turns, of the processor and by the clock; turns shown."""

    few: float
    many: float
    clock_few: float
    clock_many: float
    shown_few: int
    shown_many: int


class Seen(NamedTuple):
    """Median milliseconds until the page of figures is there, of the processor and by the clock."""

    processor: float
    clock: float


def measure(kind: str, small: int, large: int, rounds: int, keep: str) -> tuple[dict[str, Figure], dict[str, Seen]]:
    """The times of each page, and those of the page of figures at many turns."""
    with ExitStack() as stack:
        clients = []
        for number in (small, large):
            engine = stack.enter_context(_filled(kind, number, keep))
            client, app = stack.enter_context(_console(engine))
            clients.append((client, engine, number))
        figures = {}
        for name in _paths(small):
            times: list[list[float]] = [[], []]
            clocks: list[list[float]] = [[], []]
            paths, shown = [], [0, 0]
            for _, engine, number in clients:
                with engine.connect() as connection:
                    query = sa.select(turns.c.at).where(turns.c.id == number * 3 // 4)
                    paths.append(_paths(number)[name].format(at=connection.execute(query).scalar()))
            for round_ in range(rounds + 3):
                for place, ((client, engine, _), path) in enumerate(zip(clients, paths)):
                    start, used = time.perf_counter(), _used(engine)
                    answer = client.get(path)
                    seconds, used = time.perf_counter() - start, _used(engine) - used
                    if answer.status_code != 200:
                        raise RuntimeError(f"{path} answers {answer.status_code}")
                    shown[place] = answer.text.count('class="said"') + answer.text.count("<article")
                    if round_ >= 3:
                        times[place].append(used * 1000)
                        clocks[place].append(seconds * 1000)
            figures[name] = Figure(*map(statistics.median, (*times, *clocks)), *shown)
        return figures, _figures(*clients[-1][:2], app)


def _figures(client: httpx.Client, engine: Engine, app: Starlette) -> dict[str, Seen]:
    """The page of figures over 180 days as if nobody had seen it yet."""
    address = f"/figures?from={clock.today() - dt.timedelta(days=DAYS - 1)}&to={clock.today()}"
    found = {}
    for name, path, forgets, rounds in (
        ("figures of 180 days", address, False, 7),
        ("of one channel", f"{address}&channel=telegram", False, 7),
        ("with no day kept, as after a change of each", address, True, 1),
    ):
        taken = []
        for round_ in range(rounds + 1):
            # The first one loads what compares questions; the console does so when it starts.
            if forgets and round_:
                with write(engine) as connection:
                    connection.execute(sa.update(figure_days).values(data=None))
            app.state.figures = Cache()
            start, used = time.perf_counter(), _used(engine)
            client.get(path).raise_for_status()
            if round_:
                taken.append(((_used(engine) - used) * 1000, (time.perf_counter() - start) * 1000))
        found[name] = Seen(*map(statistics.median, zip(*taken)))
    return found


def _used(engine: Engine) -> float:
    """Seconds of the processor until now: of this process, with the console in it, and of PostgreSQL's for it."""
    seconds = time.process_time()
    for number in _BACKENDS.get(engine, ()):
        with contextlib.suppress(OSError):
            seconds += int(Path(f"/proc/{number}/schedstat").read_text().split()[0]) / 1e9
    return seconds


_BACKENDS: dict[Engine, set[int]] = {}
"""PostgreSQL's processes for an engine's connections, which must be on this machine."""


def _note_backend(engine: Engine) -> None:
    numbers = _BACKENDS.setdefault(engine, set())
    sa.event.listen(engine, "connect", lambda connection, _: numbers.add(connection.get_backend_pid()))


def report(
    figures: Mapping[str, Figure], seen: Mapping[str, Seen], kind: str, small: int, large: int, rounds: int
) -> str:
    """The times as tables."""
    rows = [
        (
            name,
            one.shown_few or "",
            one.shown_many or "",
            f"{one.clock_few:.1f}",
            f"{one.clock_many:.1f}",
            f"{one.few:.1f}",
            f"{one.many:.1f}",
            f"{one.many / one.few:.2f}",
        )
        for name, one in figures.items()
    ]
    title = f"Pages of the console over HTTP, {kind}, median ms of {rounds} requests, {os.cpu_count()} cores"
    few, many = f"{small:,}", f"{large:,}"
    head = ["page", f"shown {few}", f"{many}", f"clock {few}", many, f"processor {few}", many, "ratio"]
    pages = table(title, head, rows)
    rows = [(name, f"{one.clock:.0f}", f"{one.processor:.0f}") for name, one in seen.items()]
    return pages + "\n\n" + table(f"Figures at {many} turns, median ms", ["page", "clock", "processor"], rows)


@contextmanager
def _filled(kind: str, number: int, keep: str) -> Iterator[Engine]:
    with ExitStack() as stack:
        if kind == "sqlite":
            folder = Path(keep or stack.enter_context(tempfile.TemporaryDirectory()))
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"console-{number}.db"
            is_there = path.exists()
            url = sa.engine.URL.create("sqlite", database=str(path.resolve()))
        else:
            url = stack.enter_context(_schema(f"{keep}_{number}" if keep else ""))
            is_there = "turns" in _tables(url)
        engine = open_database(url)
        if kind == "postgresql":
            _note_backend(engine)
        if not is_there:
            start = time.perf_counter()
            migrate(engine)
            fill(engine, number)
            print(f"{number:,} turns written in {time.perf_counter() - start:.0f} s ({kind})", flush=True)
        yield engine
        engine.dispose()


def _tables(url: sa.engine.URL) -> list[str]:
    engine = sa.create_engine(url, future=True)
    try:
        return list(sa.inspect(engine).get_table_names())
    finally:
        engine.dispose()


@contextmanager
def _schema(kept: str) -> Iterator[sa.engine.URL]:
    """A schema on the server of PGHOST; without a name to be kept under it goes afterwards."""
    name = kept or f"benchmark_{secrets.token_hex(4)}"
    server = sa.engine.URL.create(
        "postgresql",
        username=os.environ.get("PGUSER", "root"),
        password=os.environ.get("PGPASSWORD"),
        host=os.environ.get("PGHOST", "127.0.0.1"),
        port=int(os.environ.get("PGPORT", "5432")),
        database=os.environ.get("PGDATABASE", "test"),
    )
    engine = sa.create_engine(server, future=True)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {name}")
    try:
        yield server.set(query={"options": f"-csearch_path={name}"})
    finally:
        if not kept:
            with engine.begin() as connection:
                connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")
        engine.dispose()


@contextmanager
def _console(engine: Engine) -> Iterator[tuple[httpx.Client, Starlette]]:
    """A signed-in browser on a console of its own."""
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as taken:
        app = create_app(read_settings({"SMARTCITY_VAR": folder}), engine)
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        with engine.connect() as connection:
            account = connection.execute(sa.select(accounts.c.id).limit(1)).scalar()
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        cookies = {"console": app.state.sessions.begin(account)}
        with httpx.Client(base_url=address, cookies=cookies, trust_env=False, timeout=600) as client:
            yield client, app
        server.should_exit = True
        thread.join(10)
