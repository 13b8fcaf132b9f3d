"""What a citizen said, read in its conversation."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass, field, replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from smartcity.knowledge.folding import words
from smartcity.knowledge.records import Initiative, Knowledge, Topic

KINDS = ("initiative", "theme", "office", "service")
AFTER_DEFECT = "service/defect"
"""The answer to a report of a defect (actions/elsewhere.py); what follows is about where it is reported."""
ADDRESSING = frozenset("euch euer eure euren you your yours".split())
"""Words by which a citizen speaks to this office rather than of another one."""
POLITE = frozenset("sie ihnen ihr ihre ihren ihrem ihrer".split())
"""The same with a capital letter within a sentence; else they may stand for the other one ('und ihre Adresse?')."""
QUESTION_WORDS = frozenset(
    "wer wie wo wann was wat warum wieso weshalb wozu welche welcher welches who how where when what why which".split()
)
ASKING_VERBS = frozenset(
    "kann kannst konnen konnt darf durfen muss mussen soll gibt gibts ist sind war hat haben habt wird werden sag sagt"
    " sagen nenn nennen zeig zeigen erklar is are was were can could do does did has have will tell show".split()
)
"""Verbs that begin a question or a request."""
LIKELY, CLEAR = 0.5, 0.8
"""Probability from which an initiative is taken for meant that the message does not name; the larger one where
something else is named or talked of."""


@dataclass(frozen=True)
class Named:
    """Records that one place of the message names; several when an everyday word is ambiguous."""

    references: Tuple[Tuple[str, str], ...]
    score: float = 1.0
    generic: bool = False
    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class Part:
    """A part of the message that asks something, or refuses it, by character offsets."""

    start: int
    end: int
    intent: str
    negated: bool = False
    asks: bool = False
    """Whether it is put as a question."""
    share: float = 1.0
    """The probability of its intent."""
    topic: str = ""
    """The initiative that it clearly means, by its own words."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """The theme and the service of the city that it means in all likelihood, by kind."""


@dataclass(frozen=True)
class Turn:
    """One message with its intent, what it names, and what the conversation remembers."""

    knowledge: Knowledge
    text: str
    intent: str
    named: Tuple[Named, ...]
    language: str
    chosen_language: str
    today: dt.date
    """The day in Krefeld, wherever the machine stands."""
    mentions: Tuple[Named, ...] = ()
    """Each place that names something, where `named` holds the first of each."""
    spoken: Optional[str] = None
    """The language of the message itself, where it shows one; ISO 639-1, or 'other'."""
    pressed: bool = False
    ranking: Tuple[Tuple[str, float], ...] = ()
    doubt: Optional[str] = None
    """'unclear' where two readings are close, 'unknown' where nothing fits."""
    beside: Optional[str] = None
    """Another question about an initiative, likely enough to be answered beside the likeliest one."""
    aside: bool = False
    """Whether this is such a second question."""
    parts: Tuple[Part, ...] = ()
    """Where the message asks several things or refuses something."""
    keeps_list: bool = False
    """Whether an item of the last list is meant, so that others of it can be meant next."""
    describes: str = ""
    """The initiative that its words describe in all likelihood, whatever is talked of; '' where they describe none."""
    supposed: Optional[str] = None
    """The initiative that it means in all likelihood where it names none."""
    points_back: bool = False
    """Whether its words point at what was talked of ('wer hat ihn gebaut')."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """The theme and the service of the city that it means in all likelihood, by kind, where it names none."""
    elsewhere: float = 0.0
    """The probability that the message is about no initiative; 0 where it names one or points back at something."""
    topic: Optional[str] = None
    history: Tuple[str, ...] = ()
    """What was talked of, latest first, as kind/id."""
    first: str = ""
    """What was talked of first."""
    aspect: Optional[str] = None
    offered: Tuple[str, ...] = ()
    yes: Optional[str] = None
    listed: Mapping[str, Any] = field(default_factory=dict)
    last_answer: Mapping[str, Any] = field(default_factory=dict)
    lost: int = 0
    reread: bool = False
    """Whether the conversation gave the message another intent than its words alone."""
    command: bool = False
    """Whether it is a command of chat programs, typed, that asks nothing of us."""
    desk: Optional[Any] = None
    """Where requests to the office are kept; None while none are taken (actions/inquiries/desk.py)."""
    sender: str = ""
    """The conversation, as Rasa calls it."""
    channel: str = ""
    events: Sequence[Mapping[str, Any]] = ()
    """What happened in the conversation so far, as Rasa tells it."""

    def say(self, key: str, **values: str) -> str:
        """The phrase `key` of content/ in the language of this turn."""
        text = self.knowledge.phrases[key][self.language]
        return text.format(**values) if values else text

    def name(self, named: Any) -> str:
        """The name of a record in the language of this turn."""
        name: str = named.name[self.language]
        return name

    def of_kind(self, *kinds: str) -> List[Named]:
        """What the message names of these kinds, exact names before everyday words."""
        found = [n for n in self.named if n.references[0][0] in kinds]
        return sorted(found, key=lambda n: (n.generic, n.start))

    def remembered(self) -> Optional[Topic]:
        """The topic that the conversation is about."""
        if not self.topic or "/" not in self.topic:
            return None
        kind, topic_id = self.topic.split("/", 1)
        return self.knowledge.topic(kind, topic_id)

    def speaks_to_us(self) -> bool:
        """Whether the citizen clearly speaks to the one that answers, and not of another office."""
        said = words(self.text)
        polite = any(word.form in POLITE and self.text[word.start].isupper() for word in said[1:])
        return polite or any(word.form in ADDRESSING for word in said)

    def asks(self) -> bool:
        """Whether the message is put as a question, by its sign or how it begins."""
        said = [word.form for word in words(self.text)]
        return "?" in self.text or not QUESTION_WORDS.isdisjoint(said[:2]) or not ASKING_VERBS.isdisjoint(said[:1])

    def initiative(self) -> Optional[Initiative]:
        """The one initiative that the message names, if it names one."""
        for named in self.of_kind("initiative"):
            if len(named.references) == 1:
                return self.knowledge.initiatives.get(named.references[0][1])
        return None

    def meant(self) -> Optional[Initiative]:
        """The one initiative that the message names, else the one that it means in all likelihood."""
        return self.initiative() or self.knowledge.initiatives.get(self.supposed or "")

    def pressing(self, payload: str) -> Turn:
        """This turn as if the button with `payload` had been pressed."""
        intent, entities = parse_payload(payload)
        named = tuple(Named(((kind, value),)) for kind, value in entities.items() if kind in KINDS)
        return replace(self, intent=intent, named=named, pressed=True, text=payload, supposed=None)


def parse_payload(payload: str) -> Tuple[str, Dict[str, str]]:
    """Intent and entities of `/intent{"entity": "value"}`."""
    match = re.fullmatch(r"/([a-z_0-9]+)(\{.*\})?", payload, re.DOTALL)
    if not match:
        raise ValueError(f"This is not a payload: {payload!r}")
    return match.group(1), json.loads(match.group(2) or "{}")
