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

from smartcity.nlu.context import TALKED_OF
from smartcity.nlu.intents import FAMILIARITY, RANKING, URGENT
from smartcity.nlu.mentions import PARTS
from smartcity.nlu.topics import FIELDS, TOPICS

DOUBT = "doubt"
"""Message property: UNCLEAR, UNKNOWN or None."""
UNCLEAR = "unclear"
"""Two readings are close: the dialogue asks back."""
UNKNOWN = "unknown"
"""Nothing fits well enough."""


BESIDE = "beside"
"""Message property: another question about an initiative that is likely enough to be answered beside the likeliest."""

SHARES = ("min_confidence", "min_familiarity", "min_part_confidence", "urgent_share", "urgent_piece")
ASPECT_INTENTS = (
    *("ask_about", "ask_goals", "ask_status", "ask_operator", "ask_place", "ask_time", "ask_cost", "ask_joining"),
    *("ask_audience", "ask_requirements", "ask_accessibility", "ask_function", "ask_data", "ask_contact"),
    "ask_figures",
)
"""Questions about an initiative that make sense without its name."""
OFFICE_INTENTS = tuple(
    f"office_{aspect}" for aspect in ("responsible", "phone", "email", "room", "address", "hours", "visit")
)
"""Questions about the office that begin nothing, so that two can be answered at once."""
LISTS = ("stating", "follow_up_intents", "office_intents")
COSTS = ("false_statement", "false_follow_up", "wrong_turn", "question", "vain_question", "second_answer")
"""Costs in config.yml: an answer to what is out of scope, in a first message and in a conversation; another wrong
answer, or none where there is one; a question with the right choice in it, and one where nothing could be answered; a
second answer to read."""


def decide(ranking: Sequence[Mapping[str, Any]], familiarity: float, settings: Mapping[str, Any]) -> Optional[str]:
    """None to trust the first reading, UNCLEAR to ask back, UNKNOWN to say 'not understood'.

    Whatever is expected to cost least, by the probabilities of the readings. `ranking` holds name
    and confidence, best first; `familiarity` is 0 to 1.
    """
    if not _is_likely(ranking, familiarity, settings):
        return UNKNOWN
    costs = _costs(ranking, settings)
    return min(costs, key=lambda verdict: (costs[verdict], verdict is not None))


def beside(ranking: Sequence[Mapping[str, Any]], familiarity: float, settings: Mapping[str, Any]) -> Optional[str]:
    """The second reading, where two answers are expected to cost less than one, a question or none.

    Both must be questions about an initiative (`follow_up_intents`) or about the office (`office_intents`): two facts
    about the same thing.
    """
    if not _is_likely(ranking, familiarity, settings) or len(ranking) < 2:
        return None
    likely = {reading[INTENT_NAME_KEY] for reading in ranking[:2]}
    if not any(likely.issubset(settings[about]) for about in ("follow_up_intents", "office_intents")):
        return None
    outside = _share(ranking, settings["foreign_intent"])
    left = max(0.0, 1 - outside - sum(reading[PREDICTED_CONFIDENCE_KEY] for reading in ranking[:2]))
    cost = settings["second_answer"] + settings["false_statement"] * outside + settings["wrong_turn"] * left
    second: str = ranking[1][INTENT_NAME_KEY]
    return second if cost < min(_costs(ranking, settings).values()) else None


def _is_likely(ranking: Sequence[Mapping[str, Any]], familiarity: float, settings: Mapping[str, Any]) -> bool:
    return (
        bool(ranking)
        and familiarity >= settings["min_familiarity"]
        and ranking[0][PREDICTED_CONFIDENCE_KEY] >= settings["min_confidence"]
    )


def _share(ranking: Sequence[Mapping[str, Any]], intent: str) -> float:
    return next((float(r[PREDICTED_CONFIDENCE_KEY]) for r in ranking if r[INTENT_NAME_KEY] == intent), 0.0)


def _costs(ranking: Sequence[Mapping[str, Any]], settings: Mapping[str, Any]) -> Dict[Optional[str], float]:
    """What is expected of each verdict."""
    foreign, wrong = settings["foreign_intent"], settings["wrong_turn"]
    outside = _share(ranking, foreign)
    first, likeliest = ranking[0][INTENT_NAME_KEY], ranking[0][PREDICTED_CONFIDENCE_KEY]
    offered = sum(r[PREDICTED_CONFIDENCE_KEY] for r in ranking[:2] if r[INTENT_NAME_KEY] != foreign)
    other = max(0.0, 1 - offered - outside)
    states = first.startswith(tuple(settings["stating"]))
    return {
        None: wrong * (1 - outside)
        if first == foreign
        else settings["false_statement" if states else "wrong_turn"] * outside + wrong * (1 - likeliest - outside),
        UNCLEAR: settings["question"] * offered + settings["vain_question"] * outside + wrong * other,
        UNKNOWN: wrong * (1 - outside),
    }


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class DoubtClassifier(GraphComponent, IntentClassifier):
    """Makes the intent nlu_fallback where `decide` does not trust it; the ranking stays as it was."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {
            "false_statement": 10.0,
            "false_follow_up": 5.0,
            "wrong_turn": 1.2,
            "question": 1.0,
            "vain_question": 1.0,
            "second_answer": 0.5,
            "min_confidence": 0.25,
            "min_familiarity": 0.3,
            "min_part_confidence": 0.4,
            "urgent_intent": "emergency",
            "urgent_share": 0.25,
            "urgent_piece": 0.8,
            "foreign_intent": "out_of_scope",
            "stating": ["ask_", "theme_", "list_", "office_", "city_service", "report_defect"],
            "follow_up_intents": list(ASPECT_INTENTS),
            "office_intents": list(OFFICE_INTENTS),
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
        if not all(isinstance(config[key], list) for key in LISTS):
            raise InvalidConfigException(f"DoubtClassifier: {', '.join(LISTS)} are lists in config.yml.")
        if not all(isinstance(config[key], str) for key in ("foreign_intent", "urgent_intent")):
            raise InvalidConfigException("DoubtClassifier: foreign_intent and urgent_intent are names in config.yml.")
        return cls(config)

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            ranking = self._urgent_first(message.get(RANKING) or [], message.get(URGENT) or 0.0)
            familiarity = message.get(FAMILIARITY, 1.0)
            settings = self._settings(message)
            verdict = decide(ranking, familiarity, settings)
            if ranking and self._urgent(ranking[0]) and familiarity >= self._config["min_familiarity"]:
                verdict = None
                message.set(INTENT, ranking[0], add_to_output=True)
                message.set(RANKING, ranking, add_to_output=True)
            message.set(DOUBT, verdict, add_to_output=True)
            message.set(BESIDE, beside(ranking, familiarity, settings), add_to_output=True)
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

    def _settings(self, message: Message) -> Dict[str, Any]:
        """Short questions in the middle of a conversation look foreign by themselves, and seldom are."""
        follows = bool(message.get(TALKED_OF))
        return {**self._config, "false_statement": self._config["false_follow_up"]} if follows else self._config

    def _urgent_first(self, ranking: List[Dict[str, Any]], of_a_piece: float) -> List[Dict[str, Any]]:
        """The ranking with an emergency before everything once it is likely enough: missing one costs most.

        `of_a_piece` is its largest probability in one piece of the message.
        """
        if ranking and of_a_piece >= self._config["urgent_piece"]:
            others = [reading for reading in ranking if reading[INTENT_NAME_KEY] != self._config["urgent_intent"]]
            urgent = {INTENT_NAME_KEY: self._config["urgent_intent"], PREDICTED_CONFIDENCE_KEY: of_a_piece}
            left = 1.0 - of_a_piece
            return [
                urgent,
                *({**other, PREDICTED_CONFIDENCE_KEY: other[PREDICTED_CONFIDENCE_KEY] * left} for other in others),
            ]
        return sorted(ranking, key=lambda reading: not self._urgent(reading))

    def _urgent(self, reading: Mapping[str, Any]) -> bool:
        urgent: bool = reading[INTENT_NAME_KEY] == self._config["urgent_intent"]
        return urgent and reading[PREDICTED_CONFIDENCE_KEY] >= self._config["urgent_share"]

    def _clear(self, parts: Sequence[Mapping[str, Any]]) -> List[Dict[str, Any]]:
        """The parts whose intent is clear enough to answer; those that refuse something stay, whatever it is."""
        kept = []
        for part in parts:
            likeliest = part[RANKING][0]
            shown = {key: part[key] for key in ("start", "end", "negated", "asks", TOPICS, FIELDS) if key in part}
            shown |= {INTENT: likeliest[INTENT_NAME_KEY], PREDICTED_CONFIDENCE_KEY: likeliest[PREDICTED_CONFIDENCE_KEY]}
            if likeliest[PREDICTED_CONFIDENCE_KEY] >= self._config["min_part_confidence"]:
                kept.append(shown)
            elif part["negated"]:
                kept.append({**shown, INTENT: DEFAULT_NLU_FALLBACK_INTENT_NAME})
        return kept
