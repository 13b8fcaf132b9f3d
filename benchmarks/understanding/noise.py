"""What people's keyboards do to sentences, by rule and by seed. Only tests are changed, never training data."""

from __future__ import annotations

import random
import re
from typing import Callable, Dict, List

_UMLAUTS = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "Ä": "A", "Ö": "O", "Ü": "U", "ß": "ss"})
_WORD = re.compile(r"\w+", re.UNICODE)
_FUNCTION_WORDS = frozenset(
    """
    der die das den dem des ein eine einen einem einer und oder aber ist sind war waren wird werden hat haben habe
    kann können kannst könnte könnten darf muss soll will möchte ich du er es wir ihr sie mir mich uns mein meine
    von vom zu zum zur mit bei beim nach aus auf für über im in an am um bis denn eigentlich mal bitte auch noch da
    the a an and or is are was were do does did can could i you he she it we they me my your of to for with on at in
    please there this that
    """.split()
)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def one_slip(text: str, rng: random.Random) -> str:
    """One letter of one word of four letters or more left out, doubled by another, wrong, or in the wrong place."""
    places = [match for match in _WORD.finditer(text) if len(match.group()) >= 4 and match.group().isalpha()]
    if not places:
        return text
    match = rng.choice(places)
    place = rng.randrange(match.start(), match.end() - 1)
    kind = rng.randrange(4)
    if kind == 0:
        return text[:place] + text[place + 1 :]
    if kind == 1:
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    letter = rng.choice(LETTERS)
    return text[:place] + letter + text[place + (kind == 2) :]


def without_umlauts(text: str, rng: random.Random) -> str:
    return text.translate(_UMLAUTS)


def lower_case(text: str, rng: random.Random) -> str:
    return text.lower()


def keywords(text: str, rng: random.Random) -> str:
    """Without signs and function words; as it was when nothing else is left."""
    kept: List[str] = [word for word in _WORD.findall(text) if word.lower() not in _FUNCTION_WORDS]
    return " ".join(kept).lower() or text


AS_WRITTEN, SLIP, NO_UMLAUTS, LOWER, KEYWORDS = "as written", "one slip", "no umlauts", "lower case", "keywords"
NOISES: Dict[str, Callable[[str, random.Random], str]] = {
    AS_WRITTEN: lambda text, rng: text,
    SLIP: one_slip,
    NO_UMLAUTS: without_umlauts,
    LOWER: lower_case,
    KEYWORDS: keywords,
}
