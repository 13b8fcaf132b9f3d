"""What a message says it does not mean: 'nicht KReathon, KRuiser', 'von Rollern will ich nix hören, ...'.

Refused are places of the text. The names in them are not what is asked about, and the rest of the
message says what is.
"""

from __future__ import annotations

import re
from typing import List, Sequence, Tuple

from smartcity.knowledge.folding import words

Span = Tuple[int, int]
"""Start and end, in characters."""

NEGATORS = r"(?:nicht|nich|nix|nichts|net|nit|kein(?:e[nmrs]?)?|not|no|never)"
"""Words that refuse what follows them."""
ASKING = (
    r"(?:wer|wen|wem|wie|wieviele?|wo|wann|was|wat|warum|wieso|weshalb|wozu|welche[rsmn]?|wohin|woher|wofür|wofuer|ob"
    r"|who|how|where|when|what|why|which|whether)"
)
"""Words that begin a question, direct or not."""

_CLAUSE = re.compile(r"[.,;:!?\n]+(?=\s|$)|\s[–—-]\s|\b(?:sondern|aber|but)\b", re.IGNORECASE)
_BEFORE = re.compile(
    rf"(?:\b{NEGATORS}|\b(?:statt|anstatt|außer|ausser|anstelle\s+(?:von|des|der)|rather\s+than|instead\s+of))"
    r"(?:\s+\w+)?\s*$"
    r"|\b(?:don'?t|do\s+not|didn'?t|did\s+not|nicht)\s+(?:mean|want|talk(?:ing)?\s+about|ask\s+about)\b.*$",
    re.IGNORECASE | re.DOTALL,
)
"""How a text ends before a name that is refused."""
_DENYING = re.compile(rf"^{NEGATORS}\b", re.IGNORECASE)
_AFTER = re.compile(
    r"^\W*(?:(?:ist|is|war|wär|wäre|sind|das|mir|uns|hier)\s+)*"
    r"(?:egal|wurscht|wumpe|schnuppe|falsch|unwichtig|wrong"
    r"|(?:stimmt|meine?|meinte|mein|brauch|brauche|will|wollte|such|suche|interessiert|passt|is|was)\s+"
    r"(?:(?:ich|wir|mich|uns|mir|ja|doch|gar|auch|jetzt|gerade)\s+)*(?:nicht|nich|nix|nichts|net|not)\b"
    r"|(?:nicht|nich|not)\s+(?:gemeint|gefragt|meant)"
    r"|(?:geht|gehen)\s+(?:mir|uns)\s+(?:\w+\s+){0,3}vorbei|(?:kann|können)\s+(?:mir|uns)\s+gestohlen\s+bleiben"
    r"|juck(?:t|en)\s+(?:mich|uns)\s+(?:nicht|nich|nix|net)|hab(?:e|en)?\s+(?:ich|wir)\s+(?:nix|nichts)\s+am\s+hut)",
    re.IGNORECASE,
)
"""How a clause goes on after a name that is refused."""
_ABOUT = re.compile(
    r"\b(?:(?:mir|uns|jetzt|nur|eigentlich)\s+geht\s*(?:'?s|es)?|geht\s*(?:'?s|es)\s+(?:mir|uns|jetzt|nur|eigentlich)"
    r"|(?<![^.!;,]\s)es\s+geht)\s+(?:(?:es|mir|uns|jetzt|nur|eigentlich)\s+)*um\b(?:\s+\w+){0,2}\s*$",
    re.IGNORECASE,
)
"""How a text ends before the name that it is about, whatever it named before: 'Es geht mir um das SWCAR'."""
_ASKED = re.compile(rf"\b(?:{ASKING}|an|bei|beim|frage)\b|\?", re.IGNORECASE)
"""What a clause holds whose name is asked about, whatever follows: 'Wann hat der Bürgerservice auf? Es geht um ...'"""
_CORRECTED = re.compile(r"^\s*(?:→|[-=]+>)")
"""'KRuiser → KReathon'."""
_WHOLE = re.compile(
    r"^\W*(?:(?:nein|nee|ne|nö|no|ich|wir|i|bitte|und|doch|äh|ach|so|oh|hoppla|upps?|ups|sorry|have|hab|habe|brauche?|will|wollte)\W+)*"
    rf"{NEGATORS}\b(?!\W+(?:mehr|nur|only|{ASKING}\b))",
    re.IGNORECASE,
)
"""How a clause begins that refuses all that it names."""


def refusals(text: str, names: Sequence[Span]) -> List[Span]:
    """The places that refuse a name, with the name; none when no name would be left."""
    clauses = _clauses(text, names)
    found: List[Span] = []
    position = 0
    for number, (start, end) in enumerate(names):
        following = names[number + 1][0] if number + 1 < len(names) else len(text)
        first, last = next(((a, b) for a, b in clauses if a <= start < b), (0, len(text)))
        before = _BEFORE.search(text[position:start])
        asked = text[last : last + 1] == "?"
        whole = None if asked else _WHOLE.match(text[first:last])
        after = _AFTER.match(text[end : min(following, last)])
        if before and asked and _DENYING.search(before.group()) and words(text[first : position + before.start()]):
            before = None  # 'Braucht man keinen Führerschein?' refuses nothing
        if whole and first + whole.end() <= start:
            found.append((first, last))
        elif before:
            found.append((position + before.start(), end))
        elif after:
            found.append((first, end + after.end()))
        elif _CORRECTED.match(text[end:following]):
            found.append((start, end))
        position = end
    abouts = [about.start() for start, _ in names if (about := _ABOUT.search(text[:start]))]
    told = text[: abouts[-1]] if abouts else ""
    if told and not _ASKED.search(told):
        found += [name for name in names if name[1] <= len(told) and not within(name[0], found)]
    left = [name for name in names if not within(name[0], found)]
    return found if left else []


def within(place: int, spans: Sequence[Span]) -> bool:
    """Whether a character lies in one of the spans."""
    return any(start <= place < end for start, end in spans)


def without(text: str, spans: Sequence[Span]) -> str:
    """The text with blanks in place of the spans; its other places stay where they are."""
    for start, end in spans:
        end = min(end, len(text))
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _clauses(text: str, names: Sequence[Span]) -> List[Span]:
    cuts = [
        match
        for match in _CLAUSE.finditer(text)
        if not any(match.start() < end and match.end() > start for start, end in names)
    ]
    return list(zip([0, *(cut.end() for cut in cuts)], [*(cut.start() for cut in cuts), len(text)]))
