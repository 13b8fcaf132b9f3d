"""Where one message holds several questions, and which of its parts are unwanted.

'Was kostet das SWCAR und wo fährt es?' has two parts; of 'nicht den Preis, die Adresse' the first
is negated. Parts are places in the text: names are never cut.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import List, Sequence, Tuple

from smartcity.knowledge.folding import words

MOST_PARTS = 6
"""A message of more parts is a story, not a list of questions."""
MOST_WORDS = 60
SHORT_PART, SHORT_MESSAGE = 4, 10
"""Words of a part without a verb ('Preis und Ort vom KRuiser') and of the message around it."""

_CUT = re.compile(
    r"[?!;\n]+"
    r"|(?<=\w{4})\.(?=\s+\w)"
    r"|(?:,|\s[–—-])?\s+\b(?:und|un|u|sowie|sondern|and|plus)\b(?:\s+(?:auch|dann|ausserdem|außerdem|also))?"
    r"|\s[&+]\s"
    r"|,(?=\s+(?:und\s+)?(?:wer|wie|wo|wann|was|warum|wieso|welche[rsmn]?|wohin|who|how|where|when|what|why|which)\b)",
    re.IGNORECASE,
)
_COMMA = re.compile(r",(?=\s)")
_NEGATED = re.compile(
    r"^\W*(?:(?:nein|nee|no|ich|wir|bitte|aber|und|doch)\W+)*"
    r"(?:(?:will|wollen|wollte|möchte|moechte|mochte|brauche?|suche?|meine?|meinte|frage?)\b[^?]*?\b(?:kein(?:e|en|er)?|nicht)"
    r"|(?:sag|sage|sagen|erzähl|erzähle|erzählen|erzaehlen|erklär|erkläre|erklären|erklaeren|nenn|nennen|tell|show)\b"
    r"(?:\s+(?:sie|mir|uns|me|us|jetzt|bitte))*\s+nicht|don'?t\s+(?:tell|show)|nicht|kein(?:e|en)?|(?:i|we)\s+(?:do\s+not|don'?t|did\s+not|didn'?t)\s+(?:want|need|mean)|not)\b"
    r"(?!\s+(?:mehr|nur|only|wahr|verst\w*|schlecht|so|gut|sicher|any\s?more))",
    re.IGNORECASE,
)
_NOT_TO_HEAR = re.compile(r"\b(?:wissen|hören|hoeren|horen|erfahren|nicht|know|hear|me|us)\W*$", re.IGNORECASE)
"""How a refusal ends whose object is the question after it ('ich will nicht wissen, was ...')."""
_QUESTION = frozenset(
    """
    wer wie wo wann was wat warum wieso weshalb welche welcher welches welchen welchem wen wem woher wohin womit
    wofur wieviel wieviele ab bis seit kann kannst konnen konnt darf durfen muss mussen soll gibt gibts gab ist sind
    war hat haben habt kostet kosten braucht brauche findet steht lauft fahrt macht bietet gilt nenne nennen sag sagen
    zeig zeigen erklar erklare erklaren who what when where why how which whose is are was were can could do does did
    may must should has have will would tell show
    """.split()
)
_INDIRECT = frozenset(
    """
    wer wie wo wann was warum wieso weshalb welche welcher welches wozu wofur wieviel ob who what when where why how if
    """.split()
)
_FILLERS = frozenset(
    """
    und auch dann also hallo hi hey bitte sowie and please ok okay ja nein danke moin guten tag ich wir will mochte
    wollte wurde hatte gern gerne wissen nur einfach mal noch lieber sondern i want to know just
    """.split()
)


@dataclass(frozen=True)
class Part:
    """A part of a text, by character offsets; `negated` where the citizen does not want it."""

    start: int
    end: int
    negated: bool = False


def divide(text: str, names: Sequence[Tuple[int, int]] = ()) -> List[Part]:
    """The parts of a text that ask or refuse something; none for a message that is one question.

    `names` are places (start, end) that are never cut.
    """
    if len(words(text)) > MOST_WORDS:
        return []
    cuts = [match for match in _CUT.finditer(text) if not _within(match.start(), match.end(), names)]
    refuses = bool(_NEGATED.match(text))
    if refuses:
        cuts += [m for m in _COMMA.finditer(text) if not _within(m.start(), m.end(), names)]
    starts, ends = [0], []
    for cut in sorted(cuts, key=lambda cut: cut.start()):
        if cut.start() >= starts[-1]:
            ends.append(cut.end() if text[cut.start() : cut.end()].strip().startswith("?") else cut.start())
            starts.append(cut.end())
    spans = [(start, end) for start, end in zip(starts, [*ends, len(text)]) if words(text[start:end])]
    if len(spans) > MOST_PARTS:
        return []
    small = _length(text, 0, len(text), names) <= SHORT_MESSAGE
    parts: List[Part] = []
    other: List[Part] = []
    before = 0
    for start, end in spans:
        negated = bool(_NEGATED.match(text[start:end])) and not _names_within(start, end, names)
        if (
            parts
            and parts[-1].negated
            and parts[-1].end == before
            and _NOT_TO_HEAR.search(text[parts[-1].start : before])
        ):
            negated = negated or _asks_indirectly(text[start:end])
        before = end
        fillers = all(word.form in _FILLERS for word in words(text[start:end]))
        if (
            negated
            or _asks(text[start:end])
            or (small and not fillers and _length(text, start, end, names) <= SHORT_PART)
        ):
            parts.append(Part(start, end, negated))
        elif not fillers:
            other.append(Part(start, end))
    wanted = [part for part in parts if not part.negated]
    if parts and not wanted and other and other[-1].start > parts[-1].start:
        # What is said last after a refusal is what is wanted, however it is put.
        parts.append(other[-1])
        return parts
    return parts if len(wanted) > 1 or len(wanted) < len(parts) else []


def _within(start: int, end: int, names: Sequence[Tuple[int, int]]) -> bool:
    return any(start < name_end and end > name_start for name_start, name_end in names)


def _names_within(start: int, end: int, names: Sequence[Tuple[int, int]]) -> bool:
    return any(start <= name_start < end for name_start, _ in names)


def _length(text: str, start: int, end: int, names: Sequence[Tuple[int, int]]) -> int:
    """Words of a part, where a name counts as one."""
    within = [name for name in names if start <= name[0] < end]
    places = [word.start + start for word in words(text[start:end])]
    return len(within) + sum(not any(first <= place < last for first, last in within) for place in places)


def _asks_indirectly(text: str) -> bool:
    """Whether a part begins with a question word and ends without a question mark, as after 'ich will nicht wissen'."""
    forms = [word.form for word in words(text)]
    return bool(forms) and forms[0] in _INDIRECT and "?" not in text


def _asks(text: str) -> bool:
    """Whether a part is put as a question: by its sign or by how it begins."""
    forms = [word.form for word in words(text)]
    while forms and forms[0] in _FILLERS:
        forms = forms[1:]
    return bool(forms) and ("?" in text or forms[0] in _QUESTION)
