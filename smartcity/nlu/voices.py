"""Three models that vote on the intent of a text, two by its weights, one by its words in order; how they are learnt.

Each is learnt once from nineteen texts in twenty; the last one finds how much each of them counts, so that the
probabilities mean what they say. Where texts are few, it is one in four, and all are learnt again with all texts.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple, Tuple

import numpy as np
import numpy.typing as npt

from smartcity.nlu.calibration import best_factors
from smartcity.nlu.convolution import Convolution, Corpus, train_convolution
from smartcity.nlu.network import Network, train_network
from smartcity.nlu.support_vectors import fit_support_vectors, unfinished_fits_allowed
from smartcity.nlu.weighting import FEW_TEXTS

if TYPE_CHECKING:
    from scipy import sparse

Array = npt.NDArray[Any]

HELD_OUT_OF_FEW, HELD_OUT_OF_MANY = 4, 20
"""One text in so many is held out to find the factors; of few, all are learnt again after that."""
USUAL_FACTORS = (2.5, 0.6, 0.4)
"""Factors of linear model, network and convolution where nothing tells them."""


class Examples(NamedTuple):
    """Training texts: their weights, shape (texts, features), their words, and label numbers, shape (texts,)."""

    matrix: sparse.csr_matrix
    corpus: Corpus
    truth: Array
    labels: int


class Voices(NamedTuple):
    """The three models that vote: the linear one's weights (features, labels) and bias (labels,), and both networks."""

    weights: Array
    bias: Array
    network: Network
    convolution: Convolution

    def scores(self, examples: Examples, texts: Array) -> Tuple[Array, Array, Array]:
        """Those of each, of these texts by their numbers."""
        matrix = examples.matrix[texts]
        return (
            matrix @ self.weights + self.bias,
            self.network.scores(matrix),
            self.convolution.scores(examples.corpus.of_texts(texts)),
        )

    def scaled(self, linear: float, network: float, convolution: float) -> Voices:
        """The same with these factors in them."""
        return Voices(
            self.weights * linear,
            self.bias * linear,
            self.network.scaled(network),
            self.convolution.scaled(convolution),
        )


def fitted_voices(examples: Examples, regularization: float, seed: int) -> Voices:
    """The models, with their factors in them."""
    truth = examples.truth
    many = len(truth) >= FEW_TEXTS
    held = np.random.RandomState(seed).permutation(len(truth)) % (HELD_OUT_OF_MANY if many else HELD_OUT_OF_FEW) == 0
    factors: Tuple[float, ...] = USUAL_FACTORS
    if not held.any() or len(set(truth[~held])) < 2:
        held[:] = False
    voices = _learnt(examples, np.flatnonzero(~held), regularization, seed)
    if held.any():
        texts = np.flatnonzero(held)
        factors = best_factors(voices.scores(examples, texts), USUAL_FACTORS, truth[texts])
        if not many:
            voices = _learnt(examples, np.arange(len(truth)), regularization, seed)
    return voices.scaled(*factors)


def _learnt(examples: Examples, texts: Array, regularization: float, seed: int) -> Voices:
    """The models as learnt from these texts, by their numbers."""
    matrix, truth, labels = examples.matrix[texts], examples.truth[texts], examples.labels
    with unfinished_fits_allowed(), ThreadPoolExecutor(1) as helper:  # NumPy and liblinear let other threads work
        convolution = helper.submit(train_convolution, examples.corpus, texts, truth, labels, seed)
        weights, bias = fit_support_vectors(matrix, truth, labels, regularization, seed)
        network = train_network(matrix, truth, labels, seed)
        return Voices(weights, bias, network, convolution.result())
