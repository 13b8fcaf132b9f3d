"""Texts that the models learnt and yet read otherwise, with what they mean: a correction must be heard.

A single example moves little among a hundred thousand. So texts whose label the model is not sure of are kept, by a
hash of their folded words, and count for themselves when the very same is said again.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Dict, Mapping, Sequence, Tuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

SURE = 0.8
"""Texts whose label is at least as probable need no keeping."""
TRUST = 0.95
"""Probability of the label that was learnt."""


def key_of(forms: Sequence[str]) -> int:
    """64 bits that stand for these folded words."""
    return int.from_bytes(blake2b(" ".join(forms).encode(), digest_size=8).digest(), "big")


def kept(texts: Sequence[Tuple[str, ...]], truth: Array, probabilities: Array) -> Dict[int, int]:
    """Label by key, of the texts (folded words) whose label is less probable than SURE.

    `truth` has shape (texts,), `probabilities` (texts, labels). Texts that stand under several labels are left out.
    """
    labels: Dict[Tuple[str, ...], int] = {}
    for said, label in zip(texts, truth.tolist()):
        if labels.setdefault(said, label) != label:
            labels[said] = -1
    unsure = np.flatnonzero(probabilities[np.arange(len(truth)), truth] < SURE)
    return {key_of(texts[n]): labels[texts[n]] for n in unsure.tolist() if labels[texts[n]] >= 0}


def as_learnt(learnt: Mapping[int, int], forms: Sequence[str], probabilities: Array) -> Array:
    """The probabilities, shape (labels,); those of a text that was kept favour its label."""
    label = learnt.get(key_of(forms)) if learnt else None
    if label is None or probabilities[label] >= TRUST:
        return probabilities
    rest = 1.0 - probabilities[label]
    found: Array = probabilities * ((1.0 - TRUST) / rest)
    found[label] = TRUST
    return found
