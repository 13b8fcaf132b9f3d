"""What an action answers with: a card to show and what to remember of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Dict, Mapping, Optional, Tuple

from smartcity.knowledge.records import Source


@dataclass(frozen=True)
class Button:
    """A choice: `intent` with `entities` is what pressing it says."""

    title: str
    intent: str
    entities: Mapping[str, str] = field(default_factory=dict)

    @property
    def payload(self) -> str:
        """Rasa's notation, `/intent{"entity": "value"}`."""
        entities = json.dumps(dict(self.entities), ensure_ascii=False, sort_keys=True) if self.entities else ""
        return f"/{self.intent}{entities}"


@dataclass(frozen=True)
class Link:
    title: str
    url: str


@dataclass(frozen=True)
class Card:
    """One answer as a citizen sees it.

    `answer` names the content behind it, such as 'initiative/kruiser/cost'; `known` is False
    where the content holds no such fact. `sources` are best first. `kind` is 'answer', or 'notice'
    for what is said beside it. `expects` is 'personal' where it asks for what is about the person.
    `stored` is what is kept of a text that repeats what the citizen told a form.
    """

    text: str
    answer: str
    language: str
    buttons: Tuple[Button, ...] = ()
    links: Tuple[Link, ...] = ()
    sources: Tuple[Source, ...] = ()
    known: bool = True
    kind: str = "answer"
    expects: Optional[str] = None
    stored: Optional[str] = None

    def as_json(self) -> Dict[str, Any]:
        """What travels with the text: everything but text and buttons."""
        return {
            "language": self.language,
            "links": [{"title": link.title, "url": link.url} for link in self.links],
            "source": source_json(self.sources[0]) if self.sources else None,
            "answer": self.answer,
            "known": self.known,
            "kind": self.kind,
            **({"expects": self.expects} if self.expects else {}),
            **({"stored": self.stored} if self.stored else {}),
        }


def source_json(source: Source) -> Dict[str, Any]:
    """Title, URL, as-of date, whether the page itself is dated, and the day it was read."""
    return {
        "title": source.title,
        "url": source.url,
        "as_of": source.as_of,
        "dated": source.date is not None,
        "read": source.read.isoformat(),
    }


@dataclass(frozen=True)
class Reply:
    """A card and what the conversation remembers of it.

    `topic` is 'kind/id'; `yes` is what 'ja' means next; `listed` are the ids already shown of a
    list, with the list's theme; `lost` marks that nothing was understood. `notices` are shown after
    the card; nothing of them is remembered. `form` is the form that
    follows, also after a card without text, which is not said. `aside` marks a second answer to
    one question, from which the conversation does not go on.
    """

    card: Card
    topic: Optional[str] = None
    aspect: Optional[str] = None
    yes: Optional[Button] = None
    listed: Optional[Mapping[str, Any]] = None
    lost: bool = False
    language: Optional[str] = None
    notices: Tuple[Card, ...] = ()
    form: Optional[str] = None
    aside: bool = False
