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
from smartcity.knowledge.records import LANGUAGES, Initiative, Knowledge, Topic
from smartcity.knowledge.search import search_of

KINDS = ("initiative", "theme", "office", "service")
OF_OFFICE = {"office_address": "place", "office_room": "place"}
"""What is asked of the topic where a question about the office points at it ('wo ist sein Büro') or says little."""
POINTING = frozenset("dafur davon dazu damit dabei darin ihn ihm".split())
"""Words that stand for what was talked of, beside everyday words of something else."""
OF_ANYTHING = ("ask_about", "ask_status")
"""Questions that are asked of what is named, whatever points back beside it."""
NEGATORS = frozenset("nicht nich nit net kein keine keinen weder not no dont".split())
AFTER_DEFECT = "service/defect"
STEM = 6
"""Letters of a word's beginning by which two forms of it are taken for one."""
FEW_WORDS = 2
"""Words of a question that says little: 'Adresse?'."""
AROUND_NAMES = frozenset(
    "der die das den dem des mein meine the my bitte please nein nee ne no sondern doch ich meinte i mean meant".split()
)
"""Words beside a name that ask nothing."""
LEAST_OF_NAME = 0.5
"""Probability from which such a message means what its words say all the same."""
ADDRESSING = frozenset("euch euer eure euren you your yours".split())
"""Words by which a citizen speaks to this office rather than of another one."""
POLITE = frozenset("sie ihnen ihr ihre ihren ihrem ihrer".split())
"""The same with a capital letter within a sentence; else they may stand for the other one ('und ihre Adresse?')."""
QUESTION_WORDS = frozenset(
    "wer wie wo wann was wat warum wieso weshalb wozu welche welcher welches who how where when what why which".split()
)
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
        return "?" in self.text or any(word.form in QUESTION_WORDS for word in words(self.text)[:2])

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
    talked_of = _talked_of(tracker)
    turn = Turn(
        knowledge=knowledge,
        text=text,
        intent=(message.get("intent") or {}).get("name") or "nlu_fallback",
        named=_named(text, message, knowledge, talked_of),
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
                next((t["name"] for t in part.get("topics") or [] if t["confidence"] >= CLEAR), ""),
                _fields(part),
            )
            for part in message.get("parts") or []
        ),
        fields=_fields(message),
        points_back=bool(message.get("points_back")),
        elsewhere=0.0 if _goes_on(message, slots) else float(message.get("elsewhere") or 0.0),
        topic=slots.get("topic"),
        history=talked_of,
        first=_first_topic(tracker),
        aspect=slots.get("aspect"),
        offered=tuple(slots.get("offered") or ()),
        yes=slots.get("yes"),
        listed=slots.get("listed") or {},
        last_answer=slots.get("last_answer") or {},
        lost=int(slots.get("lost") or 0),
    )
    if _rejects(turn):
        return replace(turn, intent="deny", named=(), doubt=None, beside=None, reread=True)
    if _is_bare_name(turn) or _says_which(turn):
        return replace(turn, intent="follow_up", doubt=None, beside=None, reread=True)
    turn = replace(turn, named=of_another(turn))
    supposed = _supposed(turn, message.get("topics") or [])
    return replace(turn, supposed=supposed, named=_exact(turn)) if supposed else _in_conversation(turn)


def _fields(told: Mapping[str, Any]) -> Dict[str, str]:
    return {f["kind"]: f["name"] for f in told.get("fields") or [] if f["confidence"] >= LIKELY}


def _talked_of(tracker: Tracker) -> Tuple[str, ...]:
    """What the conversation was about, as kind/id, latest first, each once."""
    slots = [e for e in tracker.events if e.get("event") == "slot" and e.get("name") == "topic" and e.get("value")]
    return tuple(dict.fromkeys(str(event["value"]) for event in reversed(slots)))


def _first_topic(tracker: Tracker) -> str:
    slots = (e for e in tracker.events if e.get("event") == "slot" and e.get("name") == "topic" and e.get("value"))
    return next((str(event["value"]) for event in slots), "")


def _exact(turn: Turn) -> Tuple[Named, ...]:
    """What the message names but for everyday words of initiatives."""
    return tuple(n for n in turn.named if not n.generic or n.references[0][0] != "initiative")


def of_another(turn: Turn) -> Tuple[Named, ...]:
    """What the message names without everyday words of other initiatives that are said of the one talked of.

    'Gab es dafür Fördermittel?' asks about it, and so does a word that stands in the fact that is asked for.
    """
    topic = turn.remembered()
    if not isinstance(topic, Initiative) or not turn.intent.startswith("ask_"):
        return turn.named
    fact = topic.facts.get(turn.intent[len("ask_") :])
    told = {word.form[:STEM] for language in ("de", "en") for word in words(fact.text[language])} if fact else set()
    # 'Und gibt es dazu WLAN?' is about something else.
    points = turn.intent not in OF_ANYTHING and any(word.form in POINTING for word in words(turn.text))
    kept = []
    for named in turn.named:
        said = {word.form[:STEM] for word in words(turn.text[named.start : named.end])}
        if named.generic and named.references[0][0] == "initiative" and (points or said <= told):
            continue
        kept.append(named)
    return tuple(kept)


def _goes_on(message: Mapping[str, Any], slots: Mapping[str, Any]) -> bool:
    """Whether the message points back at something that was said in this conversation."""
    return bool(message.get("points_back") and slots.get("last_answer"))


def _supposed(turn: Turn, topics: Sequence[Mapping[str, Any]]) -> Optional[str]:
    """The initiative that a question means in all likelihood which names none ('die schwarzen Wagen wie in London')."""
    asks = turn.intent.startswith("ask_") and turn.intent != "ask_source"
    if (
        not topics
        or turn.pressed
        or any(not n.generic for n in turn.of_kind("initiative"))
        or not (asks or turn.intent == "nlu_fallback")
    ):
        return None
    meant, confidence = str(topics[0]["name"]), topics[0]["confidence"]
    if meant not in turn.knowledge.initiatives or turn.topic == f"initiative/{meant}" or _tells(turn):
        return None
    choosing = turn.last_answer.get("answer", "").startswith(("which", "ask/"))
    if (turn.topic and turn.points_back) or (choosing and turn.offered):
        return None
    if any(("initiative", meant) in named.references for named in turn.named):
        return None
    talked_of = (turn.topic or "").startswith("initiative/") and turn.last_answer.get("answer") != AFTER_DEFECT
    certain = talked_of or turn.of_kind(*KINDS)
    return meant if confidence >= (CLEAR if certain else LIKELY) else None


def _says_which(turn: Turn) -> bool:
    """Whether the message names the one that was asked for ('na die vom SWCAR') and asks nothing new."""
    asked = turn.last_answer.get("answer") in ("which", f"ask/{turn.aspect}") and bool(turn.aspect)
    says = turn.intent in ("nlu_fallback", "ask_about", "follow_up") and not turn.pressed and not turn.asks()
    return asked and says and turn.initiative() is not None and not _refuses(turn)


def _rejects(turn: Turn) -> bool:
    """Whether the message says which one is not meant, and nothing else ('Ich meine nicht den CityPilot')."""
    asked = turn.last_answer.get("answer", "").startswith(("which", "ask/"))
    places = [(named.start, named.end) for named in turn.named]
    rest = {w.form for w in words(turn.text) if not any(start <= w.start < end for start, end in places)}
    return asked and bool(places) and not turn.pressed and _refuses(turn) and rest <= AROUND_NAMES | NEGATORS


def _refuses(turn: Turn) -> bool:
    return any(word.form in NEGATORS for word in words(turn.text)) and len(turn.named) < 2


def _tells(turn: Turn) -> bool:
    """Whether a theme that is named has what is asked for."""
    themes = [turn.knowledge.themes.get(named.references[0][1]) for named in turn.of_kind("theme")]
    return any(theme is not None and turn.intent[len("ask_") :] in theme.facts for theme in themes)


def _is_bare_name(turn: Turn) -> bool:
    """Whether the message is one name and asks nothing clearly: it is asked what was asked before, else what it is."""
    named = turn.of_kind("initiative")
    clear = turn.ranking and turn.ranking[0][1] >= LEAST_OF_NAME
    if len(turn.named) != 1 or not named or len(named[0].references) > 1 or clear or turn.pressed or not turn.ranking:
        return False
    rest = [word.form for word in words(turn.text) if not named[0].start <= word.start < named[0].end]
    return set(rest) <= AROUND_NAMES and not _refuses(turn)


def _in_conversation(turn: Turn) -> Turn:
    """What is asked of the office means the initiative it points at, or says little about ('wo ist sein Büro')."""
    if turn.pressed or len(turn.parts) > 1 or turn.of_kind(*KINDS):
        return turn
    topic = turn.remembered()
    points = turn.points_back or len(words(turn.text)) <= FEW_WORDS
    if points and isinstance(topic, Initiative) and OF_OFFICE.get(turn.intent) in topic.facts:
        return replace(turn, intent=f"ask_{OF_OFFICE[turn.intent]}", doubt=None, beside=None, reread=True)
    return turn


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


def _named(text: str, message: Mapping[str, Any], knowledge: Knowledge, talked_of: Sequence[str]) -> Tuple[Named, ...]:
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
    return tuple(_clear(text, n, knowledge, talked_of, likely) for n in _agreed(tuple(unique.values())))


def _clear(text: str, named: Named, knowledge: Knowledge, talked_of: Sequence[str], likely: Sequence[str]) -> Named:
    """An everyday word with several meanings means what is talked of, or what the rest of the message fits clearly.

    `likely` holds the initiative that the message means in all likelihood, if there is one.
    """
    for topic in talked_of:
        kind, _, record_id = topic.partition("/")
        if len(named.references) > 1 and (kind, record_id) in named.references:
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
