"""A network with one layer of hidden units on the weights of a text, learnt with NumPy alone.

Rectified units; features and units are dropped at random while it learns (Srivastava et al., JMLR 2014), features for
all texts of a step at once, which fits better and has less to do. It reads what a linear model cannot: that one word
means something else beside another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, List, NamedTuple, Tuple

import numpy as np
import numpy.typing as npt

from smartcity.nlu.descent import Moments, Sums, batch_size, error_of, passes
from smartcity.nlu.weighting import FEW_TEXTS

if TYPE_CHECKING:
    from scipy import sparse

Array = npt.NDArray[Any]

UNITS = 128
"""Hidden units."""
BATCH, SMALLEST_BATCH = 512, 16
"""Most and fewest texts that are learnt at once."""
STEPS = 1500
"""Steps at least, within the passes that are allowed."""
PASSES = (6, 50)
"""Fewest and most times that each text is read."""
DROPPED_FEATURES, DROPPED_OF_FEW, DROPPED_UNITS = 0.5, 0.7, 0.3
"""Shares that are left out at random: of features, of features where texts are few, and of hidden units."""
LEAST_KEPT = 16
"""Features of a text that are left on average: where texts have few, fewer are left out, or none."""
RATE_OF_FEATURES, RATE = 0.12, 0.0025
"""Size of the first steps of the features' weights, and of all others; both fall evenly."""
LEAST_RATE = 0.02
"""Share of the rate that is left at the end."""
FIRST_WEIGHTS = 0.09
"""Standard deviation of the features' weights before anything is learnt."""


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


class _Learner:
    def __init__(self, matrix: sparse.csr_matrix, truth: Array, labels: int, rng: np.random.Generator) -> None:
        self._matrix = matrix.astype(np.float32)
        self._truth = truth
        self._rng = rng
        texts, features = matrix.shape
        self._size = batch_size(texts, SMALLEST_BATCH, BATCH)
        self._passes = passes(texts, self._size, STEPS, *PASSES)
        # Of two words that mean something together, both are seldom left.
        most = DROPPED_OF_FEW if texts < FEW_TEXTS else DROPPED_FEATURES
        self._dropped = np.float32(min(most, max(0.0, 1 - LEAST_KEPT * texts / max(matrix.nnz, 1))))
        self._steps = -(-texts // self._size) * self._passes
        self._features = rng.standard_normal((features, UNITS), dtype=np.float32) * np.float32(FIRST_WEIGHTS)
        self._of_features = Sums(self._features)
        output = rng.standard_normal((UNITS, labels), dtype=np.float32) / np.float32(np.sqrt(UNITS))
        self._dense: List[Array] = [np.zeros(UNITS, np.float32), output, np.zeros(labels, np.float32)]
        self._of_dense = [Moments(array) for array in self._dense]
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
        error = error_of(hidden @ output + bias, self._truth[texts])
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
        columns = self._matrix.indices[cells]
        kept = (self._rng.random(self._matrix.shape[1], dtype=np.float32) >= self._dropped)[columns]
        pointers = np.concatenate([[0], np.cumsum(kept)])[before]
        columns = columns[kept]
        values = self._matrix.data[cells[kept]] * (1 / (1 - self._dropped))
        used = np.unique(columns)
        self._place[used] = np.arange(len(used), dtype=np.int32)
        return sparse.csr_matrix((values, self._place[columns], pointers), shape=(len(texts), len(used))), used
