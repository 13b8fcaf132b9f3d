"""What was answered before a message: 'alter, warum' asks something else after the end of a service than first.

Examples that are said after an answer carry it in their intent's metadata, `{after: initiative/kruiser/status}`; in a
conversation it is read from Rasa's tracker.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from smartcity.knowledge.folding import forms_of
from smartcity.knowledge.records import Initiative
from smartcity.knowledge.source import KnowledgeStore, shared_store

CONTEXT = "context"
"""Message property: what was answered and talked of before, as named features; empty for the first message."""
AFTER = "after"
"""Key of an example's intent metadata: the id of the answer before it, or its kind and aspect."""
TALKED_OF = "talked_of"
"""Message property: kind/id of what the conversation is about; empty where of nothing."""
POINTS = "points_back"
"""Message property: whether the words point back at what was talked of."""
ENDED = "ended"
CONNECTING = frozenset("und and".split())
POINTING = frozenset(
    "ihn ihm er seine seinen seinem seiner dort da dabei dafur damit daruber davon dazu daran darin drin dahinter"
    " it its there they them".split()
)
"""Words that stand for what was talked of; 'das' and 'der' stand before any noun and say nothing."""
DEMONSTRATIVE = frozenset("den dem der die denen".split())
PARTICLES = frozenset("denn eigentlich uberhaupt nun jetzt noch mal bitte so".split())
"""Words at the end of a question that colour it alone."""


def context_of(answer: str, state: str = "", topic: str = "") -> Tuple[str, ...]:
    """Named features of the answer with this id; `state` is the one of the initiative that it is about.

    `topic` is kind and aspect of what is talked of, where the answer says less.
    """
    kind, *rest = answer.split("/")
    aspect = rest[-1] if rest else ""
    if kind == "list":
        aspect = "themes" if rest[:1] == ["themes"] else ""
    elif kind == "service":
        aspect = aspect if aspect == "defect" else ""
    elif kind in ("ask", "which"):
        kind, aspect = "which", ""
    elif kind in ("decline", "lost"):
        kind, aspect = "decline", ""
    found = [f"{kind}/{aspect}" if aspect else kind]
    if state == ENDED:
        found.append(ENDED)
    about = topic or (found[0] if kind in ("initiative", "theme", "office") else "")
    if about:
        found.append(f"about {about.split('/')[0]}")
        if "/" in topic and topic != found[0]:
            found.append(f"about {topic}")
    return tuple(found)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class ContextReader(GraphComponent):
    """Adds what was answered before a message."""

    def __init__(self, store: KnowledgeStore) -> None:
        self._store = store

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ContextReader:
        return cls(shared_store())

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        for message in training_data.intent_examples:
            metadata = (message.get(METADATA) or {}).get(METADATA_INTENT)
            if isinstance(metadata, dict) and metadata.get(AFTER):
                answer = str(metadata[AFTER])
                message.set(CONTEXT, list(context_of(answer.removesuffix(f" {ENDED}"), answer.partition(" ")[2])))
        return training_data

    def process(self, messages: List[Message], tracker: Optional[DialogueStateTracker] = None) -> List[Message]:
        slots: Dict[str, Any] = tracker.current_slot_values() if tracker is not None else {}
        found, talked_of = list(self._told(slots)), slots.get("topic") or ""
        for message in messages:
            message.set(CONTEXT, found)
            message.set(TALKED_OF, talked_of)
            message.set(POINTS, points_back(message.get(TEXT) or ""), add_to_output=True)
        return messages

    def _told(self, slots: Mapping[str, Any]) -> Iterator[str]:
        answer = (slots.get("last_answer") or {}).get("answer") or ""
        if not answer:
            return
        kind, _, topic_id = (slots.get("topic") or "").partition("/")
        topic = self._store.knowledge.topic(kind, topic_id) if topic_id else None
        state = str(topic.state) if isinstance(topic, Initiative) else ""
        aspect = slots.get("aspect") or ""
        yield from context_of(answer, state, f"{kind}/{aspect}" if aspect else kind)


def points_back(text: str) -> bool:
    """Whether a message begins with 'und' or holds a word that stands for what was talked of.

    'den' and 'der' stand for something at the end ('wie erreiche ich den') and before a verb there ('kann man den
    kaufen'), 'sein' where it is whose something is ('wo ist sein Büro').
    """
    forms = forms_of(text)
    if not forms:
        return False
    if forms[0] in CONNECTING or any(form in POINTING for form in forms):
        return True
    while len(forms) > 1 and forms[-1] in PARTICLES:
        forms = forms[:-1]  # 'Wer veranstaltet den denn?'
    closing = forms[-1] in DEMONSTRATIVE or (len(forms) > 2 and forms[-2] in DEMONSTRATIVE and _is_verb(forms[-1]))
    owned = any(form == "sein" and following != "dass" for form, following in pairwise(forms))
    return closing or owned


def _is_verb(form: str) -> bool:
    """Whether a last word may be a verb, by its ending."""
    return form.endswith(("en", "ern", "eln")) or (form.startswith("ge") and form.endswith("t"))
