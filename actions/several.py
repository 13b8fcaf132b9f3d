"""Messages that ask more than one thing, refuse something, or point at what was listed."""

from __future__ import annotations

from dataclasses import replace
from typing import List, Sequence, Tuple

from actions import conversation, facts
from actions.naming import JOINING, POINTING
from actions.reply import Reply
from actions.routes import Handler, pressed, routed
from actions.turn import QUESTION_WORDS, Named, Part, Turn
from smartcity.knowledge.folding import words
from smartcity.knowledge.records import Initiative

MOST_ANSWERS = 3
ANSWERABLE = (
    "ask_",
    "office_",
    "theme_",
    "list_",
    "city_service",
    "report_defect",
    "follow_up",
    "bot_",
    "help",
    "want_person",
)
"""Beginnings of intents that are questions of their own."""
TOLD = ("ask_about", "follow_up")
"""Intents of parts that name something and ask nothing."""
SERVICE, OF_A_SERVICE = "city_service", ("ask_", "office_")
"""The intent of a message about a service of the city, and of a part that asks where or who that is."""
NEEDS_NO_NAME = ("office_", "theme_", "list_", "city_service", "report_defect")
BY_FIELD = ("list_initiatives", "city_service")
FITS_NAMES = ("ask_", "office_", "follow_up", "nlu_fallback")
FITS_AN_ITEM = ("ask_", "follow_up", "other_one", "nlu_fallback")
SURE = 0.8
"""Probability from which a description ('das mit dem Handy') asks something of its own."""
LEAST_TOLD = 0.6
"""The same for a part with a name that is not put as a question and stands before one."""
FOREIGN, SURE_OF_FOREIGN, SURER_OF_FOREIGN = "out_of_scope", 0.7, 0.95
"""The intent of what is out of scope, and the probability from which no part of the message is answered; the larger one
where something of ours is named."""
SURER_OF_PARTS = 0.9
"""The same where all parts are surely questions of ours."""
SURE_OF_PART = 0.6
"""The same of the only part that is not refused."""
LEAST_SHARE = 0.1
"""Probability that a question needs to be answered in place of one that was refused."""
MOST_JOINING = 4
MOST_WORDS_WITHOUT_NAME = 7
"""Words of a question that may be about what is named after it."""
CORRECTING = frozenset(
    "nein nee ne no sorry quatsch falsch hoppla ups upps ah oh ach also nur bitte doch ich wir i mein meine meinte"
    " meint gemeint will wollte suche meant mean want please war ware sondern mensch eher lieber naturlich"
    " einfach noch auch dann nicht nich kein keine not no dat den dem dieses diesen diese das der aber".split()
)
"""Words around a name that only say which one is meant."""
MEANING = frozenset("mein meine meinte meint mean meant natürlich".split())
"""Words that say which one is meant."""
SURE_OF_WHOLE = 0.6
"""Probability of the whole message's reading that holds for the name that is meant instead."""
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
    """The reply that the conversation goes on from: one that asks back, else the last that is no aside."""
    replies = [reply for reply in replies if not reply.aside]
    asking = [reply for reply in replies if reply.yes and reply.card.answer.startswith(("ask/", "which"))]
    return asking[-1] if asking else replies[-1]


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
    wanted = [part for part in turn.parts if not part.negated and _is_answerable(turn, part)]
    refused = [part for part in turn.parts if part.negated and part.intent.startswith(ANSWERABLE)]
    refuses = any(part.negated for part in turn.parts)
    outside = [
        part for part in turn.parts if not part.negated and part.intent == FOREIGN and part.share >= SURE_OF_PART
    ]
    if refuses and outside and not wanted:
        return [replace(turn, intent=FOREIGN, named=(), parts=())]
    if len(wanted) > 1 or (wanted and refuses):
        asked = _of_parts(turn, wanted)
        if len(asked) > 1 or refuses:
            return asked
    if refused and turn.intent.startswith((*ANSWERABLE, "nlu_fallback", "deny")):
        if _says_no_more(turn, refused):
            return [replace(turn, intent="deny", named=(), parts=())]
        return _without_refused(turn, refused) or _of_names(turn)
    return _of_names(turn) or _beside(turn)


def _is_foreign(turn: Turn) -> bool:
    """Whether the message as a whole is none of this assistant's business, whatever its last sentence asks."""
    outside = bool(turn.ranking) and turn.ranking[0][0] == FOREIGN and turn.ranking[0][1] >= SURE_OF_FOREIGN
    if not outside or turn.ranking[0][1] >= SURER_OF_FOREIGN:
        return outside
    # 'Ist das barrierefrei und was kostet es?' says little as a whole.
    parts_are_ours = turn.ranking[0][1] < SURER_OF_PARTS and len(turn.parts) > 1
    parts_are_ours &= all(part.intent.startswith("ask_") and part.share >= SURER_OF_FOREIGN for part in turn.parts)
    return not parts_are_ours and all(named.generic for named in turn.named)


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
        return part.intent == "follow_up" and bool(_named_in(turn, part))
    return part.intent.startswith(ANSWERABLE)


def _named_in(turn: Turn, part: Part) -> Tuple[Named, ...]:
    return tuple(named for named in turn.named if part.start <= named.start < part.end)


def _of_parts(turn: Turn, parts: Sequence[Part]) -> List[Turn]:
    """A turn for each part: what it names, else what is named before it, else what the part after it names."""
    asked: List[Turn] = []
    for number, part in enumerate(parts):
        text = turn.text[part.start : part.end]
        named, intent = _named_in(turn, part), part.intent
        leads = number + 1 < len(parts) and not _named_in(turn, parts[number + 1])
        if named and not asked and leads and _only_tells_names(text, turn, part, parts[number + 1]):
            continue  # 'Und die CodingSchool, was kostet die?'
        if not named and number + 1 < len(parts) and _goes_into(turn, part, parts[number + 1]):
            continue  # 'Wie hoch waren die Zuwendungen von Bund und Land für die Busse?'
        if not named and part.fields.get("service") and intent.startswith("ask_") and not part.topic and not asked:
            intent = SERVICE  # 'Kann ich die Mülltonne online bestellen und wer repariert die Laterne?'
        if not named and turn.intent == SERVICE and intent.startswith(OF_A_SERVICE):
            named, intent = tuple(turn.of_kind("service")), SERVICE  # 'Ich muss mein Auto ummelden. Wo geht das?'
        if not named and part.topic in turn.knowledge.initiatives and intent.startswith("ask_"):
            named = (Named((("initiative", part.topic),)),)
        if named and not asked and _says_what_is_meant(text) and _refused_before(turn, part):
            intent = _meant_instead(turn, part)
        elif named and _only_names(text, turn, part):
            intent = asked[-1].intent if asked else _refused_before(turn, part) or _kept(turn, intent)
            if named[0].references[0][0] == "service":
                intent = SERVICE
        elif asked and _goes_on(text, named):
            named = asked[-1].named
        elif not named and not asked:
            named = _named_before(turn, parts[:number], part, intent)
            if not named and number + 1 < len(parts) and _needs_a_name(text, intent):
                named = _named_in(turn, parts[number + 1])
        elif not named and not intent.startswith(NEEDS_NO_NAME):
            named = _named_between(turn, parts[number - 1], part) or asked[-1].named
        elif not named and number + 1 < len(parts) and _needs_a_name(text, intent):
            named = _named_in(turn, parts[number + 1])
        # Lists differ by the state or the theme that is asked for, services by what is described.
        if intent in BY_FIELD or not any(one.intent == intent and one.named == named for one in asked):
            asked += _of_names(replace(turn, intent=intent, named=named)) or [_as_turn(turn, part, intent, named)]
    return asked


def _as_turn(turn: Turn, part: Part, intent: str, named: Tuple[Named, ...]) -> Turn:
    """The turn of one part."""
    text = turn.text[part.start : part.end]
    found = replace(turn, text=text, intent=intent, named=named, parts=(), doubt=None)
    return replace(found, fields=part.fields or ({} if len(turn.parts) > 1 else turn.fields))


def _refused_before(turn: Turn, part: Part) -> str:
    """The question whose name a part puts right ('Wann fährt der KRuiser, äh nein, das SWCAR meinte ich'); else ''."""
    before = [one.intent for one in turn.parts if one.negated and one.end <= part.start and one.intent not in TOLD]
    return before[-1] if before and before[-1].startswith(ANSWERABLE) else ""


def _says_what_is_meant(text: str) -> bool:
    """Whether a part says only which one is meant, after another one: 'ich meine die SWCARs, die Londoner Taxis'."""
    said = [word.form for word in words(text)]
    return not MEANING.isdisjoint(said) and not any(form in QUESTION_WORDS for form in said)


def _meant_instead(turn: Turn, part: Part) -> str:
    """What is asked of the name that takes the place of another: what the whole message asks, read without that one."""
    likeliest, share = turn.ranking[0] if turn.ranking else ("", 0.0)
    sure = share >= SURE_OF_WHOLE and likeliest.startswith(ANSWERABLE)
    return likeliest if sure else _refused_before(turn, part)


def _kept(turn: Turn, intent: str) -> str:
    """What a mere name is asked: what was asked before, where something was."""
    return "follow_up" if turn.aspect and intent in TOLD else intent


def _needs_a_name(text: str, intent: str) -> bool:
    """Whether a part may be about what the one after it names ('Wie teuer ist und wo fährt das SWCAR?')."""
    return len(words(text)) < (MOST_WORDS_WITHOUT_NAME if intent.startswith("ask_") else 4)


def _goes_on(text: str, named: Sequence[Named]) -> bool:
    """Whether a part points at what is named before it, beside everyday words ('gibt es dafür Fördergeld?')."""
    everyday = bool(named) and all(one.generic for one in named)
    return everyday and any(word.form in POINTING for word in words(text))


def _named_between(turn: Turn, earlier: Part, part: Part) -> Tuple[Named, ...]:
    """What is named between two parts: 'Sind die Roller weg, und das Nachttaxi, gibts wenigstens das noch?'"""
    return tuple(named for named in turn.named if earlier.end <= named.start < part.start)[-1:]


def _named_before(turn: Turn, earlier: Sequence[Part], part: Part, intent: str) -> Tuple[Named, ...]:
    """What the part before names, else the name that was said last: 'Das SWCAR mein ich. Was kostet das?'"""
    if earlier:
        return _named_in(turn, earlier[-1])
    before = [named for named in turn.named if 0 <= named.start < part.start]
    # Told of a company and its offer, what is asked is about the offer.
    initiatives = [named for named in before if named.references[0][0] == "initiative"]
    return tuple((initiatives or before)[-1:]) if not intent.startswith(NEEDS_NO_NAME) else ()


def _only_tells_names(text: str, turn: Turn, part: Part, following: Part) -> bool:
    """Whether a part says only what the question after it is about."""
    if part.intent in BY_FIELD:
        return _only_names(text, turn, part) and part.fields.get("service") == following.fields.get("service")
    told = part.intent in TOLD or part.intent == following.intent or part.share < LEAST_TOLD
    stated = not _is_put_as_question(text)
    # 'Ich habe vom KReathon gehört. Was kostet das?'
    ended = text.rstrip().endswith((".", "!", "…")) and _is_put_as_question(turn.text[following.start : following.end])
    return _only_names(text, turn, part) or (stated and (told or ended))


def _goes_into(turn: Turn, part: Part, following: Part) -> bool:
    """Whether a part is the beginning of the question that the next one ends, with its name."""
    asks_the_same = part.intent == following.intent and part.intent.startswith("ask_")
    said = words(turn.text[following.start : following.end])
    return asks_the_same and bool(_named_in(turn, following)) and not any(w.form in QUESTION_WORDS for w in said)


def _is_put_as_question(text: str) -> bool:
    return "?" in text or any(word.form in QUESTION_WORDS for word in words(text))


def _only_names(text: str, turn: Turn, part: Part) -> bool:
    """Whether a part says names and nothing else, but for words that join or correct ('bitte', 'mein ich')."""
    spans = [(named.start, named.end) for named in _named_in(turn, part)]
    places = [word.start + part.start for word in words(text) if word.form not in JOINING | CORRECTING]
    return all(any(start <= place < end for start, end in spans) for place in places)


def _of_names(turn: Turn) -> List[Turn]:
    """One question about several initiatives or offices ('Was kostet X und Y?'), as one turn each."""
    kind = "office" if turn.intent.startswith("office_") else "initiative"
    exact = [n for n in turn.named if n.references[0][0] == kind and len(n.references) == 1 and n.end > n.start >= 0]
    if len(exact) < 2 or turn.intent == "ask_source" or not turn.intent.startswith(FITS_NAMES):
        return []
    joined = [exact[0]]
    for named in exact[1:]:
        between = words(turn.text[joined[-1].end : named.start])
        if len(between) <= MOST_JOINING and all(word.form in JOINING for word in between):
            joined.append(named)
        else:
            break
    intent = "ask_about" if turn.intent == "nlu_fallback" else turn.intent
    return [replace(turn, intent=intent, named=(named,), parts=()) for named in joined] if len(joined) > 1 else []
