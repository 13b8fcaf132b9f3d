"""`python -m benchmarks.runtime.growth`: what a message costs after 10 turns and after 500, in processor time.

In this process, on SQLite and, with `--postgresql URL`, in a schema of that database: warm (the process held the turn
before) and cold (another process did). Beside it what it costs where conversations are read and kept whole, as Rasa
does.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

from smartcity.runtime.local_assistant import LocalAssistant
from smartcity.runtime.model import train_when_stale
from smartcity.settings import read_settings

QUESTIONS = ("Was ist der KRuiser?", "Was kostet das?", "Wo ist das?", "Wer ist zuständig?", "Was ist mein.KRefeld?")
SHORT, LONG = 10, 500
MEASURED = 50
"""Messages that are measured for each length: the last ones of one long conversation, and all of several short ones."""
BOUND = 1.3


class Contestant:
    """An assistant whose conversations stand in a database; `whole` ones are never cut."""

    def __init__(self, assistant: LocalAssistant, url: str, whole: bool) -> None:
        from rasa.core.tracker_store import SQLTrackerStore

        self._assistant, self._whole = assistant, whole
        agent: Any = assistant._agent
        self._store = SQLTrackerStore(agent.domain, host=url)
        agent.tracker_store = agent.processor.tracker_store = self._store

    def cost(self, cold: bool) -> Tuple[float, float]:
        """Milliseconds of processor time of a message of short conversations, and after LONG turns."""
        from smartcity.runtime import tracker_windows

        kept = tracker_windows.MOST_TURNS
        tracker_windows.MOST_TURNS = 10**9 if self._whole else kept
        try:
            self._hold(SHORT, cold)
            short = [time for _ in range(MEASURED // SHORT) for time in self._hold(SHORT, cold)]
            return statistics.median(short), statistics.median(self._hold(LONG, cold)[-MEASURED:])
        finally:
            tracker_windows.MOST_TURNS = kept

    def _hold(self, turns: int, cold: bool) -> List[float]:
        sender, times = f"web:{secrets.token_hex(8)}", []
        for number in range(turns):
            if cold:
                self._store.__dict__.pop("_kept_trackers", None)
            begun = time.process_time()
            said = self._assistant.say(QUESTIONS[number % len(QUESTIONS)], sender)
            times.append((time.process_time() - begun) * 1000)
            assert said, "no answer"
        return times


def _measure(assistant: LocalAssistant, url: str, database: str, kinds: Sequence[bool]) -> List[Dict[str, Any]]:
    rows = []
    for whole in kinds:
        contestant = Contestant(assistant, url, whole)
        for cold in (False, True):
            how = f"{database}, {'whole' if whole else 'ours'}, {'cold' if cold else 'warm'}"
            print(f"Measuring {how} ...", file=sys.stderr, flush=True)
            short, long = contestant.cost(cold)
            ratio = round(long / short, 2)
            rows.append({"what": how, "short": round(short, 2), "long": round(long, 2), "ratio": ratio})
    return rows


def main() -> int:
    """Measure, print a table, keep it in results/growth.json; 1 where a message costs more than BOUND times as much."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.runtime.growth", description=__doc__)
    parser.add_argument("--postgresql", metavar="URL", help="measure there, too; tables are made and left")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SMARTCITY_VAR"] = folder
        settings = read_settings()
        assistant = LocalAssistant(settings, train_when_stale(settings))
        rows = _measure(assistant, f"sqlite:///{folder}/conversations.db", "SQLite", (False, True))
        if arguments.postgresql:
            rows += _measure(assistant, arguments.postgresql, "PostgreSQL", (False,))
    print(f"{'processor time of a message, ms':34}{SHORT:>8}{LONG:>8}{'ratio':>8}")
    for row in rows:
        print(f"{row['what']:34}{row['short']:8.2f}{row['long']:8.2f}{row['ratio']:8.2f}")
    results = Path("results")
    results.mkdir(exist_ok=True)
    (results / "growth.json").write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
    return int(any(row["ratio"] > BOUND for row in rows if ", ours," in row["what"]))


if __name__ == "__main__":
    sys.exit(main())
