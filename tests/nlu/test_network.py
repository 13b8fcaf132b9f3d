from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from threadpoolctl import threadpool_limits

from smartcity.nlu.calibration import softmax
from smartcity.nlu.descent import SMOOTHING, error_of
from smartcity.nlu.network import BATCH, DROPPED_OF_FEW, LEAST_KEPT, UNITS, _Learner, train_network
from smartcity.nlu.support_vectors import fit_support_vectors

TEXTS = 400
RNG = np.random.default_rng(7)
WORDS = sparse.csr_matrix(np.hstack([RNG.integers(0, 2, (TEXTS, 2)), RNG.random((TEXTS, 6)) < 0.3]).astype(float))
EITHER = (WORDS[:, 0].toarray().ravel() != WORDS[:, 1].toarray().ravel()).astype(int)
"""One of two words and not both: no weight of single words can tell it."""


def test_it_reads_what_a_linear_model_cannot() -> None:
    network = train_network(WORDS, EITHER, 2, seed=1)
    assert (network.scores(WORDS).argmax(axis=1) == EITHER).mean() > 0.9
    weights, bias = fit_support_vectors(WORDS, EITHER, 2, regularization=0.5, seed=1)
    assert ((WORDS @ weights + bias).argmax(axis=1) == EITHER).mean() < 0.8


def test_shapes_and_types() -> None:
    network = train_network(WORDS, EITHER, 3, seed=1)
    assert [array.shape for array in network] == [(8, UNITS), (UNITS,), (UNITS, 3), (3,)]
    assert {array.dtype for array in network} == {np.dtype(np.float32)}
    assert network.scores(WORDS[:5]).shape == (5, 3)


@pytest.mark.parametrize("threads", [1, 2])
def test_the_seed_alone_decides(threads: int) -> None:
    with threadpool_limits(threads):
        again = train_network(WORDS, EITHER, 2, seed=1)
    for one, other in zip(train_network(WORDS, EITHER, 2, seed=1), again, strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(again.output, train_network(WORDS, EITHER, 2, seed=2).output)


def test_texts_without_a_known_feature_are_learnt_from_too() -> None:
    empty = sparse.csr_matrix((BATCH + 1, 8))
    network = train_network(sparse.vstack([WORDS, empty]).tocsr(), np.append(EITHER, np.full(BATCH + 1, 2)), 3, seed=1)
    assert network.scores(sparse.csr_matrix((1, 8))).argmax() == 2


def test_the_factor_is_in_the_scores() -> None:
    network = train_network(WORDS, EITHER, 2, seed=1)
    np.testing.assert_allclose(network.scaled(2.5).scores(WORDS), network.scores(WORDS) * 2.5, rtol=1e-4)


def test_the_error_is_the_gradient_of_the_smoothed_loss() -> None:
    scores, truth = RNG.normal(size=(4, 3)), np.array([0, 2, 1, 1])
    wanted = np.full((4, 3), SMOOTHING / 3)
    wanted[np.arange(4), truth] += 1 - SMOOTHING

    def loss(at: np.ndarray) -> float:
        return float(-(wanted * np.log(softmax(at))).sum() / len(truth))

    found = error_of(scores.astype(np.float32), truth)
    for place in np.ndindex(*scores.shape):
        step = np.zeros_like(scores)
        step[place] = 1e-4
        slope = (loss(scores + step) - loss(scores - step)) / 2e-4
        assert found[place] == pytest.approx(slope, abs=1e-3)


def test_of_many_features_most_are_left_out_and_of_few_none() -> None:
    """Where all are kept, a text that is read twice in a step has the same weights twice."""
    many = sparse.csr_matrix(np.ones((TEXTS, 80)))
    assert _dropped(many) == pytest.approx(DROPPED_OF_FEW)
    assert _dropped(sparse.csr_matrix(np.ones((TEXTS, LEAST_KEPT * 2)))) == pytest.approx(0.5)
    assert _dropped(WORDS) == 0


def _dropped(matrix: sparse.csr_matrix) -> float:
    return float(_Learner(matrix, EITHER, 2, np.random.default_rng(1))._dropped)
