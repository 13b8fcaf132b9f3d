"""What is not this assistant's job: the right door, a kind no, and emergencies first."""

from __future__ import annotations

from typing import Tuple

from actions import facts
from actions.conversation import start_buttons
from actions.reply import Button, Card, Link, Reply
from actions.turn import Turn

DEFECTS = "maak_et"


def _meant(turn: Turn) -> str:
    """The service that is asked about: named, of several the one that the words describe or the longest name."""
    described = turn.fields.get("service", "")
    named = turn.of_kind("service")
    if not named:
        return "" if turn.of_kind("initiative") else described
    longest = max(named, key=lambda one: one.end - one.start)
    return described if ("service", described) in [one.references[0] for one in named] else longest.references[0][1]


def point_to_service(turn: Turn) -> Reply:
    """Point to who is responsible for another service of the city."""
    meant = _meant(turn)
    if meant in turn.knowledge.services:
        service = turn.knowledge.services[meant]
        text = turn.say("service_door", service=turn.name(service))
        return Reply(_doors(turn, text, service.doors, f"service/{service.id}"))
    initiative = turn.initiative()
    if initiative is not None and not turn.of_kind("initiative")[0].generic:
        return facts.tell(turn, initiative, "about")
    return Reply(_doors(turn, turn.say("service_any"), facts.CITY_DOORS, "service/any"))


def _doors(turn: Turn, text: str, doors: Tuple[str, ...], answer: str) -> Card:
    offices = [turn.knowledge.offices[door] for door in doors]
    lines = [text, *(f"- {facts.door_line(turn, office)}" for office in offices)]
    links: Tuple[Link, ...] = tuple(link for office in offices for link in facts.office_links(turn, office))
    sources = tuple(dict.fromkeys(source for office in offices for source in office.sources))
    return Card("\n".join(lines), answer, turn.language, links=links, sources=sources)


def point_to_defects(turn: Turn) -> Reply:
    """Point to the city's defect reporting."""
    initiative = turn.knowledge.initiatives.get(DEFECTS)
    fact = initiative.facts["about"] if initiative else None
    office = turn.knowledge.offices.get("maak_et_door")
    card = Card(
        turn.say("defect"),
        "service/defect",
        turn.language,
        links=facts.office_links(turn, office) if office else (),
        sources=fact.sources if fact else (),
    )
    # What is asked next is asked of it: 'Muss ich da meinen Namen angeben?'
    return Reply(card, topic=f"initiative/{DEFECTS}" if initiative else None, aspect="joining")


def emergency(turn: Turn) -> Reply:
    """110 and 112 before anything else."""
    links = (Link("112", "tel:112"), Link("110", "tel:110"))
    return Reply(Card(turn.say("emergency"), "talk/emergency", turn.language, links=links))


def decline(turn: Turn) -> Reply:
    """Say kindly that this is not its field, and what is."""
    return Reply(
        Card(turn.say("decline"), "decline", turn.language, start_buttons(turn)), topic=turn.topic, aspect=turn.aspect
    )


def answer_other_language(turn: Turn) -> Reply:
    """One sentence in the language that was spoken, where content has it, and the way to the office.

    Who asks in German or English for another language is answered in the language of the conversation so far.
    """
    sentences = turn.knowledge.phrases["other_language"]
    language = turn.spoken if turn.spoken and turn.spoken in sentences else "en"
    if turn.intent == "switch_other":
        language = turn.language
    office = turn.knowledge.offices[facts.SMART_CITY_OFFICE]
    buttons = [Button(turn.name(i), "ask_about", {"initiative": i.id}) for i in [turn.initiative()] if i]
    label = turn.knowledge.phrases["office"]
    buttons.append(Button(label.get(language, label["en"]), "office_responsible"))
    card = Card(sentences[language], "talk/other_language", language, tuple(buttons), facts.office_links(turn, office))
    return Reply(card, topic=turn.topic, aspect=turn.aspect)
