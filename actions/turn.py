"""What a citizen said, read in its conversation."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple
from zoneinfo import ZoneInfo

from rasa_sdk import Tracker

from smartcity.knowledge.folding import words
from smartcity.knowledge.records import LANGUAGES, Initiative, Knowledge, Theme, Topic
from smartcity.knowledge.search import search_of

KINDS = ("initiative", "theme", "office", "service")
NEVER_REREAD = ("emergency", "want_person", "insult", "other_one")
"""Intents that no conversation turns into a question about its topic; 'und das dritte?' asks for another one."""
OF_OFFICE = {"office_address": "place", "office_room": "place"}
"""What is asked of the topic where a question about the office points at it ('wo ist sein Büro') or says little."""
FEW_WORDS = 2
"""Words of a question that says little: 'Adresse?'."""
AROUND_NAMES = frozenset(
    "der die das den dem des mein meine the my bitte please nein nee ne no sondern doch ich meinte mean meant".split()
)
"""Words beside a name that ask nothing."""
LEAST_OF_NAME = 0.5
"""Probability from which such a message means what its words say all the same."""
ADDRESSING = frozenset("euch euer eure euren you your yours".split())
"""Words by which a citizen speaks to this office rather than of another one."""
POLITE = frozenset("sie ihnen ihr ihre ihren ihrem ihrer".split())
"""The same with a capital letter within a sentence; else they may stand for the other one ('und ihre Adresse?')."""
LIKELY, CLEAR = 0.5, 0.8
"""Probability from which an initiative is taken for meant that the message does not name; the larger one where
something else is named or talked of."""
KREFELD = ZoneInfo("Europe/Berlin")


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
    spoken: Optional[str] = None
    """The language of the message itself, where it shows one; ISO 639-1, or 'other'."""
    pressed: bool = False
    only_names: bool = False
    """Whether the message is a name and at most one word more ('der KReathon')."""
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
    supposed: Optional[str] = None
    """The initiative that it means in all likelihood where it names none."""
    elsewhere: float = 0.0
    """The probability that the message is about no initiative; 0 where it names one or points back at something."""
    topic: Optional[str] = None
    aspect: Optional[str] = None
    offered: Tuple[str, ...] = ()
    yes: Optional[str] = None
    listed: Mapping[str, Any] = field(default_factory=dict)
    last_answer: Mapping[str, Any] = field(default_factory=dict)
    lost: int = 0
    reread: bool = False
    """Whether the conversation gave the message another intent than its words alone."""
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


def read_turn(tracker: Tracker, knowledge: Knowledge, now: dt.datetime) -> Turn:
    """Build the turn of a tracker's latest message; `now` has a time zone."""
    message = tracker.latest_message or {}
    slots = tracker.slots
    text = message.get("text") or ""
    pressed = text.lstrip().startswith("/")
    language, chosen = _languages(message, slots, pressed, _earlier_setting(tracker))
    turn = Turn(
        knowledge=knowledge,
        text=text,
        intent=(message.get("intent") or {}).get("name") or "nlu_fallback",
        named=_named(text, message, knowledge, slots.get("topic")),
        language=language,
        chosen_language=chosen,
        today=now.astimezone(KREFELD).date(),
        spoken=None if pressed else message.get("language"),
        pressed=pressed,
        only_names=_only_names(text, message.get("entities") or []),
        ranking=tuple((r["name"], r["confidence"]) for r in message.get("intent_ranking") or [] if r.get("name")),
        doubt=message.get("doubt"),
        beside=message.get("beside"),
        parts=tuple(
            Part(
                part["start"],
                part["end"],
                part["intent"],
                part["negated"],
                bool(part.get("asks")),
                part.get("confidence", 1.0),
            )
            for part in message.get("parts") or []
        ),
        elsewhere=0.0 if _goes_on(message, slots) else float(message.get("elsewhere") or 0.0),
        topic=slots.get("topic"),
        aspect=slots.get("aspect"),
        offered=tuple(slots.get("offered") or ()),
        yes=slots.get("yes"),
        listed=slots.get("listed") or {},
        last_answer=slots.get("last_answer") or {},
        lost=int(slots.get("lost") or 0),
    )
    if _is_bare_name(turn):
        return replace(turn, intent="follow_up", doubt=None, beside=None, reread=True)
    following = message.get("following") or {}
    supposed = _supposed(turn, message.get("topics") or [], following)
    return replace(turn, supposed=supposed) if supposed else _in_conversation(turn, following)


def _goes_on(message: Mapping[str, Any], slots: Mapping[str, Any]) -> bool:
    """Whether the message points back at something that was said in this conversation."""
    return bool((message.get("following") or {}).get("points") and slots.get("last_answer"))


def _supposed(turn: Turn, topics: Sequence[Mapping[str, Any]], following: Mapping[str, Any]) -> Optional[str]:
    """The initiative that a question means in all likelihood which names none ('die schwarzen Wagen wie in London')."""
    asks = turn.intent.startswith("ask_") and turn.intent != "ask_source"
    if not topics or turn.pressed or turn.of_kind("initiative") or not (asks or turn.intent == "nlu_fallback"):
        return None
    meant, confidence = str(topics[0]["name"]), topics[0]["confidence"]
    if meant not in turn.knowledge.initiatives or turn.topic == f"initiative/{meant}" or turn.of_kind("theme"):
        return None
    choosing = turn.last_answer.get("answer", "").startswith(("which", "ask/"))
    if (turn.topic and following.get("points")) or (choosing and turn.offered):
        return None
    certain = (turn.topic or "").startswith("initiative/") or turn.of_kind(*KINDS)
    return meant if confidence >= (CLEAR if certain else LIKELY) else None


def _is_bare_name(turn: Turn) -> bool:
    """Whether the message is one name and asks nothing clearly: it is asked what was asked before, else what it is."""
    named = turn.of_kind("initiative")
    clear = turn.ranking and turn.ranking[0][1] >= LEAST_OF_NAME
    if len(turn.named) != 1 or not named or len(named[0].references) > 1 or clear or turn.pressed or not turn.ranking:
        return False
    rest = [word.form for word in words(turn.text) if not named[0].start <= word.start < named[0].end]
    return set(rest) <= AROUND_NAMES


def _in_conversation(turn: Turn, following: Optional[Mapping[str, Any]]) -> Turn:
    """The turn as it reads where a topic or an office is talked of and the message names nothing else."""
    if not following or turn.pressed or len(turn.parts) > 1 or turn.of_kind(*KINDS) or turn.intent in NEVER_REREAD:
        return turn
    kind, _, topic_id = (turn.topic or "").partition("/")
    theme = turn.remembered() if kind == "theme" else None
    about_theme = isinstance(theme, Theme) and following["intent"][len("ask_") :] in theme.facts
    if kind not in ("initiative", "office") and not about_theme:
        return turn
    changed = following.get("office") if kind == "office" else (following.get("about") or {}).get(topic_id)
    if kind == "office" and not changed:
        return turn
    following = {**following, **(changed or {})}
    topic = turn.remembered()
    points = following.get("points") or len(words(turn.text)) <= FEW_WORDS
    if points and isinstance(topic, Initiative) and OF_OFFICE.get(turn.intent) in topic.facts:
        return replace(turn, intent=f"ask_{OF_OFFICE[turn.intent]}", doubt=None, beside=None, reread=True)
    intent = following["intent"] if not following["doubt"] else "nlu_fallback"
    if intent == turn.intent and (intent != "nlu_fallback" or not following.get("beside")):
        return replace(turn, beside=following.get("beside"))
    ranking = tuple((reading["name"], reading["confidence"]) for reading in following["ranking"])
    return replace(
        turn, intent=intent, doubt=following["doubt"], beside=following.get("beside"), ranking=ranking, reread=True
    )


def _earlier_setting(tracker: Tracker) -> Optional[str]:
    """The language that the chat's own switch was set to at the message before this one."""
    metadata = [event.get("metadata") or {} for event in tracker.events if event.get("event") == "user"]
    return metadata[-2].get("language") if len(metadata) > 1 else None


def _languages(
    message: Mapping[str, Any], slots: Mapping[str, Any], pressed: bool, earlier: Optional[str]
) -> Tuple[str, str]:
    """The language to answer in and the one that the citizen chose for the chat.

    The chat sends the setting of its switch with every message; only a change of it outweighs a
    language that the citizen asked for in words.
    """
    wanted = (message.get("metadata") or {}).get("language")
    chosen = slots.get("chosen_language") or "de"
    current = slots.get("language") or chosen
    if wanted in LANGUAGES and wanted != earlier:
        chosen = current = wanted
    detected = None if pressed else message.get("language")
    if detected == "en":
        current = "en"
    elif detected == "de" and current == "en":
        current = chosen if chosen != "en" else "de"
    return current, chosen


def _named(text: str, message: Mapping[str, Any], knowledge: Knowledge, topic: Optional[str]) -> Tuple[Named, ...]:
    likely = [t["name"] for t in message.get("topics") or [] if t["confidence"] >= LIKELY][:1]
    places: Dict[Tuple[int, int], List[Mapping[str, Any]]] = {}
    for number, entity in enumerate(message.get("entities") or []):
        if entity.get("entity") not in KINDS or entity.get("refused"):
            continue
        reference = _reference(entity, knowledge)
        if reference:
            start = entity.get("start")
            place = (start, entity["end"]) if start is not None and entity.get("extractor") else (-1 - number, -1)
            places.setdefault(place, []).append({**entity, "value": reference})
    found = [
        Named(
            references=tuple(dict.fromkeys((e["entity"], e["value"]) for e in group)),
            score=float(group[0].get("confidence_entity", 1.0)),
            generic=bool(group[0].get("generic", False)),
            start=place[0],
            end=place[1],
        )
        for place, group in sorted(places.items())
    ]
    unique: Dict[Tuple[Tuple[str, str], ...], Named] = {}
    for named in found:
        unique.setdefault(named.references, named)
    return tuple(_clear(text, n, knowledge, topic, likely) for n in _agreed(tuple(unique.values())))


def _clear(text: str, named: Named, knowledge: Knowledge, topic: Optional[str], likely: Sequence[str]) -> Named:
    """An everyday word with several meanings means what is talked of, or what the rest of the message fits clearly.

    `likely` holds the initiative that the message means in all likelihood, if there is one.
    """
    if len(named.references) > 1 and topic and tuple(topic.split("/", 1)) in named.references:
        kind, record_id = topic.split("/", 1)
        return replace(named, references=((kind, record_id),))
    ids = [record_id for kind, record_id in named.references if kind == "initiative"]
    if len(named.references) < 2 or len(ids) < len(named.references):
        return named
    meant = next((one for one in likely if one in ids), "") or search_of(knowledge).meant(text, ids)
    return replace(named, references=(("initiative", meant),)) if meant else named


def _agreed(named: Tuple[Named, ...]) -> Tuple[Named, ...]:
    """Everyday words that can each mean several records mean the one that they share."""
    everyday = [n for n in named if n.generic]
    votes = Counter(reference for n in everyday for reference in n.references)
    if len(everyday) < 2 or not votes:
        return named
    (best, most), *others = votes.most_common(2)
    if most < 2 or (others and others[0][1] == most):
        return named
    return (*(n for n in named if not n.generic), Named((best,), 1.0, True, everyday[0].start, everyday[0].end))


def _reference(entity: Mapping[str, Any], knowledge: Knowledge) -> Optional[str]:
    value = str(entity.get("value"))
    if entity["entity"] == "service":
        return value if value in knowledge.services else None
    return value if knowledge.topic(entity["entity"], value) else None


def _only_names(text: str, entities: Sequence[Mapping[str, Any]]) -> bool:
    spans = {(e["start"], e["end"]) for e in entities if e.get("extractor") and e.get("start") is not None}
    rest = [word for word in words(text) if not any(start <= word.start < end for start, end in spans)]
    return bool(spans) and len(rest) <= 1
