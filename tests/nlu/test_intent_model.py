from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcity.nlu.concepts import ConceptTable
from smartcity.nlu.intent_model import ARRAYS, IntentModel, train_intent_model
from smartcity.nlu.network import UNITS
from smartcity.nlu.storage import write_arrays

TEXTS = [
    "was kostet das",
    "wie teuer ist das",
    "was kostet es",
    "wo ist das",
    "wo steht es",
    "wo genau",
    "hallo",
    "hallo du",
    "guten tag",
]
LABELS = ["cost"] * 3 + ["place"] * 3 + ["greet"] * 3
CONCEPTS = ConceptTable({"kostet": "money", "teuer": "money"})
MODEL = train_intent_model(TEXTS, LABELS, CONCEPTS, regularization=0.3, seed=42)


def test_what_was_learnt_is_known() -> None:
    for text, label in zip(TEXTS, LABELS, strict=True):
        assert MODEL.labels[int(MODEL.probabilities(text).argmax())] == label


def test_shapes_fit() -> None:
    features, labels, vocabulary = len(MODEL.weighting.vocabulary), len(MODEL.labels), MODEL.weighting.vocabulary
    assert MODEL.labels == ("cost", "greet", "place")
    assert MODEL.linear.steps.shape == (features, labels) and MODEL.hidden.steps.shape == (features, UNITS)
    assert MODEL.units.shape == (UNITS,) and MODEL.output.shape == (UNITS, labels)
    assert MODEL.bias.shape == (labels,) and MODEL.weighting.idf.shape == (features,)
    assert sorted(vocabulary.values()) == list(range(features))


@given(st.text())
def test_any_text_has_probabilities(text: str) -> None:
    probabilities = MODEL.probabilities(text)
    assert np.isfinite(probabilities).all() and (probabilities >= 0).all()
    assert probabilities.sum() == pytest.approx(1)
    assert 0 <= MODEL.familiarity(text) <= 1


@given(st.lists(st.sampled_from(["was", "kostet", "WO", "Hallo", "Quark", "🙂"]), max_size=6))
def test_case_does_not_matter(said: list[str]) -> None:
    text = " ".join(said)
    assert MODEL.probabilities(text.upper()).tolist() == MODEL.probabilities(text.lower()).tolist()


def test_the_order_of_examples_hardly_matters() -> None:
    turned = train_intent_model(TEXTS[::-1], LABELS[::-1], CONCEPTS, regularization=0.3, seed=42)
    assert turned.labels == MODEL.labels and turned.weighting.vocabulary == MODEL.weighting.vocabulary
    assert all(turned.probabilities(t).argmax() == MODEL.probabilities(t).argmax() for t in TEXTS)


def test_saving_and_loading_keeps_everything(tmp_path: Path) -> None:
    MODEL.save(tmp_path)
    loaded = IntentModel.load(tmp_path)
    assert loaded.labels == MODEL.labels
    assert loaded.weighting.vocabulary == MODEL.weighting.vocabulary
    assert loaded.concepts.entries == MODEL.concepts.entries
    np.testing.assert_array_equal(loaded.linear.weights, MODEL.linear.weights)
    np.testing.assert_array_equal(loaded.hidden.weights, MODEL.hidden.weights)
    assert dict(loaded.seen) == dict(MODEL.seen)
    assert set(loaded.known) == set(MODEL.known)
    np.testing.assert_allclose(loaded.weighting.idf, MODEL.weighting.idf, rtol=1e-6)


def test_a_stored_model_with_pickle_in_it_is_refused(tmp_path: Path) -> None:
    MODEL.save(tmp_path)
    write_arrays(tmp_path / ARRAYS, steps=np.array([{}], dtype=object), bias=MODEL.bias)
    with pytest.raises(ValueError, match="allow_pickle"):
        IntentModel.load(tmp_path)
