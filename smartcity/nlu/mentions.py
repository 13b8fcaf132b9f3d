"""Mentions of content: initiatives, themes, offices and services named in a message.

The names are content's, read while the assistant runs; a new file needs no training.
Everything downstream sees the message with names masked, so that a question about one
initiative teaches the same question about every other.
"""

from __future__ import annotations

import json
from typing import Any, Dict, FrozenSet, List, NamedTuple, Sequence

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from smartcity.knowledge.folding import words
from smartcity.knowledge.names import Mention, ordinary_words
from smartcity.knowledge.source import KnowledgeStore, shared_store
from smartcity.nlu.corrections import corrected
from smartcity.nlu.masking import mask
from smartcity.nlu.questions import SHORT_PART, divide
from smartcity.nlu.refusals import Span, refusals, within, without

MASKED = "masked_text"
"""Message property: the text with names replaced by the kind of what they name."""

PARTS = "parts"
"""Message property: the parts that ask or refuse something, where a message has several.

Each has `start`, `end`, `negated`, `asks`, `masked_text`; the intent classifier adds `intent_ranking`.
"""


@DefaultV1Recipe.register(
    [DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR],
    is_trainable=True,
)
class MentionExtractor(GraphComponent):
    """Adds an entity for each mention and the masked text.

    Training collects the words that people use around names, which are never read as a
    misspelt name.
    """

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {"service_intent": "city_service"}

    def __init__(
        self,
        store: KnowledgeStore,
        model_storage: ModelStorage,
        resource: Resource,
        ordinary: FrozenSet[str] = frozenset(),
        service_intent: str = "city_service",
    ) -> None:
        self._service_intent = service_intent
        self._store = store
        self._model_storage = model_storage
        self._resource = resource
        self._ordinary = ordinary

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MentionExtractor:
        if not isinstance(config["service_intent"], str):
            raise InvalidConfigException("MentionExtractor: service_intent is a name in config.yml.")
        return cls(shared_store(), model_storage, resource, service_intent=config["service_intent"])

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> MentionExtractor:
        with model_storage.read_from(resource) as folder:
            ordinary = frozenset(json.loads((folder / "ordinary_words.json").read_text("utf-8")))
        return cls(shared_store(), model_storage, resource, ordinary)

    def train(self, training_data: TrainingData) -> Resource:
        examples = [message for message in training_data.intent_examples if message.get(TEXT)]
        asks_service = [message.get(INTENT) == self._service_intent for message in examples]
        texts = [_without_annotations(message) for message in examples]
        self._ordinary = ordinary_words(
            [text for text, asks in zip(texts, asks_service) if not asks],
            self._store.names,
            services=[text for text, asks in zip(texts, asks_service) if asks],
            marked=[name for message in examples for name in _annotated(message)],
        )
        with self._model_storage.write_to(self._resource) as folder:
            (folder / "ordinary_words.json").write_text(json.dumps(sorted(self._ordinary)), "utf-8")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        for message in training_data.training_examples:
            text = message.get(TEXT)
            if text:
                mentions = self._store.names.find(text, self._ordinary)
                meant = _meant(text, mentions)
                message.set(MASKED, _masked(meant.text, meant.mentions, meant.refused))
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            mentions = self._store.names.find(text, self._ordinary)
            meant = _meant(text, mentions)
            message.set(MASKED, _masked(meant.text, meant.mentions, meant.refused))
            message.set(PARTS, _parts(meant.text, meant.mentions, meant.refused), add_to_output=True)
            entities = _entities(text, mentions, [*meant.refused, *meant.taken_back])
            message.set(ENTITIES, message.get(ENTITIES, []) + entities, add_to_output=True)
        return messages


def _places(mentions: Sequence[Mention]) -> List[Span]:
    return [(mention.start, mention.end) for mention in mentions]


class _Meant(NamedTuple):
    """A message without what it takes back (blanks stand there), its other names, and the places that refuse one."""

    text: str
    mentions: List[Mention]
    refused: List[Span]
    taken_back: List[Span]


def _meant(text: str, mentions: Sequence[Mention]) -> _Meant:
    refused = refusals(text, _places(mentions))
    taken_back = [] if refused else corrected(text, _places(mentions))
    left = [mention for mention in mentions if not within(mention.start, taken_back)]
    return _Meant(without(text, taken_back), left, refused, taken_back)


def _masked(text: str, mentions: Sequence[Mention], refused: Sequence[Span]) -> str:
    """The text with its names masked, without what it refuses by name."""
    return mask(without(text, refused), [m for m in mentions if not within(m.start, refused)])


def _parts(text: str, mentions: Sequence[Mention], refused: Sequence[Span]) -> List[Dict[str, Any]]:
    parts: List[Dict[str, Any]] = []
    meant = [m for m in mentions if not within(m.start, refused)]
    asked_before = len(text)
    for part in divide(text, _places(mentions), refused):
        inside = [m.moved(-part.start) for m in meant if part.start <= m.start < part.end]
        left_out = [] if part.negated else [(max(0, a - part.start), b - part.start) for a, b in refused]
        masked = _masked(text[part.start : part.end], inside, [(a, b) for a, b in left_out if b > 0])
        before = [m for m in meant if m.start < part.start and (not m.generic or m.start >= asked_before)]
        asked_before = min(asked_before, part.start)
        # 'und wo faehrt es?' asks about what is named before it, 'Telefon und Mail vom Buero' about what is named next.
        nearest = before[-1:] or [m for m in meant if m.start >= part.end and len(words(masked)) <= SHORT_PART][:1]
        if not inside and nearest:
            masked += _MASK_OF_PART.get(nearest[0].references[0][0], "")
        parts.append({"start": part.start, "end": part.end, "negated": part.negated, "asks": part.asks, MASKED: masked})
    return parts


_MASK_OF_PART = {"initiative": " xinitiativex", "office": " xofficex"}
"""What stands in a part for the name that it is about and does not hold."""


def _entities(text: str, mentions: Sequence[Mention], refused: Sequence[Span]) -> List[Dict[str, Any]]:
    # Whoever refuses the strategy by its name means another 'Konzept', too.
    named = [m for m in mentions if within(m.start, refused) and not m.generic]
    not_meant = {reference for m in named for reference in m.references}
    return [
        {
            "entity": kind,
            "value": record_id,
            "start": mention.start,
            "end": mention.end,
            "confidence_entity": mention.score,
            "generic": mention.generic,
            "refused": within(mention.start, refused) or (mention.generic and not_meant.issuperset(mention.references)),
            "extractor": MentionExtractor.__name__,
        }
        for mention in mentions
        for kind, record_id in mention.references
    ]


def _annotated(message: Message) -> List[str]:
    """The names that the training data mark."""
    return [message.get(TEXT)[entity["start"] : entity["end"]] for entity in message.get(ENTITIES, [])]


def _without_annotations(message: Message) -> str:
    """The text without the names that the training data mark: these may be misspelt."""
    text: str = message.get(TEXT)
    for entity in message.get(ENTITIES, []):
        text = text[: entity["start"]] + " " * (entity["end"] - entity["start"]) + text[entity["end"] :]
    return text
