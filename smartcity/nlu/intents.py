"""The intent of a message, from its text with names masked."""

from __future__ import annotations

import random
from typing import Any, Dict, List, Optional, Sequence, Tuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from smartcity.knowledge.folding import forms_of, joined
from smartcity.nlu.concepts import ConceptTable
from smartcity.nlu.context import CONTEXT
from smartcity.nlu.division import HALVES, QUESTION, SAID
from smartcity.nlu.halves import Half, Readings, divided
from smartcity.nlu.intent_model import Array, IntentModel, train_intent_model
from smartcity.nlu.learnt import TRUST
from smartcity.nlu.mentions import MASKED, PARTS

RANKING = "intent_ranking"
"""Message property of Rasa's, and of each part: name and confidence of the likeliest intents, best first."""
URGENT = "urgent"
"""Message property: the largest probability of an emergency among the pieces of the message; not part of the result."""
FAMILIARITY = "familiarity"
"""Message property: share of the message's words that occurred in training."""


LEAST_CLEAR, LEAST_ABOUT_OFFICE = 6, 3
"""Words of a question that means the same after any answer: about an initiative, and about the office."""
DEPENDING, OF_OFFICE = ("ask_", "follow_up"), "office_"
"""Beginnings of intents whose short examples mean something else after another answer."""
LONGEST_NUMBER = 3
"""Digits of a message that can mean something by themselves, as 112 and 115 do."""


def _has_words(text: str) -> bool:
    """Whether a message says anything: a word with a letter, or a short number."""
    return any(letter.isalpha() for letter in text) or 0 < len(joined(text)) <= LONGEST_NUMBER


def _least(message: Message) -> int:
    """Words that an example needs to mean the same after any answer."""
    intent = message.get(INTENT)
    if intent.startswith(DEPENDING):
        return LEAST_CLEAR
    return LEAST_ABOUT_OFFICE if intent.startswith(OF_OFFICE) else 1


def _anywhere(examples: Sequence[Message], count: int, seed: int) -> List[Message]:
    """Examples drawn by seed that mean the same after any answer, each in some context: long ones, and talk."""
    contexts = [message.get(CONTEXT) for message in examples if message.get(CONTEXT)]
    alone = [message for message in examples if not message.get(CONTEXT)]
    clear = [message for message in alone if len(forms_of(message.get(MASKED) or message.get(TEXT))) >= _least(message)]
    if not contexts:
        return []
    rng = random.Random(seed)
    drawn = rng.sample(clear, min(count, len(clear)))
    return [Message({**message.data, CONTEXT: rng.choice(contexts)}) for message in drawn]


def _is_number(value: Any, kinds: Any) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class VotingIntentClassifier(GraphComponent, IntentClassifier):
    """Ranks all intents by probability; a message without a single word gets no intent."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {
            "C": 0.5,
            "random_state": 42,
            "ranking_length": 10,
            "foreign_intent": "out_of_scope",
            "foreign_share": 0.1,
            "urgent_intent": "emergency",
            "question_share": 0.3,
            "anywhere": 7000,
        }

    def __init__(
        self,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: Optional[IntentModel] = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> VotingIntentClassifier:
        if not _is_number(config["C"], (int, float)) or not 0 < config["C"] < float("inf"):
            raise InvalidConfigException("VotingIntentClassifier: C must be a number greater than 0 in config.yml.")
        for key, end in (("question_share", "to 1"), ("foreign_share", "to less than 1")):
            share = config[key]
            if not _is_number(share, (int, float)) or not 0 <= share <= 1 or (key == "foreign_share" and share == 1):
                raise InvalidConfigException(
                    f"VotingIntentClassifier: {key} must be a number from 0 {end} in config.yml."
                )
        for key, least in (("random_state", 0), ("ranking_length", 1), ("anywhere", 0)):
            if not _is_number(config[key], int) or config[key] < least:
                raise InvalidConfigException(
                    f"VotingIntentClassifier: {key} must be a whole number from {least} in config.yml."
                )
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> VotingIntentClassifier:
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, IntentModel.load(folder))

    def train(self, training_data: TrainingData) -> Resource:
        examples = [m for m in training_data.intent_examples if forms_of(m.get(MASKED) or m.get(TEXT) or "")]
        examples += _anywhere(examples, self._config["anywhere"], self._config["random_state"])
        labels = [message.get(INTENT) for message in examples]
        if len(set(labels)) < 2:
            raise InvalidConfigException("VotingIntentClassifier needs examples of at least two intents in data/nlu.")
        self._model = train_intent_model(
            [message.get(MASKED) or message.get(TEXT) for message in examples],
            labels,
            ConceptTable.from_lookups(training_data.lookup_tables),
            regularization=self._config["C"],
            seed=self._config["random_state"],
            foreign_label=self._config["foreign_intent"],
            contexts=[message.get(CONTEXT) or () for message in examples],
            foreign_share=self._config["foreign_share"],
        )
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            self._classify(message)
        return messages

    def _probabilities(self, model: IntentModel, text: str, question: str, context: Sequence[str]) -> Array:
        """Those of the text; the one question in it has its share (the weighted geometric mean)."""
        whole = model.probabilities(text, context)
        if not question or whole.max() >= TRUST or not forms_of(question):
            return whole
        share = self._config["question_share"]
        both: Array = whole ** (1 - share) * model.probabilities(question, context) ** share
        return both / both.sum()

    def _classify(self, message: Message) -> None:
        text = message.get(MASKED) or message.get(TEXT) or ""
        if self._model is None or not _has_words(text):
            message.set(INTENT, {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}, add_to_output=True)
            message.set(RANKING, [], add_to_output=True)
            message.set(FAMILIARITY, 0.0, add_to_output=True)
            return
        context = message.get(CONTEXT) or ()
        ranking = self._ranked(
            self._model, self._probabilities(self._model, text, message.get(QUESTION) or "", context)
        )
        message.set(INTENT, ranking[0], add_to_output=True)
        message.set(RANKING, ranking, add_to_output=True)
        message.set(FAMILIARITY, self._model.familiarity(text), add_to_output=True)
        halves = message.get(HALVES) or ()
        if halves:
            self._divide(self._model, message, ranking, halves)
        for part in message.get(PARTS) or []:
            part[RANKING] = self._ranked(self._model, self._model.probabilities(part[MASKED], context))
        message.set(URGENT, self._most_urgent(self._model, message.get(SAID) or ()))

    def _divide(
        self,
        model: IntentModel,
        message: Message,
        ranking: Sequence[Dict[str, Any]],
        halves: Sequence[Tuple[Half, Half]],
    ) -> None:
        """Parts of a message that asks two things by its words, although its pieces do not look so."""

        def readings(found: Sequence[Dict[str, Any]]) -> Readings:
            return [(one[INTENT_NAME_KEY], one[PREDICTED_CONFIDENCE_KEY]) for one in found]

        def read(masked: str) -> Readings:
            return readings(self._ranked(model, model.probabilities(masked, message.get(CONTEXT) or ())))

        one_thing = (self._config["foreign_intent"], self._config["urgent_intent"])
        found = divided(halves, readings(ranking), read, one_thing)
        if found:
            message.set(PARTS, [half.part() for half in found], add_to_output=True)

    def _most_urgent(self, model: IntentModel, said: Sequence[str]) -> float:
        """The largest probability of an emergency among the pieces of a message, whatever stands around it."""
        urgent: str = self._config["urgent_intent"]
        if urgent not in model.labels:
            return 0.0
        number = model.labels.index(urgent)
        return max((float(model.probabilities(piece)[number]) for piece in said if forms_of(piece)), default=0.0)

    def _ranked(self, model: IntentModel, probabilities: Array) -> List[Dict[str, Any]]:
        order = probabilities.argsort()[::-1][: self._config["ranking_length"]]
        return [
            {INTENT_NAME_KEY: model.labels[index], PREDICTED_CONFIDENCE_KEY: float(probabilities[index])}
            for index in order
        ]
