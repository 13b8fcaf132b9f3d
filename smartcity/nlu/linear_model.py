"""A linear model on tf-idf views of a text, stored without pickle.

Linear support vectors, one label against the rest, with probabilities by temperature scaling
on held-out folds. Chosen by measurement: docs/understanding.md.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Sequence, Tuple

import numpy as np
import numpy.typing as npt
from scipy import optimize, sparse

from smartcity.knowledge.folding import words
from smartcity.nlu.concepts import ConceptTable
from smartcity.nlu.features import VIEW_WEIGHTS, views

Array = npt.NDArray[Any]

FOLDS = 3
"""Folds of the training data on which the temperature is found."""


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

    def probabilities(self, text: str) -> Array:
        """Probability of each label, shape (labels,)."""
        scores = self.bias.astype(np.float64)
        for rows, values in self.blocks(text):
            if len(rows):
                scores += values @ self.weights[rows]
        return _softmax(scores[np.newaxis, :])[0]

    def familiarity(self, text: str) -> float:
        """Share of the text's words that training or a concept knows, 0 to 1 (0 for no words)."""
        forms = [word.form for word in words(text)]
        if not forms:
            return 0.0
        known = sum(f"w:{form}" in self.vocabulary or bool(self.concepts.of_word(form)) for form in forms)
        return known / len(forms)

    def blocks(self, text: str, own: int = 0) -> Iterator[Tuple[Array, Array]]:
        """Rows and values of each view of the text; each has the length of its view."""
        for view, weight in zip(views(text, self.concepts, self.known, own), VIEW_WEIGHTS):
            counts = Counter(self.vocabulary[f] for f in view if f in self.vocabulary)
            rows = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
            values = (1.0 + np.log(np.fromiter(counts.values(), dtype=np.float64, count=len(counts)))) * self.idf[rows]
            norm = np.linalg.norm(values)
            yield rows, values * (weight / norm) if norm else values

    def save(self, folder: Path) -> None:
        """Write intents.json and intents.npz (weights as float16)."""
        names = sorted(self.vocabulary, key=self.vocabulary.__getitem__)
        (folder / "intents.json").write_text(
            json.dumps(
                {
                    "labels": self.labels,
                    "features": names,
                    "concepts": self.concepts.entries,
                    "known": sorted(self.known),
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
    own = [int(label != foreign_label) for label in labels]
    known: Counter[str] = Counter()
    for text, counts in zip(texts, own):
        if counts:
            known.update({word.form for word in words(text)})
    kept, idf = _vocabulary(texts, concepts, known, own)
    names = tuple(sorted(set(labels)))
    blank = LinearModel(
        names,
        {feature: row for row, feature in enumerate(kept)},
        idf,
        np.zeros((len(kept), len(names)), np.float32),
        np.zeros(len(names), np.float32),
        concepts,
        known,
    )
    matrix, truth = _matrix(blank, texts, own), np.array([names.index(label) for label in labels])
    temperature = _temperature(matrix, truth, len(names), regularization, seed)
    weights, bias = _fit(matrix, truth, len(names), regularization, seed)
    return replace(
        blank, weights=(weights * temperature).astype(np.float32), bias=(bias * temperature).astype(np.float32)
    )


def _vocabulary(
    texts: Sequence[str], concepts: ConceptTable, known: Mapping[str, int], own: Sequence[int]
) -> Tuple[List[str], Array]:
    """Features in use, sorted, with their idf: single words always, others from two texts on."""
    counts: Counter[str] = Counter()
    for text, counted in zip(texts, own):
        counts.update({feature for view in views(text, concepts, known, counted) for feature in view})
    kept = sorted(f for f, count in counts.items() if count > 1 or (f.startswith("w:") and " " not in f))
    return kept, np.array([np.log((1 + len(texts)) / (1 + counts[feature])) + 1 for feature in kept])


def _matrix(model: LinearModel, texts: Sequence[str], own: Sequence[int]) -> sparse.csr_matrix:
    columns: List[Array] = []
    values: List[Array] = []
    pointers = [0]
    for text, counted in zip(texts, own):
        blocks = list(model.blocks(text, counted))
        columns.extend(rows for rows, _ in blocks)
        values.extend(data for _, data in blocks)
        pointers.append(pointers[-1] + sum(len(rows) for rows, _ in blocks))
    return sparse.csr_matrix(
        (np.concatenate(values), np.concatenate(columns), pointers), shape=(len(texts), len(model.vocabulary))
    )


def _fit(matrix: sparse.csr_matrix, truth: Array, labels: int, regularization: float, seed: int) -> Tuple[Array, Array]:
    """Weights (features, labels) and bias (labels,); labels without an example get a low bias."""
    from sklearn.svm import LinearSVC

    machine = LinearSVC(C=regularization, random_state=seed).fit(matrix, truth)
    coefficients, intercepts = machine.coef_, machine.intercept_
    if len(machine.classes_) == 2:
        coefficients, intercepts = np.vstack([-coefficients, coefficients]), np.array([-intercepts[0], intercepts[0]])
    weights, bias = np.zeros((matrix.shape[1], labels)), np.full(labels, -2.0)
    weights[:, machine.classes_] = coefficients.T
    bias[machine.classes_] = intercepts
    return weights, bias


def _temperature(matrix: sparse.csr_matrix, truth: Array, labels: int, regularization: float, seed: int) -> float:
    """The factor on scores that makes the softmax of held-out folds most likely."""
    fold = np.random.RandomState(seed).permutation(len(truth)) % FOLDS
    scores = np.zeros((len(truth), labels))
    for number in range(FOLDS):
        train, rest = fold != number, fold == number
        if len(set(truth[train])) < 2 or not rest.any():
            return 1.0
        weights, bias = _fit(matrix[train], truth[train], labels, regularization, seed)
        scores[rest] = matrix[rest] @ weights + bias

    def loss(factor: float) -> float:
        chosen = _softmax(scores * factor)[np.arange(len(truth)), truth]
        return float(-np.log(np.maximum(chosen, 1e-12)).mean())

    return float(optimize.minimize_scalar(loss, bounds=(0.5, 20.0), method="bounded").x)


def _softmax(scores: Array) -> Array:
    exponentials: Array = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Array = exponentials / exponentials.sum(axis=1, keepdims=True)
    return result
