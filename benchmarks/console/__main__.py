"""`python -m benchmarks.console ingest`: measure, print and write results/."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.places import RESULTS


def _ingest(arguments: argparse.Namespace) -> int:
    from benchmarks.console.ingest import latencies, report, take_in

    with tempfile.TemporaryDirectory() as folder:
        ingested = take_in(arguments.events, Path(folder))
    text = report(ingested, latencies(arguments.messages, arguments.events))
    print(text)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "console-ingest.txt").write_text(text + "\n", "utf-8")
    return 0


def main() -> int:
    """Measure what is asked for; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.console", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="WHAT")
    ingest = commands.add_parser("ingest", help="how fast the reader is, and what the assistant notices of it")
    ingest.add_argument("--events", type=int, default=1_000_000)
    ingest.add_argument("--messages", type=int, default=300)
    ingest.set_defaults(run=_ingest)
    arguments = parser.parse_args()
    code: int = arguments.run(arguments)
    return code


if __name__ == "__main__":
    sys.exit(main())
