"""A comparison that was cut off goes on where it was, and takes nothing over from other code or data."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.understanding import kept
from benchmarks.understanding.datasets import Dataset
from benchmarks.understanding.kept import KeptRuns, key_of
from benchmarks.understanding.measures import Prediction
from benchmarks.understanding.systems import DIET, NLPJS, OURS, PLAIN, SPARSE, Run

DATASET = Dataset("a set", [("hallo", "greet"), ("was kostet das", "cost")], [("moin", "greet")])
TESTS = {"as written": ["moin"], "validation": []}
RUN = Run({"as written": [Prediction("greet", 0.5), Prediction(None, 0.0)], "validation": []}, [0.1], 1, 2, 3, 4, "now")


def test_a_run_that_was_kept_is_found_again(tmp_path: Path) -> None:
    KeptRuns(tmp_path / "new", True).keep("key", RUN)
    assert KeptRuns(tmp_path / "new", True).find("key") == replace(RUN, earlier=True)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["key.json"]


def test_nothing_is_taken_over_unless_asked_for(tmp_path: Path) -> None:
    KeptRuns(tmp_path, False).keep("key", RUN)
    assert KeptRuns(tmp_path, False).find("key") is None and KeptRuns(tmp_path, True).find("other") is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"predictions": 1}', '{"predictions": {}}'])
def test_what_cannot_be_read_is_measured_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "key.json").write_text(text, "utf-8")
    assert KeptRuns(tmp_path, True).find("key") is None


def test_sentences_seed_and_epochs_decide_the_key() -> None:
    before = key_of(DIET, DATASET, TESTS, 0, 100)
    assert before == key_of(DIET, DATASET, TESTS, 0, 100)
    others = [
        key_of(SPARSE, DATASET, TESTS, 0, 100),
        key_of(DIET, replace(DATASET, train=DATASET.train[:1]), TESTS, 0, 100),
        key_of(DIET, DATASET, {**TESTS, "as written": ["moin moin"]}, 0, 100),
        key_of(DIET, DATASET, TESTS, 1, 100),
        key_of(DIET, DATASET, TESTS, 0, 50),
    ]
    assert len({before, *others}) == 6
    assert key_of(PLAIN, DATASET, TESTS, 0, 100) == key_of(PLAIN, DATASET, TESTS, 0, 50)


def test_a_change_of_our_code_is_another_key_for_ours_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    systems = (OURS, DIET, SPARSE, PLAIN, NLPJS)
    (tmp_path / "smartcity" / "nlu").mkdir(parents=True)
    monkeypatch.setattr(kept, "ROOT", tmp_path)
    before = [key_of(system, DATASET, TESTS, 0, 100) for system in systems]
    (tmp_path / "smartcity" / "nlu" / "voices.py").write_text("LEAN = 2\n", "utf-8")
    changed = [key != key_of(system, DATASET, TESTS, 0, 100) for key, system in zip(before, systems, strict=True)]
    assert changed == [True, False, False, False, False]
