"""What was learnt counts when the very same is said again, whatever thousands of others say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcity.nlu.concepts import ConceptTable
from smartcity.nlu.intent_model import IntentModel, train_intent_model
from smartcity.nlu.learnt import TRUST, as_learnt, kept, key_of

PLACE = ["wo steht die uhr", "wo steht der preis der uhr", "wo steht der baum", "wo steht der preis vom tor"] * 5
COST = ["was kostet die uhr", "was kostet das haus", "was kostet der baum", "was kostet die bank"] * 4
TEXTS, LABELS = [*PLACE, *COST, "wo steht der preis"], ["place"] * len(PLACE) + ["cost"] * len(COST) + ["cost"]


def _model() -> IntentModel:
    return train_intent_model(TEXTS, LABELS, ConceptTable({}), regularization=0.02, seed=1)


@pytest.mark.parametrize("stored", [False, True])
def test_a_single_example_against_many_is_heard(tmp_path: Path, stored: bool) -> None:
    model = _model()
    if stored:
        model.save(tmp_path)
        model = IntentModel.load(tmp_path)
    cost = model.labels.index("cost")
    assert model.probabilities("Wo steht der Preis?")[cost] == pytest.approx(TRUST)
    # The weights alone say otherwise, and of any other text they decide.
    assert model.probabilities("wo steht der preis da")[cost] < 0.5


def test_texts_with_several_labels_are_left_to_the_model() -> None:
    texts, truth = [("a",), ("a",), ("b",)], np.array([0, 1, 1])
    assert kept(texts, truth, np.full((3, 2), 0.5)) == {key_of(("b",)): 1}
    assert kept(texts, truth, np.array([[1.0, 0.0], [0.0, 1.0], [0.1, 0.9]])) == {}


@given(st.lists(st.floats(0.001, 1.0), min_size=2, max_size=8), st.integers(0, 7))
def test_probabilities_stay_probabilities(values: list[float], label: int) -> None:
    before = np.array(values) / sum(values)
    label %= len(values)
    after = as_learnt({key_of(("x",)): label}, ("x",), before)
    assert after.sum() == pytest.approx(1.0) and (after >= 0).all()
    assert after[label] >= min(TRUST, before[label])
    assert as_learnt({key_of(("x",)): label}, ("y",), before) is before
