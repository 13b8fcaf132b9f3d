"""When the assistant does not know, it says so: what would cost least by the probabilities.

Chow, On optimum recognition error and reject tradeoff (1970), with a question as third way.
"""

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
from smartcity.nlu.mentions import PARTS

DOUBT = "doubt"
"""Message property: UNCLEAR, UNKNOWN or None."""
UNCLEAR = "unclear"
"""Two readings are close: the dialogue asks back."""
UNKNOWN = "unknown"
"""Nothing fits well enough."""


SHARES = ("min_confidence", "min_familiarity", "min_part_confidence")
COSTS = ("false_statement", "wrong_turn", "question", "vain_question")
"""Costs in config.yml: an answer to what is out of scope; another wrong answer, or none where there
is one; a question with the right choice in it; a question where nothing could be answered."""


def decide(ranking: Sequence[Mapping[str, Any]], familiarity: float, settings: Mapping[str, Any]) -> Optional[str]:
    """None to trust the first reading, UNCLEAR to ask back, UNKNOWN to say 'not understood'.

    Whatever is expected to cost least, by the probabilities of the readings. `ranking` holds name
    and confidence, best first; `familiarity` is 0 to 1.
    """
    if not ranking or familiarity < settings["min_familiarity"]:
        return UNKNOWN
    foreign = settings["foreign_intent"]
    likely = {reading[INTENT_NAME_KEY]: reading[PREDICTED_CONFIDENCE_KEY] for reading in ranking}
    outside = likely.get(foreign, 0.0)
    first = ranking[0][INTENT_NAME_KEY]
    if likely[first] < settings["min_confidence"]:
        return UNKNOWN
    offered = sum(confidence for name, confidence in list(likely.items())[:2] if name != foreign)
    other = max(0.0, 1 - offered - outside)
    wrong = settings["wrong_turn"]
    states = first.startswith(tuple(settings["stating"]))
    costs = {
        None: wrong * (1 - outside)
        if first == foreign
        else settings["false_statement" if states else "wrong_turn"] * outside + wrong * (1 - likely[first] - outside),
        UNCLEAR: settings["question"] * offered + settings["vain_question"] * outside + wrong * other,
        UNKNOWN: wrong * (1 - outside),
    }
    return min(costs, key=lambda verdict: (costs[verdict], verdict is not None))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class DoubtClassifier(GraphComponent, IntentClassifier):
    """Makes the intent nlu_fallback where `decide` does not trust it; the ranking stays as it was."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {
            "false_statement": 7.0,
            "wrong_turn": 2.1,
            "question": 1.0,
            "vain_question": 1.0,
            "min_confidence": 0.25,
            "min_familiarity": 0.3,
            "min_part_confidence": 0.4,
            "foreign_intent": "out_of_scope",
            "stating": ["ask_", "theme_", "list_", "office_", "city_service", "report_defect"],
        }

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
        for key, most in (*((cost, 1000.0) for cost in COSTS), *((share, 1.0) for share in SHARES)):
            value = config.get(key)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= most:
                raise InvalidConfigException(f"DoubtClassifier: {key} must be between 0 and {most:g} in config.yml.")
        if not isinstance(config["stating"], list) or not isinstance(config["foreign_intent"], str):
            raise InvalidConfigException("DoubtClassifier: stating is a list, foreign_intent a name in config.yml.")
        return cls(config)

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            ranking = message.get("intent_ranking") or []
            verdict = decide(ranking, message.get(FAMILIARITY, 1.0), self._config)
            message.set(DOUBT, verdict, add_to_output=True)
            if message.get(PARTS):
                message.set(PARTS, self._clear(message.get(PARTS)), add_to_output=True)
            if verdict:
                confidence = ranking[0][PREDICTED_CONFIDENCE_KEY] if ranking else 0.0
                fallback = {
                    INTENT_NAME_KEY: DEFAULT_NLU_FALLBACK_INTENT_NAME,
                    PREDICTED_CONFIDENCE_KEY: 1 - confidence,
                }
                message.set(INTENT, fallback, add_to_output=True)
        return messages

    def _clear(self, parts: Sequence[Mapping[str, Any]]) -> List[Dict[str, Any]]:
        """The parts whose intent is clear enough to answer or to leave out."""
        keys = ("start", "end", "negated", INTENT, PREDICTED_CONFIDENCE_KEY)
        kept = [p for p in parts if p.get(PREDICTED_CONFIDENCE_KEY, 0.0) >= self._config["min_part_confidence"]]
        return [{key: part[key] for key in keys} for part in kept]
