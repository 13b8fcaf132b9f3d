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
    r"(?:ä+h+m?|ö+h+m?|hm+|haha+|uh|um(?!\s+(?:wie|was|wel))|er|ach|oh|ups+i?|oops|hoppla|mist|moment(?:\s+mal)?"
    r"|warte(?:n\s+sie)?|wait|stopp?|halt|obwohl|also)"
)
_TAKING_BACK = (
    r"(?:(?:oder\s+)?(?:nein|nee|ne|nö|no)|quatsch|quark|blödsinn|falsch|verschrieben|vertippt|korrektur"
    r"|correction|sorry|pardon|verzeihung|entschuldigung|entschuldige|unsinn|lol|falsch\s+gefragt|andersrum"
    r"|(?:doch\s+)?lieber(?!\s+(?:herr|bot|assistent))|doch\s+nicht|vergiss(?:\s+(?:das|es))?|streich(?:en\s+sie)?(?:\s+(?:das|es))?"
    r"|besser\s+gesagt|vielmehr|(?:oder\s+)?ich\s+mein(?:e|te)?|i\s+mean|i\s+meant|scratch\s+that|make\s+that|nicht\s+doch)"
)
_SURE = (
    r"(?:ich\s+korrigiere|anders\s+gefragt|ich\s+frag(?:e)?\s+(?:besser|anders|lieber)|besser\s+gesagt|vielmehr"
    r"|genauer\s+gesagt|soll\s+heißen|ich\s+nehm(?:e)?\s+das\s+zurück|ich\s+mein(?:e|te)?|i\s+mean|i\s+meant"
    r"|gemeint\s+(?:war|ist|sind|waren)|nicht\s+doch|(?:(?:nein|pardon|verzeihung|entschuldigung|sorry)[\s,]+)?"
    r"(?:falsche[rs]?\s+(?:frage|wort|name|thema)|falsch\s+gefragt|wrong\s+(?:question|word)))"
)
"""What takes back a question behind its question mark, too."""
_FORGET = r"(?:vergiss|vergessen\s+sie|streich|streichen\s+sie|scratch|forget)\s+(?:das|dat|die\s+frage|that)"
_SURE_WITH_SIGN = (
    rf"(?:(?:{_FORGET}|streichen|korrektur|correction|irrtum(?:\s+meinerseits)?|falsch|umgekehrt|andersrum)"
    rf"(?=\s*[,.:;!…–-])|{_FORGET}(?=\s+{ASKING}\b))"
)
"""The same where a sign or a question follows: 'vergiss das SWCAR nicht' takes nothing back."""
_UNSIGNED = (
    rf"(?:{_FORGET}(?=\s*[,.:;!…–-]|\s+{ASKING}\b)(?:\s+{ASKING}(?=[,.:;!]))?"
    r"|falsche\s+frage|falsch\s+gefragt|ich\s+korrigiere|ich\s+nehm(?:e)?\s+das\s+zurück|(?:oder\s+)?besser\s+gesagt"
    r"|oder\s+vielmehr|wrong\s+question)"
)
"""What takes back without a sign before it."""
_ADDING = r"(?!\s*(?:und|auch|noch|and|also|plus)\b)"
"""'WLAN? Äh, und LoRaWAN?' takes nothing back."""
_COLOURING = rf"(?:{_HESITATING}|doch|eher|lieber|bitte|natürlich|sondern)"
_MARK = re.compile(
    rf"(?:[,;.!?…(–—-]|\.\.\.)\s*(?:{_HESITATING}[\s,.!]+){{0,4}}(?:{_SURE}|{_SURE_WITH_SIGN})[\s,.:!…]+"
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
_PAUSE, _STARRED = re.compile(r"^\s*(?:[,;–—-]|\.\.\.)\s"), re.compile(r"^ +\*$")
"""What stands between two names of which the second puts the first right; a star does so: 'KReathon *KRuiser'."""
_SENTENCE_ENDS = re.compile(r"^\s*[.?!]\s")
_MEANT_BEHIND = re.compile(r"^\s*(?:mein(?:e|te)?\s+ich|hab(?:e)?\s+ich\s+gemeint)(?:\s+natürlich)?\W*$", re.IGNORECASE)
"""The same after the end of a sentence, where nothing else may follow: 'Was kostet der KRuiser? SWCAR meinte ich'."""
_ASKS = re.compile(
    rf"^\W*(?:(?:ab|bis|seit|für|mit|von|an|in|auf|aus|bei|zu|nach|um)\s+)?(?:{ASKING}|wessen)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[.?!]\s+")
_HESITATES = re.compile(rf"\W*(?:{_HESITATING}\W*)+", re.IGNORECASE)
_GOES_ON = re.compile(r"[.?!)]|\b(?:und|and)\b", re.IGNORECASE)
"""What stands between a remark and a name that it does not put in place of another: '(ich meine pro Stunde) und ...'"""
MOST_BETWEEN = 4
"""Words between such a remark and the name that is meant."""
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
        found += _question(text, mark, names) or _name(text, mark, names)
    for (start, end), (following, last) in pairwise(names):
        between = text[end:following]
        meant = _MEANT_BEHIND if _SENTENCE_ENDS.match(between) else _MEANT_LAST if _PAUSE.match(between) else None
        if _STARRED.match(between) and text.count("*") == 1:
            found.append((start, following))
        elif meant and len(words(between)) <= 3 and meant.match(text[last:]):
            found.append((start, end))
    return sorted(set(found))


def _question(text: str, mark: re.Match[str], names: Sequence[Span]) -> List[Span]:
    """The question before a correction that a question follows; its names stay where no other follows."""
    if not _ASKS.match(text[mark.end() :]):
        return []
    begun = max((cut.end() for cut in _SENTENCE.finditer(text, 0, mark.start())), default=0)
    asked = mark.group().startswith("?") and not _HESITATES.fullmatch(mark.group())
    said = text[begun : mark.start() + asked]
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


def _name(text: str, mark: re.Match[str], names: Sequence[Span]) -> List[Span]:
    """The name before a correction, where one follows; behind a question mark or in brackets, where it does at once."""
    earlier: Optional[Span] = next((name for name in reversed(names) if name[1] <= mark.start()), None)
    later = next((name for name in names if name[0] >= mark.end()), None)
    if earlier is None or later is None:
        return []
    between = text[mark.end() : later[0]]
    apart = len(words(between)) > MOST_BETWEEN or _GOES_ON.search(between)
    return [] if mark.group()[0] in "?(" and apart else [earlier, mark.span()]
