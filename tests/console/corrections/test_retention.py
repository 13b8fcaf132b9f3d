"""Proposals and trials go with the conversation that they came from, and by their age; no text stays anywhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from smartcity.console import clock, retention
from smartcity.console.corrections import retention as corrections
from smartcity.console.corrections.proposals import Proposals
from smartcity.console.database import write
from smartcity.console.tables import deletions, erasures, proposals, trials
from smartcity.settings import Settings

from ..both import engine as engine
from ..rows import a_conversation, stored, turn_ids
from .test_export import proposal
from .test_trials import WAITS, WORKS, Make, ended, keep, make, running, until

__all__ = ["engine", "make"]

STATES = ("proposed", "approved", "declined", "exported")
DAY = clock.DAY


def _erase(engine: Engine, pseudonym: str) -> dict[str, int]:
    """As a citizen does in the chat."""
    with write(engine) as connection:
        connection.execute(erasures.insert().values(pseudonym=pseudonym, at=1))
    return retention.apply_erasures(engine)


def _trial(engine: Engine, **values: Any) -> int:
    row = {"state": "done", "share": 1.0, "proposals": [], "made_at": 1, "ended_at": clock.now(), **values}
    with write(engine) as connection:
        return int(connection.execute(trials.insert().values(**row)).inserted_primary_key[0])


def _texts(engine: Engine) -> list[str]:
    return sorted(row["text"] for row in stored(engine, proposals))


def _two(engine: Engine) -> tuple[list[int], list[int]]:
    """Two conversations with a proposal of every kind and state; the turns of each."""
    found = []
    for name in ("mine", "other"):
        ids = turn_ids(engine, a_conversation(engine, [{}, {}], pseudonym=name))
        for state in STATES:
            for kind in ("example", "topic", "conversation"):
                keep(engine, proposal(0, f"{name} {kind} {state}", turn_id=ids[0], kind=kind, state=state))
        found.append(ids)
    return found[0], found[1]


def test_a_deletion_reaches_every_proposal_of_the_conversation(engine: Engine) -> None:
    _two(engine)
    assert _erase(engine, "mine")["proposals"] == 12
    assert len(_texts(engine)) == 12 and not [text for text in _texts(engine) if text.startswith("mine")]


def test_age_takes_what_was_not_approved_and_cuts_the_link(engine: Engine) -> None:
    _two(engine)
    assert retention.purge(engine, 180, clock.now() + 181 * DAY)["proposals"] == 12
    left = stored(engine, proposals)
    assert {row["state"] for row in left} == {"approved", "exported"} and len(left) == 12
    assert {row["turn_id"] for row in left} == {None}


def test_a_deletion_reaches_what_trials_tell(engine: Engine) -> None:
    mine, other = _two(engine)
    of_mine, of_other = (
        next(row["id"] for row in stored(engine, proposals) if row["text"].startswith(name))
        for name in ("mine", "other")
    )
    flips = [
        {"turn": mine[0], "after": {"text": "Zauberwort"}},
        {"turn": other[0], "after": {"text": "Anderes"}},
        {"proposal": of_mine, "after": {"text": "Zauberwort"}},
        {"proposal": of_other, "after": {"text": "Anderes"}},
        {"text": "of the project", "origin": "development"},
        "no flip at all",
    ]
    both = _trial(engine, proposals=[of_mine, of_other], result={"flips": flips, "evaluated": 5})
    failed = _trial(
        engine, state="failed", proposals=[of_mine, of_other], result={"error": "crashed", "detail": "Zauberwort"}
    )
    alone = _trial(engine, proposals=[of_mine], result={"flips": []})
    untouched = _trial(engine, proposals=[of_other], result={"flips": [{"turn": other[1]}], "evaluated": 1})
    _erase(engine, "mine")
    left = {row["id"]: row for row in stored(engine, trials)}
    assert set(left) == {both, failed, untouched} and alone not in left
    assert left[both]["proposals"] == left[failed]["proposals"] == [of_other]
    assert left[both]["result"] == {"flips": [flips[1], flips[3], flips[4]], "evaluated": 5}
    assert left[failed]["result"] == {"error": "crashed"}
    assert left[untouched]["result"]["flips"] == [{"turn": other[1]}]
    assert "Zauberwort" not in repr(left)


@pytest.mark.parametrize("column", ["proposals", "result"])
def test_a_trial_that_somebody_tampered_with_stops_no_deletion(column: str, engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        return  # PostgreSQL takes only JSON there
    _two(engine)
    number = _trial(engine, proposals=[1], result={"flips": []})
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE trials SET {column} = '[Zauberwort' WHERE id = ?", (number,))
    assert _erase(engine, "mine")["proposals"] == 12
    assert stored(engine, trials, id=number) == []


def test_a_running_trial_of_a_deleted_proposal_ends(make: Make, engine: Engine, settings: Settings) -> None:
    turn = turn_ids(engine, a_conversation(engine, [{"said": "Zauberwort"}], pseudonym="mine"))[0]
    keep(engine, proposal(7, "Zauberwort kost wat", entities=[], turn_id=turn))
    # Tells of itself again and again, as the real command does.
    trials_ = make("import json, time\n" + "while True:\n    " + WAITS.splitlines()[2] + "\n    time.sleep(0.1)\n")
    number = trials_.start([proposal(7, "Zauberwort kost wat", entities=[], turn_id=turn)], None)
    until(trials_, number, running)
    folder = settings.var / "trials" / str(number)
    assert b"Zauberwort" in _bytes(folder), "the example is in the copy of data/"
    _erase(engine, "mine")
    trial = until(trials_, number, ended)
    assert (trial.state, trial.result, list(trial.proposals)) == ("failed", {"error": "erased"}, [])
    _until(lambda: not folder.exists())


def test_what_a_citizen_said_stands_in_no_file_of_a_trial(make: Make, engine: Engine, settings: Settings) -> None:
    a_conversation(engine, [{"said": "Zauberwort"}])
    reads = "import sys\nasked = open(sys.argv[-1]).read()\nassert 'Zauberwort' in asked\n" + WAITS
    trials_ = make(reads)
    number = trials_.start([proposal()], None)
    until(trials_, number, running)
    assert b"Zauberwort" not in _bytes(settings.var / "trials" / str(number))
    trials_.cancel(number)


def test_what_goes_while_a_trial_runs_is_not_in_its_result(make: Make, engine: Engine, tmp_path: Path) -> None:
    a_conversation(engine, [{"said": "Zauberwort"}], pseudonym="mine")
    stays = turn_ids(engine, a_conversation(engine, [{"said": "bleibt"}]))[0]
    keep(engine, proposal(7))
    go = tmp_path / "go"
    waits = WAITS.replace("time.sleep(60)", f"while not os.path.exists({str(go)!r}): time.sleep(0.02)")
    trials_ = make(waits + WORKS)
    number = trials_.start([proposal(7)], None)
    until(trials_, number, running)
    _erase(engine, "mine")
    go.touch()
    trial = until(trials_, number, ended)
    assert trial.state == "done" and trial.result
    assert [flip.get("turn") for flip in trial.result["flips"] if "turn" in flip] == [stays]


def test_what_is_closed_goes_by_its_age(engine: Engine) -> None:
    now = clock.now()
    for state in STATES:
        for age in (179, 181):
            closed = now - age * DAY if state in ("declined", "exported") else None
            keep(engine, proposal(0, f"{state} {age}", state=state, made_at=1, decided_at=1, closed_at=closed))
    old, new = (_trial(engine, ended_at=now - age * DAY, result={}) for age in (181, 179))
    under_way = _trial(engine, state="running", ended_at=None, made_at=1)
    assert corrections.purge(engine, 180, now) == {"proposals": 2, "trials": 1}
    assert _texts(engine) == [
        "approved 179",
        "approved 181",
        "declined 179",
        "exported 179",
        "proposed 179",
        "proposed 181",
    ]
    assert {row["id"] for row in stored(engine, trials)} == {new, under_way} and old not in (new, under_way)
    assert [(row["reason"], row["counts"]) for row in stored(engine, deletions)] == [
        ("retention", {"proposals": 2, "trials": 1})
    ]
    assert corrections.purge(engine, 180, now) == {"proposals": 0, "trials": 0}


def test_the_days_are_counted_from_closing_and_not_again_once_reopened(proposals: Proposals) -> None:
    one = proposals.get(proposals.propose("example", "wat kost dat denn", 1, intent="ask_cost"))
    assert one and one.closed_at is None
    proposals.approve(one, 2)
    approved = proposals.get(one.id)
    assert approved and approved.closed_at is None
    proposals.exported([approved])
    exported = proposals.get(one.id)
    assert exported and exported.closed_at and exported.closed_at >= (exported.decided_at or 0)
    proposals.reopen(exported)
    again = proposals.get(one.id)
    assert again and again.closed_at is None
    other = proposals.get(proposals.propose("example", "wie teuer ist dat", 1, intent="ask_cost"))
    assert other
    proposals.decline(other, 2, "nein")
    declined = proposals.get(other.id)
    assert declined and declined.closed_at


def test_what_a_trial_has_left_is_removed(make: Make, engine: Engine, settings: Settings) -> None:
    trials_ = make(WAITS)
    trials_.tidy()
    assert not (settings.var / "trials").exists()
    left = settings.var / "trials" / "5"
    left.mkdir(parents=True)
    (left / "data").write_text("Zauberwort")
    number = _trial(engine, state="running", ended_at=None)
    trials_.tidy()
    assert not left.exists()
    (row,) = stored(engine, trials, id=number)
    assert (row["state"], row["result"]) == ("failed", {"error": "lost"})
    running_one = trials_.start([proposal()], None)
    until(trials_, running_one, running)
    make(WAITS).tidy()
    assert (settings.var / "trials" / str(running_one)).exists(), "a trial under way keeps its folder"
    trials_.cancel(running_one)


def _bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)
