"""Where a message may be divided: at its signs, and before words that join, take back or ask."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import List, Tuple

from smartcity.knowledge.folding import forms_of
from smartcity.nlu.refusals import ASKING

_SIGN = re.compile(r"[?!;:,…\n]+|\.+(?=\s|$)|\s[–—-]+(?=\s)|(?<=\w)[–—](?=\s)|[()]|(?:→|[-=]+>)")
_PREPOSITION = r"(?:ab|bis|seit|für|fuer|mit|von|an|in|auf|aus|bei|zu|nach|um|since|for|until|from|by|at|to|with)"
_NO_NOUN = "".join(rf"(?<!\b{word}\s)" for word in "der den dem ein ganze dieser diesen totaler".split())
"""Not behind these words: 'der ganze Quatsch' takes nothing back."""
_JOINING = re.compile(
    r"\s(?=(?:und|un|u|oder|sowie|sondern|aber|and|or|but|plus|statt|anstatt)\b|[&+]\s)"
    r"|\s(?=(?:ä+h+m?|ö+h+m?|ach|nein|nee|ne|sorry|sry|moment|stopp?|hoppla|ups|oh|wait|actually|scratch)\b)"
    rf"|\s(?={_NO_NOUN}quatsch\b)"
    r"|\s(?=(?:ich|i)\s+(?:mein|meine|meinte|mean|meant)\b)"
    rf"|\s(?=(?:{_PREPOSITION}\s+)?{ASKING}\b)",
    re.IGNORECASE,
)

_LEADING = frozenset(
    "und un u oder sowie sondern aber and or but plus ab bis seit fur mit von an in auf aus bei zu nach um since for"
    " until from by at to with auch noch".split()
)
"""Words that begin a segment and are none by themselves: 'und ab wann'."""


@dataclass(frozen=True)
class Segment:
    """A stretch of a text, by character offsets; `sign` is what ends it ('' where the next begins with a word)."""

    start: int
    end: int
    sign: str


def segments(text: str) -> List[Segment]:
    """The text, all of it, between the places where it may be divided; each holds a word, but for a text without."""
    cuts: List[Tuple[int, str]] = [(match.end(), match.group().strip()) for match in _SIGN.finditer(text)]
    cuts += [(match.end(), "") for match in _JOINING.finditer(text)]
    found: List[Segment] = []
    start = 0
    for place, sign in [*sorted(cuts), (len(text), "")]:
        forms = forms_of(text[start:place])
        if forms and not sign and place < len(text) and _LEADING.issuperset(forms):
            continue
        if forms:
            found.append(Segment(start, place, sign))
            start = place
        elif found and place > start:
            # signs in a row end the same segment
            found[-1] = Segment(found[-1].start, place, found[-1].sign + sign)
            start = place
    return found or [Segment(0, len(text), "")]
