"""The measurements' own eyes: every kind of fault that they look for is seen, and what is right is not blamed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from smartcity.gateway.sessions import Sessions
from smartcity.privacy.tracker_store import EVENTS
from smartcity.settings import read_settings

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.faults.citizen import Said, Talk
from benchmarks.faults.judging import judge
from benchmarks.load.checking import check
from benchmarks.load.recording import Recorded
from benchmarks.load.step import Step

SECRET = "0123456789abcdef" * 4
RECORDED = [Recorded("kruiser", "de", [{"text": "gibts den noch"}, {"press": "Kosten"}], [["status"], ["cost"]])]
SESSION, TOKEN = Sessions(read_settings({"SMARTCITY_SECRET": SECRET})).begin("", "de")
SENDER = f"web:{SESSION.id}"
LOG = [("/greet", ["m0"]), ("gibts den noch", ["m1"]), ("/ask_cost", ["m2"])]
HELD: dict[str, Any] = {
    "number": 0,
    "token": TOKEN,
    "turns": [
        {"text": None, "status": 201, "answers": [["talk/greet", "m0"]]},
        {"text": "gibts den noch", "status": 200, "answers": [["status", "m1"]]},
        {"text": None, "status": 200, "answers": [["cost", "m2"]]},
    ],
}
Log = list[tuple[str, list[str]]]


def _tracker(folder: Path, log: Log) -> str:
    url = f"sqlite:///{folder}/conversations.db"
    engine = sa.create_engine(url)
    EVENTS.metadata.create_all(engine)
    rows = []
    for said, answers in log:
        rows.append(("user", {"text": said}))
        rows += [("bot", {"data": {"custom": {"id": answer}}}) for answer in answers]
    with engine.begin() as connection:
        values = [{"sender_id": SENDER, "type_name": kind, "data": json.dumps(data)} for kind, data in rows]
        connection.execute(EVENTS.insert(), values)
    engine.dispose()
    return url


def _held(place: int, **changes: Any) -> dict[str, Any]:
    turns = [dict(turn) for turn in HELD["turns"]]
    turns[place].update(changes)
    return {**HELD, "turns": turns}


def _refused(keep: int) -> dict[str, Any]:
    """The conversation, ended by a refusal of the turn with that number."""
    return {**HELD, "turns": [*HELD["turns"][:keep], {"text": None, "status": 503}]}


def test_what_is_right_has_no_faults(tmp_path: Path) -> None:
    verdict = check([HELD], RECORDED, SECRET, [_tracker(tmp_path, LOG)])
    assert (verdict.conversations, verdict.turns, verdict.refused, verdict.faults) == (1, 3, 0, [])


def test_each_of_several_processes_may_keep_its_own_log(tmp_path: Path) -> None:
    logs = []
    for name, log in (("one", LOG), ("other", [])):
        (tmp_path / name).mkdir()
        logs.append(_tracker(tmp_path / name, log))
    assert check([HELD], RECORDED, SECRET, logs).faults == []
    assert check([HELD], RECORDED, SECRET, logs[1:]).faults


@pytest.mark.parametrize(
    ("held", "log", "fault"),
    [
        (_held(1, answers=[["about", "m1"]]), LOG, "recorded ['status']"),
        (_held(1, answers=[["status", "m9"]]), LOG, "not those of the log"),
        (_held(1, text="was anderes"), LOG, "stands in the log as"),
        (HELD, LOG[:2], "the log holds 2"),
        (HELD, [*LOG, LOG[2]], "the log holds 4"),
        (HELD, [LOG[0], (LOG[1][0], ["m1", "m1"]), LOG[2]], "not those of the log"),
        (HELD, [LOG[0], LOG[2], LOG[1]], "not those of the log"),
        (_refused(2), [*LOG, LOG[2]], "the log holds 4"),
    ],
)
def test_every_fault_is_seen(tmp_path: Path, held: dict[str, Any], log: Log, fault: str) -> None:
    found = check([held], RECORDED, SECRET, [_tracker(tmp_path, log)]).faults
    assert any(fault in one for one in found), found


@pytest.mark.parametrize("log", [LOG[:2], LOG])
def test_a_turn_that_was_refused_may_stand_in_the_log_once(tmp_path: Path, log: Log) -> None:
    verdict = check([_refused(2)], RECORDED, SECRET, [_tracker(tmp_path, log)])
    assert (verdict.refused, verdict.faults) == (1, [])


SCRIPT = [Recorded("script", "de", [{"text": "eins"}, {"text": "zwei"}], [["one"], ["two"]])]


@pytest.mark.parametrize(
    ("log", "second", "expected"),
    [
        ([("eins", ["m1"]), ("zwei", ["m2"])], [["two", "m2"]], (0, 0, 0, 0)),
        ([("eins", ["m1"]), ("zwei", ["m2"]), ("zwei", ["m3"])], [["two", "m3"]], (1, 0, 0, 0)),
        ([("eins", ["m1"])], [["two", "m2"]], (0, 1, 0, 0)),
        ([("eins", ["m1"]), ("zwei", ["m2"])], [["else", "m2"]], (0, 0, 1, 0)),
        ([("eins", ["m1"])], None, (0, 0, 0, 1)),
    ],
)
def test_faults_of_a_citizen_are_told_apart(
    tmp_path: Path, log: Log, second: list[list[str]] | None, expected: tuple[int, int, int, int]
) -> None:
    talk = Talk(0, TOKEN, [Said("eins", 0.0, [["one", "m1"]]), Said("zwei", 1.0, second)])
    found = judge([talk], SCRIPT, SECRET, _tracker(tmp_path, [("/greet", ["m0"]), *log]))
    assert (len(found.twice), len(found.missing), len(found.wrong), found.refused) == expected


def test_a_step_is_borne_below_a_second_without_refusals() -> None:
    def step(p95: float, refusals: dict[str, int]) -> Step:
        return Step(10.0, 10.0, 5.0, p95, p95, refusals, 0, 1.0)

    assert [step(999, {}).is_borne, step(1001, {}).is_borne, step(5, {"503": 1}).is_borne] == [True, False, False]
