"""The conversation itself: greeting, help, who speaks here, yes and no, say it again, where from."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, List, Mapping, Optional, Tuple

from actions import facts
from actions.inquiries import cards, doors, reading
from actions.notices import notices
from actions.office import office_button
from actions.reply import Button, Card, Link, Reply
from actions.turn import KINDS, Named, Turn, parse_payload
from smartcity.knowledge.folding import words
from smartcity.knowledge.records import Initiative, Source
from smartcity.knowledge.search import search_of

LANGUAGE_OF = {"switch_english": "en", "switch_german": "de", "switch_easy": "de-simple"}
ORDINALS = {
    "1": 0, "erste": 0, "ersten": 0, "erstes": 0, "first": 0, "eins": 0, "one": 0,
    "2": 1, "zweite": 1, "zweiten": 1, "zweites": 1, "second": 1, "zwei": 1, "two": 1,
    "andere": 1, "anderes": 1, "other": 1,
    "3": 2, "dritte": 2, "dritten": 2, "drittes": 2, "third": 2, "drei": 2, "three": 2,
    "4": 3, "vierte": 3, "vierten": 3, "viertes": 3, "fourth": 3, "vier": 3, "four": 3,
    "5": 4, "funfte": 4, "funften": 4, "fifth": 4, "funf": 4,
    "letzte": -1, "letzten": -1, "letztes": -1, "letztere": -1, "letzteres": -1, "last": -1,
    "letzterer": -1, "letzter": -1,
    "erstere": 0, "ersteres": 0, "ersterer": 0, "erster": 0, "zweiter": 1, "dritter": 2, "vierter": 3, "funfter": 4,
}  # fmt: skip
RETURNING = frozenset("zuruck nochmal wieder back again".split())
FEW_WORDS = 5
"""Words of a message that may mean what was talked of first; in a longer one it must be returned to."""
UNDESCRIBED = ("ask_", "follow_up", "other_one", "nlu_fallback", "out_of_scope", "deny", "affirm", "theme_")
"""Beginnings of intents that a description of one of the choices may be taken for."""
_ORDINAL = re.compile(
    r"\b(?:der|die|das|den|dem|des|beim|vom|zum|zur|im|the|nummer|nr|punkt|option)"
    r" (" + "|".join(sorted((word for word in ORDINALS), key=len, reverse=True)) + r")\b"
)

_ITEM_ALONE = re.compile(
    r"\W*(?:(?:und|and|bei|beim|zum|vom|das|die|der|den|dem|the|what|about)\s+){1,4}"
    r"(?:erste[nrs]?|zweite[nrs]?|first(?:\s+one)?|second(?:\s+one)?)\s*(?:[,?!.]|$)",
    re.IGNORECASE,
)
"""How a message begins that means what was told of first or second: 'Und das erste, gibt es das noch'."""


def start_buttons(turn: Turn) -> Tuple[Button, ...]:
    """First questions that anybody can start from."""
    main = list(turn.knowledge.themes.values())[:4]
    return (
        *(Button(turn.name(theme), f"theme_{theme.id}") for theme in main),
        Button(turn.say("initiatives"), "list_initiatives"),
        Button(turn.say("office"), "office_responsible"),
    )


def contact_buttons(turn: Turn) -> Tuple[Button, ...]:
    """How the office is reached; first the requests that can be made here, where they can."""
    begun = cards.begin_buttons(turn, "message", "callback", "appointment")
    return (*begun, *(office_button(turn, aspect) for aspect in ("phone", "email")), *_how_to_appoint(turn))


def _how_to_appoint(turn: Turn) -> Tuple[Button, ...]:
    return () if turn.desk else (office_button(turn, "appointment"),)


def converse(turn: Turn) -> Reply:
    """Say the phrase of the intent; the greeting that begins a conversation brings today's notices."""
    begins = turn.intent == "greet" and turn.pressed
    key = "greeting" if begins else turn.intent
    buttons: Tuple[Button, ...] = ()
    yes: Optional[Button] = None
    if turn.intent in ("greet", "help", "bot_identity", "small_talk"):
        buttons = start_buttons(turn)
    elif turn.intent == "bot_human":  # its text offers the contact
        yes = office_button(turn, "responsible")
        buttons = (yes,)
    card = Card(turn.say(key), f"talk/{turn.intent}", turn.language, buttons)
    initiative = turn.initiative()
    return Reply(
        card,
        # 'Findest du den Oberbürgermeister gut?' – 'Ist er noch im Amt?'
        topic=f"initiative/{initiative.id}" if initiative else turn.topic,
        aspect=turn.aspect,
        yes=yes,
        listed=turn.listed or None,
        notices=notices(turn) if begins else (),
    )


def switch_language(turn: Turn) -> Reply:
    """Go on in another language."""
    language = LANGUAGE_OF[turn.intent]
    text = turn.knowledge.phrases[turn.intent][language]
    return Reply(Card(text, f"talk/{turn.intent}", language), topic=turn.topic, aspect=turn.aspect, language=language)


def offer_person(turn: Turn) -> Reply:
    """The way to a human being."""
    office = turn.knowledge.offices[facts.SMART_CITY_OFFICE]
    contact = office.facts.get("responsible")
    card = Card(
        turn.say("want_person"),
        "talk/want_person",
        turn.language,
        contact_buttons(turn),
        facts.office_links(turn, office),
        contact.sources if contact else (),
    )
    if turn.desk and reading.wants_call(turn):
        return doors.start(turn, "callback", card)
    return Reply(card, topic=f"office/{office.id}")


def own_up(turn: Turn) -> Reply:
    """Own up, and offer other readings of the topic; another name in the message is taken up."""
    named = turn.of_kind("initiative", "theme")
    if named and turn.topic not in ["/".join(reference) for reference in named[0].references]:
        return facts.answer(turn)
    topic = turn.remembered()
    buttons: List[Button] = []
    if isinstance(topic, Initiative):
        others = [a for a in ("about", "status", "cost", "joining", "contact") if a != turn.aspect]
        buttons = [facts.aspect_button(turn, topic, aspect) for aspect in others[:3]]
    buttons += [Button(turn.say("themes"), "list_themes"), Button(turn.say("office"), "office_responsible")]
    card = Card(turn.say("was_wrong"), "talk/was_wrong", turn.language, tuple(buttons))
    return Reply(card, topic=turn.topic, aspect=turn.aspect)


def repeat(turn: Turn) -> Reply:
    """The last answer again."""
    last = turn.last_answer
    if not last:
        return Reply(Card(turn.say("nothing_to_repeat"), "talk/repeat", turn.language, start_buttons(turn)))
    card = Card(
        text=f"{turn.say('repeat')}\n{last['text']}",
        answer=last["answer"],
        language=last["language"],
        buttons=tuple(Button(b["title"], b["intent"], b["entities"]) for b in last["buttons"]),
        links=tuple(Link(link["title"], link["url"]) for link in last["links"]),
        sources=tuple(_source(source) for source in last["sources"]),
        known=last["known"],
    )
    return Reply(card, topic=turn.topic, aspect=turn.aspect, listed=turn.listed or None)


def tell_source(turn: Turn) -> Reply:
    """Where the last answer stands."""
    sources = [_source(source) for source in turn.last_answer.get("sources", ())]
    if not sources:
        card = Card(turn.say("source_none"), "talk/ask_source", turn.language)
        return Reply(card, topic=turn.topic, aspect=turn.aspect, listed=turn.listed or None)
    lines = [turn.say("source_is", title=s.title, date=date_in_words(turn, s)) for s in sources]
    card = Card(
        "\n".join(lines),
        "talk/ask_source",
        turn.language,
        links=tuple(Link(source.title, source.url) for source in sources[:3]),
        sources=tuple(sources),
    )
    return Reply(card, topic=turn.topic, aspect=turn.aspect, listed=turn.listed or None)


def choose(turn: Turn) -> Optional[str]:
    """The payload of the offered choice that the message names by number, or None."""
    for word in words(turn.text):
        if word.form in ORDINALS and turn.offered:
            index = ORDINALS[word.form]
            if index < len(turn.offered):
                return turn.offered[index]
    return None


def referred(turn: Turn) -> Optional[Named]:
    """What 'das zweite' means: an item of what was offered last, or of the list before it."""
    if turn.of_kind("initiative", "theme"):
        return None
    match = _ORDINAL.search(" ".join(word.form for word in words(turn.text)))
    if not match:
        return None
    items = [named for named in map(_item, turn.offered) if named is not None]
    if len(items) < len(turn.offered) / 2 or turn.last_answer.get("answer", "").startswith("initiative/"):
        items = [Named((("initiative", record_id),)) for record_id in turn.listed.get("shown") or ()]
    index = ORDINALS[match.group(1)]
    said = {word.form for word in words(turn.text)}
    few = len(said) <= FEW_WORDS or said & RETURNING or _ITEM_ALONE.match(turn.text)
    if turn.listed.get("told") and not few:
        return None  # 'Wie viele waren im ersten Jahr dabei?' after two answers
    if not items and index == 0 and turn.first and few:
        kind, _, record_id = turn.first.partition("/")
        return Named(((kind, record_id),))  # 'zurück zum ersten', where no list was shown
    return items[index] if -len(items) <= index < len(items) else None


def described(turn: Turn) -> Optional[Named]:
    """What 'das mit dem Handy' means after the question which initiative: the offered one whose facts say so."""
    if not turn.last_answer.get("answer", "").startswith(("which", "ask/")) or turn.of_kind(*KINDS):
        return None
    if not turn.intent.startswith(UNDESCRIBED) or (turn.intent == "deny" and turn.reread):
        return None
    items = [named for named in map(_item, turn.offered) if named is not None]
    offered = [record_id for named in items for kind, record_id in named.references if kind == "initiative"]
    if len(set(offered)) < 2:
        return None
    if turn.describes in offered:
        return Named((("initiative", turn.describes),))
    search = search_of(turn.knowledge)
    meant = search.meant(turn.text, list(dict.fromkeys(offered)))
    scores = dict(search.rank(turn.text))
    # What fits another one better is no description of those that were offered.
    return Named((("initiative", meant),)) if meant and scores[meant] == max(scores.values()) else None


def _item(payload: str) -> Optional[Named]:
    """The initiative or theme that a button leads to, of those that choose one."""
    intent, entities = parse_payload(payload)
    if intent.startswith("theme_"):
        return Named((("theme", intent[len("theme_") :]),))
    for kind, value in entities.items():
        if intent.startswith("ask_") and kind in ("initiative", "theme"):
            return Named(((kind, value),))
    return None


def date_in_words(turn: Turn, source: Source) -> str:
    """'Dezember 2025', '6. Dezember 2022', '2019', or that the page has no date."""
    english = turn.language == "en"
    if source.date is None:
        return turn.say("source_undated", date=_day(source.read, english))
    parts = source.date.split("-")
    if len(parts) == 3:
        return _day(dt.date.fromisoformat(source.date), english)
    if len(parts) == 2:
        return f"{(_MONTHS_EN if english else _MONTHS_DE)[int(parts[1]) - 1]} {parts[0]}"
    return parts[0]


_MONTHS_DE = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
_MONTHS_EN = "January February March April May June July August September October November December".split()


def _day(day: dt.date, english: bool) -> str:
    return (
        f"{day.day} {_MONTHS_EN[day.month - 1]} {day.year}"
        if english
        else f"{day.day}. {_MONTHS_DE[day.month - 1]} {day.year}"
    )


def _source(data: Mapping[str, Any]) -> Source:
    return Source(
        title=data["title"],
        url=data["url"],
        read=dt.date.fromisoformat(data["read"]),
        date=data["as_of"] if data["dated"] else None,
    )
