"""Mentions of content: initiatives, themes, offices and services named in a message.

The names are content's, read while the assistant runs; a new file needs no training.
Everything downstream sees the message with names masked, so that a question about one
initiative teaches the same question about every other.
"""

from __future__ import annotations

import json
from typing import Any, Dict, FrozenSet, List, NamedTuple, Optional, Sequence, Tuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, INTENT, METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from smartcity.knowledge.names import Mention
from smartcity.knowledge.ordinary import Around, ordinary_words, words_around
from smartcity.knowledge.source import KnowledgeStore, shared_store
from smartcity.nlu.corrections import corrected
from smartcity.nlu.masking import mask
from smartcity.nlu.refusals import Span, refusals, within, without
from smartcity.nlu.workers import in_pieces

MASKED = "masked_text"
"""Message property: the text with names replaced by the kind of what they name."""

MENTIONS, REFUSED = "mentions", "refused"
"""Message properties: the places that name something and are not taken back, and those that refuse a name or are."""

PIECES = "pieces"
"""Key of an example's intent metadata: a label of each segment."""
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
        services = [message for message in examples if message.get(INTENT) == self._service_intent]
        others = [message for message in examples if message.get(INTENT) != self._service_intent]
        marked = [name for message in examples for name in _annotated(message)]
        self._ordinary = ordinary_words(
            in_pieces(self._words_around, others), in_pieces(self._words_around, services), marked
        )
        with self._model_storage.write_to(self._resource) as folder:
            (folder / "ordinary_words.json").write_text(json.dumps(sorted(self._ordinary)), "utf-8")
        return self._resource

    def _words_around(self, examples: Sequence[Message]) -> Around:
        return words_around([_without_annotations(message) for message in examples], self._store.names)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        messages = [message for message in training_data.training_examples if message.get(TEXT)]
        told = [one for piece in in_pieces(self._told, messages) for one in piece]
        for message, (masked, meant) in zip(messages, told):
            message.set(MASKED, masked)
            if meant:
                _keep_places(message, meant)
        return training_data

    def _told(self, messages: Sequence[Message]) -> List[Tuple[str, Optional[_Meant]]]:
        """The masked text of each message, and the rest where its pieces are learnt from."""
        found: List[Tuple[str, Optional[_Meant]]] = []
        for message in messages:
            meant = self._meant(message.get(TEXT))[1]
            masked = _masked(meant.text, meant.mentions, meant.refused)
            found.append((masked, meant if labels_of_pieces(message) else None))
        return found

    def _meant(self, text: str) -> Tuple[List[Mention], _Meant]:
        """All mentions in a text, and what is left of it without what it takes back."""
        mentions = self._store.names.find(text, self._ordinary)
        return mentions, _meant(text, mentions)

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            mentions, meant = self._meant(text)
            message.set(MASKED, _masked(meant.text, meant.mentions, meant.refused))
            _keep_places(message, meant)
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


def _keep_places(message: Message, meant: _Meant) -> None:
    message.set(MENTIONS, meant.mentions)
    message.set(REFUSED, [*meant.refused, *meant.taken_back])


def labels_of_pieces(example: Message) -> str:
    """What the metadata of an example's intent say of its pieces (smartcity/nlu/pieces.py); '' where nothing."""
    metadata = (example.get(METADATA) or {}).get(METADATA_INTENT)
    return str(metadata.get(PIECES, "")) if isinstance(metadata, dict) else ""


def _masked(text: str, mentions: Sequence[Mention], refused: Sequence[Span]) -> str:
    """The text with its names masked, without what it refuses by name."""
    return mask(without(text, refused), [m for m in mentions if not within(m.start, refused)])


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
