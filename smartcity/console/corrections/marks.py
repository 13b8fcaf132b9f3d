"""Names marked in a text by choosing words: what a form sends, and what it is filled with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Sequence, Tuple

from smartcity.console.corrections.examples import ENTITIES
from smartcity.console.corrections.proposals import ProposalError
from smartcity.knowledge.names import NameIndex
from smartcity.knowledge.records import Knowledge

MOST = 8
"""Names in one text."""
_WORD = re.compile(r"\w(?:\S*\w)?")


@dataclass(frozen=True)
class Mark:
    """One name as the form shows it: what is meant (`initiative/kruiser`) and which words name it."""

    record: str
    words: Tuple[int, ...]


def words_of(text: str) -> List[Tuple[str, int, int]]:
    """The words that can be chosen: text, start and end, without signs around them."""
    return [(match.group(), match.start(), match.end()) for match in _WORD.finditer(text)]


def marks_of(text: str, entities: Sequence[Mapping[str, Any]]) -> List[Mark]:
    """Marks of entities, by the words that they cover."""
    found = []
    for entity in entities:
        covered = tuple(
            index
            for index, (_, start, end) in enumerate(words_of(text))
            if start < int(entity["end"]) and end > int(entity["start"])
        )
        if covered:
            found.append(Mark(f"{entity['entity']}/{entity.get('value') or ''}".rstrip("/"), covered))
    return found


def entities_of(text: str, chosen_in: str, marks: Sequence[Mark], knowledge: Knowledge) -> List[Dict[str, Any]]:
    """Entities in `text` of words chosen in `chosen_in`, which may have been edited since.

    A mark without words or without a record is none. Raises ProposalError.
    """
    words = words_of(chosen_in)
    found: List[Dict[str, Any]] = []
    for mark in marks:
        if not mark.record and not mark.words:
            continue
        if not mark.record or not mark.words:
            raise ProposalError(
                "half_mark", what=mark.record or " ".join(words[i][0] for i in mark.words if i < len(words))
            )
        kind, _, record = mark.record.partition("/")
        if kind not in ENTITIES or not is_record(kind, record, knowledge):
            raise ProposalError("no_record", record=mark.record)
        if max(mark.words) >= len(words):
            raise ProposalError("moved", what=mark.record)
        phrase = chosen_in[words[min(mark.words)][1] : words[max(mark.words)][2]]
        start = words[min(mark.words)][1] if text == chosen_in else _place(text, phrase, found)
        if start < 0:
            raise ProposalError("moved", what=phrase)
        found.append({"entity": kind, "value": record, "start": start, "end": start + len(phrase)})
    return sorted(found, key=lambda entity: int(entity["start"]))


def _place(text: str, phrase: str, taken: Sequence[Mapping[str, Any]]) -> int:
    start = text.find(phrase)
    while start >= 0 and any(start < one["end"] and start + len(phrase) > one["start"] for one in taken):
        start = text.find(phrase, start + 1)
    return start


def is_record(kind: str, record: str, knowledge: Knowledge) -> bool:
    """Whether content has this record."""
    if kind == "service":
        return record in knowledge.services
    return knowledge.topic(kind, record) is not None


def records(knowledge: Knowledge, language: str) -> List[Tuple[str, str]]:
    """What can be meant by a name: (initiative/kruiser, KRuiser), by name."""
    shelves: Mapping[str, Mapping[str, Any]] = {
        "initiative": knowledge.initiatives,
        "theme": knowledge.themes,
        "office": knowledge.offices,
        "service": knowledge.services,
    }
    found = [
        (f"{kind}/{record}", str(topic.name[language]))
        for kind, shelf in shelves.items()
        for record, topic in shelf.items()
    ]
    return sorted(found, key=lambda pair: (pair[1].casefold(), pair[0]))


def not_found(text: str, entities: Sequence[Mapping[str, Any]], names: NameIndex) -> List[Tuple[str, str]]:
    """(phrase, record) of marked names that the assistant does not find by itself.

    Training does not teach names: content has to know the alias or the misspelling.
    """
    mentions = names.find(text, frozenset())
    missing = []
    for entity in entities:
        wanted = (entity["entity"], entity["value"])
        start, end = int(entity["start"]), int(entity["end"])
        if not any(
            wanted in mention.references and mention.start < end and mention.end > start for mention in mentions
        ):
            missing.append((text[start:end], f"{wanted[0]}/{wanted[1]}"))
    return missing
