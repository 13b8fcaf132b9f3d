"""Finders of names and dates of birth: by the words that announce them, in German and English."""

from __future__ import annotations

import re
from collections.abc import Iterator

from smartcity.privacy.given_names import GIVEN_NAMES
from smartcity.privacy.spans import BIRTH, NAME, Span
from smartcity.privacy.words import COMMON

_MOST = 4
"""Words of a name at most, particles not counted."""
_TOKEN = re.compile(r"[^\W\d_](?:[^\W\d_]|['’\-](?=[^\W\d_]))*\.?")
_PARTICLES = frozenset("van von de del der den di da dos el al la le zu zur zum vom ten ter bin ibn".split())
_TITLE = r"(?:herrn?|frau|fräulein|mr|mrs|ms|miss|mister|dr|prof|sir|madam)\.?"
_TITLES = re.compile(rf"(?:{_TITLE} ){{1,3}}", re.IGNORECASE)

_KIN = (
    r"(?:mann|frau|sohn|tochter|mutter|vater|bruder|schwester|oma|opa|nachbarin?|freundin?|chefin?|kind|kollegin?|kollege|"
    r"husband|wife|son|daughter|mother|father|brother|sister|neighbou?r|friend|boss)"
)
_STRONG = re.compile(
    r"\b(?:"
    r"ich (?:hei(?:ß|ss|s)e|hei(?:ß|ss)|nenne mich)|hei(?:ß|ss)e ich"
    r"|(?:mein|der|unser|meine?n?) (?:voller |ganzer )?(?:vor|nach|familien|zu|mädchen)?name"
    r"(?: ist| lautet|:| ?=| wäre| is)"
    r"|man nennt mich|(?:they|people|you can) call me|(?:i am|i'm|im) called"
    r"|(?:my|full|first|last|sur) ?(?:full |first |last |sur)?name(?: is|'s|’s|s|:)"
    rf"|(?:mein|meine|unser|unsere|my) {_KIN} (?:hei(?:ß|ss)t|is called)"
    r"|hier (?:schreibt|spricht)"
    r")(?: mit (?:vor|nach|familien)namen)?[:,]? {1,2}"
    r"|(?:^|[\s,;.(])(?:(?:vor|nach|familien|mädchen)?name|name ?und ?vorname|first name|last name|surname|"
    r"(?:konto)?inhaber(?:in)?|ansprechpartner(?:in)? bei uns) ?: ?"
    r"|\b(?:konto)?inhaber(?:in)? {1,2}",
    re.IGNORECASE,
)
"""After these words a name is expected, however it is written."""
_WEAK = re.compile(
    rf"\b(?:ich bin(?: es)?(?:,| die| der)?|hier ist(?: die| der)?|hier|this is|it is|it's|i am|i'm|"
    rf"(?:mein|meine|my) {_KIN}|rückmeldung an|ansprechpartner(?:in)? ist)"
    r" {1,2}|(?:^|[\n.!?;] {0,2})(?:ich|i), ?",
    re.IGNORECASE,
)
"""After these words a name is taken that begins with a title or a known given name."""
_TITLED = re.compile(rf"\b{_TITLE} (?=[^\W\d_])", re.IGNORECASE)
_GREETING = re.compile(
    r"(?<!\w)(?:(?:mit (?:vielen |besten )?(?:freundlich\w*|besten|lieben|herzlichen) "
    r"|(?:viele|liebe|herzliche|beste|schöne|freundliche|sonnige) )?"
    r"gr(?:ü|ue|u)(?:ß|ss)(?:e|en|chen)?|gruß|gruss|mfg|m\.f\.g\.|lg|vg|glg|hg|bg|hochachtungsvoll|"
    r"(?:(?:kind|best|warm|many) )?regards|best wishes|all the best|cheers|sincerely|"
    r"yours (?:truly|sincerely|faithfully)|many thanks|best(?=,|\n))"
    r"[ \t]{0,2}[,.!–-]?\s{1,4}",
    re.IGNORECASE,
)
_BEFORE_NAME = re.compile(r" (?:ist )?mein(?:e?n?)? name\b|(?: is)? my name\b| am apparat", re.IGNORECASE)
_NOT_AFTER = re.compile(
    r"[ \-](?:stra(?:ß|ss)e|str\b|platz|allee|weg|schule|gymnasium|gesamtschule|realschule|haus|stiftung|preis|park|"
    r"halle|"
    r"universität|university|library|institut|museum|ring|street|school)",
    re.IGNORECASE,
)

_MONTH = (
    r"(?:jan(?:uary?|uar)?|jän(?:ner)?|feb(?:ruary?|ruar)?|m(?:ä|ae)rz|mar(?:ch)?|mrz|apr(?:il)?|ma[iy]|jun[ie]?|jul[iy]?|"
    r"aug(?:ust)?|sept?(?:ember)?|okt(?:ober)?|oct(?:ober)?|nov(?:ember)?|de[zc](?:ember)?)\.?"
)
_DATE = (
    rf"(?:\d{{1,2}} ?[./-] ?\d{{1,2}} ?[./-] ?(?:\d{{4}}|\d{{2}})|\d{{4}}-\d{{1,2}}-\d{{1,2}}"
    rf"|\d{{1,2}}(?:\.|st|nd|rd|th)? ?(?:of )?{_MONTH},? ?(?:\d{{4}}|\d{{2}})"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? {{0,2}}\d{{4}})(?!\d)"
)
_BORN = re.compile(
    r"\b(?:geb(?:oren|\.|urtsdatum|urtstag|urtsdat\.?)?|gebohren|date of birth|birth ?date|birthday|"
    r"d\.?o\.?b\.?|born)[ :,]{0,3}"
    r"(?:(?:am|ist|der|is|on|the|lautet|den|wurde ich|bin ich)[ :]{1,2}){0,3}(" + _DATE + ")",
    re.IGNORECASE,
)
_BORN_AFTER = re.compile(
    rf"(?<![\d.])({_DATE}) (?:in [^\W\d_]{{2,30}} )?(?:geb(?:oren|\.)|gebohren|auf die welt)", re.IGNORECASE
)


def births(text: str) -> Iterator[Span]:
    """Dates of birth: dates that are called that."""
    for expression in (_BORN, _BORN_AFTER):
        for match in expression.finditer(text):
            yield Span(match.start(1), match.end(1), BIRTH)


def names(text: str) -> Iterator[Span]:
    """Names of people."""
    for match in _STRONG.finditer(text):
        yield from _name(text, match.end(), any_case=True)
    for match in _WEAK.finditer(text):
        title = _TITLES.match(text, match.end())
        if title:
            yield from _name(text, title.end(), any_case=True)
        elif _given(text, match.end()):
            yield from _name(text, match.end(), any_case=True)
    for match in _TITLED.finditer(text):
        # 'Herr Lewitzki Sprechstunde': a surname is one word.
        yield from _name(text, match.end(), any_case=False, most=_MOST if _given(text, match.end()) else 1)
    for match in _GREETING.finditer(text):
        start = match.end()
        title = _TITLES.match(text, start)
        start = title.end() if title else start
        for span in _name(text, start, any_case=True):
            # At the end of a line or of a sentence: 'Grüße aus Hüls', 'cheers for that' go on.
            if (text[span.start].isupper() or _given(text, span.start)) and text[span.end :].lstrip(" .,!)")[:1] in (
                "",
                "\n",
                "<",
            ):
                yield span
    for match in _TOKEN.finditer(text):
        yield from _whole(text, match)


def _whole(text: str, first: re.Match[str]) -> Iterator[Span]:
    """A known given name and a surname, both with a capital: a name wherever it stands."""
    word = first.group()
    if not word[0].isupper() or word.lower() not in GIVEN_NAMES:
        return
    if text[first.start() - 1 : first.start()] in ("-", "@"):
        return
    for span in _name(text, first.start(), any_case=False):
        whole = " " in text[span.start : span.end] and not _NOT_AFTER.match(text, span.end)
        if whole or _BEFORE_NAME.match(text, span.end):
            yield span


def _given(text: str, start: int) -> bool:
    token = _TOKEN.match(text, start)
    return bool(token) and token.group().lower().split("-")[0] in GIVEN_NAMES  # type: ignore[union-attr]


def _name(text: str, start: int, *, any_case: bool, most: int = _MOST) -> Iterator[Span]:
    """The name that begins here, if one does; with `any_case` also in small letters."""
    title = _TITLES.match(text, start)
    start = title.end() if title else start
    end: int | None = None
    place, taken, small = start, 0, False
    while taken < most:
        token = _TOKEN.match(text, place)
        if not token:
            break
        word = token.group()
        known = word.lower().rstrip(".")
        initial = len(known) == 1 and word.endswith(".")
        if word.endswith(".") and not initial and known != "st":
            word = word[:-1]
        if taken and known in _PARTICLES and not (known in ("der", "die") and small and end is None):
            following = _TOKEN.match(text, token.end() + 1)
            if not following or text[token.end() : token.end() + 1] != " ":
                break
            if following.group().lower() in COMMON and following.group()[0].islower():
                break
            place = token.end() + 1
            continue
        if known in COMMON and not (word[0].isupper() and any_case and known in GIVEN_NAMES):
            break
        if not initial and not word[0].isupper() and (not any_case or (taken and not small)):
            break
        small = small or word[0].islower()
        if taken == 2 and small:
            break
        end = token.start() + len(word)
        taken += 1
        if text[end : end + 1] != " ":
            break
        place = end + 1
        if initial:
            continue
    if end is not None:
        yield Span(start, end, NAME)
