"""Two models that vote on the intent of a text by its weights; how they are learnt.

Each is learnt once from nineteen texts in twenty; the last one finds how much each of them counts, so that the
probabilities mean what they say. Where texts are few, it is one in four, and both are learnt again with all texts.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple, Tuple

import numpy as np
import numpy.typing as npt

from smartcity.nlu.calibration import best_factors, held_out, learns_all
from smartcity.nlu.network import Network, train_network
from smartcity.nlu.support_vectors import fit_support_vectors, unfinished_fits_allowed

if TYPE_CHECKING:
    from scipy import sparse

Array = npt.NDArray[Any]

USUAL_FACTORS = (2.5, 0.6)
"""Factors of linear model and network where nothing tells them."""


class Examples(NamedTuple):
    """Training texts: their weights, shape (texts, features), and label numbers, shape (texts,)."""

    matrix: sparse.csr_matrix
    truth: Array
    labels: int


class Voices(NamedTuple):
    """The two models that vote: the linear one's weights (features, labels) and bias (labels,), and the network."""

    weights: Array
    bias: Array
    network: Network

    def scores(self, matrix: sparse.csr_matrix) -> Tuple[Array, Array]:
        """Those of each, of texts by their weights."""
        return matrix @ self.weights + self.bias, self.network.scores(matrix)

    def scaled(self, linear: float, network: float) -> Voices:
        """The same with these factors in them."""
        return Voices(self.weights * linear, self.bias * linear, self.network.scaled(network))


def fitted_voices(examples: Examples, regularization: float, seed: int) -> Voices:
    """The models, with their factors in them."""
    truth = examples.truth
    held = held_out(truth, seed)
    factors: Tuple[float, ...] = USUAL_FACTORS
    voices = _learnt(examples, np.flatnonzero(~held), regularization, seed)
    if held.any():
        factors = best_factors(voices.scores(examples.matrix[held]), USUAL_FACTORS, truth[held])
    if learns_all(held):
        voices = _learnt(examples, np.arange(len(truth)), regularization, seed)
    return voices.scaled(*factors)


def _learnt(examples: Examples, texts: Array, regularization: float, seed: int) -> Voices:
    """The models as learnt from these texts, by their numbers."""
    matrix, truth, labels = examples.matrix[texts], examples.truth[texts], examples.labels
    with unfinished_fits_allowed(), ThreadPoolExecutor(1) as helper:  # NumPy and liblinear let other threads work
        network = helper.submit(train_network, matrix, truth, labels, seed)
        weights, bias = fit_support_vectors(matrix, truth, labels, regularization, seed)
        return Voices(weights, bias, network.result())
