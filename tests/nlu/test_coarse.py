from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from smartcity.nlu.coarse import Coarse

MATRICES = npst.arrays(np.float64, npst.array_shapes(min_dims=2, max_dims=2), elements=st.floats(-100, 100, width=32))


@given(MATRICES, st.sampled_from([0.5, 1.0]))
def test_no_weight_moves_by_more_than_half_a_step(weights: np.ndarray, share: float) -> None:
    coarse = Coarse.of(weights, share)
    assert np.abs(coarse.weights - weights).max() <= coarse.step * 0.5001 + 1e-4
    assert coarse.steps.dtype in (np.int8, np.int16)


def test_a_far_weight_gets_more_bits_and_not_another_value() -> None:
    weights = np.zeros((100, 100))
    weights[0, 0], weights[1, 1] = 50.0, 0.3
    coarse = Coarse.of(weights, 0.5)
    assert coarse.steps.dtype == np.int16
    assert coarse.weights[0, 0] == pytest.approx(50.0, rel=0.01)


def test_what_16_bits_do_not_hold_is_refused() -> None:
    weights = np.zeros((1000, 1000))
    weights[0, 0] = 1.0
    with pytest.raises(ValueError, match="16 bits"):
        Coarse.of(weights, 0.01)


def test_the_sum_of_rows_is_that_of_the_matrix() -> None:
    weights = np.random.default_rng(1).normal(size=(20, 5))
    coarse = Coarse.of(weights, 0.5)
    rows, values = np.array([3, 7, 19]), np.array([0.5, 2.0, 1.0])
    np.testing.assert_allclose(coarse.weighted_sum(rows, values), values @ coarse.weights[rows], rtol=1e-5)
    assert coarse.weighted_sum(rows[:0], values[:0]).tolist() == [0.0] * 5
