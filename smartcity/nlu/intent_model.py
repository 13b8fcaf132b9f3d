"""The intent of a text: a linear model and a network vote on its weights; stored without pickle.

The probabilities are the softmax of the sum of their scores, each times a factor. The factors are those that make texts
most likely that none of them has seen. Chosen by measurement: docs/understanding.md.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Mapping, Optional, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from smartcity.knowledge.folding import forms_of
from smartcity.nlu import learnt
from smartcity.nlu.calibration import softmax
from smartcity.nlu.coarse import Coarse
from smartcity.nlu.concepts import ConceptTable
from smartcity.nlu.features import FeatureMaker
from smartcity.nlu.network import Network
from smartcity.nlu.spelling import Spelling
from smartcity.nlu.storage import read_arrays, read_names, write_arrays, write_names
from smartcity.nlu.voices import Examples, fitted_voices
from smartcity.nlu.weighting import Weighting, learn_weighting

Array = npt.NDArray[Any]

NAMES, ARRAYS = "intents.json.xz", "intents.npz.bz2"
LINEAR_STEP, NETWORK_STEP = 2.5, 2.25
"""Steps of the stored weights, in standard deviations of them (docs/understanding.md)."""

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
        scores = self.bias + self.linear.weighted_sum(rows, values) + hidden @ self.output
        found = softmax(scores.astype(np.float64)[np.newaxis, :])[0]
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
        """Write NAMES and ARRAYS."""
        vocabulary = self.weighting.vocabulary
        names = {
            "labels": self.labels,
            "features": sorted(vocabulary, key=vocabulary.__getitem__),
            "concepts": self.concepts.entries,
            "seen": self.seen,
            "known": "".join("1" if word in self.known else "0" for word in self.seen),
        }
        write_names(folder / NAMES, names)
        write_arrays(
            folder / ARRAYS,
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
        names, arrays = read_names(folder / NAMES), read_arrays(folder / ARRAYS)
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
            known=dict.fromkeys((word for word, known in zip(names["seen"], names["known"]) if known == "1"), 1),
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
    foreign_share: float = 0.0,
) -> IntentModel:
    """Fit on texts with one label each.

    `regularization` is scikit-learn's C (larger fits closer); texts of `foreign_label` do not
    count as answerable, and at least `foreign_share` of what is said is taken to be such.
    """
    from threadpoolctl import threadpool_limits  # only training needs it

    forms = [forms_of(text) for text in texts]
    own = [int(label != foreign_label) for label in labels]
    known = Counter(form for said, counted in zip(forms, own) if counted for form in set(said))
    seen = dict(sorted(Counter(form for said in forms for form in set(said)).items()))
    contexts = contexts or [()] * len(forms)
    weighting, matrix = learn_weighting(forms, own, FeatureMaker(concepts, known), contexts)
    names = tuple(sorted(set(labels)))
    truth = np.array([names.index(label) for label in labels])
    foreign = names.index(foreign_label) if foreign_label in names else -1
    examples = Examples(matrix, truth, len(names), foreign)
    with threadpool_limits(1):  # sums of several cores would differ in their last digits
        voices = fitted_voices(examples, regularization, seed, foreign_share)
        model = IntentModel(
            names,
            weighting,
            Coarse.of(voices.weights, LINEAR_STEP),
            Coarse.of(voices.network.features, NETWORK_STEP),
            voices.network.units,
            voices.network.output,
            (voices.bias + voices.network.bias).astype(np.float32),
            concepts,
            known,
            seen,
        )
        alone = np.array([not context for context in contexts])
        said = [form for form, counted in zip(forms, alone) if counted]
        kept = learnt.kept(said, examples.truth[alone], softmax(_scores(model, examples)[alone]))
        return replace(model, learnt=kept)


def _scores(model: IntentModel, examples: Examples) -> Array:
    """Scores of training texts by the model as it is stored, shape (texts, labels)."""
    network = Network(model.hidden.weights, model.units, model.output, model.bias)
    found: Array = examples.matrix @ model.linear.weights + network.scores(examples.matrix)
    return found
