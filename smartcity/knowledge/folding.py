"""Folding of spelling: what people type and what content says meet in one form."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple, Tuple

_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_RUN = re.compile(r"(\D)\1{2,}")
_UMLAUTS = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss"})
_TRANSCRIBED = re.compile(r"(?<![aeou])(a|o|u)e(?!u)")


REMEMBERED_LETTERS = 32
"""Letters of the longest word that is kept in memory: longer ones are rubbish or hardly come again."""


class Word(NamedTuple):
    """One word of a text: its folded form and its place (character offsets) in the text."""

    form: str
    start: int
    end: int


def fold(word: str) -> str:
    """Fold case, umlauts and their transcriptions, accents and letters typed three times or more.

    'Zentrum für' and 'zentrum fuer' fold alike, as do 'GRÜSSE', 'Gruesse' and 'Grüße'.
    """
    return _remembered(word) if len(word) <= REMEMBERED_LETTERS else _folded(word)


@lru_cache(maxsize=65_536)
def _remembered(word: str) -> str:
    return _folded(word)


def _folded(word: str) -> str:
    while True:
        plain = word.casefold()
        if not plain.isascii():
            plain = unicodedata.normalize("NFKD", plain.translate(_UMLAUTS))
            plain = "".join(c for c in plain if not unicodedata.combining(c))
        folded = _TRANSCRIBED.sub(r"\1", _RUN.sub(r"\1", plain))
        # Once more where something could still change: 'ℌ' decomposes to a capital letter.
        if folded == word or (folded == plain and folded.isascii() and folded.islower()):
            return folded
        word = folded


@lru_cache(maxsize=64)
def words(text: str) -> Tuple[Word, ...]:
    """The folded words of a text; hyphens, signs and emoji divide words."""
    return tuple(Word(fold(match.group()), match.start(), match.end()) for match in _WORD.finditer(text))


def forms_of(text: str) -> Tuple[str, ...]:
    """The folded words of a text without their places, in a quarter of the time."""
    return tuple([fold(word) for word in _WORD.findall(text)])


def joined(text: str) -> str:
    """The folded words of a text without anything between them: 'Coding-School' is 'codingschool'."""
    return "".join(forms_of(text))
