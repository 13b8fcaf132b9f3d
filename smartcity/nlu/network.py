"""A network with one layer of hidden units on the weights of a text, learnt with NumPy alone.

Rectified units; features and units are dropped at random while it learns (Srivastava et al., JMLR 2014), labels are
smoothed. Steps of the features' weights are Adagrad's (Duchi et al., JMLR 2011), for features that occur in a batch
only, which are few; all others are Adam's (Kingma and Ba, 2015). It reads what a linear
model cannot: that one word means something else beside another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, List, NamedTuple, Tuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy import sparse

Array = npt.NDArray[Any]

UNITS = 96
"""Hidden units."""
BATCH, SMALLEST_BATCH, BATCHES = 512, 16, 60
"""Texts that are learnt at once; fewer where there are not so many batches."""
STEPS = 1500
"""Steps at least, within the passes that are allowed."""
PASSES = (6, 50)
"""Fewest and most times that each text is read."""
DROPPED_FEATURES, DROPPED_UNITS = 0.5, 0.3
"""Shares of features and hidden units that are left out at random."""
SMOOTHING = 0.05
"""Share of certainty that goes to all labels alike."""
RATE_OF_FEATURES, RATE = 0.12, 0.0025
"""Size of the first steps of the features' weights, and of all others; both fall evenly."""
LEAST_RATE = 0.02
"""Share of the rate that is left at the end."""
FIRST_WEIGHTS = 0.09
"""Standard deviation of the features' weights before anything is learnt."""
MEAN, SQUARE, NEAR_ZERO = np.float32(0.9), np.float32(0.999), np.float32(1e-8)
"""Adam's constants."""


class Network(NamedTuple):
    """`features` of shape (features, units), `units` (units,), `output` (units, labels), `bias` (labels,); float32."""

    features: Array
    units: Array
    output: Array
    bias: Array

    def scores(self, matrix: sparse.csr_matrix) -> Array:
        """Scores of each text, shape (texts, labels), from its weights, shape (texts, features)."""
        found: Array = np.maximum(matrix.astype(np.float32) @ self.features + self.units, 0) @ self.output + self.bias
        return found

    def scaled(self, factor: float) -> Network:
        """The same, with scores so many times larger."""
        return self._replace(output=self.output * np.float32(factor), bias=self.bias * np.float32(factor))


def train_network(matrix: sparse.csr_matrix, truth: Array, labels: int, seed: int) -> Network:
    """Learn `truth`, label numbers of shape (texts,), from the weights of texts, shape (texts, features).

    On one core, so that the same seed gives the same network whatever the number of cores.
    """
    from threadpoolctl import threadpool_limits  # only training needs it

    with threadpool_limits(1):
        return _Learner(matrix, truth, labels, np.random.default_rng(seed)).learnt()


class _Moments:
    """Adam's two running means of the gradients of one array."""

    def __init__(self, array: Array) -> None:
        self._mean = np.zeros_like(array)
        self._square = np.zeros_like(array)

    def step(self, gradient: Array, count: int, rate: float) -> Array:
        """What to take off the array at the step of this count, from 1 on."""
        self._mean += (1 - MEAN) * (gradient - self._mean)
        self._square += (1 - SQUARE) * (gradient * gradient - self._square)
        scale = np.sqrt(self._square / (1 - SQUARE**count)) + NEAR_ZERO
        found: Array = self._mean * np.float32(rate / (1 - MEAN**count)) / scale
        return found


class _Sums:
    """Adagrad's sum of squared gradients of one array."""

    def __init__(self, array: Array) -> None:
        self._squares = np.zeros_like(array)

    def step(self, gradient: Array, rate: float, rows: Array) -> Array:
        """What to take off these rows of the array."""
        squares = self._squares[rows]
        squares += gradient * gradient
        self._squares[rows] = squares
        np.sqrt(squares, out=squares)
        squares += NEAR_ZERO
        gradient *= np.float32(rate)
        gradient /= squares
        return gradient


class _Learner:
    def __init__(self, matrix: sparse.csr_matrix, truth: Array, labels: int, rng: np.random.Generator) -> None:
        self._matrix = matrix.astype(np.float32)
        self._truth = truth
        self._rng = rng
        texts, features = matrix.shape
        self._size = min(BATCH, max(SMALLEST_BATCH, texts // BATCHES))
        a_pass = -(-texts // self._size)
        self._passes = min(max(-(-STEPS // a_pass), PASSES[0]), PASSES[1])
        self._steps = a_pass * self._passes
        self._features = rng.standard_normal((features, UNITS), dtype=np.float32) * np.float32(FIRST_WEIGHTS)
        self._of_features = _Sums(self._features)
        output = rng.standard_normal((UNITS, labels), dtype=np.float32) / np.float32(np.sqrt(UNITS))
        self._dense: List[Array] = [np.zeros(UNITS, np.float32), output, np.zeros(labels, np.float32)]
        self._of_dense = [_Moments(array) for array in self._dense]
        self._place = np.zeros(features, np.int32)
        """Where a feature stands among those of the batch."""

    def learnt(self) -> Network:
        count = 0
        for _ in range(self._passes):
            order = self._rng.permutation(len(self._truth))
            for start in range(0, len(order), self._size):
                count += 1
                self._learn(order[start : start + self._size], count)
        return Network(self._features, *self._dense)

    def _learn(self, texts: Array, count: int) -> None:
        """One step, on these texts."""
        units, output, bias = self._dense
        batch, used = self._drawn(texts)
        features = self._features[used]
        hidden = batch @ features
        hidden += units
        kept = self._rng.random(hidden.shape, dtype=np.float32) >= DROPPED_UNITS
        passed = (kept & (hidden > 0)) * np.float32(1 / (1 - DROPPED_UNITS))
        hidden *= passed
        error = self._error(hidden @ output + bias, self._truth[texts])
        back = (error @ output.T) * passed
        rate = max(LEAST_RATE, 1 - count / self._steps)
        gradients = (back.sum(axis=0), hidden.T @ error, error.sum(axis=0))
        for array, moments, gradient in zip(self._dense, self._of_dense, gradients):
            array -= moments.step(gradient, count, RATE * rate)
        features -= self._of_features.step(batch.T @ back, RATE_OF_FEATURES * rate, used)
        self._features[used] = features

    def _drawn(self, texts: Array) -> Tuple[sparse.csr_matrix, Array]:
        """The weights of these texts, some left out, shape (texts, used); and which features are used."""
        from scipy import sparse

        starts, ends = self._matrix.indptr[texts], self._matrix.indptr[texts + 1]
        lengths = ends - starts
        before = np.concatenate([[0], np.cumsum(lengths)])
        cells = np.repeat(starts - before[:-1], lengths) + np.arange(before[-1])
        kept = self._rng.random(len(cells), dtype=np.float32) >= DROPPED_FEATURES
        pointers = np.concatenate([[0], np.cumsum(kept)])[before]
        columns = self._matrix.indices[cells[kept]]
        values = self._matrix.data[cells[kept]] * np.float32(1 / (1 - DROPPED_FEATURES))
        used = np.unique(columns)
        self._place[used] = np.arange(len(used), dtype=np.int32)
        return sparse.csr_matrix((values, self._place[columns], pointers), shape=(len(texts), len(used))), used

    @staticmethod
    def _error(scores: Array, truth: Array) -> Array:
        """Gradient of the mean cross entropy of smoothed labels by the scores."""
        scores -= scores.max(axis=1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=1, keepdims=True)
        scores -= np.float32(SMOOTHING / scores.shape[1])
        scores[np.arange(len(truth)), truth] -= np.float32(1 - SMOOTHING)
        scores /= np.float32(len(truth))
        return scores
