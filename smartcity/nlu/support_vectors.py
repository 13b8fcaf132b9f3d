"""Linear support vectors for all labels at once (Crammer and Singer, JMLR 2001, as in liblinear)."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Tuple

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


def fit_support_vectors(
    matrix: sparse.csr_matrix, truth: Array, labels: int, regularization: float, seed: int
) -> Tuple[Array, Array]:
    """Weights (features, labels) and bias (labels,); `truth` has shape (texts,)."""
    from sklearn.exceptions import ConvergenceWarning  # only training needs it
    from sklearn.svm import LinearSVC

    machine = LinearSVC(
        C=regularization, random_state=seed, multi_class="crammer_singer", tol=TOLERANCE, max_iter=MOST_PASSES
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # MOST_PASSES are enough: later ones change no figure
        machine.fit(matrix, truth)
    coefficients, intercepts = machine.coef_, machine.intercept_
    if len(machine.classes_) == 2:
        coefficients, intercepts = np.vstack([-coefficients, coefficients]), np.array([-intercepts[0], intercepts[0]])
    weights, bias = np.zeros((matrix.shape[1], labels)), np.full(labels, LOW)
    weights[:, machine.classes_] = coefficients.T
    bias[machine.classes_] = intercepts
    return weights, bias
