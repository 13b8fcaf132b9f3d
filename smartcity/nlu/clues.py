"""What content says of an initiative tells which question about it is asked.

'Leitwort' stands in one fact of the strategy, 'EC-Karte' in one of phone parking: no example has to teach it, and a
new file in content/ brings its own words.
"""

from __future__ import annotations

import math
import sys
from typing import Any, Collection, Dict, List, Mapping, Set

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, INTENT, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from smartcity.knowledge.search import facts_of
from smartcity.knowledge.source import KnowledgeStore, shared_store
from smartcity.nlu.context import TALKED_OF
from smartcity.nlu.intents import RANKING
from smartcity.nlu.learnt import TRUST
from smartcity.nlu.mentions import PARTS
from smartcity.nlu.rankings import Ranking, weighed

ASPECT = "ask_"
"""Beginning of the intents that ask for an aspect."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class ClueClassifier(GraphComponent, IntentClassifier):
    """Weighs the questions about the initiative that is named by the words of its facts."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {"weight": 0.5, "most": 8.0}

    def __init__(self, config: Dict[str, Any], store: KnowledgeStore) -> None:
        self._config = config
        self._store = store

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ClueClassifier:
        for key, most in (("weight", 10.0), ("most", 100.0)):
            value = config.get(key)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= most:
                raise InvalidConfigException(f"ClueClassifier: {key} must be between 0 and {most:g} in config.yml.")
        return cls(config, shared_store())

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            ranking = message.get(RANKING) or []
            if not ranking:
                continue
            text, search = message.get(TEXT) or "", facts_of(self._store.knowledge)
            for part in message.get(PARTS) or []:
                clues = search.clues(text[part["start"] : part["end"]])
                part[RANKING] = self._weighed(part[RANKING], clues, _named_near(message, part["start"], part["end"]))
            named = _named(message) or _talked_of(message)
            if named:
                fresh = self._weighed(ranking, search.clues(text), named)
                message.set(INTENT, fresh[0], add_to_output=True)
                message.set(RANKING, fresh, add_to_output=True)
        return messages

    def _weighed(
        self, ranking: Ranking, clues: Mapping[str, Mapping[str, float]], named: Collection[str]
    ) -> List[Dict[str, Any]]:
        """The ranking by the clues to what is asked of the one initiative that is named; what staff taught stays."""
        if len(named) != 1 or ranking[0][PREDICTED_CONFIDENCE_KEY] >= TRUST:
            return [dict(reading) for reading in ranking]
        return weighed(ranking, self._odds(clues.get(next(iter(named)), {})))

    def _odds(self, clues: Mapping[str, float]) -> Dict[str, float]:
        most: float = self._config["most"]
        return {f"{ASPECT}{a}": math.exp(self._config["weight"] * min(score, most)) for a, score in clues.items()}


def _named(message: Message, start: int = 0, end: int = sys.maxsize) -> Set[str]:
    """The initiatives that the message names between these places and does not refuse."""
    entities = message.get(ENTITIES, [])
    meant = [e for e in entities if e["entity"] == "initiative" and not e.get("refused")]
    return {entity["value"] for entity in meant if start <= entity.get("start", 0) < end}


def _talked_of(message: Message) -> Set[str]:
    """The initiative that the conversation is about, where the message names none."""
    kind, _, topic = (message.get(TALKED_OF) or "").partition("/")
    return {topic} if kind == "initiative" else set()


def _named_near(message: Message, start: int, end: int) -> Set[str]:
    """Those that a part of the message names, else those before it, else those after it."""
    return _named(message, start, end) or _named(message, 0, start) or _named(message, end) or _talked_of(message)
