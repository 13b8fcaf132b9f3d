"""Messages that ask more than one thing, refuse something, or point at what was listed."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import List, Sequence

from actions import conversation, facts
from actions.parts import ANSWERABLE, goes_on_a_list, named_in, of_names, of_parts
from actions.reply import Reply
from actions.routes import Handler, pressed, routed
from actions.turn import Part, Turn
from smartcity.knowledge.folding import words
from smartcity.knowledge.records import Initiative

MOST_ANSWERS = 3
FITS_AN_ITEM = ("ask_", "follow_up", "other_one", "nlu_fallback")
SURE = 0.8
"""Probability from which a description ('das mit dem Handy') asks something of its own."""
FOREIGN, SURE_OF_FOREIGN, SURER_OF_FOREIGN = "out_of_scope", 0.7, 0.95
"""The intent of what is out of scope, and the probability from which no part of the message is answered; the larger one
where something of ours is named."""
SURER_OF_PARTS = 0.9
"""The same where all parts are surely questions of ours."""
SURE_OF_PART = 0.6
"""The same of the only part that is not refused."""
LEAST_SHARE = 0.1
"""Probability that a question needs to be answered in place of one that was refused."""
OF_TALK, OF_MACHINES = ("bot_", "want_person"), re.compile(r"maschine|robot|\bbots?\b|computer|automat|machine")
"""Beginnings of intents that are put with a negation and refuse nothing, and what is not wanted then: 'Sind Sie gar
kein Mensch?', 'Ich will jemand sprechen, keine Maschine'."""
BOTH = frozenset("beide beides beiden both alle zwei zu von die das bitte please of them".split())


def answers(turn: Turn, handler: Handler) -> List[Reply]:
    """One reply for each question of the message, in their order; `handler` answers what is one question."""
    asked = _questions(turn)
    if len(asked) == 1 and asked[0].intent == "deny":
        return [routed(asked[0])]
    replies: List[Reply] = []
    for one in asked[:MOST_ANSWERS]:
        if replies:
            last = {**one.last_answer, "answer": replies[-1].card.answer}
            one = replace(
                one, topic=replies[-1].topic or one.topic, aspect=replies[-1].aspect or one.aspect, last_answer=last
            )
        reply = pressed(one, one.text) if one.pressed else routed(one)
        if one.keeps_list:
            reply = replace(reply, listed=turn.listed or None)
        if one.aside:
            reply = _as_aside(one, reply, replies[0])
        if reply.card.answer not in [earlier.card.answer for earlier in replies]:
            replies.append(reply)
    return replies or [routed(turn) if turn.reread else handler(turn)]


def _as_aside(turn: Turn, reply: Reply, first: Reply) -> Reply:
    """The second answer to one question, with what it would answer, and without what the first has said already."""
    said = first.card.text.split("\n")
    told = [line for line in reply.card.text.split("\n") if line not in said]
    label = turn.intent if turn.intent.startswith("office_") else f"aspect_{reply.aspect}"
    meant = turn.say("perhaps_meant", aspect=turn.say(label))
    return replace(reply, card=replace(reply.card, text="\n".join([meant, *told])), aside=True)


def main_reply(replies: Sequence[Reply]) -> Reply:
    """The reply that the conversation goes on from: one that asks back, else the last that is no aside.

    After a service of the city, which has no facts of its own, what is talked of is what was told before it.
    """
    replies = [reply for reply in replies if not reply.aside]
    asking = [reply for reply in replies if reply.yes and reply.card.answer.startswith(("ask/", "which"))]
    if asking:
        return asking[-1]
    told = [reply for reply in replies if reply.topic]
    last = replies[-1]
    both = [
        topic for topic in dict.fromkeys(reply.topic for reply in told) if topic and topic.startswith("initiative/")
    ]
    if len(both) > 1 and not last.listed:
        # 'und das erste?' means an item of what was told.
        last = replace(last, listed={"told": True, "shown": [topic.partition("/")[2] for topic in both]})
    if told and not last.topic and last.card.answer.startswith("service/"):
        return replace(last, topic=told[-1].topic, aspect=told[-1].aspect)
    return last


def _questions(turn: Turn) -> List[Turn]:
    """The message as several turns; nothing when it is one question."""
    if turn.pressed or turn.intent == "emergency":
        return []
    said = {word.form for word in words(turn.text)}
    if said & {"beide", "beides", "beiden", "both"} and said <= BOTH and len(turn.offered) > 1:
        return [replace(turn, text=payload, pressed=True) for payload in turn.offered[:2]]
    referred = conversation.referred(turn)
    described = conversation.described(turn) if referred is None else None
    if described is not None:
        sure = turn.intent.startswith("ask_") and bool(turn.ranking) and turn.ranking[0][1] >= SURE
        intent = turn.intent if sure else f"ask_{turn.aspect or 'about'}"
        return [replace(turn, intent=intent, named=(described,), parts=(), doubt=None)]
    if referred is not None and turn.intent.startswith(FITS_AN_ITEM) and turn.intent != "ask_source":
        intent = turn.intent if turn.intent.startswith("ask_") else f"ask_{_aspect_kept(turn)}"
        return [replace(turn, intent=intent, named=(referred,), parts=(), keeps_list=True)]
    if _is_foreign(turn):
        return []
    asking = [part for part in turn.parts if not part.negated and not goes_on_a_list(turn, part)]
    wanted = [part for part in asking if _is_answerable(turn, part)]
    refused = [p for p in turn.parts if p.negated and p.intent.startswith(ANSWERABLE) and not _asks_for_man(turn, p)]
    refuses = any(part.negated for part in turn.parts)
    outside = [
        part for part in turn.parts if not part.negated and part.intent == FOREIGN and part.share >= SURE_OF_PART
    ]
    if refuses and outside and not wanted:
        return [replace(turn, intent=FOREIGN, named=(), parts=())]
    if len(wanted) > 1 or (wanted and refuses):
        asked = of_parts(turn, wanted)
        if len(asked) > 1 or refuses:
            return asked
    if refused and turn.intent.startswith((*ANSWERABLE, "nlu_fallback", "deny")):
        if _says_no_more(turn, refused):
            return [replace(turn, intent="deny", named=(), parts=())]
        return _without_refused(turn, refused) or of_names(turn)
    return of_names(turn) or _beside(turn)


def _asks_for_man(turn: Turn, part: Part) -> bool:
    """Whether a part that looks refused asks for a person, or what this is."""
    if not part.intent.startswith(OF_TALK) or turn.intent != part.intent:
        return False
    text = turn.text[part.start : part.end].lower()
    return part.intent.startswith("bot_") or bool(OF_MACHINES.search(text))


def _is_foreign(turn: Turn) -> bool:
    """Whether the message as a whole is none of this assistant's business, whatever its last sentence asks."""
    outside = bool(turn.ranking) and turn.ranking[0][0] == FOREIGN and turn.ranking[0][1] >= SURE_OF_FOREIGN
    if not outside or turn.ranking[0][1] >= SURER_OF_FOREIGN:
        return outside
    # 'Ist das barrierefrei und was kostet es?' says little as a whole.
    surely_ours = [part.intent.startswith("ask_") and part.share >= SURER_OF_FOREIGN for part in turn.parts]
    if turn.ranking[0][1] < SURER_OF_PARTS and len(surely_ours) > 1 and all(surely_ours):
        return False
    return all(named.generic for named in turn.named)


def _beside(turn: Turn) -> List[Turn]:
    """Two questions about the same initiative or the office, where either may be meant and both can be answered."""
    likeliest = turn.ranking[0][0] if turn.ranking else ""
    if (
        not turn.beside
        or len(turn.parts) > 1
        or turn.doubt == "unknown"
        or turn.intent not in (likeliest, "nlu_fallback")
    ):
        return []
    intents = (likeliest, turn.beside)
    if turn.beside.startswith("office_"):
        ours = all(named.references[0][1] == facts.SMART_CITY_OFFICE for named in turn.of_kind("office"))
        tellable = ours and not turn.of_kind("service", "initiative", "theme")
    else:
        initiative = None if turn.of_kind("service") else facts.subject(turn)
        known = ("contact", *initiative.facts) if isinstance(initiative, Initiative) else ()
        tellable = all(intent[len("ask_") :] in known for intent in intents)
    if not tellable:
        return []
    return [replace(turn, intent=i, doubt=None, beside=None, aside=i == turn.beside) for i in intents]


def _without_refused(turn: Turn, refused: Sequence[Part]) -> List[Turn]:
    """'Ich brauche keine Mailadresse. Die Nummer hätte ich gern': the likeliest of what is not refused."""
    no_more = {part.intent for part in refused}
    likeliest = turn.ranking[0][0] if turn.ranking else ""
    if likeliest in no_more:
        rest = [intent for intent, share in turn.ranking[1:] if share >= LEAST_SHARE]
        likeliest = next((intent for intent in rest if intent.startswith(ANSWERABLE)), "")
    elif turn.intent != "nlu_fallback":
        return []
    return [_asking(turn, likeliest)] if likeliest.startswith(ANSWERABLE) else []


def _asking(turn: Turn, intent: str) -> Turn:
    return replace(turn, intent=intent, parts=(), doubt=None)


def _aspect_kept(turn: Turn) -> str:
    """What is asked of the next item of a list: what was asked of the one before it."""
    return turn.aspect if turn.aspect and turn.last_answer.get("answer", "").startswith("initiative/") else "about"


def _says_no_more(turn: Turn, parts: Sequence[Part]) -> bool:
    """Whether nothing but these parts is said."""
    rest = [word for word in words(turn.text) if not any(part.start <= word.start < part.end for part in parts)]
    return len(rest) <= 1


def _is_answerable(turn: Turn, part: Part) -> bool:
    if part.intent in ("follow_up", "ask_source"):
        return part.intent == "follow_up" and bool(named_in(turn, part))
    return part.intent.startswith(ANSWERABLE)
