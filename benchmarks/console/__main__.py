"""`python -m benchmarks.console pages` or `ingest`: measure, print and write results/."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.places import RESULTS


def _pages(arguments: argparse.Namespace) -> int:
    from benchmarks.console.pages import LIMIT, measure, report

    figures, seen = measure(arguments.database, arguments.small, arguments.large, arguments.rounds, arguments.keep)
    text = report(figures, seen, arguments.database, arguments.small, arguments.large, arguments.rounds)
    print(text)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"console-pages-{arguments.database}.txt").write_text(text + "\n", "utf-8")
    return 1 if arguments.gate and any(one.many / one.few > LIMIT for one in figures.values()) else 0


def _ingest(arguments: argparse.Namespace) -> int:
    from benchmarks.console.ingest import latencies, report, take_in

    with tempfile.TemporaryDirectory() as folder:
        ingested = take_in(arguments.events, Path(folder))
    text = report(ingested, latencies(arguments.messages, arguments.backlog))
    print(text)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "console-ingest.txt").write_text(text + "\n", "utf-8")
    return 0


def main() -> int:
    """Measure what is asked for; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.console", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="WHAT")
    pages = commands.add_parser("pages", help="times of pages at a thousand and at a million turns")
    pages.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    pages.add_argument("--small", type=int, default=1_000)
    pages.add_argument("--large", type=int, default=1_000_000)
    pages.add_argument("--rounds", type=int, default=40)
    pages.add_argument(
        "--keep", default="", help="to be used again: a folder for SQLite's files, or the beginning of schemas' names"
    )
    pages.add_argument("--gate", action="store_true", help="exit 1 when a page is more than twice as slow")
    pages.set_defaults(run=_pages)
    ingest = commands.add_parser("ingest", help="how fast the reader is, and what the assistant notices of it")
    ingest.add_argument("--events", type=int, default=1_000_000)
    ingest.add_argument("--backlog", type=int, default=400_000, help="events that a reader catches up with meanwhile")
    ingest.add_argument("--messages", type=int, default=300)
    ingest.set_defaults(run=_ingest)
    arguments = parser.parse_args()
    code: int = arguments.run(arguments)
    return code


if __name__ == "__main__":
    sys.exit(main())
