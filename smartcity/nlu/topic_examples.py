"""What topics are learnt from: examples that say theirs, what content says of it, and what is about none of them."""

from __future__ import annotations

import random
import re
from collections import Counter
from typing import Any, Dict, Iterable, Iterator, List, Optional, Set, Tuple

from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from smartcity.knowledge.folding import forms_of
from smartcity.knowledge.records import Knowledge
from smartcity.nlu.mentions import MASKED

TOPIC = "topic"
"""Key of an example's intent metadata: the id of the initiative that it means, `theme/...` or `service/...`."""
NO_TOPIC, OPEN = "-none", "-open"
"""Labels of what is about no initiative, and of questions that leave open about which one."""
COMMON = 30
"""Questions beside the name of an initiative that make a word one that tells no topic."""
_NAMES_INITIATIVE = "initiativex"
"""In a masked text, where an initiative is named."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+")

Labelled = Tuple[str, str]
"""Text and topic."""


def told(knowledge: Knowledge) -> Iterator[Labelled]:
    """Names of the initiatives and what content says of them, sentence by sentence, in German and English."""
    for initiative in knowledge.initiatives.values():
        for name in (*initiative.aliases, *initiative.generic):
            yield name, initiative.id
        for fact in initiative.facts.values():
            for language in ("de", "en"):
                for sentence in _SENTENCE.split(fact.text[language]):
                    yield sentence, initiative.id
    for service in knowledge.services.values():
        for name in service.aliases:
            yield name, f"service/{service.id}"
    for theme in knowledge.themes.values():
        for name in (*theme.name.values(), *theme.aliases):
            yield name, f"theme/{theme.id}"


def meant(examples: Iterable[Message], knowledge: Knowledge, of_theme: str) -> Iterator[Labelled]:
    """The examples that say which initiative, theme or service they mean; `of_theme` begins intents that name a theme.

    Raises InvalidConfigException for what content does not have.
    """
    for example in examples:
        topic = _topic(example) or _theme(example, knowledge, of_theme)
        if topic is None:
            continue
        if not _is_known(topic, knowledge):
            raise InvalidConfigException(
                f"data/nlu: '{example.get(TEXT)}' has the topic '{topic}', but content has no such id. Write the "
                "id of an initiative, theme/<id> or service/<id>, or add what is missing to content."
            )
        yield example.get(TEXT), topic


def others(examples: List[Message], knowledge: Knowledge, config: Dict[str, Any]) -> Iterator[Labelled]:
    """Examples about no initiative, drawn by seed, and questions whose words do not tell which one is meant.

    Where some examples of an intent say which theme or service is meant, all of its others say none, but for questions
    that are asked of initiatives, too. `config` is that of TopicClassifier.
    """
    elsewhere: List[str] = []
    labelled = {example.get(INTENT) for example in examples if "/" in (_topic(example) or "")}
    asking = tuple(config["asking"])
    common = common_words(example for example in examples if example.get(INTENT).startswith(asking))
    for example in examples:
        text, masked = example.get(TEXT), example.get(MASKED) or ""
        if _topic(example) or _theme(example, knowledge, config["of_theme"]) or _NAMES_INITIATIVE in masked:
            continue
        asks = example.get(INTENT).startswith(asking)
        if example.get(INTENT) in labelled and not asks and not _names_field(masked):
            yield text, NO_TOPIC
        elif not asks:
            elsewhere.append(text)
        elif common.issuperset(forms_of(text)):
            yield text, OPEN
    rng = random.Random(config["random_state"])
    for text in rng.sample(elsewhere, min(config["elsewhere"], len(elsewhere))):
        yield text, NO_TOPIC


def common_words(examples: Iterable[Message]) -> Set[str]:
    """The words that are asked beside the name of some initiative often enough to be about all of them."""
    named = [example.get(MASKED) or "" for example in examples]
    counts = Counter(form for text in named if _NAMES_INITIATIVE in text for form in set(forms_of(text)))
    return {form for form, count in counts.items() if count >= COMMON}


def _topic(example: Message) -> Optional[str]:
    """The topic that the metadata of an example's intent give."""
    metadata = (example.get(METADATA) or {}).get(METADATA_INTENT) or {}
    if not isinstance(metadata, dict):
        raise InvalidConfigException(
            f"data/nlu: the metadata of '{example.get(TEXT)}' are '{metadata}'. "
            "Write them as 'metadata: {topic: id of an initiative}'."
        )
    topic = metadata.get(TOPIC)
    return None if topic is None else str(topic)


def _theme(example: Message, knowledge: Knowledge, of_theme: str) -> Optional[str]:
    """The theme that an example asks about by its intent."""
    prefix, _, theme = example.get(INTENT).partition("_")
    return f"theme/{theme}" if f"{prefix}_" == of_theme and theme in knowledge.themes else None


def _is_known(topic: str, knowledge: Knowledge) -> bool:
    kind, divided, record_id = topic.partition("/")
    if not divided:
        return topic in knowledge.initiatives
    shelves: Dict[str, Any] = {"theme": knowledge.themes, "service": knowledge.services}
    return record_id in shelves.get(kind, ())


def _names_field(masked: str) -> bool:
    """Whether a masked text names a theme or a service, or everyday words for one."""
    return any(f"{kind}x" in masked for kind in ("theme", "service"))
