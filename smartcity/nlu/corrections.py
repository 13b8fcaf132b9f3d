"""What a message takes back in the middle: 'Wann fährt, äh nein, was kostet das SWCAR?', 'der Perso, sorry, der Pass'.

Where a question stands behind the correction, the question before it is taken back, without its names unless
others follow. Else it is the name before it, in favour of the one behind it.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import List, Optional, Sequence

from smartcity.knowledge.folding import words
from smartcity.nlu.refusals import ASKING, Span

_HESITATING = (
    r"(?:ä+h+m?|ö+h+m?|hm+|haha+|uh|um|er|ach|oh|ups+i?|oops|hoppla|mist|moment(?:\s+mal)?"
    r"|warte(?:n\s+sie)?|wait|stopp?|halt|obwohl|also)"
)
_TAKING_BACK = (
    r"(?:(?:oder\s+)?(?:nein|nee|ne|nö|no)|quatsch|quark|blödsinn|falsch|verschrieben|vertippt|korrektur"
    r"|correction|sorry|pardon|verzeihung|entschuldigung|entschuldige|unsinn|lol|falsch\s+gefragt|andersrum"
    r"|(?:doch\s+)?lieber(?!\s+(?:herr|bot|assistent))|doch\s+nicht|vergiss(?:\s+(?:das|es))?|streich(?:en\s+sie)?(?:\s+(?:das|es))?"
    r"|besser\s+gesagt|vielmehr|(?:oder\s+)?ich\s+mein(?:e|te)?|i\s+mean|i\s+meant|scratch\s+that|make\s+that|nicht\s+doch)"
)
_SURE = (
    r"(?:ich\s+korrigiere|korrektur|correction|quatsch|blödsinn|unsinn|irrtum(?:\s+meinerseits)?|falsch|umgekehrt|andersrum"
    r"|(?:(?:nein|pardon|verzeihung|entschuldigung|sorry)[\s,]+)?"
    r"(?:falsche[rs]?\s+(?:frage|wort|name|thema)|falsch\s+gefragt|wrong\s+(?:question|one|word))"
    r"|anders\s+gefragt|ich\s+frag(?:e)?\s+(?:besser|anders|lieber)|besser\s+gesagt|vielmehr|genauer\s+gesagt|soll\s+heißen"
    r"|(?:vergiss|vergessen\s+sie|streich(?:en)?|streichen\s+sie|lösch(?:e)?|löschen\s+sie|scratch|forget)"
    r"\s+(?:das|dat|es|die\s+frage|that)(?:\s+(?:wieder|bitte|mit\s+dem|mit\s+der)|\s+wann|\s+wo|\s+wer|\s+wie)?"
    r"|streichen|ich\s+nehm(?:e)?\s+das\s+zurück|ich\s+mein(?:e|te)?|i\s+mean|i\s+meant|gemeint\s+(?:war|ist|sind|waren)|nicht\s+doch)"
)
"""What takes back a whole question behind its question mark, too."""
_UNSIGNED = (
    r"(?:(?:vergiss|vergessen\s+sie|streich|streichen\s+sie|lösch|löschen\s+sie|scratch)\s+(?:das|dat|that)"
    r"(?:\s+(?:wann|wo|wer|wie|was))?"
    r"|falsche\s+frage|falsch\s+gefragt|ich\s+korrigiere|ich\s+nehm(?:e)?\s+das\s+zurück|(?:oder\s+)?besser\s+gesagt"
    r"|oder\s+vielmehr|wrong\s+question)"
)
"""What takes back without a sign before it."""
_ADDING = r"(?!\s*(?:und|auch|noch|and|also|plus)\b)"
"""'WLAN? Äh, und LoRaWAN?' takes nothing back."""
_COLOURING = rf"(?:{_HESITATING}|doch|eher|lieber|bitte|natürlich|sondern)"
_MARK = re.compile(
    rf"(?:[,;.!?…(–—-]|\.\.\.)\s*(?:{_HESITATING}[\s,.!]+){{0,4}}{_SURE}[\s,.:!…]+"
    rf"(?:{_COLOURING}[\s,.!:]+){{0,4}}{_ADDING}"
    rf"|(?:[,;.!…(–—-]|\.\.\.)\s*(?:{_HESITATING}[\s,.!]+){{0,4}}(?:{_TAKING_BACK}[\s,.:!…]+){{1,4}}"
    rf"(?:{_COLOURING}[\s,.!:]+){{0,4}}{_ADDING}"
    rf"|\s{_UNSIGNED}[\s,.:!…]+(?:{_COLOURING}[\s,.!:]+){{0,4}}{_ADDING}"
    rf"|(?:[,;.!?…–—-]|\.\.\.)\s*(?:ä+h+m?|ö+h+m?)[\s,.!]+{_ADDING}"
    # Without a sign, two such words in a row take back what one would only colour.
    rf"|\s(?:(?:{_HESITATING}|{_TAKING_BACK})\s+){{2,5}}{_ADDING}",
    re.IGNORECASE,
)
"""A correction between two parts of a message; hesitating alone is one where names or questions stand on both sides."""
_MEANT_LAST = re.compile(
    r"^[^.?!;]*?\b(?:mein(?:e|te)?\s+ich|hab(?:e)?\s+ich\s+gemeint|(?:war|ist|is)\s+gemeint|i\s+mean(?:t)?)\b",
    re.IGNORECASE,
)
"""How a clause goes on behind a name that corrects the one before: 'CityPilot – das Handyparken meinte ich'."""
_PAUSE, _STARRED = re.compile(r"^\s*(?:[,;.?!–—-]|\.\.\.)\s"), re.compile(r"^\s+\*$")
"""What stands between two names of which the second puts the first right; a star does so: 'KReathon *KRuiser'."""
_ASKS = re.compile(
    rf"^\W*(?:(?:ab|bis|seit|für|mit|von|an|in|auf|aus|bei|zu|nach|um)\s+)?(?:{ASKING}|wessen)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[.?!]\s+")
MOST_WORDS = 14
"""A question of more words is told, not begun and taken back."""
LONGEST = 60
"""In a message of more words nothing is looked for: the effort grows with the square of its length."""


def corrected(text: str, names: Sequence[Span]) -> List[Span]:
    """The places that a message takes back, without what corrects them; `names` are places of names."""
    found: List[Span] = []
    if len(words(text)) > LONGEST or len(text) > LONGEST * 20:
        return found
    for mark in _MARK.finditer(text):
        before, after = text[: mark.start()], text[mark.end() :]
        if (
            not words(before)
            or not words(after)
            or any(mark.start() < end and mark.end() > start for start, end in names)
        ):
            continue
        found += _question(text, mark, names) or _name(mark.start(), mark.end(), names)
    for (start, end), (following, last) in pairwise(names):
        between = text[end:following]
        if _STARRED.match(between):
            found.append((start, following))
        elif _PAUSE.match(between) and len(words(between)) <= 3 and _MEANT_LAST.match(text[last:]):
            found.append((start, end))
    return sorted(set(found))


def _question(text: str, mark: re.Match[str], names: Sequence[Span]) -> List[Span]:
    """The question before a correction that a question follows; its names stay where no other follows."""
    if not _ASKS.match(text[mark.end() :]):
        return []
    begun = max((cut.end() for cut in _SENTENCE.finditer(text, 0, mark.start())), default=0)
    said = text[begun : mark.start()]
    if not _begins_to_ask(said) or len(words(said)) > MOST_WORDS:
        return []
    end = _sentence_end(text, mark.end())
    if any(mark.end() <= start < end for start, _ in names):
        return [(begun, mark.end())]
    spans: List[Span] = []
    place = begun
    for start, last in [name for name in names if begun <= name[0] < mark.start()]:
        spans.append((place, start))
        place = last
    return [*spans, (place, mark.end())]


def _begins_to_ask(said: str) -> bool:
    """Whether a question word stands in what was begun."""
    return bool(re.search(rf"\b(?:{ASKING}|wessen)\b", said, re.IGNORECASE)) or "?" in said


def _sentence_end(text: str, start: int) -> int:
    cut = re.search(r"[.?!](?=\s|$)", text[start:])
    return start + cut.end() if cut else len(text)


def _name(start: int, end: int, names: Sequence[Span]) -> List[Span]:
    """The name before a correction, where one follows."""
    earlier: Optional[Span] = next((name for name in reversed(names) if name[1] <= start), None)
    later = next((name for name in names if name[0] >= end), None)
    return [earlier, (start, end)] if earlier and later else []
