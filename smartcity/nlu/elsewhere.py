"""Questions about other cities and companies are out of scope, however familiar the question.

'Was tut Oslo für das Klima?' has the words of a theme. When a message names somebody else (by
the look-up tables of places and brands) and nothing of this city for certain, it is not about us.
Nor is what belongs to another place by its name: 'das Geoportal der Stadt Viersen'.
"""

from __future__ import annotations

import json
import re
from typing import Any, Dict, List, Mapping, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_NAME_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from smartcity.knowledge.folding import forms_of
from smartcity.nlu.concepts import ConceptTable
from smartcity.nlu.intents import RANKING
from smartcity.nlu.mentions import MASKED

CERTAIN = ("initiative", "office")
"""Kinds of names that make a message about us."""
_OF_ANOTHER = re.compile(
    r"[ ]+(?:(?:(?:von|in|of)[ ]+)?(?:(?:der|the)[ ]+)?(?:Stadt|Gemeinde|city|town)[ ]+(?:of[ ]+)?|(?:von|of)[ ]+)",
    re.I,
)
"""What stands between a name and the place that it belongs to."""
_HERE, _THENCE = "krefeld", ("nach", "to", "bis", "und", "aus", "zum", "zur", "in", "ins")
"""Where we are, and what goes on after a place that is only a way's beginning or one of several."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ElsewhereClassifier(GraphComponent, IntentClassifier):
    """Replaces the intents that begin with `prefixes` by `intent` when the message is about others."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {
            "concepts": [],
            "places": [],
            "prefixes": ["ask_", "theme_", "list_"],
            "except": ["ask_source"],
            "intent": "out_of_scope",
        }

    def __init__(
        self,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        places: Optional[ConceptTable] = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._places = places or ConceptTable({})

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ElsewhereClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> ElsewhereClassifier:
        with model_storage.read_from(resource) as folder:
            entries = json.loads((folder / "places.json").read_text("utf-8"))
        return cls(config, model_storage, resource, ConceptTable(entries))

    def train(self, training_data: TrainingData) -> Resource:
        """Keep the entries of the configured look-up tables."""
        wanted = {*self._config["concepts"], *self._config["places"]}
        missing = wanted - {table["name"] for table in training_data.lookup_tables}
        if missing:
            raise InvalidConfigException(
                f"ElsewhereClassifier: there is no look-up table {sorted(missing)} in data/nlu; "
                "correct 'concepts' and 'places' in config.yml."
            )
        tables = [table for table in training_data.lookup_tables if table["name"] in wanted]
        self._places = ConceptTable.from_lookups(tables)
        with self._model_storage.write_to(self._resource) as folder:
            (folder / "places.json").write_text(json.dumps(self._places.entries, ensure_ascii=False), "utf-8")
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            if self._is_about_others(message):
                intent = {**message.get(INTENT), INTENT_NAME_KEY: self._config["intent"]}
                message.set(INTENT, intent, add_to_output=True)
        return messages

    def _is_about_others(self, message: Message) -> bool:
        name = (message.get(INTENT) or {}).get(INTENT_NAME_KEY) or ""
        if name == DEFAULT_NLU_FALLBACK_INTENT_NAME:
            name = next((reading[INTENT_NAME_KEY] for reading in message.get(RANKING) or []), "")
        if name in self._config["except"] or not name.startswith(tuple(self._config["prefixes"])):
            return False
        ours = [e for e in message.get(ENTITIES, []) if e["entity"] in CERTAIN and not e.get("generic")]
        if ours:
            return all(self._is_of_another(message.get(TEXT) or "", entity) for entity in ours)
        forms = forms_of(message.get(MASKED) or message.get(TEXT) or "")
        found = (self._places.named_at(forms, position)[0] for position in range(len(forms)))
        return any(concept in self._config["concepts"] for concept in found if concept)

    def _is_of_another(self, text: str, entity: Mapping[str, Any]) -> bool:
        """Whether the name of a place follows the name of something of ours and says whose it is."""
        between = _OF_ANOTHER.match(text, entity["end"]) if entity.get("end") else None
        forms = forms_of(text[between.end() :]) if between else ()
        if not forms or _HERE in forms_of(text):
            return False
        concept, size = self._places.named_at(forms, 0)
        return concept in self._config["places"] and (len(forms) == size or forms[size] not in _THENCE)
