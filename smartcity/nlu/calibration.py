"""From scores to probabilities that mean what they say: temperature scaling (Guo et al., ICML 2017)."""

from __future__ import annotations

from typing import Any, List, Optional, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from smartcity.nlu.weighting import FEW_TEXTS

Array = npt.NDArray[Any]

PARTS_OF_FEW, PARTS_OF_MANY = 4, 20
"""Few texts are held out in so many parts, one after the other; of many, one part of so many is."""


def held_out(truth: Array, seed: int) -> List[Array]:
    """Parts that find the factors and teach nothing meanwhile, each of shape (texts,), true for its texts.

    One part of many texts; of few, each part in its turn. None where too few labels would be left.
    """
    few = len(truth) < FEW_TEXTS
    part = np.random.RandomState(seed).permutation(len(truth)) % (PARTS_OF_FEW if few else PARTS_OF_MANY)
    parts = [part == number for number in range(PARTS_OF_FEW if few else 1)]
    return parts if all(held.any() and len(set(truth[~held])) > 1 for held in parts) else []


def at_least(share: float, chosen: Array) -> Array:
    """How much each text counts, shape (texts,), so that the chosen ones are at least this share of all."""
    counts = np.ones(len(chosen))
    if 0 < chosen.sum() < share * len(chosen):
        counts[chosen] = share / (1 - share) * (~chosen).sum() / chosen.sum()
    return counts


def softmax(scores: Array) -> Array:
    """Probabilities of each row of `scores`."""
    exponentials: Array = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Array = exponentials / exponentials.sum(axis=1, keepdims=True)
    return result


def best_factors(
    scores: Sequence[Array], usual: Sequence[float], truth: Array, counts: Optional[Array] = None
) -> Tuple[float, ...]:
    """The factors on scores, each of shape (texts, labels), whose sum makes the true labels most likely.

    `counts` is how much each text counts, shape (texts,); one each by default.
    Few texts tell little: a factor e times larger or smaller than the usual one costs as much as one text can tell.
    """
    from scipy import optimize  # only training needs it

    start = np.log(usual)
    counts = np.ones(len(truth)) if counts is None else counts

    def loss(logarithms: Array) -> float:
        total = sum(one * factor for one, factor in zip(scores, np.exp(logarithms)))
        chosen = softmax(np.asarray(total))[np.arange(len(truth)), truth]
        told = (counts * np.log(np.maximum(chosen, 1e-12))).sum()
        return float((((logarithms - start) ** 2).sum() - told) / counts.sum())

    found = optimize.minimize(loss, x0=start, method="Nelder-Mead", options={"xatol": 0.01, "fatol": 1e-5}).x
    return tuple(np.exp(found).tolist())
