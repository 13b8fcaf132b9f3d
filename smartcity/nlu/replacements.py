"""Names in what a message refuses or takes back while nothing else is named: a description may say what is meant.

'Die Wasserstoffbusse meine ich nicht, mich interessieren die Stromer vom Rathaus': such a name is kept until something
else is found, since 'Ich will kein Formular zum KRuiser, ich will wissen, was er kostet' is about it.
"""

from __future__ import annotations

from typing import Any, Dict, List, Sequence

from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from smartcity.nlu.mentions import PARTS, REFUSED
from smartcity.nlu.refusals import Span, within, without

INITIATIVE = "initiative"


def aside(message: Message) -> List[Dict[str, Any]]:
    """The initiatives named in what is refused or taken back; none where one is named elsewhere."""
    meant = [
        entity
        for entity in message.get(ENTITIES, [])
        if entity["entity"] == INITIATIVE and not entity.get("refused") and entity.get("start") is not None
    ]
    unwanted = refused_parts(message)
    taken_back: Sequence[Span] = message.get(REFUSED) or ()
    found = [
        entity
        for entity in meant
        if within(entity["start"], unwanted) or _is_amid(entity["start"], entity["end"], taken_back)
    ]
    return found if len(found) == len(meant) else []


def rest(message: Message, names: Sequence[Dict[str, Any]]) -> str:
    """The text without what is refused or taken back, and without these names."""
    places = [(entity["start"], entity["end"]) for entity in names]
    return without(message.get(TEXT) or "", [*refused_parts(message), *(message.get(REFUSED) or ()), *places])


def refuse(message: Message, names: Sequence[Dict[str, Any]]) -> None:
    """These names are not what is meant."""
    entities = [{**entity, "refused": True} if entity in names else entity for entity in message.get(ENTITIES, [])]
    message.set(ENTITIES, entities, add_to_output=True)


def refused_parts(message: Message) -> List[Span]:
    """The places of a message's parts that are not wanted."""
    return [(part["start"], part["end"]) for part in message.get(PARTS) or [] if part["negated"]]


def _is_amid(start: int, end: int, spans: Sequence[Span]) -> bool:
    """Whether a name was spared in the middle of what is taken back (smartcity/nlu/corrections.py)."""
    return any(start == last for _, last in spans) and any(end == first for first, _ in spans)
