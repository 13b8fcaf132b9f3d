"""Linear support vectors for all labels at once (Crammer and Singer, JMLR 2001, as in liblinear)."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Iterator, Tuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy import sparse

Array = npt.NDArray[Any]

TOLERANCE = 0.3
"""Where liblinear stops; a smaller one takes longer and changes no figure."""
MOST_PASSES = 100
LOW = -2.0
"""Bias of labels without an example."""


@contextmanager
def unfinished_fits_allowed() -> Iterator[None]:
    """Fits that end after MOST_PASSES warn of nothing: later passes change no figure.

    To be entered by the main thread, since warnings are kept for all threads at once.
    """
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


def fit_support_vectors(
    matrix: sparse.csr_matrix, truth: Array, labels: int, regularization: float, seed: int
) -> Tuple[Array, Array]:
    """Weights (features, labels) and bias (labels,); `truth` has shape (texts,)."""
    from sklearn.svm import LinearSVC  # only training needs it

    machine = LinearSVC(
        C=regularization, random_state=seed, multi_class="crammer_singer", tol=TOLERANCE, max_iter=MOST_PASSES
    )
    machine.fit(matrix, truth)
    coefficients, intercepts = machine.coef_, machine.intercept_
    if len(machine.classes_) == 2:
        coefficients = np.vstack([-coefficients, coefficients]) / 2
        intercepts = np.array([-intercepts[0], intercepts[0]]) / 2
    weights, bias = np.zeros((matrix.shape[1], labels)), np.full(labels, LOW)
    weights[:, machine.classes_] = coefficients.T
    bias[machine.classes_] = intercepts
    return weights, bias
