"""From named features to numbers: tf-idf weights, each view of a text brought to a length of its own."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Optional, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from smartcity.nlu.features import VIEW_OF, VIEW_WEIGHTS, FeatureMaker, features_of_word

if TYPE_CHECKING:
    from scipy import sparse

Array = npt.NDArray[Any]

FEW_TEXTS = 10_000
"""Fewer training texts than that are few."""
LEAST_OF_FEW, LEAST_OF_MANY = 2, 20
"""Features of fewer training texts are left out."""
LEAST_OF_WORDS = 2
"""The same for single words where there are many texts; where there are few, all words count."""

LEAST_OF_CONTEXTS = 4
"""The same for what was answered before, of which there are fewer examples."""


@dataclass(frozen=True)
class Weighting:
    """Which features count and how much: `vocabulary` maps a feature to its row, `idf` has shape (features,)."""

    vocabulary: Dict[str, int]
    idf: Array
    _views: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_views", _views_of(self.vocabulary))

    def of(self, features: Iterable[str]) -> Tuple[Array, Array]:
        """Rows (int64) and weights (float64) of the known features of one text, both of shape (features of it,)."""
        counts = Counter([self.vocabulary[feature] for feature in features if feature in self.vocabulary])
        rows = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
        values = (1.0 + np.log(np.fromiter(counts.values(), dtype=np.float64, count=len(counts)))) * self.idf[rows]
        views = self._views[rows]
        norms = np.sqrt(np.bincount(views, values * values, minlength=len(VIEW_WEIGHTS)))
        values *= (np.array(VIEW_WEIGHTS) / np.where(norms > 0, norms, 1.0))[views]
        return rows, values


def learn_weighting(
    forms: Sequence[Tuple[str, ...]],
    own: Sequence[int],
    make: FeatureMaker,
    contexts: Optional[Sequence[Sequence[str]]] = None,
) -> Tuple[Weighting, sparse.csr_matrix]:
    """The weighting of training texts (folded words) and their weights, shape (texts, features).

    `own` is 1 for texts that `make` knows as answerable.
    """
    counts, features = _counted(forms, own, make, contexts or [()] * len(forms))
    vocabulary = {feature: row for row, feature in enumerate(features)}
    matrix, idf = _weighted(counts, _views_of(vocabulary))
    return Weighting(vocabulary, idf), matrix


def _views_of(vocabulary: Iterable[str]) -> Array:
    """The view of each feature, shape (features,)."""
    return np.array([VIEW_OF[feature[0]] for feature in vocabulary], dtype=np.int64)


def _counted(
    forms: Sequence[Tuple[str, ...]], own: Sequence[int], make: FeatureMaker, contexts: Sequence[Sequence[str]]
) -> Tuple[sparse.csr_matrix, List[str]]:
    """How often each text has each feature in use, and these features, sorted.

    Most features come from one word alone, and words come again: so they are counted by word, and words by text.
    """
    words: Dict[str, int] = {}
    index: Dict[str, int] = {}
    by_text = _counts(forms, words)
    by_word = _counts((features_of_word(form) for form in words), index)
    between = _counts((make.between(*told) for told in zip(forms, own, contexts)), index)
    by_word.resize(len(words), len(index))
    counts = by_text @ by_word + between
    frequency = np.bincount(counts.indices, minlength=len(index))
    least, of_words = (LEAST_OF_FEW, 1) if len(forms) < FEW_TEXTS else (LEAST_OF_MANY, LEAST_OF_WORDS)
    kept = sorted(
        f
        for f, n in index.items()
        if frequency[n] >= (of_words if _is_word(f) else min(least, LEAST_OF_CONTEXTS) if f[0] == "a" else least)
    )
    counts = counts[:, [index[feature] for feature in kept]]
    counts.sort_indices()
    return counts, kept


def _counts(texts: Iterable[Sequence[str]], index: Dict[str, int]) -> sparse.csr_matrix:
    """How often each text has each name, shape (texts, names); `index` gives their numbers, new ones are added."""
    from scipy import sparse  # only training needs it

    columns, pointers = array("i"), array("q", [0])
    for names in texts:
        columns.extend([index.setdefault(name, len(index)) for name in names])
        pointers.append(len(columns))
    ones = np.ones(len(columns), np.int32)
    counts = sparse.csr_matrix((ones, columns, pointers), shape=(len(pointers) - 1, len(index)))
    counts.sum_duplicates()
    return counts


def _is_word(feature: str) -> bool:
    return feature[0] == "w" and " " not in feature


def _weighted(counts: sparse.csr_matrix, views: Array) -> Tuple[sparse.csr_matrix, Array]:
    """tf-idf of each text, each view of its own length; and the idf, shape (features,)."""
    from scipy import sparse

    total = counts.shape[0]
    idf = np.log((1 + total) / (1 + np.bincount(counts.indices, minlength=counts.shape[1]))) + 1
    values = (1 + np.log(counts.data)) * idf[counts.indices]
    rows = np.repeat(np.arange(total), np.diff(counts.indptr))
    cells = rows * len(VIEW_WEIGHTS) + views[counts.indices]
    norms = np.sqrt(np.bincount(cells, values * values, minlength=total * len(VIEW_WEIGHTS)))
    values *= np.array(VIEW_WEIGHTS)[views[counts.indices]] / norms[cells]
    return sparse.csr_matrix((values, counts.indices, counts.indptr), shape=counts.shape), idf
