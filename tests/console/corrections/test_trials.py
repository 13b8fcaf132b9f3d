"""Trials: one at a time, told as they go, ended with a reason. The real command runs in test_correction_to_answer."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from smartcity.console.corrections.proposals import Proposal
from smartcity.console.corrections.trials import Trial, TrialError, Trials
from smartcity.console.database import write
from smartcity.console.tables import proposals
from smartcity.console.tables import trials as table
from smartcity.knowledge.documents import ContentError
from smartcity.settings import Settings

from ..both import engine as engine
from ..rows import a_conversation, stored, turn_ids
from .test_export import proposal

WORKS = """
import json, pathlib, sys, os
data, questions = (sys.argv[sys.argv.index(name) + 1] for name in ("--data", "--questions"))
texts = "".join(path.read_text() for path in sorted(pathlib.Path(data, "nlu").glob("*.yml")))
asked = json.load(open(questions))
print("no json at all")
print(json.dumps({"step": "training", "share": 0.5}), flush=True)
flips = [{**one, "before": {"answers": ["lost"]}, "after": {"answers": ["which"]}} for one in asked]
flips.append({"text": "of the project", "origin": "development", "before": {}, "after": {}})
result = {"evaluated": len(asked), "flips": flips, "added": "[Kruser](initiative)" in texts, "nice": os.nice(0)}
print(json.dumps({"result": result}))
"""
WAITS = """
import time, json, pathlib, os, sys
print(json.dumps({"step": "training", "share": 0.25}), flush=True)
time.sleep(60)
"""

Make = Callable[..., Trials]


@pytest.fixture
def make(engine: Engine, settings: Settings, project: Path) -> Make:
    def run(script: str, **more: Any) -> Trials:
        return Trials(engine, settings, project, [sys.executable, "-c", script], **more)

    return run


def keep(engine: Engine, one: Proposal) -> None:
    """Insert the proposal's row; the id 0 lets the database choose one."""
    with write(engine) as connection:
        # The accounts that made and approved it are another matter.
        row = {**one.__dict__, "made_by": None, "decided_by": None}
        if not one.id:
            del row["id"]
        connection.execute(proposals.insert().values(**row))


def until(trials: Trials, number: int, reached: Callable[[Trial], bool]) -> Trial:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        found = trials.get(number)
        assert found
        if reached(found):
            return found
        time.sleep(0.05)
    raise AssertionError(found)


def ended(trial: Trial) -> bool:
    return trial.state in ("done", "failed")


def running(trial: Trial) -> bool:
    return trial.share == 0.25


def process_of(settings: Settings, number: int) -> int:
    return int((settings.var / "trials" / str(number) / "pid").read_text())


def test_a_trial_tries_the_proposals_and_keeps_no_text_of_a_citizen(
    make: Make, engine: Engine, project: Path, settings: Settings
) -> None:
    said = a_conversation(engine, [{"said": "ganz geheim"}, {"said": "GANZ geheim!"}, {"said": "x", "pressed": True}])
    trials = make(WORKS)
    keep(engine, proposal(7))
    number = trials.start([proposal(7)], None)
    trial = until(trials, number, ended)
    assert trial.state == "done" and trial.result, trial
    assert trial.result["added"] is True
    assert trial.result["nice"] >= 10
    ids = [(flip.get("proposal"), flip.get("turn"), flip.get("text")) for flip in trial.result["flips"]]
    latest = turn_ids(engine, said)[1]
    assert ids == [(7, None, None), (None, latest, None), (None, None, "of the project")]
    assert "geheim" not in repr(stored(engine, table))
    assert trial.proposals == [7]
    # Nothing of the project changed, and nothing is left behind.
    assert not (project / "data" / "nlu" / "corrections.yml").exists()
    time.sleep(0.2)
    assert [path.name for path in (settings.var / "trials").iterdir()] == ["lock"]


def test_one_at_a_time_and_told_as_it_goes(make: Make) -> None:
    trials = make(WAITS)
    number = trials.start([proposal()], None)
    trial = until(trials, number, running)
    assert (trial.state, trial.step) == ("running", "training")
    with pytest.raises(TrialError, match="busy"):
        trials.start([proposal()], None)
    with pytest.raises(TrialError, match="busy"):
        make(WAITS).start([proposal()], None)  # in another console
    assert trials.cancel(number)
    trial = until(trials, number, ended)
    assert (trial.state, trial.result) == ("failed", {"error": "cancelled"})
    assert not trials.cancel(number)


def test_cancelling_ends_the_process(make: Make, settings: Settings) -> None:
    trials = make(WAITS)
    number = trials.start([proposal()], None)
    until(trials, number, running)
    pid = process_of(settings, number)
    assert make(WAITS).cancel(number)  # from another console
    end = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()
    again = trials.start([proposal()], None)
    trials.cancel(again)


def test_a_killed_process_is_a_failed_trial_with_the_reason(make: Make, settings: Settings) -> None:
    trials = make(WAITS)
    number = trials.start([proposal()], None)
    until(trials, number, running)
    os.kill(process_of(settings, number), signal.SIGKILL)
    trial = until(trials, number, ended)
    assert (trial.state, trial.result) == ("failed", {"error": "killed", "detail": "SIGKILL"})


@pytest.mark.parametrize(
    ("script", "detail"),
    [
        ("raise SystemExit('no such model')", "no such model"),
        ("pass", "exit code 0"),
        ("print('{\"share\": 1}'); print('[]'); raise SystemExit(3)", "exit code 3"),
        ('print(\'{"step": "x", "share": "much"}\')', "exit code 0"),
    ],
)
def test_a_crash_is_a_failed_trial_with_its_last_words(make: Make, script: str, detail: str) -> None:
    trials = make(script)
    trial = until(trials, trials.start([proposal()], None), ended)
    assert trial.state == "failed" and trial.result
    assert trial.result["error"] == "crashed"
    assert detail in trial.result["detail"]


def test_what_no_console_watches_any_more_is_given_up(make: Make, settings: Settings) -> None:
    trials = make(WAITS)
    number = trials.start([proposal()], None)
    until(trials, number, running)
    trials._watched.clear()  # as after the end of the console that began it
    other = make(WAITS)
    assert until(other, number, running).state == "running"  # its process lives
    os.killpg(process_of(settings, number), signal.SIGKILL)
    trial = until(other, number, ended)
    assert trial.state == "failed" and trial.result and trial.result["error"] in ("lost", "killed")


def test_a_broken_data_file_begins_no_trial(make: Make, project: Path, engine: Engine) -> None:
    (project / "data" / "nlu" / "corrections.yml").write_text("nlu: [\n", "utf-8")
    trials = make(WORKS)
    with pytest.raises(ContentError, match=r"data/nlu/corrections.yml:2"):
        trials.start([proposal()], None)
    assert trials.latest() == []
    with pytest.raises(TrialError, match="nothing"):
        trials.start([proposal(kind="topic", intent=None)], None)
