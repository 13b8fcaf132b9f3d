"""What a message names: everyday words mean what is talked of, or what the rest of the message says."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from actions.turn import CLEAR, KINDS, LIKELY, Named, Turn
from smartcity.knowledge.folding import words
from smartcity.knowledge.records import Initiative, Knowledge
from smartcity.knowledge.search import search_of

POINTING = frozenset("dafur davon dazu damit dabei darin ihn ihm".split())
"""Words that stand for what was talked of, beside everyday words of something else."""
JOINING = frozenset(
    "und sowie and plus der die das den dem des vom von beim bei mit the zum zur oder or zweitens".split()
)
"""Words between two names that are asked about together."""
OF_ANYTHING = ("ask_about", "ask_status")
"""Questions that are asked of what is named, whatever points back beside it."""
STEM = 6
"""Letters of a word's beginning by which two forms of it are taken for one."""


def named_in(
    text: str, message: Mapping[str, Any], knowledge: Knowledge, talked_of: Sequence[str], shown: Sequence[str] = ()
) -> Tuple[Named, ...]:
    """What the message names, each once, where it is named first.

    `talked_of` is kind/id of what was talked of, latest first; `shown` are the ids of the initiatives of the last list.
    """
    unique: Dict[Tuple[Tuple[str, str], ...], Named] = {}
    for named in _places(message, knowledge):
        unique.setdefault(named.references, named)
    clear = _clearing(text, message, knowledge, talked_of, shown)
    return tuple(map(clear, _agreed(tuple(unique.values()))))


def mentions_in(
    text: str, message: Mapping[str, Any], knowledge: Knowledge, talked_of: Sequence[str], shown: Sequence[str] = ()
) -> Tuple[Named, ...]:
    """The same at every place where the message names something."""
    return tuple(map(_clearing(text, message, knowledge, talked_of, shown), _places(message, knowledge)))


def _clearing(
    text: str, message: Mapping[str, Any], knowledge: Knowledge, talked_of: Sequence[str], shown: Sequence[str]
) -> Callable[[Named], Named]:
    """What gives an everyday word the one meaning that it has in this message and conversation."""
    likely = [topic["name"] for topic in message.get("topics") or [] if topic["confidence"] >= LIKELY][:1]
    return lambda named: _clear(text, named, knowledge, talked_of, likely, shown)


def _places(message: Mapping[str, Any], knowledge: Knowledge) -> List[Named]:
    """Each place of the message that names something, in order."""
    places: Dict[Tuple[int, int], List[Mapping[str, Any]]] = {}
    for number, entity in enumerate(message.get("entities") or []):
        if entity.get("entity") not in KINDS or entity.get("refused"):
            continue
        reference = _reference(entity, knowledge)
        if reference:
            start = entity.get("start")
            place = (start, entity["end"]) if start is not None and entity.get("extractor") else (-1 - number, -1)
            places.setdefault(place, []).append({**entity, "value": reference})
    return [
        Named(
            references=tuple(dict.fromkeys((e["entity"], e["value"]) for e in group)),
            score=float(group[0].get("confidence_entity", 1.0)),
            generic=bool(group[0].get("generic", False)),
            start=place[0],
            end=place[1],
        )
        for place, group in sorted(places.items())
    ]


def exact(turn: Turn) -> Tuple[Named, ...]:
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


def of_described(turn: Turn, topics: Sequence[Mapping[str, Any]]) -> Tuple[Named, ...]:
    """What the message names without everyday words of other initiatives than the one that it describes clearly.

    'Die Kästchen an den Laternen, die das Wetter messen': everyday words of both, and it is about the sensors.
    """
    meant = next((str(topic["name"]) for topic in topics[:1] if topic["confidence"] >= CLEAR), "")
    everyday = [n for n in turn.named if n.generic and n.references[0][0] == "initiative"]
    others = [n for n in everyday if ("initiative", meant) not in n.references]
    names_one = any(not n.generic for n in turn.of_kind("initiative"))
    if names_one or len(others) == len(everyday) or _are_listed(turn, everyday):
        return turn.named
    return tuple(n for n in turn.named if n not in others)


def _are_listed(turn: Turn, names: Sequence[Named]) -> bool:
    """Whether nothing but words that join stands between two of these names: 'die Roller und das Sammeltaxi'."""
    between = [turn.text[left.end : right.start] for left, right in pairwise(names)]
    return any(JOINING.issuperset(word.form for word in words(text)) for text in between)


def _clear(
    text: str,
    named: Named,
    knowledge: Knowledge,
    talked_of: Sequence[str],
    likely: Sequence[str],
    shown: Sequence[str],
) -> Named:
    """An everyday word with several meanings means the one listed or talked of, or what the message fits clearly.

    `likely` holds the initiative that the message means in all likelihood, if there is one.
    """
    described = any(("initiative", one) in named.references for one in likely)
    listed = [("initiative", one) for one in shown if ("initiative", one) in named.references]
    if len(named.references) > 1 and len(listed) == 1 and not described:
        return replace(named, references=(listed[0],))  # 'das mit der Umfrage' after a list
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
