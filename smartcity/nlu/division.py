"""Which pieces of a message ask something, which only tell, and which are not wanted.

'Noch mal zum SWCAR, wie bucht man das?' is one question with an announcement; 'nicht der Preis, wo ist es und wer
macht es' refuses one and asks two. Learnt from examples whose intent carries metadata: `{pieces: TQ}`, a label for
each segment (smartcity/nlu/pieces.py).
"""

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from smartcity.knowledge.folding import forms_of, words
from smartcity.knowledge.names import Mention
from smartcity.nlu.halves import AND, Half
from smartcity.nlu.masking import mask
from smartcity.nlu.mentions import MASKED, MENTIONS, PARTS, REFUSED, labels_of_pieces
from smartcity.nlu.pieces import ASKS, CONTINUES, LABELS, REFUSES, TELLS, Piece, Tagger, pieces_of, train_tagger
from smartcity.nlu.refusals import Span, within, without
from smartcity.nlu.segments import Segment, segments
from smartcity.nlu.unasked import without_refused

SAID = "said"
"""Message property: masked texts of all pieces, where there are several."""
QUESTION = "question"
"""Message property: masked text of the one piece that asks, where others only tell."""
HALVES = "halves"
"""Message property: the ways to divide at 'und' a message that seems to ask one thing, each as two halves."""
MOST_SEGMENTS = 30
"""A message of more segments is read as a whole."""
MOST_PARTS = 6
"""A message with more questions is a story, not a list of them."""
_FILE = "pieces.crfsuite"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class QuestionDivider(GraphComponent):
    """Adds the parts of a message that ask or refuse something, and its one question where the rest only tells."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {}

    def __init__(self, model_storage: ModelStorage, resource: Resource, tagger: Optional[Tagger] = None) -> None:
        self._model_storage = model_storage
        self._resource = resource
        self._tagger = tagger

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> QuestionDivider:
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> QuestionDivider:
        with model_storage.read_from(resource) as folder:
            path = folder / _FILE
            return cls(model_storage, resource, Tagger(path.read_bytes()) if path.exists() else None)

    def train(self, training_data: TrainingData) -> Resource:
        learnt = list(_labelled(training_data))
        with self._model_storage.write_to(self._resource) as folder:
            if learnt:
                train_tagger(learnt, folder / _FILE)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Of several pieces that ask or refuse, the first that asks teaches its intent."""
        for message in training_data.intent_examples:
            labels = _labels(message)
            if labels and len([label for label in labels if label in (ASKS, REFUSES)]) > 1:
                whole = _whole(message, _segments(message), labels)
                pieces = pieces_of([segment for segment, _ in whole], [label for _, label in whole])
                asking = next((piece for piece in pieces if piece.kind == ASKS), pieces[-1])
                message.set(MASKED, _masked_piece(message, asking, pieces))
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            pieces = self._pieces(message)
            if len(pieces) > 1:
                message.set(SAID, [_masked(message, piece.start, piece.end) for piece in pieces])
            asking = [piece for piece in pieces if piece.kind == ASKS]
            refusing = [piece for piece in pieces if piece.kind == REFUSES]
            if asking and refusing:
                _refuse(message, refusing)
            if len(asking) == 1 and not refusing and len(pieces) > 1:
                message.set(QUESTION, _masked_piece(message, asking[0], pieces))
            if len(asking) > 1 or refusing:
                message.set(PARTS, list(_parts(message, pieces)), add_to_output=True)
            else:
                message.set(HALVES, list(_halves(message)))
        return messages

    def _pieces(self, message: Message) -> List[Piece]:
        found = [segment for segment, _ in _whole(message, _segments(message))]
        if self._tagger is None or len(found) > MOST_SEGMENTS or not words(message.get(TEXT) or ""):
            return []
        texts, signs = _told(message, found)
        labels = self._tagger.labels(texts, signs)
        for number in range(1, len(found) - 1):
            alone = len(forms_of(texts[number])) == 1 and not signs[number] and not signs[number - 1]
            if alone and labels[number] == ASKS:
                labels[number] = CONTINUES  # 'Kosten die Karten was u wie komm ich da dran'
        labels = without_refused(texts, labels)
        pieces = [_as_taken_back(message, piece) for piece in pieces_of(found, labels)]
        return pieces if len([piece for piece in pieces if piece.kind != TELLS]) <= MOST_PARTS else []


def _as_taken_back(message: Message, piece: Piece) -> Piece:
    """A question as a refused piece, where the message takes back all its words but names (corrections.py)."""
    taken: Sequence[Span] = message.get(REFUSED) or ()
    named = [(m.start, m.end) for m in message.get(MENTIONS) or ()]
    said = [word.start + piece.start for word in words((message.get(TEXT) or "")[piece.start : piece.end])]
    gone = [place for place in said if within(place, taken)]
    asks = piece.kind == ASKS and bool(gone) and all(within(place, [*taken, *named]) for place in said)
    return Piece(piece.start, piece.end, REFUSES) if asks else piece


_NO_QUESTION = re.compile(r"\W*(?:ich|wir|mein\w*|unser\w*|i|we|my|our)\b[^?]*?\s(?:und|and)\b", re.IGNORECASE)
"""How a message begins that tells something before its question: 'Ich wohne in Uerdingen und will wissen, ob ...'"""


def _halves(message: Message) -> Iterator[Tuple[Half, Half]]:
    """The two sides of each 'und' that may join two questions."""
    text = message.get(TEXT) or ""
    found = [segment for segment, _ in _whole(message, _segments(message))]
    if len(found) > MOST_SEGMENTS or _NO_QUESTION.match(text):
        return
    for segment in found[1:]:
        if text[segment.start :].lstrip().partition(" ")[0].lower() in AND:
            pieces = [Piece(0, segment.start, ASKS), Piece(segment.start, len(text), ASKS)]
            first, second = (Half(piece.start, piece.end, _masked_piece(message, piece, pieces)) for piece in pieces)
            yield first, second


def _refuse(message: Message, refusing: Sequence[Piece]) -> None:
    """What is named in refused pieces is not meant, where another name is left."""
    unwanted = [(piece.start, piece.end) for piece in refusing]
    mentions: Sequence[Mention] = message.get(MENTIONS) or ()
    left = [m for m in mentions if not within(m.start, unwanted) and len(m.references) == 1]
    if not left:
        return
    places = [(m.start, m.end) for m in mentions if within(m.start, unwanted)]
    message.set(REFUSED, [*(message.get(REFUSED) or ()), *places])
    entities = [
        {**entity, "refused": True} if within(entity.get("start", -1), places) else entity
        for entity in message.get(ENTITIES, [])
    ]
    message.set(ENTITIES, entities, add_to_output=True)


def _segments(message: Message) -> List[Segment]:
    return segments(message.get(TEXT) or "")


def _whole(message: Message, found: Sequence[Segment], labels: str = "") -> List[Tuple[Segment, str]]:
    """The segments, with their labels, joined where a name would be cut ('Bildung und Soziales')."""
    mentions: Sequence[Mention] = message.get(MENTIONS) or ()
    joined: List[Tuple[Segment, str]] = []
    for segment, label in zip(found, labels or CONTINUES * len(found)):
        if joined and any(mention.start < segment.start < mention.end for mention in mentions):
            (before, kept) = joined[-1]
            joined[-1] = (Segment(before.start, segment.end, segment.sign), kept)
        else:
            joined.append((segment, label))
    return joined


def _told(message: Message, found: Sequence[Segment]) -> Tuple[List[str], List[str]]:
    """Masked texts of the segments and the signs that end them."""
    texts = [_masked(message, segment.start, segment.end, every_name=True) for segment in found]
    return texts, [segment.sign for segment in found]


def _labels(message: Message) -> str:
    """The labels of an example's segments; '' for one without. Raises InvalidConfigException for wrong ones."""
    labels = labels_of_pieces(message)
    found = _segments(message) if labels else []
    if labels and (len(labels) != len(found) or set(labels) - set(LABELS) or not set(labels) & {ASKS, REFUSES}):
        cut = " | ".join((message.get(TEXT) or "")[segment.start : segment.end].strip() for segment in found)
        raise InvalidConfigException(
            f"data/nlu: '{message.get(TEXT)}' has the pieces '{labels}', but it is cut into {len(found)}: {cut}. "
            f"Give each one letter: {ASKS} asks, {TELLS} tells, {REFUSES} is not wanted, {CONTINUES} goes on."
        )
    return labels


def _labelled(training_data: TrainingData) -> Iterator[Tuple[List[str], List[str], str]]:
    for message in training_data.intent_examples:
        labels = _labels(message)
        if labels:
            whole = _whole(message, _segments(message), labels)
            yield (*_told(message, [segment for segment, _ in whole]), "".join(label for _, label in whole))


def _masked(message: Message, start: int, end: int, every_name: bool = False) -> str:
    """A stretch of the text with its names masked, without those that are refused (unless `every_name`)."""
    mentions: Sequence[Mention] = message.get(MENTIONS) or ()
    refused: Sequence[Span] = () if every_name else message.get(REFUSED) or ()
    inside = [m.moved(-start) for m in mentions if start <= m.start and m.end <= end and not within(m.start, refused)]
    left_out = [(max(0, a - start), b - start) for a, b in refused if b > start]
    return mask(without((message.get(TEXT) or "")[start:end], left_out), inside)


def _parts(message: Message, pieces: Sequence[Piece]) -> Iterator[Dict[str, Any]]:
    for piece in pieces:
        if piece.kind != TELLS:
            yield {
                "start": piece.start,
                "end": piece.end,
                "negated": piece.kind == REFUSES,
                "asks": piece.kind == ASKS,
                MASKED: _masked_piece(message, piece, pieces),
            }


_MASK_OF_PART = {"initiative": " xinitiativex", "office": " xofficex"}
"""What stands in a part for the name that it is about and does not hold."""
SHORT_PART = 4
"""Words of a part that may be about what is named after it ('Preis und Ort vom KRuiser')."""


def _masked_piece(message: Message, piece: Piece, pieces: Sequence[Piece]) -> str:
    """The masked text of a piece, with the kind of the name that it is about, where that stands in another piece."""
    masked = _masked(message, piece.start, piece.end)
    meant = [m for m in message.get(MENTIONS) or () if not within(m.start, message.get(REFUSED) or ())]
    if any(piece.start <= m.start < piece.end for m in meant):
        return masked
    asked_before = next((p.start for p in pieces if p.kind != TELLS), 0)
    before = [m for m in meant if m.start < piece.start and (not m.generic or m.start >= asked_before)]
    after = [m for m in meant if m.start >= piece.end and len(words(masked)) <= SHORT_PART]
    nearest = before[-1:] or after[:1]
    return masked + _MASK_OF_PART.get(nearest[0].references[0][0], "") if nearest else masked
