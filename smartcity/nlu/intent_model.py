"""The intent of a text: a linear model and a network vote on its weights; stored without pickle.

The probabilities are the softmax of both scores, each times a factor. The two factors are those that make texts most
likely that neither has seen. Chosen by measurement: docs/understanding.md.
"""

from __future__ import annotations

import json
import lzma
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Mapping, Optional, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from smartcity.nlu import learnt
from smartcity.nlu.calibration import best_factors, softmax
from smartcity.nlu.coarse import Coarse
from smartcity.nlu.concepts import ConceptTable
from smartcity.nlu.features import FeatureMaker, forms_of
from smartcity.nlu.network import Network, train_network
from smartcity.nlu.spelling import Spelling
from smartcity.nlu.support_vectors import fit_support_vectors, unfinished_fits_allowed
from smartcity.nlu.weighting import Weighting, learn_weighting

if TYPE_CHECKING:
    from scipy import sparse

Array = npt.NDArray[Any]

NAMES = "intents.json.xz"
HELD_OUT = 4
"""One text in so many is held out to find the factors."""
LINEAR_STEP, NETWORK_STEP = 1.5, 2.5
"""Steps of the stored weights, in standard deviations of them: finer ones change no figure."""
USUAL_FACTORS = (2.5, 0.6)
"""Factors of linear model and network where nothing tells them."""

LEAST_ALONE = 4
"""Words of a message that means what it was learnt to mean whatever was answered before."""


@dataclass(frozen=True)
class IntentModel:
    """Probabilities of labels for a text.

    `linear` has shape (features, labels), `hidden` (features, units), `units` (units,), `output` (units, labels),
    `bias` (labels,); the factors are in them.
    """

    labels: Tuple[str, ...]
    weighting: Weighting
    linear: Coarse
    hidden: Coarse
    units: Array
    output: Array
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

    def __post_init__(self) -> None:
        object.__setattr__(self, "_make", FeatureMaker(self.concepts, self.known))
        object.__setattr__(self, "_spelling", Spelling(self.seen, self.concepts))

    def probabilities(self, text: str, context: Sequence[str] = ()) -> Array:
        """Probability of each label, shape (labels,); `context` is what was answered before."""
        typed = forms_of(text)
        rows, values = self.weighting.of(self._make(self._spelling.repaired(typed), context=context))
        hidden = np.maximum(self.hidden.weighted_sum(rows, values) + self.units, 0)
        scores = (self.bias + self.linear.weighted_sum(rows, values) + hidden @ self.output).astype(np.float64)
        found = softmax(scores[np.newaxis, :])[0]
        # What little words mean depends on what was answered before.
        return found if context and len(typed) < LEAST_ALONE else learnt.as_learnt(self.learnt, typed, found)

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
        """Write intents.json.xz and intents.npz."""
        vocabulary = self.weighting.vocabulary
        names = {
            "labels": self.labels,
            "features": sorted(vocabulary, key=vocabulary.__getitem__),
            "concepts": self.concepts.entries,
            "known": sorted(self.known),
            "seen": dict(sorted(self.seen.items())),
        }
        with lzma.open(folder / NAMES, "wt", encoding="utf-8") as file:
            json.dump(names, file, ensure_ascii=False)
        np.savez_compressed(
            folder / "intents.npz",
            idf=self.weighting.idf.astype(np.float32),
            linear=self.linear.steps,
            hidden=self.hidden.steps,
            steps=np.array([self.linear.step, self.hidden.step]),
            units=self.units,
            output=self.output,
            bias=self.bias,
            learnt_keys=np.fromiter(self.learnt.keys(), dtype=np.uint64, count=len(self.learnt)),
            learnt_labels=np.fromiter(self.learnt.values(), dtype=np.uint16, count=len(self.learnt)),
        )

    @classmethod
    def load(cls, folder: Path) -> IntentModel:
        """Read what `save` wrote."""
        with lzma.open(folder / NAMES, "rt", encoding="utf-8") as file:
            names = json.load(file)
        with np.load(folder / "intents.npz", allow_pickle=False) as arrays:
            linear_step, hidden_step = arrays["steps"].tolist()
            return cls(
                labels=tuple(names["labels"]),
                weighting=Weighting(
                    {name: row for row, name in enumerate(names["features"])}, arrays["idf"].astype(np.float64)
                ),
                linear=Coarse(arrays["linear"], linear_step),
                hidden=Coarse(arrays["hidden"], hidden_step),
                units=arrays["units"],
                output=arrays["output"],
                bias=arrays["bias"],
                concepts=ConceptTable(names["concepts"]),
                known=dict.fromkeys(names["known"], 1),
                seen=names["seen"],
                learnt=dict(zip(arrays["learnt_keys"].tolist(), arrays["learnt_labels"].tolist())),
            )


def train_intent_model(
    texts: Sequence[str],
    labels: Sequence[str],
    concepts: ConceptTable,
    regularization: float,
    seed: int,
    foreign_label: str = "",
    contexts: Optional[Sequence[Sequence[str]]] = None,
) -> IntentModel:
    """Fit on texts with one label each.

    `regularization` is scikit-learn's C (larger fits closer); texts of `foreign_label` do not
    count as answerable.
    """
    from threadpoolctl import threadpool_limits  # only training needs it

    forms = [forms_of(text) for text in texts]
    own = [int(label != foreign_label) for label in labels]
    known = Counter(form for said, counted in zip(forms, own) if counted for form in set(said))
    seen = Counter(form for said in forms for form in set(said))
    contexts = contexts or [()] * len(forms)
    weighting, matrix = learn_weighting(forms, own, FeatureMaker(concepts, known), contexts)
    names = tuple(sorted(set(labels)))
    truth = np.array([names.index(label) for label in labels])
    with threadpool_limits(1):  # sums of several cores would differ in their last digits
        linear, network = _fitted(matrix, truth, len(names), regularization, seed)
        model = IntentModel(
            names,
            weighting,
            Coarse.of(linear[0], LINEAR_STEP),
            Coarse.of(network.features, NETWORK_STEP),
            network.units,
            network.output,
            (linear[1] + network.bias).astype(np.float32),
            concepts,
            known,
            seen,
        )
        alone = np.flatnonzero([not context for context in contexts])
        kept = learnt.kept([forms[n] for n in alone.tolist()], truth[alone], softmax(_scores(model, matrix[alone])))
        return replace(model, learnt=kept)


def _scores(model: IntentModel, matrix: sparse.csr_matrix) -> Array:
    """Scores of training texts, shape (texts, labels), from their weights, shape (texts, features)."""
    network = Network(model.hidden.weights, model.units, model.output, model.bias)
    found: Array = matrix @ model.linear.weights + network.scores(matrix)
    return found


def _fitted(
    matrix: sparse.csr_matrix, truth: Array, labels: int, regularization: float, seed: int
) -> Tuple[Tuple[Array, Array], Network]:
    """Weights and bias of the linear model, and the network, both with their factors in them."""
    held = np.random.RandomState(seed).permutation(len(truth)) % HELD_OUT == 0
    rest = matrix[~held], truth[~held]
    comparable = len(set(rest[1])) > 1 and held.any()
    fit = partial(fit_support_vectors, labels=labels, regularization=regularization, seed=seed)
    with unfinished_fits_allowed(), ThreadPoolExecutor(1) as helper:  # liblinear lets other threads work
        trial = helper.submit(fit, *rest) if comparable else None
        whole = helper.submit(fit, matrix, truth)
        network = train_network(matrix, truth, labels, seed)
        factors: Tuple[float, ...] = USUAL_FACTORS
        if trial is not None:
            trial_network = train_network(*rest, labels, seed)
            weights, bias = trial.result()
            scores = (matrix[held] @ weights + bias, trial_network.scores(matrix[held]))
            factors = best_factors(scores, USUAL_FACTORS, truth[held])
        weights, bias = whole.result()
    of_linear, of_network = factors
    return (weights * of_linear, bias * of_linear), network.scaled(of_network)
