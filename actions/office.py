"""Questions about the Smart City office: who, how to reach it, appointments, ideas, complaints."""

from __future__ import annotations

from dataclasses import replace
from typing import Optional, Tuple

from actions import facts
from actions.inquiries import cards, doors, reading
from actions.notices import notices
from actions.reply import Button, Card, Link, Reply
from actions.turn import AFTER_DEFECT, Named, Turn
from smartcity.knowledge.folding import words
from smartcity.knowledge.records import Initiative, Office

ASPECT_OF_OFFICE_QUESTION = {
    "responsible": "contact",
    "phone": "contact",
    "email": "contact",
    "room": "place",
    "address": "place",
    "hours": "time",
    "visit": "joining",
    "appointment": "joining",
    "complaint": "contact",
    "idea": "contact",
}
"""What an office question means when it names an initiative."""

_OF_ANYTHING = frozenset({"responsible", "phone", "email"})
"""Office questions that, without a name, mean what the conversation is about ('Wer ist dafür zuständig?')."""

_OF_OTHERS = frozenset({"appointment", "phone", "email", "address", "room", "hours", "visit"})
"""Office questions that may be about a service of the city or another office that is named or talked of."""
_REACHING = frozenset({"phone", "email", "address", "hours"})
"""Those that are about the service just talked of although nothing points at it ('Haben die eine Mailadresse?')."""
_FOR_IT = frozenset("dafur dazu hierfur".split())
"""Words that point back at a service."""

_NEXT = {
    "responsible": ("phone", "email", "appointment"),
    "phone": ("email", "appointment"),
    "email": ("phone", "appointment"),
    "room": ("address", "appointment"),
    "address": ("room", "appointment"),
    "appointment": ("phone", "email", "visit"),
    "visit": ("appointment", "phone", "address"),
    "hours": ("phone", "email", "appointment"),
    "idea": ("email", "phone"),
    "complaint": ("email", "phone"),
}
_BEGINS = {
    "responsible": ("appointment", "message"),
    "phone": ("callback", "appointment"),
    "email": ("message",),
    "appointment": ("appointment",),
    "visit": ("appointment",),
    "hours": ("appointment",),
    "idea": ("message",),
    "complaint": ("message",),
}
"""Requests that can be begun after the answer."""
_OFFERS = frozenset({"appointment", "idea", "complaint"})
"""Answers after which 'ja' begins one."""


def answer(turn: Turn) -> Reply:
    """Answer an office_* intent; asked of an initiative by name, its own contact is meant."""
    from actions.elsewhere import point_to_service

    aspect = turn.intent[len("office_") :]
    of_any = aspect in _OF_ANYTHING
    named = [n for n in turn.of_kind("initiative") if of_any or not n.generic]
    by_name = any(not n.generic for n in named)
    office = _other_office(turn)
    if office is not None:
        return facts.door(turn, office, aspect)
    if not named and not turn.of_kind("office", "theme"):
        service = _service(turn, aspect)
        if service is not None:
            return point_to_service(replace(turn, named=service))
    if turn.pressed or turn.of_kind("office") or (turn.of_kind("theme") and not by_name):
        return tell_office(turn, aspect)
    if named:
        if len(named[0].references) > 1:
            return facts.ask_between(turn, ASPECT_OF_OFFICE_QUESTION[aspect], named[0])
        initiative = turn.initiative()
    else:
        topic = turn.remembered()
        theirs = aspect in _OF_OTHERS and not turn.speaks_to_us()
        if isinstance(topic, Office) and topic.id != facts.SMART_CITY_OFFICE and theirs:
            return facts.door(turn, topic, aspect)
        topic = topic if of_any else None
        initiative = topic if isinstance(topic, Initiative) else None
    if initiative is not None and (named or initiative.ask != facts.SMART_CITY_OFFICE):
        return facts.tell(turn, initiative, ASPECT_OF_OFFICE_QUESTION[aspect])
    return tell_office(turn, aspect)


def _service(turn: Turn, aspect: str) -> Optional[Tuple[Named, ...]]:
    """The service asked about: named ('Kfz-Zulassung Mailadresse'), or just talked of ('und ein Termin dafür').

    Nothing in the tuple where it has no name of its own; None where no service is asked about.
    """
    if turn.pressed or aspect not in _OF_OTHERS or turn.speaks_to_us():
        return None
    named = tuple(n for n in turn.of_kind("service") if n.score >= 1.0)
    if named:
        return named[:1]
    kind, _, service_id = turn.last_answer.get("answer", "").partition("/")
    pointing = not _FOR_IT.isdisjoint(word.form for word in words(turn.text))
    if kind != "service" or turn.last_answer["answer"] == AFTER_DEFECT or not (pointing or aspect in _REACHING):
        return None
    if service_id in turn.knowledge.services:
        return (Named(((kind, service_id),)),)
    return () if service_id == "any" else None


def _other_office(turn: Turn) -> Optional[Office]:
    """The office that the message names, if it does not name the Smart City office, too."""
    named = turn.of_kind("office")
    ours = ("office", facts.SMART_CITY_OFFICE)
    if not named or len(named[0].references) > 1 or any(ours in one.references for one in named):
        return None
    return turn.knowledge.offices.get(named[0].references[0][1])


def tell_office(turn: Turn, aspect: str) -> Reply:
    """A fact of the Smart City office, or that it is not known."""
    office = turn.knowledge.offices[facts.SMART_CITY_OFFICE]
    fact = office.facts.get(aspect)
    if fact:
        text = "\n".join([fact.text[turn.language], *facts.age_remark(turn, fact)])
    else:
        label = turn.say(f"office_{aspect}" if f"office_{aspect}" in turn.knowledge.phrases else f"aspect_{aspect}")
        text = turn.say("unknown_office_aspect", aspect=label, office=turn.name(office))
    links = tuple(Link(link.title[turn.language], link.url) for link in fact.links) if fact else ()
    begin = cards.begin_buttons(turn, *_BEGINS.get(aspect, ()))
    following = [a for a in _NEXT.get(aspect, _NEXT["responsible"]) if not (begin and a in _BEGINS[aspect])]
    card = Card(
        text=text,
        answer=f"office/{aspect}",
        language=turn.language,
        buttons=(*begin, *(office_button(turn, next_aspect) for next_aspect in following)),
        links=links or facts.office_links(turn, office),
        sources=fact.sources if fact else (),
        known=fact is not None,
    )
    if turn.desk and aspect == "appointment" and reading.wants_appointment(turn):
        return replace(doors.start(turn, "appointment", card), notices=notices(turn, office))
    yes = begin[0] if begin and aspect in _OFFERS else None
    return Reply(card, topic=f"office/{office.id}", yes=yes, notices=notices(turn, office))


def office_button(turn: Turn, aspect: str) -> Button:
    return Button(turn.say(f"office_{aspect}"), f"office_{aspect}")
