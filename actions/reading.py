"""A tracker's latest message, read in its conversation."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple
from zoneinfo import ZoneInfo

from rasa_sdk import Tracker

from actions.naming import JOINING, exact, mentions_in, named_in, of_another, of_described
from actions.parts import CORRECTING, TOLD, says_what_is_meant
from actions.turn import AFTER_DEFECT, ASKING_VERBS, CLEAR, KINDS, LIKELY, QUESTION_WORDS, Part, Turn
from smartcity.knowledge.folding import words
from smartcity.knowledge.records import LANGUAGES, Initiative, Knowledge

OF_OFFICE = {"office_address": "place", "office_room": "place"}
"""What is asked of the topic where a question about the office points at it ('wo ist sein Büro') or says little."""
FEW_WORDS = 2
"""Words of a question that says little: 'Adresse?'."""
AROUND_NAMES = frozenset(
    "der die das den dem des mein meine the my bitte please nein nee ne no sondern doch ich meinte i mean meant".split()
)
"""Words beside a name that ask nothing."""
LEAST_OF_NAME = 0.5
"""Probability from which such a message means what its words say all the same."""
LEAST_OF_STATEMENT = 0.4
"""Probability from which a description that is not put as a question asks something all the same."""
LEAST_URGENT = 0.1
"""Probability of an emergency from which nothing else is asked."""
MOST_BESIDE_MEANT, MOST_BESIDE_NAME = 2, 6
"""Other words beside a name in a message that says which one is meant ('nee ich mein das Sammeltaxi, mein SW-Dings'),
and words beside one that is asked what was asked before."""
NEGATORS = frozenset("nicht nich nit net kein keine keinen weder not no dont".split())
_COMMAND = re.compile(r"\s*\u2215\w+\s*")
"""A command of chat programs, typed ('/restart'); its slash is another one since Rasa would take it for an intent
(smartcity/runtime/replies.py)."""
OF_COMMANDS = ("help", "greet", "emergency", "switch_german", "switch_english", "switch_easy", "switch_other")
"""Intents that a command may have; all others but of a name are read into its word."""
KREFELD = ZoneInfo("Europe/Berlin")


def read_turn(tracker: Tracker, knowledge: Knowledge, now: dt.datetime) -> Turn:
    """Build the turn of a tracker's latest message; `now` has a time zone."""
    message = tracker.latest_message or {}
    slots = tracker.slots
    text = message.get("text") or ""
    pressed = text.lstrip().startswith("/")
    language, chosen = _languages(message, slots, pressed, _earlier_setting(tracker))
    topics = _topics(tracker)
    talked_of = tuple(dict.fromkeys(reversed(topics)))
    shown = tuple((slots.get("listed") or {}).get("shown") or ())
    turn = Turn(
        knowledge=knowledge,
        text=text,
        intent=(message.get("intent") or {}).get("name") or "nlu_fallback",
        named=named_in(text, message, knowledge, talked_of, shown),
        mentions=mentions_in(text, message, knowledge, talked_of, shown),
        language=language,
        chosen_language=chosen,
        today=now.astimezone(KREFELD).date(),
        spoken=None if pressed else message.get("language"),
        pressed=pressed,
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
        describes=next((t["name"] for t in message.get("topics") or [] if t["confidence"] >= LIKELY), ""),
        points_back=bool(message.get("points_back")),
        elsewhere=0.0 if _goes_on(message, slots) else float(message.get("elsewhere") or 0.0),
        topic=slots.get("topic"),
        history=talked_of,
        first=topics[0] if topics else "",
        aspect=slots.get("aspect"),
        offered=tuple(slots.get("offered") or ()),
        yes=slots.get("yes"),
        listed=slots.get("listed") or {},
        last_answer=slots.get("last_answer") or {},
        lost=int(slots.get("lost") or 0),
    )
    named_for_certain = any(not named.generic for named in turn.named)
    if _COMMAND.fullmatch(text) and turn.intent not in OF_COMMANDS and not named_for_certain:
        nothing = replace(turn, intent="nlu_fallback", named=(), ranking=(), parts=(), fields={}, beside=None)
        return replace(nothing, doubt="unknown", command=True, reread=True)
    if _rejects(turn):
        return replace(turn, intent="deny", named=(), doubt=None, beside=None, reread=True)
    if _is_bare_name(turn) or _says_which(turn) or _corrects(turn) or asks_the_same(turn):
        return replace(turn, intent="follow_up", doubt=None, beside=None, reread=True)
    turn = replace(turn, named=of_another(turn))
    turn = replace(turn, named=of_described(turn, message.get("topics") or []))
    supposed = _supposed(turn, message.get("topics") or [])
    if supposed is None:
        return _in_conversation(turn)
    turn = replace(turn, supposed=supposed, named=exact(turn))
    # 'Bürgerinnen konnten mit dem Rad messen': it is clear what is meant, and nothing is asked.
    weak = bool(turn.ranking) and turn.ranking[0][1] < LEAST_OF_STATEMENT
    unclear = weak and turn.intent.startswith("ask_") and not turn.asks()
    return replace(turn, intent="nlu_fallback", doubt="unknown", beside=None, reread=True) if unclear else turn


def _fields(told: Mapping[str, Any]) -> Dict[str, str]:
    return {f["kind"]: f["name"] for f in told.get("fields") or [] if f["confidence"] >= LIKELY}


def _topics(tracker: Tracker) -> List[str]:
    """What the conversation was about at each turn, as kind/id, in order."""
    slots = [event for event in tracker.events if event.get("event") == "slot" and event.get("name") == "topic"]
    return [str(event["value"]) for event in slots if event.get("value")]


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
    rest = set(_beside_names(turn))
    return asked and bool(turn.named) and not turn.pressed and _refuses(turn) and rest <= AROUND_NAMES | NEGATORS


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
    return set(_beside_names(turn)) <= AROUND_NAMES and not _refuses(turn)


def _beside_names(turn: Turn) -> List[str]:
    """The folded words of the message that stand in no name."""
    return [w.form for w in words(turn.text) if not any(one.start <= w.start < one.end for one in turn.named)]


def _corrects(turn: Turn) -> bool:
    """Whether the message says which one is meant instead of the one just told of ('nee ich mein das Sammeltaxi')."""
    if not _tells_of_another(turn) or turn.intent not in TOLD or _refuses(turn):
        return False
    rest = _beside_names(turn)
    return says_what_is_meant(turn.text) and len(set(rest) - JOINING - CORRECTING) <= MOST_BESIDE_MEANT


def asks_the_same(turn: Turn) -> bool:
    """Whether the message asks of another one what was asked before ('Und bei den Stadtkarten, den Geoportalen?')."""
    said = [word.form for word in words(turn.text)]
    unclear = bool(turn.ranking) and turn.ranking[0][1] < LEAST_OF_NAME
    asks = (
        turn.intent.startswith(("ask_", "follow_up", "nlu_fallback"))
        and dict(turn.ranking).get("emergency", 0) < LEAST_URGENT
    )
    if not _tells_of_another(turn) or not unclear or not asks or said[:1] not in (["und"], ["and"]) or _refuses(turn):
        return False
    rest = _beside_names(turn)
    plain = len(rest) <= MOST_BESIDE_NAME and (QUESTION_WORDS | ASKING_VERBS).isdisjoint(rest)
    return plain and len({one.references for one in turn.named}) == 1


def _tells_of_another(turn: Turn) -> bool:
    """Whether a message of one question names another initiative than the one just told of."""
    told = turn.last_answer.get("answer", "").startswith("initiative/") and bool(turn.aspect)
    named = None if turn.pressed or len(turn.parts) > 1 else turn.initiative()
    return told and named is not None and turn.topic != f"initiative/{named.id}"


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
