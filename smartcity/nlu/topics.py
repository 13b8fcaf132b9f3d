"""Which initiative a message is about that names none.

'Die schwarzen Wagen, die man nachts ruft': learnt from examples whose `metadata` say their topic, and from what content
says of each initiative. Messages about something else, and questions that say nothing of what they mean, are learnt
as labels of their own.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from smartcity.knowledge.folding import forms_of
from smartcity.knowledge.source import KnowledgeStore, shared_store
from smartcity.nlu.intents import RANKING
from smartcity.nlu.mentions import PARTS
from smartcity.nlu.refusals import without
from smartcity.nlu.replacements import INITIATIVE, aside, refuse, refused_parts, rest
from smartcity.nlu.topic_examples import NO_TOPIC, OPEN, meant, others, told
from smartcity.nlu.topic_model import NAMES, TopicModel, train_topic_model

TOPICS = "topics"
"""Message property: id and confidence of the likeliest initiatives, best first, where the message names none."""
FIELDS = "fields"
"""Message property: kind, id and confidence of the likeliest theme and the likeliest service of the city."""
ELSEWHERE = "elsewhere"
"""Message property: the probability that it is about no initiative."""
INSTEAD = 0.5
"""Probability from which another initiative is meant than one that is named in what is refused or taken back."""
LEAST_OF_FIELD = 0.2
"""Probability from which a theme or a service is told."""
MOST = 3
"""So many topics are told."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicClassifier(GraphComponent, IntentClassifier):
    """Adds the likeliest initiatives of a message that names none."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {
            "C": 0.5,
            "random_state": 42,
            "elsewhere": 8000,
            "asking": ["ask_", "follow_up"],
            "of_theme": "theme_",
        }

    def __init__(
        self,
        config: Dict[str, Any],
        store: KnowledgeStore,
        model_storage: ModelStorage,
        resource: Resource,
        model: Optional[TopicModel] = None,
    ) -> None:
        self._config = config
        self._store = store
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
    ) -> TopicClassifier:
        value = config["C"]
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < float("inf"):
            raise InvalidConfigException("TopicClassifier: C must be a number greater than 0 in config.yml.")
        for key, least in (("random_state", 0), ("elsewhere", 0)):
            value = config[key]
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise InvalidConfigException(
                    f"TopicClassifier: {key} must be a whole number from {least} in config.yml."
                )
        return cls(config, shared_store(), model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TopicClassifier:
        with model_storage.read_from(resource) as folder:
            model = TopicModel.load(folder) if (folder / NAMES).exists() else None
        return cls(config, shared_store(), model_storage, resource, model)

    def train(self, training_data: TrainingData) -> Resource:
        examples = [m for m in training_data.intent_examples if forms_of(m.get(TEXT) or "")]
        labelled = [
            *told(self._store.knowledge),
            *meant(examples, self._store.knowledge, self._config["of_theme"]),
            *others(examples, self._store.knowledge, self._config),
        ]
        if any(label not in (NO_TOPIC, OPEN) for _, label in labelled) and len({label for _, label in labelled}) > 1:
            texts, labels = zip(*labelled)
            self._model = train_topic_model(texts, labels, self._config["C"], self._config["random_state"])
        with self._model_storage.write_to(self._resource) as folder:
            if self._model is not None:
                self._model.save(folder)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            if self._model is None or not message.get(RANKING):
                continue
            self._hear_instead(message, self._model)
            if _named(message):
                continue
            self._tell_parts(message, self._model)
            found, fields, elsewhere = _told_apart(self._model.probabilities(_without_initiatives(message)))
            message.set(FIELDS, list(_likeliest_fields(_among_named(fields, message))), add_to_output=True)
            message.set(ELSEWHERE, elsewhere, add_to_output=True)
            refused = {e["value"] for e in message.get(ENTITIES, []) if e["entity"] == INITIATIVE and e.get("refused")}
            likeliest = sorted(found.keys() - refused, key=lambda label: (-found[label], label))[:MOST]
            topics = [{"name": label, "confidence": found[label]} for label in likeliest]
            message.set(TOPICS, topics, add_to_output=True)
        return messages

    @staticmethod
    def _hear_instead(message: Message, model: TopicModel) -> None:
        """A name in what is refused or taken back is not meant where the rest describes another initiative."""
        names = aside(message)
        found, _, _ = _told_apart(model.probabilities(rest(message, names))) if names else ({}, {}, 0.0)
        others = {label: share for label, share in found.items() if label not in {name["value"] for name in names}}
        if max(others.values(), default=0.0) >= INSTEAD:
            refuse(message, names)

    @staticmethod
    def _tell_parts(message: Message, model: TopicModel) -> None:
        """What each part is about that is asked."""
        for part in message.get(PARTS) or []:
            if not part["negated"]:
                text = (message.get(TEXT) or "")[part["start"] : part["end"]]
                found, fields, _ = _told_apart(model.probabilities(text))
                likeliest = sorted(found, key=lambda label: (-found[label], label))[:1]
                part[TOPICS] = [{"name": label, "confidence": found[label]} for label in likeliest]
                part[FIELDS] = list(_likeliest_fields(fields))


def _told_apart(found: Dict[str, float]) -> Tuple[Dict[str, float], Dict[str, float], float]:
    """Of all probabilities those of initiatives, those of themes and services, and that of no initiative."""
    fields = {label: share for label, share in found.items() if "/" in label}
    initiatives = {label: found[label] for label in found.keys() - fields.keys() - {OPEN, NO_TOPIC}}
    services = sum(share for label, share in fields.items() if label.startswith("service/"))
    return initiatives, fields, found.get(NO_TOPIC, 0.0) + services


def _among_named(fields: Mapping[str, float], message: Message) -> Mapping[str, float]:
    """Where several services are named, one of them is meant: how likely each is among them."""
    named = {f"service/{e['value']}" for e in message.get(ENTITIES, []) if e["entity"] == "service"} & fields.keys()
    total = sum(fields[label] for label in named)
    if len(named) < 2 or not total:
        return fields
    themes = {label: share for label, share in fields.items() if label.startswith("theme/")}
    return {**themes, **{label: fields[label] / total for label in named}}


def _likeliest_fields(fields: Mapping[str, float]) -> Iterator[Dict[str, Any]]:
    for kind in ("theme", "service"):
        likeliest = max((label for label in fields if label.startswith(f"{kind}/")), key=fields.__getitem__, default="")
        if likeliest and fields[likeliest] >= LEAST_OF_FIELD:
            name = likeliest.partition("/")[2]
            yield {"kind": kind, "name": name, "confidence": fields[likeliest]}


def _named(message: Message) -> bool:
    """Whether the message names one initiative for certain and does not refuse it."""
    places: Dict[Any, List[Any]] = {}
    for entity in message.get(ENTITIES, []):
        if entity["entity"] == INITIATIVE and not entity.get("refused") and not entity.get("generic"):
            places.setdefault(entity.get("start"), []).append(entity)
    return any(len(found) == 1 for found in places.values())


def _without_initiatives(message: Message) -> str:
    """The text without what it refuses, and without the names of initiatives that may mean several."""
    text: str = message.get(TEXT) or ""
    refused = refused_parts(message)
    text = without(text, refused) if len(refused) < len(message.get(PARTS) or []) else text
    entities = [e for e in message.get(ENTITIES, []) if e["entity"] == INITIATIVE and e.get("start") is not None]
    readings = Counter(entity["start"] for entity in entities)
    for entity in entities:
        start, end = entity["start"], entity["end"]
        if entity.get("refused") or readings[start] > 1:
            text = text[:start] + " " * (end - start) + text[end:]
    return text
