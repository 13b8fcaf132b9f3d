"""When the message was not understood, or can be read in two ways."""

from __future__ import annotations

from typing import Dict, List, Optional

from actions import facts
from actions.conversation import ORDINALS, choose, contact_buttons, referred, start_buttons
from actions.elsewhere import decline, point_to_service
from actions.reply import Button, Card, Reply
from actions.turn import CLEAR, Turn
from smartcity.knowledge.folding import words
from smartcity.knowledge.search import facts_of, search_of

NUMBERING = frozenset("die der das den nummer nr punkt option bitte the number please nein no".split())
"""Words that may stand around the number of a choice."""
LEAST_TO_GUESS, LEAST_WORDS_TO_GUESS = 5.0, 2
"""What a text must share with the description of an initiative to have it offered, as a score and in words: a single
everyday word is chance ('Wasserrohrbruch im Keller' is nothing about hydrogen)."""
LEAST_TO_OFFER, LEAST_OF_STATED = 0.5, 0.7
"""Probability from which a single reading is offered although content says something near to the message; the larger
one where the message is not put as a question."""
_SERVICE, LEAST_OF_SERVICE = "city_service", 0.3
"""The intent of services of the city, and the probability from which one that is named is told."""
LEAST_OUTSIDE = 0.4
"""Probability of being out of scope from which what is about no initiative is declined instead of guessed at."""
_OUTSIDE = "out_of_scope"
"""The intent of what the assistant is not there for."""
LOST_UNTIL_OFFICE = 2
"""Messages in a row that were not understood until the office is offered."""


def not_understood(turn: Turn) -> Reply:
    """Offer what the message names; else ask to say it differently; twice lost, offer the office."""
    initiative = turn.initiative()
    likeliest = turn.ranking[0][0] if turn.ranking else ""
    if initiative is not None and likeliest in ("ask_about", "ask_status"):
        return facts.tell(turn, initiative, likeliest[len("ask_") :])
    initiative = turn.meant()
    if initiative is not None:
        likely = likeliest.removeprefix("ask_")
        usual = dict.fromkeys((likely, "about", "status", "cost", "joining", "place"))
        aspects = [a for a in usual if a == "about" or a in initiative.facts]
        buttons = [
            Button(f"{turn.name(initiative)}: {turn.say(f'aspect_{a}')}", f"ask_{a}", {"initiative": initiative.id})
            for a in aspects[:4]
        ]
        card = Card(turn.say("guess"), "ask/initiative", turn.language, tuple(buttons))
        return Reply(card, topic=f"initiative/{initiative.id}", yes=buttons[0])
    ambiguous = [named for named in turn.of_kind("initiative") if len(named.references) > 1]
    if ambiguous:
        return facts.ask_between(turn, "about", ambiguous[0])
    if _asks_for_service(turn, likeliest):
        return point_to_service(turn)
    asks = all(intent == _OUTSIDE or intent.startswith("ask_") for intent, _ in turn.ranking[:2])
    if asks and turn.elsewhere >= CLEAR and dict(turn.ranking).get(_OUTSIDE, 0.0) >= LEAST_OUTSIDE:
        return decline(turn)
    guessed = [] if turn.command else _guess(turn)
    if guessed and not turn.lost:
        buttons = [*guessed, Button(turn.say("none_of_these"), "help")]
        card = Card(turn.say("guess"), "ask/guess", turn.language, tuple(buttons))
        return Reply(card, topic=turn.topic, aspect=turn.aspect, yes=buttons[0], lost=True)
    if turn.lost + 1 >= LOST_UNTIL_OFFICE:
        office = turn.knowledge.offices[facts.SMART_CITY_OFFICE]
        card = Card(
            turn.say("not_understood_again"),
            "lost/again",
            turn.language,
            (*contact_buttons(turn), Button(turn.say("themes"), "list_themes")),
            facts.office_links(turn, office),
        )
        return Reply(card, topic=turn.topic, aspect=turn.aspect, lost=True)
    card = Card(turn.say("not_understood"), "lost", turn.language, start_buttons(turn))
    return Reply(card, topic=turn.topic, aspect=turn.aspect, lost=True)


def _asks_for_service(turn: Turn, likeliest: str) -> bool:
    """Whether a service of the city is likely to be asked for: named for certain, or by all that is said.

    'Am Steuer' names none though it has the word.
    """
    shares: Dict[str, float] = dict(turn.ranking)
    likely = shares.get(_SERVICE, 0.0) >= LEAST_OF_SERVICE
    if any(named.score >= 0.9 for named in turn.of_kind("service")):
        return likely or likeliest == _SERVICE
    return likely and likeliest == _SERVICE and not turn.named and shares[_SERVICE] >= 2 * shares.get(_OUTSIDE, 0.0)


def _guess(turn: Turn) -> List[Button]:
    """The topics whose facts are nearest to what was said."""
    found = []
    for kind, topic_id in facts_of(turn.knowledge).closest(turn.text):
        topic = turn.knowledge.topic(kind, topic_id)
        if topic is not None:
            found.append(Button(turn.name(topic), "ask_about", {kind: topic_id}))
    if found:
        return found
    search = search_of(turn.knowledge)
    described = search.meant(turn.text, least=LEAST_TO_GUESS)
    initiative = turn.knowledge.initiatives.get(described)
    if initiative is None or not initiative.listed or search.shared(turn.text, described) < LEAST_WORDS_TO_GUESS:
        return []
    return [Button(turn.name(initiative), "ask_about", {"initiative": described})]


def ask_back(turn: Turn) -> Optional[Reply]:
    """Ask which of the two likeliest readings is meant; None when none can be offered."""
    buttons: List[Button] = []
    for intent, _ in turn.ranking[:2]:
        button = _reading(turn, intent)
        if button is not None:
            buttons.append(button)
    if not buttons:
        return None
    least = LEAST_TO_OFFER if turn.asks() else LEAST_OF_STATED
    if len(buttons) == 1 and turn.ranking[0][1] < least and not turn.lost and _guess(turn):
        return None  # what content says nearest to it is more than one weak reading
    if len(buttons) == 1:
        buttons.append(Button(turn.say("none_of_these"), "help"))
    card = Card(turn.say("ask_between"), "ask/between", turn.language, tuple(buttons))
    initiative = turn.meant()
    topic = f"initiative/{initiative.id}" if initiative else turn.topic
    return Reply(card, topic=topic, aspect=turn.aspect, yes=buttons[0])


def _reading(turn: Turn, intent: str) -> Optional[Button]:
    if intent.startswith("ask_") and intent != "ask_source":
        topic = turn.meant() or turn.remembered()
        label = turn.say(f"aspect_{intent[len('ask_') :]}")
        if topic is None:
            return None  # a mere 'Kosten?' tells nobody what would be answered
        return Button(f"{turn.name(topic)}: {label}", intent, {topic.kind: topic.id})
    if intent.startswith("office_"):
        return Button(turn.say(intent), intent)
    if intent.startswith("theme_"):
        return Button(turn.name(turn.knowledge.themes[intent[len("theme_") :]]), intent)
    labels = {"list_themes": "themes", "list_initiatives": "initiatives", "help": "help_label"}
    if turn.desk:
        labels |= {"inquiry_state": "inquiry_tell_state", "inquiry_withdraw": "inquiry_withdraw"}
    if intent in labels:
        return Button(turn.say(labels[intent]), intent)
    return None


def chosen_by_number(turn: Turn) -> Optional[str]:
    """The payload meant by a message such as '2' after a choice was offered."""
    said = {word.form for word in words(turn.text)}
    if turn.listed.get("shown") and turn.last_answer.get("answer", "").startswith("initiative/") and referred(turn):
        return None  # 'die dritte' goes on in the list, not among the buttons of its second item
    return choose(turn) if said and said <= NUMBERING | ORDINALS.keys() else None
