"""Finder of street addresses with a house number, German and English.

It looks at each number that can be a house number and at the few words before it, so time grows with the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from smartcity.privacy.spans import ADDRESS, Span

_LETTER = r"(?: ?[a-hA-H](?![\w'’]))?"
_HOUSE = re.compile(
    rf"(?:(?:\bnr\.?|\bno\.?|\bhausnummer) ?)?(?<![\w,+])(?<!\d[.:/-])[1-9]\d{{0,3}}(?!\d){_LETTER}"
    rf"(?: ?[-–/+] ?[1-9]\d{{0,3}}(?!\d){_LETTER})?",
    re.IGNORECASE,
)
_NO_HOUSE = re.compile(
    r"\w|[.,:]\d|[%€°]| ?(?:uhr|minuten?|min|stunden?|std|tage?n?|wochen?|monaten?|jahren?|euro?|eur|cent|prozent|"
    r"km|m|meter|mal|grad|"
    r"personen|leute|menschen|kinder|busse|autos|stationen|haltestellen|sensoren|bäume|parkplätze|ladesäulen|"
    r"minutes?|hours?|days?|years?|people|percent|pm|am|€|%)\b|\. ?(?:stock|etage|og|obergeschoss|klasse|[a-zäöü])",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_WORDS_BACK = 80
_WORD = re.compile(r"[^\W\d_][\w'’\-]*\.?")

_STREET = re.compile(
    r"(?:stra(?:ß|ss)e|strasze|str|stra(?:ß|ss)en|allee|gasse|gäßchen|chaussee|promenade)\.?", re.IGNORECASE
)
_JOINED = re.compile(
    r"(?:weg|platz|ring|damm|ufer|wall|markt|hof|steig|stieg|pfad|bruch|graben|br(?:ü|ue)cke|berg|feld|kamp|busch|heide|"
    r"winkel|g(?:a|ä)rten|h(?:ö|oe)he|tor|zeile|dyk|deich|kirche|hang|wiese|rain|park|grund|tal|acker|eck|end|"
    r"siedlung|dorf|mühle|bach)",
    re.IGNORECASE,
)
"""Endings that are words of their own: only joined to a name, or behind one on -er."""
_NO_NAMES = frozenset(
    "parkplatz parkplätze spielplatz arbeitsplatz bolzplatz sitzplatz startplatz stellplatz lehrplatz platz bahnhof "
    "hauptbahnhof radweg gehweg fußweg fussweg schulweg arbeitsweg heimweg umweg hinweg schulhof kindergarten "
    "wochenmarkt supermarkt arbeitsmarkt baumarkt weihnachtsmarkt flohmarkt spielfeld umfeld freiberg stadtpark "
    "fuhrpark windpark uerdingen abend wochenend wochenende rest fest vorfeld textfeld feld motor tor krefeld "
    "windrad vortrag gebirge ausweg weg abweg einweg unterwegs projekt hintergrund vordergrund aufgrund"
    " bauhof aushang anhang vorhang zusammenhang grund bebauungsplan gegend jugend".split()
)
_HOME = re.compile(
    r"\b(?:wohne?|wohnen|wohnt|wohnhaft|lebe|leben|lebt|adresse|anschrift|zuhause|live|lives|address)\b[:,]?(?P<rest>[^:;!?\n]*)$",
    re.IGNORECASE,
)
_NO_STREET = frozenset(
    "seit mit zu ab bis ca circa etwa nur noch für fuer über ueber unter mehr als um und oder von nach alle bald schon "
    "gut rund ungefähr since with for about only and or more than ich sie du haben habe hat sind gibt es nicht plz "
    "mindestens höchstens fast knapp dort da of have there insgesamt zusammen mitte ende anfang block punkt zone "
    "stadtteil nummer kostet zahle km vor".split()
)
_LEADING = frozenset(
    "in im an am auf aus bei der die das den dem des zur zum wohne wohnt wohnen wohnhaft lebe lebt ich wir ist is "
    "lautet meine mein adresse anschrift unsere unser und oder von vom nach vor hinter neben gegenüber bitte senden "
    "liefern es gibt glasfaser sensor ampel laterne firma laden live at we i haus my address jetzt hier derzeit war "
    "wohnung altenheim zwischen gehweg radweg ecke nähe".split()
)
"""In front of a street's name, and no part of it."""
_FIRST = frozenset("am an auf im in zum zur unter hinter vor bei".split())
"""What names such as 'An der alten Kirche' begin with, where a home is told."""
_ENGLISH = re.compile(
    r"(?<![\w.,])[1-9]\d{0,4}[a-z]?,? (?!(?:the|of|to|in|for|on|more|new|other)\b)[^\W\d_][\w'’.\-]{1,30} "
    r"(?:(?!(?:the|of|to|in|for|on|a)\b)[^\W\d_][\w'’.\-]{1,30} )?"
    r"(?:street|road|avenue|lane|drive|square|court|terrace|gardens|boulevard|crescent|rd|ave)\b"
    r"|(?<![\w.,])[1-9]\d{0,4}[a-z]?,? (?:[A-Z][\w'’.\-]{1,30} ){1,2}(?:Lane|Way|Place|Close|St|Dr|Park|Row|Hill)\b"
    r"|(?<![\w.,])[1-9]\d{0,4}[a-z]? [A-Z][\w'’\-]{1,30} (?i:street|road|lane|avenue)\b",
)


def addresses(text: str) -> Iterator[Span]:
    """Streets with a house number; a street alone, a postcode and a town are no address."""
    for match in _HOUSE.finditer(text):
        if _NO_HOUSE.match(text, match.end()):
            continue
        start = _street_before(text, match.start(), match.group())
        if start is not None:
            yield Span(start, match.end(), ADDRESS)
    for match in _ENGLISH.finditer(text):
        yield Span(match.start(), match.end(), ADDRESS)


def _street_before(text: str, end: int, number: str) -> int | None:
    """Where the street begins whose name stands directly before `end`; None where there is none."""
    offset = max(0, end - _WORDS_BACK)
    before = text[offset:end]
    gap = len(before) - len(before.rstrip(" ,"))
    if gap > 3 or not before.strip() or "\n" in before[len(before) - gap :]:
        return None
    words = list(_WORD.finditer(before.rpartition("\n")[2]))
    shift = offset + len(before) - len(before.rpartition("\n")[2])
    words = words[-5:]
    if not words or words[-1].end() + shift != end - gap:
        return None
    names = [match.group().lower() for match in words]
    year = bool(_YEAR.fullmatch(number))
    last = names[-1]
    street = _STREET.search(last)
    if street and street.end() == len(last) and not year:
        if street.start() > 0:
            return words[-1].start() + shift
        return _named(words, names, 2, shift)
    bare = last.rstrip(".")
    joined = max((match for match in _JOINED.finditer(bare)), key=lambda match: match.end(), default=None)
    if joined and joined.end() == len(bare) and not year and bare not in _NO_NAMES:
        if joined.start() > 2:
            return _with_preposition(words, names, len(words) - 1, shift)
        if joined.start() == 0 and len(names) > 1 and names[-2].endswith(("er", "en")) and len(names[-2]) > 4:
            return _with_preposition(words, names, len(words) - 2, shift)
    home = _HOME.search(before)
    return None if home is None or year else _at_home(home, offset)


def _with_preposition(words: list[re.Match[str]], names: list[str], place: int, shift: int) -> int:
    """The start of 'Zum Sportplatz' or 'an der alten Kirche': what stands before the name and belongs to it."""
    first = place
    while first and names[first - 1] in ("der", "dem", "den"):
        first -= 1
    if first and names[first - 1] in _FIRST and (first < place or words[first - 1].group()[0].isupper()):
        place = first - 1
    return words[place].start() + shift


def _named(words: list[re.Match[str]], names: list[str], most: int, shift: int) -> int | None:
    """The start of 'Alte Linner Straße': the words before that can be part of the name."""
    place = len(words) - 1
    while place > 0 and len(words) - place <= most and names[place - 1] not in _LEADING:
        place -= 1
    return words[place].start() + shift if place < len(words) - 1 else None


def _at_home(home: re.Match[str], offset: int) -> int | None:
    """The start of whatever name stands between 'ich wohne' and the number."""
    words = list(_WORD.finditer(home.group("rest")))
    names = [match.group().lower().strip(".") for match in words]
    begin = 0
    while begin < len(names) and names[begin] in _LEADING:
        begin += 1
    if begin == len(names) or len(names) - begin > 3 or any(name in _NO_STREET for name in names):
        return None
    if len(names[-1]) < 3:
        return None
    # 'An der alten Kirche 4': the words before the name belong to it.
    while begin and names[begin - 1] in ("am", "an", "der", "dem", "den", "im", "zum", "zur"):
        begin -= 1
    return offset + home.start("rest") + words[begin].start()
