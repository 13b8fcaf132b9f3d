from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcity.nlu.concepts import ConceptTable
from smartcity.nlu.linear_model import LinearModel, train_linear_model

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
MODEL = train_linear_model(TEXTS, LABELS, CONCEPTS, regularization=0.3, seed=42)


def test_what_was_learnt_is_known() -> None:
    for text, label in zip(TEXTS, LABELS, strict=True):
        assert MODEL.labels[int(MODEL.probabilities(text).argmax())] == label


def test_shapes_fit() -> None:
    features, labels = len(MODEL.vocabulary), len(MODEL.labels)
    assert MODEL.labels == ("cost", "greet", "place")
    assert MODEL.weights.shape == (features, labels)
    assert MODEL.bias.shape == (labels,) and MODEL.idf.shape == (features,)
    assert sorted(MODEL.vocabulary.values()) == list(range(features))


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
    turned = train_linear_model(TEXTS[::-1], LABELS[::-1], CONCEPTS, regularization=0.3, seed=42)
    assert turned.labels == MODEL.labels and turned.vocabulary == MODEL.vocabulary
    assert all(turned.probabilities(t).argmax() == MODEL.probabilities(t).argmax() for t in TEXTS)


def test_saving_and_loading_keeps_everything(tmp_path: Path) -> None:
    MODEL.save(tmp_path)
    loaded = LinearModel.load(tmp_path)
    assert loaded.labels == MODEL.labels
    assert loaded.vocabulary == MODEL.vocabulary
    assert loaded.concepts.entries == MODEL.concepts.entries
    np.testing.assert_array_equal(loaded.weights, MODEL.weights)
    np.testing.assert_allclose(loaded.idf, MODEL.idf, rtol=1e-6)


def test_a_stored_model_with_pickle_in_it_is_refused(tmp_path: Path) -> None:
    MODEL.save(tmp_path)
    np.savez(tmp_path / "intents.npz", idf=np.array([{}], dtype=object), weights=MODEL.weights, bias=MODEL.bias)
    with pytest.raises(ValueError, match="allow_pickle"):
        LinearModel.load(tmp_path)
