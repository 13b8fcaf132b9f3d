"""Two models that vote on the intent of a text by its weights; how they are learnt.

Each is learnt once from nineteen texts in twenty; the last one finds how much each of them counts, so that the
probabilities mean what they say. Where texts are few, each quarter finds it in its turn, and both are learnt again with
all texts. Where few of them are out of scope, what is so is made likelier: people ask for more than examples show.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple, Tuple

import numpy as np
import numpy.typing as npt

from smartcity.nlu.calibration import at_least, best_factors, held_out
from smartcity.nlu.network import Network, train_network
from smartcity.nlu.support_vectors import fit_support_vectors, unfinished_fits_allowed

if TYPE_CHECKING:
    from scipy import sparse

Array = npt.NDArray[Any]

USUAL_FACTORS = (2.5, 0.6)
"""Factors of linear model and network where nothing tells them."""


USUAL_LEAN = 2.0
"""What is added to the score of what is out of scope, where it has few examples and nothing tells more."""


class Examples(NamedTuple):
    """Training texts: their weights, shape (texts, features), and label numbers, shape (texts,)."""

    matrix: sparse.csr_matrix
    truth: Array
    labels: int
    foreign: int = -1
    """The label of what is out of scope; -1 where there is none."""


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

    def leaning(self, label: int, lean: float) -> Voices:
        """The same with so much more for this label."""
        return self._replace(bias=self.bias + lean * (np.arange(len(self.bias)) == label))


def fitted_voices(examples: Examples, regularization: float, seed: int, foreign_share: float = 0.0) -> Voices:
    """The models, with their factors in them.

    At least `foreign_share` of what is said is taken to be out of scope.
    """
    truth, parts = examples.truth, held_out(examples.truth, seed)
    learnt = [_learnt(examples, np.flatnonzero(~held), regularization, seed) for held in parts]
    voices = learnt[0] if len(learnt) == 1 else _learnt(examples, np.arange(len(truth)), regularization, seed)
    if not parts:
        return voices.scaled(*USUAL_FACTORS)
    told = zip(*(one.scores(examples.matrix[held]) for one, held in zip(learnt, parts)))
    scores = [np.concatenate(of_model) for of_model in told]
    truth = np.concatenate([truth[held] for held in parts])
    counts = at_least(foreign_share, truth == examples.foreign)
    if (counts == 1).all():
        return voices.scaled(*best_factors(scores, USUAL_FACTORS, truth))
    foreign = np.broadcast_to(np.eye(examples.labels)[examples.foreign], scores[0].shape)
    linear, network, lean = best_factors([*scores, foreign], (*USUAL_FACTORS, USUAL_LEAN), truth, counts)
    return voices.scaled(linear, network).leaning(examples.foreign, lean)


def _learnt(examples: Examples, texts: Array, regularization: float, seed: int) -> Voices:
    """The models as learnt from these texts, by their numbers."""
    matrix, truth, labels = examples.matrix[texts], examples.truth[texts], examples.labels
    with unfinished_fits_allowed(), ThreadPoolExecutor(1) as helper:  # NumPy and liblinear let other threads work
        network = helper.submit(train_network, matrix, truth, labels, seed)
        weights, bias = fit_support_vectors(matrix, truth, labels, regularization, seed)
        return Voices(weights, bias, network.result())
