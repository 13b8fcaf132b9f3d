"""A linear model on tf-idf views of a text, stored without pickle.

Linear support vectors for all labels at once (Crammer and Singer, JMLR 2001, as in liblinear),
with probabilities by temperature scaling on a held-out part. Chosen by measurement:
docs/understanding.md.
"""

from __future__ import annotations

import json
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from smartcity.nlu import learnt
from smartcity.nlu.concepts import ConceptTable
from smartcity.nlu.features import VIEW_OF, VIEW_WEIGHTS, FeatureMaker, features_of_word, forms_of
from smartcity.nlu.spelling import Spelling

if TYPE_CHECKING:
    from scipy import sparse

Array = npt.NDArray[Any]

FEW_TEXTS = 10_000
"""Fewer training texts than that are few."""
LEAST_OF_FEW, LEAST_OF_MANY = 2, 10
"""Features of fewer training texts are left out."""
LEAST_OF_WORDS = 2
"""The same for single words where there are many texts; where there are few, all words count."""
HELD_OUT = 4
"""One text in so many is held out to find the temperature."""
TOLERANCE = 0.3
"""Where liblinear stops; a smaller one takes longer and changes no figure."""
MOST_PASSES = 100


@dataclass(frozen=True)
class LinearModel:
    """Probabilities of labels for a text.

    `weights` is float32 of shape (features, labels), `bias` of shape (labels,), `idf` of shape
    (features,); `vocabulary` maps a feature to its row.
    """

    labels: Tuple[str, ...]
    vocabulary: Dict[str, int]
    idf: Array
    weights: Array
    bias: Array
    concepts: ConceptTable
    known: Mapping[str, int]
    """Answerable training texts by word."""
    seen: Mapping[str, int]
    """All training texts by word."""
    learnt: Mapping[int, int] = field(default_factory=dict)
    """Labels, by number, of training texts that the weights do not settle (smartcity/nlu/learnt.py)."""
    _make: FeatureMaker = field(init=False, repr=False)
    _spelling: Spelling = field(init=False, repr=False)
    _views: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_make", FeatureMaker(self.concepts, self.known))
        object.__setattr__(self, "_spelling", Spelling(self.seen, self.concepts))
        object.__setattr__(self, "_views", _views_of(self.vocabulary))

    def probabilities(self, text: str) -> Array:
        """Probability of each label, shape (labels,)."""
        typed = forms_of(text)
        forms = self._spelling.repaired(typed)
        counts = Counter([self.vocabulary[f] for f in self._make(forms) if f in self.vocabulary])
        scores = self.bias.astype(np.float64)
        if counts:
            rows = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
            values = (1.0 + np.log(np.fromiter(counts.values(), dtype=np.float64, count=len(counts)))) * self.idf[rows]
            views = self._views[rows]
            norms = np.sqrt(np.bincount(views, values * values, minlength=len(VIEW_WEIGHTS)))
            values *= (np.array(VIEW_WEIGHTS) / np.where(norms > 0, norms, 1.0))[views]
            scores = scores + values @ self.weights[rows]
        return learnt.as_learnt(self.learnt, typed, softmax(scores[np.newaxis, :])[0])

    def familiarity(self, text: str) -> float:
        """Share of the text's words that training or a concept knows, 0 to 1 (0 for no words).

        A word that was put right counts half: of random letters, too, some are one slip from a word.
        """
        typed = forms_of(text)
        if not typed:
            return 0.0
        known = 0.0
        for form, repaired in zip(typed, self._spelling.repaired(typed)):
            if repaired in self.seen or self.concepts.of_word(repaired):
                known += 1.0 if repaired == form else 0.5
        return known / len(typed)

    def save(self, folder: Path) -> None:
        """Write intents.json and intents.npz (weights as float16, which holds them)."""
        names = sorted(self.vocabulary, key=self.vocabulary.__getitem__)
        (folder / "intents.json").write_text(
            json.dumps(
                {
                    "labels": self.labels,
                    "features": names,
                    "concepts": self.concepts.entries,
                    "known": sorted(self.known),
                    "seen": dict(sorted(self.seen.items())),
                },
                ensure_ascii=False,
            ),
            "utf-8",
        )
        np.savez_compressed(
            folder / "intents.npz",
            idf=self.idf.astype(np.float32),
            weights=self.weights.astype(np.float16),
            bias=self.bias.astype(np.float32),
            learnt_keys=np.fromiter(self.learnt.keys(), dtype=np.uint64, count=len(self.learnt)),
            learnt_labels=np.fromiter(self.learnt.values(), dtype=np.uint16, count=len(self.learnt)),
        )

    @classmethod
    def load(cls, folder: Path) -> LinearModel:
        """Read what `save` wrote."""
        names = json.loads((folder / "intents.json").read_text("utf-8"))
        with np.load(folder / "intents.npz", allow_pickle=False) as arrays:
            return cls(
                labels=tuple(names["labels"]),
                vocabulary={name: row for row, name in enumerate(names["features"])},
                idf=arrays["idf"].astype(np.float64),
                weights=arrays["weights"].astype(np.float32),
                bias=arrays["bias"].astype(np.float32),
                concepts=ConceptTable(names["concepts"]),
                known=dict.fromkeys(names["known"], 1),
                seen=names["seen"],
                learnt=dict(zip(arrays["learnt_keys"].tolist(), arrays["learnt_labels"].tolist())),
            )


def train_linear_model(
    texts: Sequence[str],
    labels: Sequence[str],
    concepts: ConceptTable,
    regularization: float,
    seed: int,
    foreign_label: str = "",
) -> LinearModel:
    """Fit on texts with one label each.

    `regularization` is scikit-learn's C (larger fits closer); texts of `foreign_label` do not
    count as answerable.
    """
    forms = [forms_of(text) for text in texts]
    own = [int(label != foreign_label) for label in labels]
    known = Counter(form for said, counted in zip(forms, own) if counted for form in set(said))
    seen = Counter(form for said in forms for form in set(said))
    counts, features = _counted(forms, own, FeatureMaker(concepts, known))
    vocabulary = {feature: row for row, feature in enumerate(features)}
    matrix, idf = _weighted(counts, _views_of(vocabulary))
    names = tuple(sorted(set(labels)))
    truth = np.array([names.index(label) for label in labels])
    factor = _temperature(matrix, truth, len(names), regularization, seed)
    weights, bias = _fit(matrix, truth, len(names), regularization, seed)
    return LinearModel(
        names,
        vocabulary,
        idf,
        _coarse(weights * factor),
        (bias * factor).astype(np.float32),
        concepts,
        known,
        seen,
        learnt.kept(forms, truth, softmax((matrix @ weights + bias) * factor)),
    )


def _views_of(vocabulary: Mapping[str, int]) -> Array:
    """The view of each feature, shape (features,)."""
    return np.array([VIEW_OF[feature[0]] for feature in vocabulary], dtype=np.int64)


def _counted(
    forms: Sequence[Tuple[str, ...]], own: Sequence[int], make: FeatureMaker
) -> Tuple[sparse.csr_matrix, List[str]]:
    """How often each text has each feature in use, and these features, sorted."""
    from scipy import sparse  # only training needs it

    index: Dict[str, int] = {}
    columns: List[int] = []
    pointers = [0]
    of_word: Dict[str, List[int]] = {}
    """The columns of a word's own features: they are most of all, and words come again."""
    for said, counted in zip(forms, own):
        columns.extend([index.setdefault(feature, len(index)) for feature in make.between(said, counted)])
        for form in said:
            if form not in of_word:
                of_word[form] = [index.setdefault(feature, len(index)) for feature in features_of_word(form)]
            columns.extend(of_word[form])
        pointers.append(len(columns))
    counts = sparse.csr_matrix((np.ones(len(columns)), columns, pointers), shape=(len(forms), len(index)))
    counts.sum_duplicates()
    frequency = np.bincount(counts.indices, minlength=len(index))
    least, of_words = (LEAST_OF_FEW, 1) if len(forms) < FEW_TEXTS else (LEAST_OF_MANY, LEAST_OF_WORDS)
    kept = sorted(f for f, n in index.items() if frequency[n] >= (of_words if _is_word(f) else least))
    return counts[:, [index[feature] for feature in kept]], kept


def _is_word(feature: str) -> bool:
    return feature[0] == "w" and " " not in feature


def _coarse(weights: Array) -> Array:
    """The weights rounded to seven binary digits, which a float16 holds and which compress well; float32."""
    fractions, exponents = np.frexp(weights)
    rounded = np.ldexp(np.round(fractions * 128) / 128, exponents)
    return rounded.astype(np.float16).astype(np.float32)


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


def _fit(matrix: sparse.csr_matrix, truth: Array, labels: int, regularization: float, seed: int) -> Tuple[Array, Array]:
    """Weights (features, labels) and bias (labels,); labels without an example get a low bias."""
    from sklearn.exceptions import ConvergenceWarning
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
    weights, bias = np.zeros((matrix.shape[1], labels)), np.full(labels, -2.0)
    weights[:, machine.classes_] = coefficients.T
    bias[machine.classes_] = intercepts
    return weights, bias


def _temperature(matrix: sparse.csr_matrix, truth: Array, labels: int, regularization: float, seed: int) -> float:
    """The factor on scores that makes the softmax of held-out texts most likely."""
    rest = np.random.RandomState(seed).permutation(len(truth)) % HELD_OUT == 0
    if len(set(truth[~rest])) < 2 or not rest.any():
        return 1.0
    weights, bias = _fit(matrix[~rest], truth[~rest], labels, regularization, seed)
    return best_factor(matrix[rest] @ weights + bias, truth[rest])


def best_factor(scores: Array, truth: Array) -> float:
    """The factor on `scores`, shape (texts, labels), that makes the true labels most likely."""
    from scipy import optimize

    def loss(factor: float) -> float:
        chosen = softmax(scores * factor)[np.arange(len(truth)), truth]
        return float(-np.log(np.maximum(chosen, 1e-12)).mean())

    return float(optimize.minimize_scalar(loss, bounds=(0.5, 50.0), method="bounded").x)


def softmax(scores: Array) -> Array:
    """Probabilities of each row of `scores`."""
    exponentials: Array = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Array = exponentials / exponentials.sum(axis=1, keepdims=True)
    return result
