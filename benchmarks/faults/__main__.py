"""`python -m benchmarks.faults`: citizens talk while parts are killed, frozen, cut off, or lose disk, clock or content.

Processes run one by one and start again a second after they ended, as under systemd. Prints a table, writes
results/faults.txt. Needs redis-server, PostgreSQL's programs, nginx, libfaketime, and root for the full disk.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Callable, Dict, List, Sequence

from benchmarks.faults import catalogue
from benchmarks.faults.report import report
from benchmarks.faults.scripts import scripts
from benchmarks.faults.surroundings import SERVER_MEGABYTES, Clock, ContentSource, Disk
from benchmarks.faults.trial import Fault, Trial, run
from benchmarks.load.recording import Recorded, record
from benchmarks.own_assistant import train_when_stale
from benchmarks.places import RESULTS
from benchmarks.programs import ProgramError, end_on_signals
from benchmarks.stack.proxy import Links
from benchmarks.stack.stack import Layout, Stack

PATIENCE = {"SMARTCITY_ANSWER_SECONDS": "4"}
"""Ten by default; shorter, so that faults need not last as long."""


def _parts(folder: Path, only: Sequence[str]) -> List[Trial]:
    """Every process killed, frozen, cut off; PostgreSQL and Redis, actions over HTTP, console, behind nginx."""
    layout = Layout("all parts", shared=True, actions="http", console=True, nginx=True, more=PATIENCE)
    with Links() as links, Stack(layout, folder, restarts=True, via=links.to) as stack:
        return _run_all(catalogue.of_parts(stack, links), stack, only)


def _sqlite(folder: Path, only: Sequence[str]) -> List[Trial]:
    """The same for the parts of the default layout."""
    layout = Layout("SQLite", console=True, more=PATIENCE)
    with Links() as links, Stack(layout, folder, restarts=True, via=links.to) as stack:
        return _run_all(catalogue.of_parts(stack, links), stack, only)


def _disk(folder: Path, only: Sequence[str]) -> List[Trial]:
    folder.mkdir()
    with Disk(folder / "disk") as disk, Stack(Layout("disk", more=PATIENCE), disk.place / "stack", True) as stack:
        return _run_all(catalogue.of_disk(disk, stack), stack, only)


def _server_disk(folder: Path, only: Sequence[str]) -> List[Trial]:
    """PostgreSQL's files alone on a disk that fills; the assistant's own have room."""
    folder.mkdir(mode=0o755)
    layout = Layout("disk of PostgreSQL", shared=True, console=True, more=PATIENCE)
    disk = Disk(folder / "postgresql", SERVER_MEGABYTES)
    with disk, Stack(layout, folder, restarts=True) as stack:
        return _run_all(catalogue.of_server_disk(disk, stack.ports["postgresql"]), stack, only)


def _clock(folder: Path, only: Sequence[str]) -> List[Trial]:
    folder.mkdir()
    clock = Clock(folder)
    layout = Layout("clock", more={**PATIENCE, **clock.changes})
    with Stack(layout, folder / "stack", restarts=True) as stack:
        return _run_all(catalogue.of_clock(clock), stack, only)


def _content(folder: Path, only: Sequence[str]) -> List[Trial]:
    with ContentSource() as source:
        layout = Layout("content", more={**PATIENCE, "SMARTCITY_CONTENT": source.address})
        with Stack(layout, folder, restarts=True) as stack:
            return _run_all(catalogue.of_content(source, stack), stack, only)


GROUPS: Dict[str, Callable[[Path, Sequence[str]], List[Trial]]] = {
    "parts": _parts,
    "sqlite": _sqlite,
    "disk": _disk,
    "server-disk": _server_disk,
    "clock": _clock,
    "content": _content,
}


def _run_all(faults: Sequence[Fault], stack: Stack, only: Sequence[str]) -> List[Trial]:
    print(f"{stack.layout.name}: {', '.join(stack.parts)}", flush=True)
    recorded: List[Recorded] = []
    fit, _ = record(stack.address, scripts())
    recorded += fit
    trials = []
    for fault in faults:
        if only and fault.part not in only:
            continue
        trial = run(fault, stack, recorded)
        trials.append(trial)
        found = trial.judgement
        print(
            f"  {fault.part} {fault.kind}: {found.sent} sent, {found.answered} answered, {found.refused} refused, "
            f"{len(found.twice)} twice, {len(found.missing)} missing, {len(found.wrong)} wrong, "
            f"well again after {trial.recovered}, {dict(trial.refusals)}{'' if trial.is_fine else ' NOT FINE'}",
            flush=True,
        )
    return trials


def main() -> int:
    """Run the groups asked for; the exit code is 1 when anything was not fine."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}; all otherwise")
    parser.add_argument("--only", nargs="*", default=[], help="parts, such as rasa or redis")
    arguments = parser.parse_args()
    end_on_signals()
    trials: List[Trial] = []
    notes: List[str] = []
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        train_when_stale(scratch / "model")
        for name in arguments.groups or list(GROUPS):
            try:
                trials += GROUPS[name](scratch / name, arguments.only)
            except (ProgramError, TimeoutError) as error:
                notes.append(f"{name}: not run to its end: {error}")
                print(notes[-1], flush=True)
    text = report(trials, notes)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "faults.txt").write_text(text, "utf-8")
    print(text)
    return 1 if notes or not all(trial.is_fine for trial in trials) else 0


if __name__ == "__main__":
    sys.exit(main())
