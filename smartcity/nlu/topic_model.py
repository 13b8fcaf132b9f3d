"""Which of many things a text is about: linear support vectors on its words and runs of characters, without pickle."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from smartcity.knowledge.folding import forms_of
from smartcity.nlu.calibration import best_factors, held_out, softmax
from smartcity.nlu.coarse import Coarse
from smartcity.nlu.concepts import ConceptTable
from smartcity.nlu.features import FeatureMaker
from smartcity.nlu.storage import read_arrays, read_names, write_arrays, write_names
from smartcity.nlu.support_vectors import fit_support_vectors, unfinished_fits_allowed
from smartcity.nlu.weighting import Weighting, learn_weighting

if TYPE_CHECKING:
    from scipy import sparse

Array = npt.NDArray[Any]

NAMES, ARRAYS = "topics.json.xz", "topics.npz.bz2"
STEP = 1.0
"""Step of the stored weights, in standard deviations of them."""
USUAL_FACTOR = 6.0
"""The factor where nothing tells it."""


@dataclass(frozen=True)
class TopicModel:
    """`linear` has shape (features, labels), `bias` (labels,); the factor is in them."""

    labels: Tuple[str, ...]
    weighting: Weighting
    linear: Coarse
    bias: Array
    _make: FeatureMaker = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_make", FeatureMaker(ConceptTable({}), {}))

    def probabilities(self, text: str) -> Dict[str, float]:
        """Probability of each label."""
        rows, values = self.weighting.of(self._make(forms_of(text)))
        scores = (self.bias + self.linear.weighted_sum(rows, values)).astype(np.float64)
        return dict(zip(self.labels, softmax(scores[np.newaxis, :])[0].tolist()))

    def save(self, folder: Path) -> None:
        """Write NAMES and ARRAYS."""
        vocabulary = self.weighting.vocabulary
        write_names(folder / NAMES, {"labels": self.labels, "features": sorted(vocabulary, key=vocabulary.__getitem__)})
        write_arrays(
            folder / ARRAYS,
            idf=self.weighting.idf.astype(np.float32),
            linear=self.linear.steps,
            step=np.array(self.linear.step),
            bias=self.bias,
        )

    @classmethod
    def load(cls, folder: Path) -> TopicModel:
        """Read what `save` wrote."""
        names, arrays = read_names(folder / NAMES), read_arrays(folder / ARRAYS)
        vocabulary = {name: row for row, name in enumerate(names["features"])}
        return cls(
            tuple(names["labels"]),
            Weighting(vocabulary, arrays["idf"].astype(np.float64)),
            Coarse(arrays["linear"], float(arrays["step"])),
            arrays["bias"],
        )


def train_topic_model(texts: Sequence[str], labels: Sequence[str], regularization: float, seed: int) -> TopicModel:
    """Fit on texts with one label each; `regularization` is scikit-learn's C."""
    forms = [forms_of(text) for text in texts]
    weighting, matrix = learn_weighting(forms, [0] * len(forms), FeatureMaker(ConceptTable({}), {}))
    names = tuple(sorted(set(labels)))
    truth = np.array([names.index(label) for label in labels])
    with unfinished_fits_allowed():
        weights, bias = _fitted(matrix, truth, len(names), regularization, seed)
    return TopicModel(names, weighting, Coarse.of(weights, STEP), bias.astype(np.float32))


def _fitted(
    matrix: sparse.csr_matrix, truth: Array, labels: int, regularization: float, seed: int
) -> Tuple[Array, Array]:
    """Weights (features, labels) and bias (labels,), with the factor in them that fits texts held out."""
    parts = held_out(truth, seed)
    fits = [fit_support_vectors(matrix[~held], truth[~held], labels, regularization, seed) for held in parts]
    weights, bias = fits[0] if len(fits) == 1 else fit_support_vectors(matrix, truth, labels, regularization, seed)
    if not parts:
        return weights * USUAL_FACTOR, bias * USUAL_FACTOR
    scores = np.concatenate([matrix[held] @ fit[0] + fit[1] for fit, held in zip(fits, parts)])
    (factor,) = best_factors([scores], [USUAL_FACTOR], np.concatenate([truth[held] for held in parts]))
    return weights * factor, bias * factor
