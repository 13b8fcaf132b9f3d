"""From scores to probabilities that mean what they say: temperature scaling (Guo et al., ICML 2017)."""

from __future__ import annotations

from typing import Any, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from smartcity.nlu.weighting import FEW_TEXTS

Array = npt.NDArray[Any]

HELD_OUT_OF_FEW, HELD_OUT_OF_MANY = 4, 20
"""One text in so many is held out to find the factors; of few, all are learnt after that."""


def held_out(truth: Array, seed: int) -> Array:
    """Which texts find the factors and teach nothing, shape (texts,); none where too few labels would be left."""
    share = HELD_OUT_OF_MANY if len(truth) >= FEW_TEXTS else HELD_OUT_OF_FEW
    held: Array = np.random.RandomState(seed).permutation(len(truth)) % share == 0
    return held if len(set(truth[~held])) > 1 else np.zeros(len(truth), bool)


def learns_all(held: Array) -> bool:
    """Whether the texts that were held out are few enough to be learnt after that."""
    return bool(held.any()) and len(held) < FEW_TEXTS


def softmax(scores: Array) -> Array:
    """Probabilities of each row of `scores`."""
    exponentials: Array = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Array = exponentials / exponentials.sum(axis=1, keepdims=True)
    return result


def best_factors(scores: Sequence[Array], usual: Sequence[float], truth: Array) -> Tuple[float, ...]:
    """The factors on scores, each of shape (texts, labels), whose sum makes the true labels most likely.

    Few texts tell little: a factor e times larger or smaller than the usual one costs as much as one text can tell.
    """
    from scipy import optimize  # only training needs it

    start = np.log(usual)

    def loss(logarithms: Array) -> float:
        total = sum(one * factor for one, factor in zip(scores, np.exp(logarithms)))
        chosen = softmax(np.asarray(total))[np.arange(len(truth)), truth]
        return float((((logarithms - start) ** 2).sum() - np.log(np.maximum(chosen, 1e-12)).sum()) / len(truth))

    found = optimize.minimize(loss, x0=start, method="Nelder-Mead", options={"xatol": 0.01, "fatol": 1e-5}).x
    return tuple(np.exp(found).tolist())
