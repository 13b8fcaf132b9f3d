"""Measures, noise and readers of the comparison."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.understanding import datasets, measures, noise
from benchmarks.understanding.measures import Prediction

TRUTH = ["a", "a", "b", "oos"]
FOUND = [Prediction("a", 0.9), Prediction("b", 0.6), Prediction("b", 0.8), Prediction("a", 0.3)]


def test_figures() -> None:
    assert measures.accuracy(TRUTH, FOUND) == 0.5
    assert measures.macro_f1(["a", "a", "b"], FOUND[:3]) == pytest.approx(2 / 3)
    assert measures.risk_coverage(TRUTH, FOUND) == pytest.approx([0, 0, 1 / 3, 0.5])
    assert measures.risk_coverage_area(TRUTH, FOUND) == pytest.approx((1 / 3 + 0.5) / 4)


def test_calibration() -> None:
    sure = [Prediction("a", 1.0)] * 4
    assert measures.calibration_error(["a"] * 4, sure) == 0
    assert measures.calibration_error(["a", "a", "b", "b"], sure) == 0.5


def test_the_operating_point_comes_from_the_validation_part() -> None:
    found = [Prediction("a", (n + 1) / 10) for n in range(10)]
    point = measures.operating_point(["oos"] * 10, found, "oos")
    assert point == pytest.approx(0.9)
    assert measures.at_point(["a", "oos"], [Prediction("a", 0.95), Prediction("a", 0.5)], "oos", point) == (1.0, 1.0)
    assert measures.at_point(["a", "oos"], [Prediction("a", 0.5), Prediction("oos", 0.99)], "oos", point) == (0.0, 1.0)
    assert measures.operating_point(["a"], [Prediction("a", 0.5)], "oos") == 0.0


@given(st.text(max_size=80), st.integers(0, 99))
def test_noise_is_by_seed_and_small(text: str, seed: int) -> None:
    for change in noise.NOISES.values():
        assert change(text, random.Random(seed)) == change(text, random.Random(seed))
    assert abs(len(noise.one_slip(text, random.Random(seed))) - len(text)) <= 1


def test_kinds_of_noise() -> None:
    rng = random.Random(1)
    assert noise.without_umlauts("Größe für Öl", rng) == "Grosse fur Ol"
    assert noise.keywords("Was kostet denn der KRuiser in der Stadt?", rng) == "kostet kruiser stadt"
    assert noise.keywords("in der", rng) == "in der"
    assert noise.one_slip("ab an", rng) == "ab an"


def test_public_sets_are_read_where_they_lie(tmp_path: Path) -> None:
    assert datasets.public_sets(tmp_path) == []
    (tmp_path / "nlu-evaluation-corpora").mkdir()
    sentences = [{"text": "t1", "intent": "i", "training": True}, {"text": "t2", "intent": "j", "training": False}]
    (tmp_path / "nlu-evaluation-corpora" / "ChatbotCorpus.json").write_text(json.dumps({"sentences": sentences}))
    (tmp_path / "xsid").mkdir()
    block = "# id = 1\n# text = Regnet es?\n# intent = weather/find\n1\tRegnet\tweather/find\tO\n"
    for part in ("de.valid", "de.test", "de-ba.test"):
        (tmp_path / "xsid" / f"{part}.conll").write_text(block)
    german, bavarian, munich = datasets.public_sets(tmp_path)
    assert german.train == bavarian.test == [("Regnet es?", "weather.find")]
    assert (munich.train, munich.test) == ([("t1", "i")], [("t2", "j")])


def test_folds_of_our_data_share_no_text_with_what_is_learnt() -> None:
    fold = datasets.own_fold(0)
    learnt = {datasets.plain(text) for text, _ in fold.train}
    assert len(fold.test) > 1000 and len(learnt) > 10_000
    assert {intent for _, intent in fold.test} <= {intent for _, intent in fold.train}


def test_a_sample_is_the_same_each_time_and_has_every_intent_by_its_share() -> None:
    examples = [(f"text {n}", "many" if n % 10 else "few") for n in range(1000)] + [("a", "rare"), ("b", "rare")]
    chosen = datasets.sampled(examples, 100)
    assert chosen == datasets.sampled(examples, 100)
    assert set(chosen) <= set(examples) and len(set(chosen)) == len(chosen)
    counts = {intent: sum(found == intent for _, found in chosen) for intent in ("many", "few", "rare")}
    assert counts == {"many": 90, "few": 10, "rare": 2}
    assert datasets.sampled(examples, 0) == datasets.sampled(examples, 5000) == examples


def test_a_fold_of_a_sample_says_so() -> None:
    fold = datasets.own_fold(0, 3000)
    assert fold.name == "own, cross-validation, sample of 3000"
    assert len(fold.train) + len(fold.validation) + len(fold.test) == pytest.approx(3000, abs=100)
