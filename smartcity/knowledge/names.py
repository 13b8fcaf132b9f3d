"""Finding initiatives, themes, offices and services by name in what people write.

Names come from content/ alone, so a new file is found without training. A name is found
exactly, inflected, at the head of a compound, by its sound (Kölner Phonetik) and with slips
of the keyboard (optimal string alignment distance).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Collection, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from cologne_phonetics import encode
from rapidfuzz import process
from rapidfuzz.distance import OSA

from smartcity.knowledge.folding import REMEMBERED_LETTERS, Word, fold, forms_of, joined, words
from smartcity.knowledge.function_words import FUNCTION_WORDS
from smartcity.knowledge.records import Knowledge

ENDINGS = ("s", "n", "en", "e", "er", "es", "ern", "em", "in", "innen")
"""Inflections that a name may carry."""
MIN_COMPOUND = 5
"""Shortest name, in letters, that may be the head of a compound word."""
MIN_CUT_COMPOUND = 8
"""The same for names that lose their ending there ('Handyparken', 'Handyparkgebühr')."""
LEAST_REST = 3
"""Letters that a compound adds to a name at least; so few may be slips at the end of a longer name, too."""
MIN_FUZZY = 5
"""Shortest name, in letters, that is found with slips."""
MIN_FUZZY_EVERYDAY = 8
"""The same for names of themes and services; these may have one slip at most."""
PROPER = frozenset({"initiative", "office"})
"""Kinds of records that have proper names."""
MIN_CODE = 4
"""Shortest phonetic code that identifies a name."""
MAX_SOUND_DISTANCE = 0.34
"""How far the spelling of a name that sounds alike may be off, 0 to 1."""
INFLECTED = 0.95
"""Score of a name with an ending."""
MAX_WORDS = 5
"""Longest name, in words, that is looked for in a text."""

START = 6
"""Letters by which nearly all places in a text are seen to begin no name."""
REMEMBERED = 50_000
"""Words, and as many phrases, whose meaning is kept in memory."""

Reference = Tuple[str, str]
"""Kind and id of a record, such as ('initiative', 'kruiser')."""
_ALIKE = str.maketrans("fpvwtcgkqszxn", "bbbbddddddddm", "aeiouyjh")
"""Letters that Kölner Phonetik may take for each other, and those that it may leave out."""
_ADJECTIVE = re.compile(r"([a-z]{4,})e[nrsm]?")
"""What may be an adjective that is inflected."""
_REPEATED = re.compile(r"(.)\1+")


ABBREVIATED = frozenset({"ob"})
"""Names that are common words where they are no abbreviation."""
_JOINED = re.compile(r"(?:ich|man|es|er|sie|wir|ihr|der|die|das|den|und|wann|wie|wo|da|du)\b", re.IGNORECASE)
_WHO_IS = re.compile(
    r"\W*(?:und\s+)?(?:wer|wä|who)\s+(?:ist|is|es|war|wor|wird)\b"
    r"(?:\s+(?:denn|jetzt|nun|eigentlich|gerade|grad|momentan|aktuell|derzeit|zurzeit|heute|noch|wieder|hier|bei|uns|euch"
    r"|in|krefeld|der|unser|euer|neue[rs]?|the|our|now|currently)){0,5}",
    re.IGNORECASE,
)
"""'wer ist jetzt eigentlich' before 'ob bei uns'."""
_ASKING_WHETHER = re.compile(
    r"(?:,|\b(?:nicht|nich|nit|net|frag\w*|gern|gerne|ahnung|wissen|weiss|weiß|egal))$", re.IGNORECASE
)


class _Found(NamedTuple):
    """What a word or phrase names; `head` is the length of the name where a compound begins with it."""

    references: Tuple[Reference, ...]
    score: float
    generic: bool
    head: int = 0


_Match = Optional[_Found]


@dataclass(frozen=True)
class Mention:
    """A place in a text that names records.

    `references` holds more than one when an everyday word can mean several. `score` is in
    (0, 1]: 1 for the name as in content, or with another ending of its first word. `generic` marks everyday words. Of a
    compound word ('KRuiserpreis') `rest` is where the word after the name begins; 0 elsewhere.
    """

    start: int
    end: int
    references: Tuple[Reference, ...]
    score: float
    generic: bool = False
    rest: int = 0

    def moved(self, by: int) -> Mention:
        """The same in a text that begins `by` characters later."""
        return replace(self, start=self.start + by, end=self.end + by, rest=self.rest + by if self.rest else 0)


class NameIndex:
    """All names of one `Knowledge`, ready to be found in texts."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._names: Dict[str, Reference] = {}
        generic: Dict[str, List[Reference]] = {}
        inflected: Dict[str, Reference] = {}
        for kind, shelf in (
            ("initiative", knowledge.initiatives),
            ("theme", knowledge.themes),
            ("office", knowledge.offices),
        ):
            for topic in shelf.values():
                for name in topic.aliases:
                    self._names.setdefault(joined(name), (kind, topic.id))
                inflected.update({form: (kind, topic.id) for name in topic.aliases for form in _inflected(name)})
                for word in topic.generic:
                    generic.setdefault(joined(word), []).append((kind, topic.id))
        for service in knowledge.services.values():
            for name in service.aliases:
                self._names.setdefault(joined(name), ("service", service.id))
        for name, reference in inflected.items():
            if name not in generic:
                self._names.setdefault(name, reference)
        self._names.pop("", None)
        # Written together, 'homeless shelter' has three letters in a row, which a text folds to one.
        for name, reference in list(self._names.items()):
            self._names.setdefault(fold(name), reference)
        self._generic: Dict[str, Tuple[Reference, ...]] = {
            word: tuple(dict.fromkeys(references)) for word, references in generic.items() if word not in self._names
        }
        named = (*self._names, *self._generic)
        self._starts = {(name + ending)[:START] for name in named for ending in ("", *ENDINGS)}
        self._alike: Dict[Tuple[str, int], List[str]] = {}
        """Names by first letter and length: a slip spares the first letter and changes the length little."""
        self._sounding: Dict[str, List[str]] = {}
        """Names that are found by sound, as `_roughly` hears them: it is quick, the sound itself is not."""
        self._heads = {name: name for name in (*self._names, *self._generic) if len(name) >= MIN_COMPOUND}
        for name in list(self._heads):
            proper = name in self._names and self._names[name][0] in PROPER
            if proper and name.endswith("en") and len(name) - 2 >= MIN_CUT_COMPOUND:
                self._heads.setdefault(name[:-2], name)
        self._of_word: Dict[Tuple[str, bool], _Match] = {}
        self._of_phrase: Dict[Tuple[str, bool], _Match] = {}
        for name, reference in self._names.items():
            # Themes and services are named by everyday words, whose neighbours are everyday words too.
            proper = reference[0] in PROPER
            if len(name) >= (MIN_FUZZY if proper else MIN_FUZZY_EVERYDAY) and not name.isdigit():
                self._alike.setdefault((name[0], len(name)), []).append(name)
                if proper:
                    self._sounding.setdefault(_roughly(name), []).append(name)

    def find(self, text: str, ordinary: Collection[str] = frozenset(), alike: bool = False) -> List[Mention]:
        """The mentions in `text` from left to right, without overlaps.

        `ordinary` are folded words that are never read as a misspelt name, nor, unless `alike`, as an inflection
        or a compound of the name of a service.
        """
        candidates = list(self._candidates(text, words(text), ordinary, alike))
        everyday = [(mention.start, mention.end) for mention in candidates if mention.generic]
        found = sorted(
            [mention for mention in candidates if not _is_owner(mention, everyday)],
            key=lambda mention: (mention.generic, -round(mention.score, 1), -(mention.end - mention.start)),
        )
        chosen: List[Mention] = []
        for mention in found:
            if all(mention.end <= other.start or mention.start >= other.end for other in chosen):
                chosen.append(mention)
        return sorted(chosen, key=lambda mention: mention.start)

    def _candidates(
        self, text: str, tokens: Sequence[Word], ordinary: Collection[str], alike: bool
    ) -> Iterator[Mention]:
        unusual = [token.form not in ordinary for token in tokens]
        matches = [self._match_word(token.form, odd) for token, odd in zip(tokens, unusual)]
        # A slip is looked for where a word is neither ordinary nor a proper name by itself.
        unknown = [
            odd and not (match and match.score == 1.0 and not match.generic) for odd, match in zip(unusual, matches)
        ]
        for first, (token, match) in enumerate(zip(tokens, matches)):
            if match and not (alike or unusual[first]) and match.score < 1.0 and match.references[0][0] == "service":
                match = None  # 'Personen' are no 'Perso'
            if match and token.form in ABBREVIATED and not _is_abbreviation(text, token):
                match = None  # 'weiß nicht, ob der OB das weiß'
            if match:
                rest = _rest(text, token, match.head) if match.head else 0
                yield Mention(token.start, token.end, *match[:3], rest)
            window, odd = token.form, unknown[first]
            for last in range(first + 1, min(first + MAX_WORDS, len(tokens))):
                window += tokens[last].form
                odd = odd or unknown[last]
                if odd or window[:START] in self._starts:
                    match = self._match_phrase(window, odd)
                    # 'Taxi der' is no inflected 'Tax ID'.
                    if match and (match.score != INFLECTED or tokens[last].form not in FUNCTION_WORDS):
                        yield Mention(token.start, tokens[last].end, *match[:3])

    def _match_word(self, word: str, unusual: bool) -> _Match:
        """What one word names; remembered, since words come again and again."""
        key = (word, unusual)
        if key not in self._of_word:
            match = self._exact(word) or self._head(word)
            if unusual and len(word) >= MIN_FUZZY and (not match or len(word) - (match.head or 0) <= LEAST_REST):
                near = self._misspelt(word)
                # 'Kreminteck' is a misspelt name rather than something called 'eck' of another one.
                match = near if near and (not match or near.references == match.references) else match
            if len(word) > REMEMBERED_LETTERS:
                return match
            if len(self._of_word) >= REMEMBERED:
                self._of_word.clear()
            self._of_word[key] = match
        return self._of_word[key]

    def _match_phrase(self, window: str, unusual: bool) -> _Match:
        """What several words, written together, name."""
        key = (window, unusual)
        if key in self._of_phrase:
            return self._of_phrase[key]
        match = self._exact(window) if window[:START] in self._starts else None
        if not match and unusual and len(window) >= MIN_FUZZY:
            match = self._misspelt(window)
            if len(window) <= REMEMBERED_LETTERS:
                # Only what costs: 'wo finde ich' comes again and again, too.
                if len(self._of_phrase) >= REMEMBERED:
                    self._of_phrase.clear()
                self._of_phrase[key] = match
        return match

    def _exact(self, window: str) -> _Match:
        """As written in content, or with an ending."""
        if window in self._names:
            return _Found((self._names[window],), 1.0, False)
        if window in self._generic:
            return _Found(self._generic[window], 1.0, True)
        if window.endswith(ENDINGS):
            for ending in ENDINGS:
                stem = window[: -len(ending)]
                if window.endswith(ending) and len(stem) >= 3:
                    if stem in self._names:
                        return _Found((self._names[stem],), INFLECTED, False)
                    if stem in self._generic:
                        return _Found(self._generic[stem], INFLECTED, True)
        return None

    def _head(self, word: str) -> _Match:
        """The name that a compound word begins with."""
        for length in range(len(word) - LEAST_REST, MIN_COMPOUND - 1, -1):
            name = self._heads.get(word[:length])
            if name in self._names and self._names[name][0] != "theme":
                return _Found((self._names[name],), 0.9, False, length)
            if name in self._generic:
                return _Found(self._generic[name], 0.9, True, length)
        return None

    def _misspelt(self, window: str) -> _Match:
        slips = 1 if len(window) < 9 else 2 if len(window) < 14 else 3
        best, nearest = "", slips + 1
        for length in range(len(window) - slips, len(window) + slips + 1):
            near = self._alike.get((window[0], length))
            found = process.extractOne(window, near, scorer=OSA.distance, score_cutoff=nearest - 1) if near else None
            if found:
                best, nearest = found[0], found[1]
                if nearest <= 1:
                    break
        if best:
            reference = self._names[best]
            if reference[0] in PROPER or nearest <= 1:
                return _Found((reference,), 0.8 - 0.05 * nearest, False)
        like = self._sounding.get(_roughly(window)) if len(window) >= 6 else None
        if like:
            code = _sound(window)
            alike = next((name for name in like if _sound(name) == code), "") if len(code) >= MIN_CODE else ""
            if alike and OSA.normalized_distance(window, alike) <= MAX_SOUND_DISTANCE:
                return _Found((self._names[alike],), 0.7, False)
        return None


def _inflected(name: str) -> Iterator[str]:
    """A name of several words with another ending of its first one: 'in den digitalen Schulen'."""
    forms = forms_of(name)
    stem = _ADJECTIVE.fullmatch(forms[0]) if len(forms) > 1 else None
    if stem:
        yield from ("".join([stem[1] + ending, *forms[1:]]) for ending in ("e", "en", "er", "es", "em"))


def _is_abbreviation(text: str, token: Word) -> bool:
    """Whether 'ob' is a name: in capitals or after 'wer ist', but not before what it would join; or as last word."""
    before, following = text[: token.start].rstrip(), text[token.end :].lstrip()
    capitals = text[token.start : token.end].isupper() and not text.isupper()
    if capitals or _WHO_IS.fullmatch(before):
        return not _JOINED.match(following)
    return following[:1] in ("", "?") and not _ASKING_WHETHER.search(before)


def _is_owner(mention: Mention, everyday: Sequence[Tuple[int, int]]) -> bool:
    """Whether an office is named within an everyday word only: 'Stadtwerke' in 'Roller der Stadtwerke'."""
    start, end = mention.start, mention.end
    return mention.references[0][0] == "office" and any(
        first <= start and end <= last and end - start < last - first for first, last in everyday
    )


@lru_cache(maxsize=REMEMBERED)
def _sound(word: str) -> str:
    return "".join(code for _, code in encode(word))


def _roughly(word: str) -> str:
    """Words of the same sound have the same of these: their consonants, those alike taken for one."""
    return _REPEATED.sub(r"\1", word.translate(_ALIKE))


def _rest(text: str, token: Word, head: int) -> int:
    """Where the word after the name begins in a compound whose first `head` folded letters are the name."""
    for place in range(token.start + head, token.end):
        if fold(text[token.start : place]) == token.form[:head]:
            return place
    return 0
