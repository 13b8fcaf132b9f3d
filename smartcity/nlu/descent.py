"""How networks learn: steps of Adagrad and Adam, and what is wrong with scores; NumPy alone.

Adagrad (Duchi et al., JMLR 2011) for rows that occur in a batch only, which are few; Adam (Kingma and Ba, 2015) for all
others. Labels are smoothed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

SMOOTHING = 0.05
"""Share of certainty that goes to all labels alike."""
MEAN, SQUARE, NEAR_ZERO = np.float32(0.9), np.float32(0.999), np.float32(1e-8)
"""Adam's constants."""
BATCHES = 60
"""There are at least so many batches where texts allow."""


def batch_size(texts: int, smallest: int, largest: int) -> int:
    """Texts that are learnt at once; fewer where there are not so many batches."""
    return min(largest, max(smallest, texts // BATCHES))


def passes(texts: int, size: int, steps: int, fewest: int, most: int) -> int:
    """How often each text is read, so that there are `steps` batches at least."""
    return min(max(-(-steps // -(-texts // size)), fewest), most)


class Moments:
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


class Sums:
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


def error_of(scores: Array, truth: Array) -> Array:
    """Gradient of the mean cross entropy of smoothed labels by the scores, shape (texts, labels)."""
    scores -= scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True)
    scores -= np.float32(SMOOTHING / scores.shape[1])
    scores[np.arange(len(truth)), truth] -= np.float32(1 - SMOOTHING)
    scores /= np.float32(len(truth))
    return scores
