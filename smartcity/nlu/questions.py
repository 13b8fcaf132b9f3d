"""Where one message holds several questions, and which of its parts are unwanted.

'Was kostet das SWCAR und wo fährt es?' has two parts; of 'nicht den Preis, die Adresse' the first
is negated. Parts are places in the text: names are never cut.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import List, Sequence

from smartcity.knowledge.folding import words
from smartcity.nlu.features import MASKS
from smartcity.nlu.refusals import ASKING, Span, within

MOST_PARTS = 6
"""A message of more parts is a story, not a list of questions."""
MOST_WORDS = 60
SHORT_PART, SHORT_MESSAGE = 4, 10
"""Words of a part without a verb ('Preis und Ort vom KRuiser') and of the message around it."""

_PREPOSITIONS = (
    r"(?:für|fuer|fur|mit|von|an|in|im|auf|aus|bei|zu|seit|ab|bis|nach|um|unter|since|for|until|from|by|at|to|with)"
)
_CUT = re.compile(
    r"[?!;\n]+"
    r"|(?<=\w{4})\.(?=\s+\w)"
    r"|(?<=\w):(?=\s)"
    r"|,?\s+(?:(?:und|and)\s+)?(?:wenn|falls|if)\s+(?:ja|so|yes)\b,?"
    r"|(?:,|\s[–—-])?\s+\b(?:und|un|u|sowie|sondern|and|plus)\b(?:\s+(?:auch|dann|ausserdem|außerdem|also))?"
    r"|\s[&+]\s"
    rf"|,(?=\s+(?:und\s+)?(?:{_PREPOSITIONS}\s+)?{ASKING}\b)"
    r"|,(?=\s+(?:nicht|nich|nix|not|kein(?:e|en)?)\b)",
    re.IGNORECASE,
)
_COMMA = re.compile(r",(?=\s)|\s[–—-]\s")
_BEGINNING = (
    r"^\W*(?:(?:nein|nee|ne|nö|no|ich|wir|i|bitte|aber|und|doch|äh|ähm|ach|oh|hoppla|upps?|ups|sorry|stopp?|halt)"
    r"\W+)*"
)
_NEGATED = re.compile(
    _BEGINNING + r"(?:(?:will|wollen|wollte|möchte|moechte|mochte|brauche?|suche?|meinte|frage?"
    r"|meine?(?=\s+(?:\w+\s+)?(?:nicht|nich|kein)))\b"
    r"[^?]*?\b(?:kein(?:e|en|er)?|nicht|nich|nix)"
    r"|(?:sag|sage|sagen|erzähl|erzähle|erzählen|erzaehlen|erklär|erkläre|erklären|erklaeren|nenn|nennen|tell|show)\b"
    r"(?:\s+(?:sie|mir|uns|me|us|jetzt|bitte))*\s+(?:nicht|nich)|don'?t\s+(?:tell|show)|nicht|nich|nix|kein(?:e|en)?"
    r"|(?:i|we)\s+(?:do\s+not|don'?t|did\s+not|didn'?t)\s+(?:want|need|mean|care)|(?:i'?m|i\s+am|we'?re)\s+not\s+asking|not)\b"
    r"(?!\s+(?:mehr|nur|only|wahr|verst\w*|schlecht|so|gut|sicher|any\s?more))",
    re.IGNORECASE,
)
_REFUSED_QUESTION = re.compile(
    _BEGINNING + r"(?:[^?]*?\b(?:nicht|nich)\W+(?:wissen\W+|fragen\W+|wieder\W+erklären\W+)?"
    rf"|not\s+|i'?m\s+not\s+asking\s+|don'?t\s+(?:tell|show)\s+(?:me|us)\s+|don'?t\s+care\s+){ASKING}\b",
    re.IGNORECASE,
)
"""A refusal of a question: its names are meant all the same ('nicht was das ZfdL hat, sondern wo es ist')."""
_NOT_TO_HEAR = re.compile(r"\b(?:wissen|hören|hoeren|horen|erfahren|nicht|know|hear|me|us)\W*$", re.IGNORECASE)
"""How a refusal ends whose object is the question after it ('ich will nicht wissen, was ...')."""
_QUESTION = frozenset(
    """
    wer wie wo wann was wat warum wieso weshalb welche welcher welches welchen welchem wen wem woher wohin womit
    wofur wieviel wieviele ab bis seit kann kannst konnen konnt darf durfen muss mussen soll gibt gibts gab ist sind
    war hat haben habt kostet kosten braucht brauche findet steht lauft fahrt macht bietet gilt
    nenne nennen sag sagt sagen zeig zeigen erklar erklare erklaren since wozu
    who what when where why how which whose is are was were can could do does did
    may must should has have will would tell show
    """.split()
)
_INDIRECT = frozenset(
    """
    wer wie wo wann was wat warum wieso weshalb welche welcher welches wozu wofur wieviel ob
    who what when where why how which whose if
    """.split()
)
_PERSONS = frozenset("ich wir mein meine mich i we my das die der".split())
"""How a statement begins: where something is asked, a short one is no question of its own."""
_SUBJECTS = frozenset("das der die es er sie man ich wir ihr mein meine unser unsere ein eine".split())
_NO_VERBS = frozenset(
    "gut nicht mit seit jetzt sonst vielleicht zuletzt zuerst nachts erst bereits neben zwischen".split()
)
"""Words that end as verbs do and may stand before a subject."""
_TELLING = frozenset("sag sage sagen sagt erklar erklare erklaren zeig zeigen sie mir uns tell show me us".split())
_BEFORE_ASKING = frozenset(
    "fur mit von an in im auf aus bei zu seit ab bis nach um unter since for until from by at to with".split()
)
_FILLERS = frozenset(
    """
    und auch dann also hallo hi hey bitte sowie and please ok okay ja nein danke moin guten tag ich wir will mochte
    wollte wurde hatte gern gerne wissen nur einfach mal noch lieber sondern i want to know just m am asking ask frage
    quatsch hoppla ups upps ah ach oh so sorry mensch halt stop moment falsch andersrum vertippt pardon correction
    """.split()
)


_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_INITIATIVE = "xinitiativex"


@dataclass(frozen=True)
class Part:
    """A part of a text, by character offsets.

    `negated` where the citizen does not want it, `asks` where it is put as a question.
    """

    start: int
    end: int
    negated: bool = False
    asks: bool = False


def told_question(masked: str, least_words: int) -> str:
    """The one question of a masked text that tells a story around it, with the name that it is about; else ''."""
    sentences = [sentence for sentence in _SENTENCE_END.split(masked) if words(sentence)]
    asked = [sentence for sentence in sentences if sentence.rstrip().endswith("?")]
    if len(sentences) < 2 or len(asked) != 1 or len(words(masked)) < least_words:
        return ""
    named = _INITIATIVE in masked and MASKS.isdisjoint(word.form for word in words(asked[0]))
    return f"{asked[0]} {_INITIATIVE}" if named else asked[0]


def divide(text: str, names: Sequence[Span] = (), refused: Sequence[Span] = ()) -> List[Part]:
    """The parts of a text that ask or refuse something; none for a message that is one question.

    `names` are places that are never cut; `refused` are places of names that are not meant.
    """
    if len(words(text)) > MOST_WORDS:
        return []
    spans = _spans(text, names, refused)
    if len(spans) > MOST_PARTS:
        return []
    small = _length(text, 0, len(text), names) <= SHORT_MESSAGE
    asking = any(_asks(text[start:end]) for start, end in spans)
    parts: List[Part] = []
    other: List[Part] = []
    before = 0
    for start, end in spans:
        said = text[start:end]
        negated = _refuses(said, [name for name in names if start <= name[0] < end], start, refused)
        if (
            parts
            and parts[-1].negated
            and parts[-1].end == before
            and _NOT_TO_HEAR.search(text[parts[-1].start : before])
        ):
            negated = negated or _asks_indirectly(said)
        before = end
        forms = [word.form for word in words(said)]
        fillers = all(form in _FILLERS or form in _TELLING for form in forms)
        # What stands before a colon is what is asked about: 'Die Umfrage, wo man ankreuzen sollte: wer war das?'
        told = text[end:].startswith(":")
        named_first = any(start <= first < end and not words(text[start:first]) for first, _ in names)
        put = _asks(said) or _asks_after_name(text, start, end, names)
        more_follows = "?" in text[end:] or any(_asks_indirectly(text[a:b]) for a, b in spans if a >= end)
        put = put or (not named_first and more_follows and _is_inverted(said))
        put = put and not _is_relative(text, start, end, spans)
        asks = not (negated or told or fillers) and (put or _follows_refusal(parts, said))
        short = small and not told and not fillers and _length(text, start, end, names) <= SHORT_PART
        names_only = asking and (forms[0] in _PERSONS or any(start <= place < end for place, _ in refused))
        if negated or asks or (short and not names_only):
            parts.append(Part(_question_of(text, start, end) if asks else start, end, negated, asks))
        elif not fillers:
            other.append(Part(start, end))
    wanted = [part for part in parts if not part.negated]
    if parts and not wanted and other and other[-1].start > parts[-1].start:
        # What is said last after a refusal is what is wanted, however it is put.
        parts.append(other[-1])
        return parts
    return parts if len(wanted) > 1 or len(wanted) < len(parts) else []


def _is_relative(text: str, start: int, end: int, spans: Sequence[Span]) -> bool:
    """Whether a part goes on about a thing named before it: 'Es gibt einen Kurs, wo Kinder löten. Ab welchem Alter?'

    It stands after a comma, ends with a full stop, and a question follows; 'ich will wissen, wo das ist' tells nothing
    before its comma.
    """
    before = [text[a:b] for a, b in spans if b < start]
    if (
        not before
        or not text[start : end + 1].rstrip().endswith(".")
        or "?" not in text[end:]
        or not text[:start].rstrip().endswith(",")
    ):
        return False
    return any(word.form not in _FILLERS and word.form not in _TELLING for word in words(before[-1]))


def _follows_refusal(parts: Sequence[Part], said: str) -> bool:
    """Whether a part is what is asked in place of what the one before refuses ('..., sondern ob es noch läuft')."""
    rest = [word.form for word in words(said) if word.form not in _FILLERS]
    return bool(parts) and parts[-1].negated and bool(rest) and rest[0] in _INDIRECT


def _question_of(text: str, start: int, end: int) -> int:
    """Where the question begins in a part such as ' ich will wissen, wer das baut' or 'tell me who builds it'."""
    for number, word in enumerate(words(text[start:end])):
        if word.form in _INDIRECT and number:
            return start + word.start
        if word.form not in _FILLERS and word.form not in _TELLING:
            break
    return start


def _spans(text: str, names: Sequence[Span], refused: Sequence[Span]) -> List[Span]:
    """The text between its cuts; where something is refused, it is cut at its commas, too."""
    cuts = [match for match in _CUT.finditer(text) if not _over(match, names) and not _joins_words(text, match, names)]
    if refused or _NEGATED.match(text):
        cuts += [match for match in _COMMA.finditer(text) if not _over(match, names)]
    starts, ends = [0], []
    for cut in sorted(cuts, key=lambda cut: cut.start()):
        if cut.start() >= starts[-1]:
            ends.append(cut.end() if text[cut.start() : cut.end()].strip().startswith("?") else cut.start())
            starts.append(cut.end())
    return [(start, end) for start, end in zip(starts, [*ends, len(text)]) if words(text[start:end])]


def _joins_words(text: str, cut: re.Match[str], names: Sequence[Span]) -> bool:
    """Whether 'und' joins two things of one question: 'die Zuschüsse von Bund und Land für die Busse'."""
    if not cut.group().strip().isalpha() or cut.group().strip().casefold() == "sondern":
        return False
    following = _CUT.search(text, cut.end())
    end = following.start() if following else len(text)
    forms = [word.form for word in words(text[cut.end() : end])]
    if forms[:1] == ["ohne"]:
        return True
    if _length(text, cut.end(), end, names) <= SHORT_PART or forms[0] in _BEFORE_ASKING | _FILLERS:
        return False
    return not (forms[0] in _QUESTION or _is_inverted(text[cut.end() : end]))


def _refuses(said: str, names: Sequence[Span], start: int, refused: Sequence[Span]) -> bool:
    """Whether a part refuses something: all that it names, or a question, or what has no name."""
    if names and all(within(name[0], refused) for name in names):
        return not _asks(said)
    return bool(_NEGATED.match(said)) and (not names or bool(_REFUSED_QUESTION.match(said)))


def _over(cut: re.Match[str], names: Sequence[Span]) -> bool:
    return any(cut.start() < name_end and cut.end() > name_start for name_start, name_end in names)


def _length(text: str, start: int, end: int, names: Sequence[Span]) -> int:
    """Words of a part, where a name counts as one."""
    within = [name for name in names if start <= name[0] < end]
    places = [word.start + start for word in words(text[start:end])]
    return len(within) + sum(not any(first <= place < last for first, last in within) for place in places)


def _asks_after_name(text: str, start: int, end: int, names: Sequence[Span]) -> bool:
    """Whether a part asks after the name that it begins with: 'CityPilot - which street was it on'."""
    opening = [last for first, last in sorted(names) if start <= first < end and not words(text[start:first])]
    forms = [word.form for word in words(text[opening[0] : end])] if opening else []
    return bool(forms) and forms[0] in _INDIRECT


def _is_inverted(said: str) -> bool:
    """Whether a part begins with its verb, as a question does: 'Speichert das Portal ...'."""
    forms = [word.form for word in words(said)]
    verb = len(forms) > 2 and forms[0].endswith(("t", "en")) and forms[0] not in _NO_VERBS
    return verb and forms[1] in _SUBJECTS


def _asks_indirectly(text: str) -> bool:
    """Whether a part begins with a question word and ends without a question mark, as after 'ich will nicht wissen'."""
    forms = [word.form for word in words(text)]
    return bool(forms) and forms[0] in _INDIRECT and "?" not in text


def _asks(text: str) -> bool:
    """Whether a part is put as a question: by its sign or by how it begins."""
    forms = [word.form for word in words(text)]
    while forms and forms[0] in _FILLERS:
        forms = forms[1:]
    if len(forms) > 1 and forms[0] in _BEFORE_ASKING:
        return "?" in text or forms[1] in _INDIRECT or forms[1] in ("wen", "wem", "welcher", "welchen", "welchem")
    return bool(forms) and ("?" in text or forms[0] in _QUESTION)
