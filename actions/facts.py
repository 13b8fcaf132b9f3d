"""Questions about an initiative or a theme, aspect by aspect."""

from __future__ import annotations

from dataclasses import replace
from typing import List, Optional, Sequence, Tuple

from actions.notices import notices
from actions.reply import Button, Card, Link, Reply
from actions.turn import AFTER_DEFECT, CLEAR, LIKELY, Named, Turn, parse_payload
from smartcity.knowledge.folding import words
from smartcity.knowledge.records import Fact, Initiative, Office, Source, Theme, Topic
from smartcity.knowledge.search import LEAST_SCORE, search_of

SMART_CITY_OFFICE = "smart_city_office"
YEARS_UNTIL_OLD = 2
"""A dated statement that can age is called old when its year is this many years past."""
MAX_BUTTONS = 4

OFFICE_ASPECTS_OF = {
    "about": "responsible",
    "operator": "responsible",
    "contact": "responsible",
    "place": "address",
    "time": "hours",
    "joining": "appointment",
    "accessibility": "accessibility",
}
"""What an aspect means when it is asked of the Smart City office."""

OF_COMPANY = frozenset({"about", "contact", "place"})
"""What is asked of a company itself; else an initiative of it is meant: 'Bis wann will OXG fertig sein?'"""

OF_SERVICE = ("contact", "operator", "joining", "place")
"""What is asked of a service of the city and answered with its doors: 'Einbürgerung, an wen wende ich mich?'"""
AT_DOOR = (*OF_SERVICE, "requirements", "time", "cost")
"""What is asked of the service just talked of, by a question that names nothing: 'Was kostet das?'"""
MOST_OF_LITTLE = (7, 4)
"""Words of a question that is about the service of the last answer, without and with something told of before it."""
CITY_DOORS = ("serviceportal", "behoerdennummer", "switchboard")
"""Offices of the city that help with anything: named when it is not clear which service is meant; no initiative is
theirs."""

WHY = frozenset("warum wieso weshalb why".split())
ENDING = frozenset(
    "nicht nich nit mehr weg schluss ende eingestellt beendet abgeschafft ended stopped gone over".split()
)
FEW_WORDS = 4

_SUGGESTED = (
    "status",
    "joining",
    "cost",
    "place",
    "time",
    "function",
    "audience",
    "operator",
    "goals",
    "figures",
    "data",
)


def answer(turn: Turn) -> Reply:
    """Answer an ask_* or follow_up intent: about what is named, else about what was talked of."""
    aspect = turn.intent[len("ask_") :] if turn.intent.startswith("ask_") else (turn.aspect or "about")
    named = turn.of_kind("initiative", "theme", "office")
    meant = turn.meant()
    if meant is not None and turn.supposed == meant.id:
        return tell(turn, meant, aspect)
    if named:
        first = min(named, key=_weight)
        if len(first.references) > 1:
            return ask_between(turn, aspect, first)
        topic = turn.knowledge.topic(*first.references[0])
        if topic is not None:
            return _tell_any(turn, topic, aspect)
    at_door = _after_service(turn, aspect)
    if at_door is not None:
        return at_door
    topic = turn.remembered()
    if turn.of_kind("service") and (turn.intent == "follow_up" or (topic is None and aspect in OF_SERVICE)):
        return _at_service(turn)
    if topic is not None:
        return _tell_any(turn, topic, aspect)
    if turn.elsewhere >= CLEAR and turn.fields.get("service"):
        return _at_service(turn)  # 'Unsere Seniorengymnastik sucht eine Halle, bei wem frag ich an?'
    return _without_topic(turn, aspect)


def _at_service(turn: Turn) -> Reply:
    from actions.elsewhere import point_to_service

    return point_to_service(turn)


def subject(turn: Turn) -> Optional[Topic]:
    """The one record that a question of this turn is about; None where it has to be asked for."""
    named = turn.of_kind("initiative", "theme", "office")
    if turn.supposed:
        return turn.meant()
    if not named:
        return turn.remembered()
    first = min(named, key=_weight)
    return turn.knowledge.topic(*first.references[0]) if len(first.references) == 1 else None


def _weight(named: Named) -> Tuple[bool, bool, bool, bool, bool]:
    """An initiative is meant rather than the theme or the office beside it, and a field rather than the whole."""
    kind, record_id = named.references[0]
    company = kind == "office" and record_id != SMART_CITY_OFFICE
    return record_id == "smart_city", company, named.generic, kind != "initiative", named.score < 1


def _tell_any(turn: Turn, topic: Topic, aspect: str) -> Reply:
    if isinstance(topic, Initiative):
        return tell(turn, topic, aspect)
    if isinstance(topic, Theme):
        return _tell_theme(turn, topic, aspect)
    from actions.office import tell_office

    if isinstance(topic, Office) and topic.id != SMART_CITY_OFFICE:
        return _tell_of_company(turn, topic, aspect)
    if aspect == "joining" and turn.last_answer.get("answer") == "office/idea" and not turn.of_kind("office"):
        return tell_office(turn, "idea")
    return tell_office(turn, OFFICE_ASPECTS_OF.get(aspect, "responsible"))


def _tell_of_company(turn: Turn, office: Office, aspect: str) -> Reply:
    """How a company is reached; what else is asked beside its name is about an initiative of it."""
    theirs = [i for i in turn.knowledge.initiatives.values() if i.ask == office.id and office.id not in CITY_DOORS]
    only = len(theirs) == 1
    itself = aspect in OF_COMPANY or (aspect == "operator" and not only)
    if only and not itself:
        return tell(turn, theirs[0], aspect)
    beside = _beside_name(turn, office)
    at_door = door(turn, office, "address" if aspect == "place" else "")
    if not theirs or not beside:
        return at_door
    meant = search_of(turn.knowledge).meant(beside, [i.id for i in theirs], LEAST_SCORE if itself else 0.0)
    if meant:
        return tell(turn, turn.knowledge.initiatives[meant], aspect)
    talked_of = turn.remembered()
    if not itself and isinstance(talked_of, Initiative) and talked_of in theirs:
        return tell(turn, talked_of, aspect)
    if itself or turn.elsewhere >= LIKELY:
        return at_door
    return ask_which(turn, aspect, among=theirs)


def _beside_name(turn: Turn, office: Office) -> str:
    """The words of the message that are no part of the office's names: these stand in much that content says."""
    names = {word.form for name in (*office.name.values(), *office.aliases) for word in words(name)}
    return "" if turn.pressed else " ".join(word.form for word in words(turn.text) if word.form not in names)


def _tell_theme(turn: Turn, theme: Theme, aspect: str) -> Reply:
    from actions.office import tell_office
    from actions.themes import tell_theme

    if aspect in theme.facts:
        return tell_theme(turn, theme, aspect)
    if aspect in ("contact", "operator"):
        return tell_office(turn, "responsible")
    if aspect == "goals":
        return tell_theme(turn, theme, "about")
    return ask_which(turn, aspect, theme)


def _without_topic(turn: Turn, aspect: str) -> Reply:
    from actions.conversation import converse
    from actions.elsewhere import decline
    from actions.office import tell_office

    if aspect == "contact":
        return tell_office(turn, "responsible")
    theme = turn.knowledge.themes.get(turn.fields.get("theme", ""))
    if theme is not None and not turn.pressed:
        return _tell_theme(turn, theme, aspect)
    if turn.elsewhere >= CLEAR and not turn.pressed:
        return decline(turn)
    if aspect == "data":
        return converse(turn.pressing("/bot_privacy"))
    if aspect == "goals":
        return _tell_theme(turn, turn.knowledge.themes["smart_city"], "goals")
    meant = search_of(turn.knowledge).meant(turn.text, least=LEAST_SCORE) if not turn.pressed else ""
    if meant:
        return tell(turn, turn.knowledge.initiatives[meant], aspect)
    return ask_which(turn, aspect)


def _after_service(turn: Turn, aspect: str) -> Optional[Reply]:
    """What is asked after a service of the city without a name, and told at its door: 'Was kostet das?'"""
    kind, _, service_id = turn.last_answer.get("answer", "").partition("/")
    others = turn.of_kind("service") or turn.fields.get("service", "")
    if kind != "service" or aspect not in AT_DOOR or turn.pressed or turn.supposed or others:
        return None
    most = MOST_OF_LITTLE[turn.remembered() is not None]
    if turn.last_answer["answer"] == AFTER_DEFECT or len(words(turn.text)) > most:
        return None
    named = (Named((("service", service_id),)),) if service_id in turn.knowledge.services else ()
    return _at_service(replace(turn, named=named))


def tell(turn: Turn, initiative: Initiative, aspect: str) -> Reply:
    """The fact of one aspect, or that it is not known and whom to ask."""
    if aspect == "goals" and initiative.state == "ended" and aspect not in initiative.facts and _asks_why(turn):
        aspect = "status"  # why it ended
    fact = initiative.facts.get(aspect)
    office = turn.knowledge.offices[initiative.ask]
    lines: List[str] = []
    sources: Tuple[Source, ...] = ()
    if initiative.notice and aspect not in ("about", "status"):
        lines.append(initiative.notice.text[turn.language])
        sources = initiative.notice.sources
    links: Tuple[Link, ...] = ()
    if fact:
        lines.append(fact.text[turn.language])
        lines.extend(age_remark(turn, fact))
        sources = (*fact.sources, *sources)
        links = tuple(Link(link.title[turn.language], link.url) for link in fact.links)
    elif aspect == "contact":
        ways = ", ".join(way for way in (turn.name(office), office.phone, office.email) if way)
        lines = [turn.say("contact_is", name=turn.name(initiative), office=ways)]
        sources = ()
        links = office_links(turn, office)
    else:
        lines.append(
            turn.say(
                "unknown_aspect",
                aspect=turn.say(f"aspect_{aspect}").rstrip("?"),
                name=turn.name(initiative),
                office=turn.name(office),
            )
        )
        links = office_links(turn, office)
    card = Card(
        text="\n".join(lines),
        answer=f"initiative/{initiative.id}/{aspect}",
        language=turn.language,
        buttons=_more_about(turn, initiative, aspect),
        links=links,
        sources=tuple(dict.fromkeys(sources)),
        known=fact is not None or aspect == "contact",
    )
    return Reply(
        card,
        topic=f"initiative/{initiative.id}",
        aspect=aspect,
        notices=notices(turn, office) if aspect == "contact" else (),
    )


def _asks_why(turn: Turn) -> bool:
    """Whether a message asks why something ended: it says so, or hardly more than 'why'."""
    said = [word.form for word in words(turn.text)]
    return not turn.pressed and not WHY.isdisjoint(said) and (len(said) <= FEW_WORDS or not ENDING.isdisjoint(said))


def age_remark(turn: Turn, fact: Fact) -> List[str]:
    """One sentence that calls an old statement old; nothing for what is recent or cannot age."""
    year = fact.sources[0].year
    if fact.lasting or year is None or year > turn.today.year - YEARS_UNTIL_OLD:
        return []
    return [turn.say("old_fact", year=str(year))]


def office_links(turn: Turn, office: Office) -> Tuple[Link, ...]:
    """Website, e-mail and telephone of an office, as far as content has them."""
    links = []
    if office.url:
        links.append(Link(f"{turn.name(office)}", office.url))
    if office.email:
        links.append(Link(office.email, f"mailto:{office.email}"))
    if office.phone:
        digits = "".join(c for c in office.phone if c.isdigit() or c == "+")
        links.append(Link(office.phone, f"tel:{digits}"))
    return tuple(links)


def door_line(turn: Turn, office: Office) -> str:
    """Name, telephone and e-mail of an office in one line."""
    ways = [way for way in (office.phone, office.email) if way]
    return turn.name(office) + (f": {', '.join(ways)}" if ways else "")


def door(turn: Turn, office: Office, aspect: str = "") -> Reply:
    """How another office than the Smart City one is reached, or what is asked of it as far as that is known."""
    fact = office.facts.get(aspect)
    line = door_line(turn, office)
    reached = bool(office.phone or office.email)
    known = fact is not None or (_is_way(office, aspect) if aspect else reached or office.url is not None)
    if fact is not None:
        text = "\n".join([fact.text[turn.language], *age_remark(turn, fact)])
    elif not aspect and not reached:
        text = turn.say("office_page" if office.url else "office_unreached", office=turn.name(office))
    elif known:
        text = line
    else:
        told = turn.say("unknown_office_aspect", aspect=turn.say(f"office_{aspect}"), office=turn.name(office))
        text = f"{told}\n{line}" if reached else told
    card = Card(
        text=text,
        answer=f"office/{office.id}",
        language=turn.language,
        links=office_links(turn, office),
        sources=fact.sources if fact is not None else office.sources,
        known=known,
    )
    return Reply(card, topic=f"office/{office.id}", notices=notices(turn, office))


def _is_way(office: Office, aspect: str) -> bool:
    """Whether telephone and e-mail of the office answer the question."""
    ways = {"phone": office.phone, "email": office.email, **dict.fromkeys(("address", "room", "hours", "visit"))}
    return bool(ways.get(aspect, office.phone or office.email))


def _more_about(turn: Turn, initiative: Initiative, aspect: str) -> Tuple[Button, ...]:
    known = [a for a in _SUGGESTED if a in initiative.facts and a != aspect]
    if aspect != "about" and initiative.state != "ended":
        known.insert(0, "about")
    if initiative.state == "ended":
        theme = turn.knowledge.themes[initiative.themes[0]]
        offers = Button(turn.name(theme), "list_initiatives", {"theme": theme.id})
        return (*(aspect_button(turn, initiative, a) for a in known[:2]), offers)
    return tuple(aspect_button(turn, initiative, a) for a in known[:MAX_BUTTONS])


def aspect_button(turn: Turn, initiative: Initiative, aspect: str) -> Button:
    return Button(turn.say(f"aspect_{aspect}"), f"ask_{aspect}", {"initiative": initiative.id})


def ask_between(turn: Turn, aspect: str, named: Named) -> Reply:
    """Ask which of the records is meant that an everyday word can stand for."""
    buttons = []
    for kind, record_id in named.references[:5]:
        topic = turn.knowledge.topic(kind, record_id)
        if topic is not None:
            buttons.append(Button(turn.name(topic), f"ask_{aspect}", {kind: record_id}))
    card = Card(turn.say("ask_between"), f"ask/{aspect}", turn.language, tuple(buttons))
    return Reply(card, aspect=aspect, yes=buttons[0])


def _guessed(turn: Turn) -> List[str]:
    """The initiatives that the last answer offered as a guess."""
    if turn.last_answer.get("answer") != "ask/guess":
        return []
    offered = (parse_payload(payload)[1].get("initiative", "") for payload in turn.offered)
    return [record_id for record_id in offered if record_id in turn.knowledge.initiatives]


def ask_which(
    turn: Turn, aspect: str, theme: Optional[Theme] = None, among: Optional[Sequence[Initiative]] = None
) -> Reply:
    """Ask which initiative is meant: first a guess just made, then those that the words fit or that know the aspect.

    Only one of the theme, or one of those `among`, when given.
    """
    ranked_ids = [record_id for record_id, _ in search_of(turn.knowledge).rank(turn.text)[:3]]
    likely = [turn.knowledge.initiatives[record_id] for record_id in dict.fromkeys([*_guessed(turn), *ranked_ids])]
    fitting = [i for i in likely if i.listed and (theme is None or theme.id in i.themes) and i in (among or [i])]
    others = among or turn.knowledge.knowing(aspect, theme.id if theme else None)
    ranked = [*fitting, *(i for i in others if i not in fitting)]
    buttons = [Button(turn.name(i), f"ask_{aspect}", {"initiative": i.id}) for i in ranked[:5]]
    everything = Button(turn.say("initiatives"), "list_initiatives", {"theme": theme.id} if theme else {})
    card = Card(turn.say("ask_which"), "which", turn.language, (*buttons, everything))
    return Reply(card, topic=turn.topic, aspect=aspect)
