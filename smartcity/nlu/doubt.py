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
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from smartcity.knowledge.folding import words
from smartcity.nlu.intents import FAMILIARITY
from smartcity.nlu.mentions import PARTS

DOUBT = "doubt"
"""Message property: UNCLEAR, UNKNOWN or None."""
UNCLEAR = "unclear"
"""Two readings are close: the dialogue asks back."""
UNKNOWN = "unknown"
"""Nothing fits well enough."""


FOLLOWING = "following"
"""Message property: {intent, doubt, ranking} of the same words where the conversation is about an initiative."""

SHARES = ("min_confidence", "min_familiarity", "min_part_confidence", "urgent_share")
ODDS = ("follow_up_odds", "pointing_odds")
CONNECTING = frozenset("und and".split())
POINTING = frozenset(
    "ihn ihm er dort da dabei dafur damit daruber davon dazu daran darin drin dahinter it its there they them".split()
)
"""Words that stand for what was talked of; 'das' and 'der' stand before any noun and say nothing."""
ASPECT_INTENTS = (
    *("ask_about", "ask_goals", "ask_status", "ask_operator", "ask_place", "ask_time", "ask_cost", "ask_joining"),
    *("ask_audience", "ask_requirements", "ask_accessibility", "ask_function", "ask_data", "ask_contact"),
    "ask_figures",
)
"""Questions about an initiative that make sense without its name."""
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


def points_back(text: str) -> bool:
    """Whether a message begins with 'und' or holds a word that stands for what was talked of."""
    forms = [word.form for word in words(text)]
    return bool(forms) and (forms[0] in CONNECTING or any(form in POINTING for form in forms))


def following(ranking: Sequence[Mapping[str, Any]], text: str, settings: Mapping[str, Any]) -> List[Dict[str, Any]]:
    """The ranking where the conversation is about an initiative: questions about it are likelier then.

    Bayes' rule with other odds: each of `follow_up_intents` counts `follow_up_odds` times as much, or
    `pointing_odds` where the text points back.
    """
    odds = settings["pointing_odds" if points_back(text) else "follow_up_odds"]
    weights = [
        reading[PREDICTED_CONFIDENCE_KEY] * (odds if reading[INTENT_NAME_KEY] in settings["follow_up_intents"] else 1.0)
        for reading in ranking
    ]
    # What the ranking leaves out keeps its share.
    total = sum(weights) + max(0.0, 1.0 - sum(reading[PREDICTED_CONFIDENCE_KEY] for reading in ranking))
    shares = [weight / total if total else 0.0 for weight in weights]
    found = [
        {INTENT_NAME_KEY: reading[INTENT_NAME_KEY], PREDICTED_CONFIDENCE_KEY: share}
        for reading, share in zip(ranking, shares)
    ]
    return sorted(found, key=lambda reading: -reading[PREDICTED_CONFIDENCE_KEY])


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
            "urgent_intent": "emergency",
            "urgent_share": 0.25,
            "foreign_intent": "out_of_scope",
            "stating": ["ask_", "theme_", "list_", "office_", "city_service", "report_defect"],
            "follow_up_odds": 4.0,
            "pointing_odds": 32.0,
            "follow_up_intents": list(ASPECT_INTENTS),
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
        for key, most in (*((cost, 1000.0) for cost in (*COSTS, *ODDS)), *((share, 1.0) for share in SHARES)):
            value = config.get(key)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= most:
                raise InvalidConfigException(f"DoubtClassifier: {key} must be between 0 and {most:g} in config.yml.")
        if not all(isinstance(config[key], list) for key in ("stating", "follow_up_intents")):
            raise InvalidConfigException("DoubtClassifier: stating and follow_up_intents are lists in config.yml.")
        if not all(isinstance(config[key], str) for key in ("foreign_intent", "urgent_intent")):
            raise InvalidConfigException("DoubtClassifier: foreign_intent and urgent_intent are names in config.yml.")
        return cls(config)

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            ranking = self._urgent_first(message.get("intent_ranking") or [])
            familiarity = message.get(FAMILIARITY, 1.0)
            verdict = decide(ranking, familiarity, self._config)
            if ranking and self._urgent(ranking[0]) and familiarity >= self._config["min_familiarity"]:
                verdict = None
                message.set(INTENT, ranking[0], add_to_output=True)
                message.set("intent_ranking", ranking, add_to_output=True)
            message.set(DOUBT, verdict, add_to_output=True)
            message.set(FOLLOWING, self._following(message), add_to_output=True)
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

    def _urgent_first(self, ranking: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
        """The ranking with an emergency before everything once it is likely enough: missing one costs most."""
        return sorted(ranking, key=lambda reading: not self._urgent(reading))

    def _urgent(self, reading: Mapping[str, Any]) -> bool:
        urgent: bool = reading[INTENT_NAME_KEY] == self._config["urgent_intent"]
        return urgent and reading[PREDICTED_CONFIDENCE_KEY] >= self._config["urgent_share"]

    def _following(self, message: Message) -> Optional[Dict[str, Any]]:
        likely = following(message.get("intent_ranking") or [], message.get(TEXT) or "", self._config)
        if not likely:
            return None
        verdict = decide(likely, message.get(FAMILIARITY, 1.0), self._config)
        return {INTENT: likely[0][INTENT_NAME_KEY], DOUBT: verdict, "ranking": likely[:2]}

    def _clear(self, parts: Sequence[Mapping[str, Any]]) -> List[Dict[str, Any]]:
        """The parts whose intent is clear enough to answer; those that refuse something stay, whatever it is."""
        keys = ("start", "end", "negated", "asks", INTENT, PREDICTED_CONFIDENCE_KEY)
        kept = []
        for part in parts:
            shown = {key: part[key] for key in keys}
            if part[PREDICTED_CONFIDENCE_KEY] >= self._config["min_part_confidence"]:
                kept.append(shown)
            elif part["negated"]:
                kept.append({**shown, INTENT: DEFAULT_NLU_FALLBACK_INTENT_NAME})
        return kept
