"""Weights in equal steps: what a learner found to many digits, kept in few.

Most steps are zero, so a stored model compresses to a third, and a row of bytes is all that stays in memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Coarse:
    """A matrix: `steps` (int8 or int16) times `step`."""

    steps: Array
    step: float

    @classmethod
    def of(cls, weights: Array, share: float) -> Coarse:
        """The weights rounded to steps of `share` of their standard deviation (1 where that is 0)."""
        step = float(np.float32(weights.std() * share)) or 1.0
        steps = np.round(weights / step)
        most = np.abs(steps).max(initial=0)
        if most > np.iinfo(np.int16).max:
            raise ValueError(f"A weight is {most:.0f} steps of {step:g} large: more than 16 bits hold.")
        return cls(steps.astype(np.int8 if most <= np.iinfo(np.int8).max else np.int16), step)

    def weighted_sum(self, rows: Array, values: Array) -> Array:
        """Sum of the rows, each times its value, shape (columns,), float32."""
        found: Array = (values * self.step).astype(np.float32) @ self.steps[rows].astype(np.float32)
        return found

    @property
    def weights(self) -> Array:
        """The matrix as float32."""
        found: Array = self.steps * np.float32(self.step)
        return found
