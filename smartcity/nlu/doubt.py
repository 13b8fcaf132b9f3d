"""When the assistant does not know, it says so: low confidence, close readings, unknown words."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY
from rasa.shared.nlu.training_data.message import Message

from smartcity.nlu.intents import FAMILIARITY

DOUBT = "doubt"
"""Message property: UNCLEAR, UNKNOWN or None."""
UNCLEAR = "unclear"
"""Two readings are close: the dialogue asks back."""
UNKNOWN = "unknown"
"""Nothing fits well enough."""


def decide(ranking: Sequence[Mapping[str, Any]], familiarity: float, settings: Mapping[str, float]) -> Optional[str]:
    """None to trust the first reading, UNCLEAR to ask back, UNKNOWN to say 'not understood'.

    `ranking` holds name and confidence, best first; `familiarity` is 0 to 1.
    """
    if not ranking or familiarity < settings["min_familiarity"]:
        return UNKNOWN
    best = ranking[0][PREDICTED_CONFIDENCE_KEY]
    second = ranking[1][PREDICTED_CONFIDENCE_KEY] if len(ranking) > 1 else 0.0
    if best < settings["min_confidence"]:
        return UNKNOWN
    if best - second < settings["min_margin"] and best < settings["sure"]:
        return UNCLEAR
    return None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class DoubtClassifier(GraphComponent, IntentClassifier):
    """Makes the intent nlu_fallback where `decide` does not trust it; the ranking stays as it was."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {"min_confidence": 0.25, "min_margin": 0.08, "sure": 0.5, "min_familiarity": 0.3}

    def __init__(self, config: Dict[str, Any]) -> None:
        self._config = config

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> DoubtClassifier:
        for key in cls.get_default_config():
            value = config.get(key)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
                raise InvalidConfigException(f"DoubtClassifier: {key} must be between 0 and 1 in config.yml.")
        return cls(config)

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            ranking = message.get("intent_ranking") or []
            verdict = decide(ranking, message.get(FAMILIARITY, 1.0), self._config)
            message.set(DOUBT, verdict, add_to_output=True)
            if verdict:
                confidence = ranking[0][PREDICTED_CONFIDENCE_KEY] if ranking else 0.0
                fallback = {
                    INTENT_NAME_KEY: DEFAULT_NLU_FALLBACK_INTENT_NAME,
                    PREDICTED_CONFIDENCE_KEY: 1 - confidence,
                }
                message.set(INTENT, fallback, add_to_output=True)
        return messages
