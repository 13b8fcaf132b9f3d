"""The parts of a message that ask more than one thing: what each one names, and what is asked of it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Dict, List, Sequence, Tuple

from actions.naming import JOINING, POINTING
from actions.turn import QUESTION_WORDS, Named, Part, Turn
from smartcity.knowledge.folding import words

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
LEAST_TOLD = 0.6
"""Probability from which a part with a name asks something that is not put as a question and stands before one."""
MOST_JOINING = 4
MOST_WORDS_WITHOUT_NAME = 7
"""Words of a question that may be about what is named after it."""
CORRECTING = frozenset(
    "nein nee ne no sorry quatsch falsch hoppla ups upps ah oh ach also nur bitte doch ich wir i mein meine meinte"
    " meint gemeint will wollte suche meant mean want please war ware sondern mensch eher lieber naturlich"
    " einfach noch auch dann nicht nich kein keine not no dat den dem dieses diesen diese das der aber".split()
)
"""Words around a name that only say which one is meant."""
_MEANING = re.compile(
    r"\b(?:(?:ich|wir) (?:mein|meine|meinte|meinten|wollte)|(?:mein|meine|meinte|wollte) ich|gemeint|naturlich"
    r"|i mean|i meant)\b"
)
"""Folded words that say which one is meant."""
LIST, SURE_OF_LIST = "list_initiatives", 0.8
"""The intent of a question for a list, and the probability from which the whole message is one."""
SURE_OF_WHOLE = 0.6
"""Probability of the whole message's reading that holds for the name that is meant instead."""


def named_in(turn: Turn, part: Part) -> Tuple[Named, ...]:
    """What the message names within a part, each once."""
    found = {one.references: one for one in turn.named if part.start <= one.start < part.end}
    meant = {one.references for one in turn.named}
    for one in turn.mentions:
        if part.start <= one.start < part.end and one.references in meant:
            found.setdefault(one.references, one)  # named before, and here again
    return tuple(sorted(found.values(), key=lambda one: one.start))


def of_parts(turn: Turn, parts: Sequence[Part]) -> List[Turn]:
    """A turn for each part: what it names, else what is named before it, else what the part after it names."""
    asked: List[Turn] = []
    for number, part in enumerate(parts):
        following = parts[number + 1] if number + 1 < len(parts) else None
        if following is not None and _only_leads(turn, part, following, first=not asked):
            continue
        named, intent = _told(turn, part, first=not asked)
        text = turn.text[part.start : part.end]
        if asked and _may_mean(named, asked[-1].named):
            named = asked[-1].named
        if named and (not asked or not _goes_on(text, named)):
            intent = _of_name(turn, part, named, intent, asked)
        elif asked and (named or not intent.startswith(NEEDS_NO_NAME)):
            named = _named_between(turn, parts[number - 1], part) or asked[-1].named
        else:
            if not asked:
                named = _named_before(turn, parts[:number], part, intent)
            if not named and following is not None and _needs_a_name(text, intent):
                named = named_in(turn, following)
        # Lists differ by the state or the theme that is asked for, services by what is described.
        if intent in BY_FIELD or not any(one.intent == intent and one.named == named for one in asked):
            asked += of_names(replace(turn, intent=intent, named=named)) or [_as_turn(turn, part, intent, named)]
    return asked


def goes_on_a_list(turn: Turn, part: Part) -> bool:
    """Whether a part is no question but one more word of a list's field ('... zu Schule und Lernen?')."""
    listing = bool(turn.ranking) and turn.ranking[0][0] == LIST and turn.ranking[0][1] >= SURE_OF_LIST
    said = [word.form for word in words(turn.text[part.start : part.end])]
    joins = len(said) == 2 and said[0] in JOINING and said[1] not in QUESTION_WORDS
    field = (
        part.intent.startswith(("list_", "theme_", "ask_about", "follow_up", "out_of_scope")) or part.share < LEAST_TOLD
    )
    return listing and joins and field and not part.intent.startswith("office_") and not named_in(turn, part)


def _only_leads(turn: Turn, part: Part, following: Part, first: bool) -> bool:
    """Whether a part asks nothing by itself: it only tells what the next one asks about, or begins its question."""
    if not named_in(turn, part):
        return _goes_into(turn, part, following)
    text = turn.text[part.start : part.end]
    return first and not named_in(turn, following) and _only_tells_names(text, turn, part, following)


def _told(turn: Turn, part: Part, first: bool) -> Tuple[Tuple[Named, ...], str]:
    """What a part names or describes, and its intent."""
    named, intent = named_in(turn, part), part.intent
    if part.topic and intent.startswith("ask_") and named and all(n.references[0][0] == "service" for n in named):
        named = (Named((("initiative", part.topic),)),)  # 'Kann ich so eine rollende Mülltonne bestellen?'
    if named:
        return named, intent
    if part.fields.get("service") and intent.startswith("ask_") and not part.topic and first:
        intent = SERVICE  # 'Kann ich die Mülltonne online bestellen und wer repariert die Laterne?'
    text = turn.text[part.start : part.end]
    ours = intent.startswith("office_") and replace(turn, text=text).speaks_to_us()
    if turn.intent == SERVICE and intent.startswith(OF_A_SERVICE) and not ours:
        named, intent = tuple(turn.of_kind("service")), SERVICE  # 'Ich muss mein Auto ummelden. Wo geht das?'
    if not named and part.topic in turn.knowledge.initiatives and intent.startswith("ask_"):
        named = (Named((("initiative", part.topic),)),)
    return named, intent


def _of_name(turn: Turn, part: Part, named: Sequence[Named], intent: str, asked: Sequence[Turn]) -> str:
    """What is asked of what a part names: where it only says which one is meant, what was asked before."""
    text = turn.text[part.start : part.end]
    if not asked and says_what_is_meant(text) and _refused_before(turn, part):
        return _meant_instead(turn, part)
    if not _only_names(text, turn, part):
        return intent
    if named[0].references[0][0] == "service":
        return SERVICE
    return asked[-1].intent if asked else _refused_before(turn, part) or _kept(turn, intent)


def _as_turn(turn: Turn, part: Part, intent: str, named: Tuple[Named, ...]) -> Turn:
    """The turn of one part."""
    text = turn.text[part.start : part.end]
    found = replace(turn, text=text, intent=intent, named=named, parts=(), doubt=None)
    if part.fields or len(turn.parts) < 2:
        return replace(found, fields=part.fields or turn.fields)
    return replace(found, fields=_left_over(turn, part, named) if intent == SERVICE else {})


def _left_over(turn: Turn, part: Part, named: Sequence[Named]) -> Dict[str, str]:
    """The service that the whole message describes, for a part that tells none, where no other part is about it."""
    described = turn.fields.get("service", "")
    others = {one.fields.get("service") for one in turn.parts if one is not part}
    others |= {one.references[0][1] for one in turn.of_kind("service")}
    return {"service": described} if described and not named and described not in others else {}


def _refused_before(turn: Turn, part: Part) -> str:
    """The question whose name a part puts right ('Wann fährt der KRuiser, äh nein, das SWCAR meinte ich'); else ''."""
    before = [one.intent for one in turn.parts if one.negated and one.end <= part.start and one.intent not in TOLD]
    return before[-1] if before and before[-1].startswith(ANSWERABLE) else ""


def says_what_is_meant(text: str) -> bool:
    """Whether a part says only which one is meant, after another one: 'ich meine die SWCARs, die Londoner Taxis'."""
    said = [word.form for word in words(text)]
    means = bool(_MEANING.search(" ".join(said)))
    return means and not any(form in QUESTION_WORDS for form in said)


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


def _may_mean(named: Sequence[Named], before: Sequence[Named]) -> bool:
    """Whether everyday words of several meanings may mean what the part before is about ('... and those sensors')."""
    meant = {reference for one in before for reference in one.references}
    return (
        bool(named)
        and all(one.generic and len(one.references) > 1 for one in named)
        and any(meant.intersection(one.references) for one in named)
    )


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
        return named_in(turn, earlier[-1])
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
    if turn.text[part.start : part.end].rstrip().endswith((".", "?", "!")):
        return False
    said = words(turn.text[following.start : following.end])
    return asks_the_same and bool(named_in(turn, following)) and not any(w.form in QUESTION_WORDS for w in said)


def _is_put_as_question(text: str) -> bool:
    return "?" in text or any(word.form in QUESTION_WORDS for word in words(text))


def _only_names(text: str, turn: Turn, part: Part) -> bool:
    """Whether a part says names and nothing else, but for words that join or correct ('bitte', 'mein ich')."""
    spans = [(named.start, named.end) for named in named_in(turn, part)]
    places = [word.start + part.start for word in words(text) if word.form not in JOINING | CORRECTING]
    return all(any(start <= place < end for start, end in spans) for place in places)


def of_names(turn: Turn) -> List[Turn]:
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
