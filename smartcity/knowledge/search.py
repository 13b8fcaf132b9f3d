"""Which initiatives a text is about, by the words that it shares with what content says of them.

BM25 over names, everyday words and descriptions of each initiative; words are compared by their folded
beginnings, which evens out German inflection. Used to decide between the meanings of an everyday
word, to find what a question without a name is about, and to offer likely topics.
"""

from __future__ import annotations

import math
from collections import Counter
from functools import lru_cache
from itertools import islice
from typing import Collection, Dict, Iterable, List, Mapping, Sequence, Set, Tuple, TypeVar

from smartcity.knowledge.folding import words
from smartcity.knowledge.function_words import FUNCTION_WORDS
from smartcity.knowledge.records import Initiative, Knowledge

STEM = 6
"""Letters of a word that count."""
K1, B = 1.2, 0.5
"""BM25: saturation of repeated words, and how much the length of a record matters."""
DESCRIBING = ("about", "function", "goals")
"""Aspects whose facts describe the initiative itself."""
CLEAR_LEAD = 1.6
"""The best must score this many times the second to be the one that is meant."""

MOST_LOOKED_AT = 400
"""Records that are scored for one text; where there are no more than that, all are."""

LEAST_SCORE = 6.0
"""What a text must score to mean an initiative that it does not name; about two telling words."""
LEAST_SHARED = 0.3
"""Share of a text, by the weight of its words, that a fact must hold to be offered as a guess."""
RUN_SHARE = 0.3
"""What a run of characters counts beside a word as a clue to the aspect."""


class InitiativeSearch:
    """Ranks the initiatives of one `Knowledge`."""

    def __init__(self, initiatives: Iterable[Initiative]) -> None:
        self._bags: Dict[str, Counter[str]] = {i.id: Counter(_stems(_texts(i))) for i in initiatives}
        self._mean = sum(sum(bag.values()) for bag in self._bags.values()) / max(len(self._bags), 1)
        frequency = Counter(stem for bag in self._bags.values() for stem in bag)
        total = len(self._bags)
        self._weights = {stem: math.log(1 + (total - count + 0.5) / (count + 0.5)) for stem, count in frequency.items()}
        self._lengths = {name: 1 - B + B * sum(bag.values()) / self._mean for name, bag in self._bags.items()}
        self._holding = _holding(self._bags.items())

    def rank(self, text: str, among: Sequence[str] = ()) -> List[Tuple[str, float]]:
        """Ids with their scores (above 0), best first; only those `among`, when given."""
        stems = sorted(stem for stem in set(_stems([text])) if stem in self._weights)
        if among:
            candidates: Iterable[str] = [name for name in dict.fromkeys(among) if name in self._bags]
        else:
            candidates = _candidates(stems, self._holding, self._bags)
        found = []
        for name in candidates:
            bag, length = self._bags[name], self._lengths[name]
            score = sum(
                self._weights[stem] * bag[stem] * (K1 + 1) / (bag[stem] + K1 * length) for stem in stems if stem in bag
            )
            if score > 0:
                found.append((name, score))
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def meant(self, text: str, among: Sequence[str] = (), least: float = 0.0) -> str:
        """The id that leads clearly with a score of at least `least`, '' when none does; only `among`, when given."""
        ranked = self.rank(text, among)
        if not ranked or ranked[0][1] < least or (len(ranked) > 1 and ranked[0][1] < CLEAR_LEAD * ranked[1][1]):
            return ""
        return ranked[0][0]

    def shared(self, text: str, name: str) -> int:
        """How many telling words of the text stand in what is said of the initiative."""
        return len(set(_stems([text])) & self._bags[name].keys())


def _texts(initiative: Initiative) -> List[str]:
    told = [initiative.facts[aspect] for aspect in DESCRIBING if aspect in initiative.facts]
    descriptions = [fact.text[language] for fact in told for language in ("de", "en")]
    return [*initiative.aliases, *initiative.generic, *descriptions]


def _stems(texts: Iterable[str]) -> List[str]:
    found = (word.form for text in texts for word in words(text))
    return [form[:STEM] for form in found if len(form) >= 3 and form not in FUNCTION_WORDS]


class FactSearch:
    """Ranks what content says, fact by fact: BM25 over stems, and runs of four characters.

    For the last resort before a question is given up: its topics are offered as a guess.
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self._facts: List[Tuple[Tuple[str, str], Counter[str]]] = []
        """Topics, and what each of their facts holds."""
        self._aspects: List[str] = []
        """The aspect of each of these facts."""
        for shelf in (knowledge.initiatives, knowledge.themes):
            for topic in shelf.values():
                for aspect, fact in topic.facts.items():
                    names = [topic.name["de"], topic.name["en"]]
                    self._aspects.append(aspect)
                    self._facts.append(((topic.kind, topic.id), _pieces([*names, fact.text["de"], fact.text["en"]])))
        frequency = Counter(piece for _, bag in self._facts for piece in bag)
        total = len(self._facts)
        self._weights = {piece: math.log(1 + (total - n + 0.5) / (n + 0.5)) for piece, n in frequency.items()}
        self._rarest = math.log(1 + (total + 0.5) / 0.5)
        self._mean = sum(sum(bag.values()) for _, bag in self._facts) / max(total, 1)
        self._holding = _holding(enumerate(bag for _, bag in self._facts))

    def closest(self, text: str, most: int = 3) -> List[Tuple[str, str]]:
        """Kind and id of the topics that the text is nearest to, best first; none when it shares too little."""
        pieces = _pieces([text])
        if not pieces:
            return []
        whole = sum(self._weights.get(piece, self._rarest) for piece in pieces)
        best: Dict[Tuple[str, str], float] = {}
        known = sorted(piece for piece in pieces if piece in self._weights)
        stems = {piece for piece in pieces if not piece.startswith(RUN)}
        for place in _candidates(known, self._holding, range(len(self._facts))):
            reference, bag = self._facts[place]
            shared = [piece for piece in pieces if piece in bag]
            # Of a single word, runs of characters tell too little: "restart" is no restaurant.
            if len(stems) == 1 and stems.isdisjoint(bag):
                continue
            if sum(self._weights[piece] for piece in shared) < LEAST_SHARED * whole:
                continue
            length = 1 - B + B * sum(bag.values()) / self._mean
            score = sum(self._weights[p] * bag[p] * (K1 + 1) / (bag[p] + K1 * length) for p in shared)
            best[reference] = max(score, best.get(reference, 0.0))
        ranked = sorted(best, key=lambda reference: (-best[reference], reference))
        return [reference for reference in ranked if best[reference] >= best[ranked[0]] / CLEAR_LEAD][:most]

    def clues(self, text: str) -> Dict[str, Dict[str, float]]:
        """For each initiative how much the words of the text stand in the fact of one aspect rather than of others.

        The weights of shared words (0 to about 6 each), divided among the facts of the initiative that hold them: a
        name, which stands in all of them, tells nothing. Words that very many facts hold are left out.
        """
        found: Dict[str, Dict[str, float]] = {}
        for piece in sorted(_pieces([text], FUNCTION_WORDS)):
            places = self._holding.get(piece, ())
            if len(places) > MOST_LOOKED_AT:
                continue
            holding = Counter(self._facts[place][0] for place in places)
            weight = self._weights.get(piece, 0.0) * (RUN_SHARE if piece.startswith(RUN) else 1.0)
            for place in places:
                (kind, topic_id), aspect = self._facts[place][0], self._aspects[place]
                if kind == "initiative":
                    aspects = found.setdefault(topic_id, {})
                    aspects[aspect] = aspects.get(aspect, 0.0) + weight / holding[kind, topic_id]
        return found


Key = TypeVar("Key")


def _holding(bags: Iterable[Tuple[Key, Counter[str]]]) -> Dict[str, List[Key]]:
    """For each piece the keys of the bags that hold it."""
    found: Dict[str, List[Key]] = {}
    for key, bag in bags:
        for piece in bag:
            found.setdefault(piece, []).append(key)
    return found


def _candidates(pieces: Sequence[str], holding: Mapping[str, Sequence[Key]], everything: Collection[Key]) -> Set[Key]:
    """The bags that are worth to be scored: those that hold the rarest pieces, so many that the cost is bounded."""
    if len(everything) <= MOST_LOOKED_AT:
        return set(everything)
    found: Set[Key] = set()
    for piece in sorted(pieces, key=lambda piece: len(holding[piece])):
        if found and len(found) + len(holding[piece]) > MOST_LOOKED_AT:
            break
        found.update(islice(holding[piece], MOST_LOOKED_AT))
    return found


RUN = "~"
"""What marks a run of characters."""


def _pieces(texts: Iterable[str], without: Collection[str] = ()) -> Counter[str]:
    """Stems, and runs of four characters of longer words, marked; not of the words `without`."""
    found: Counter[str] = Counter()
    for form in (w.form for text in texts for w in words(text) if len(w.form) >= 4 and not w.form.isdigit()):
        if form in without:
            continue
        found[form[:STEM]] += 1
        if len(form) > STEM:
            found.update(f"{RUN}{form[start : start + 4]}" for start in range(len(form) - 3))
    return found


@lru_cache(maxsize=2)
def facts_of(knowledge: Knowledge) -> FactSearch:
    """The search over the facts of this knowledge, built once."""
    return FactSearch(knowledge)


@lru_cache(maxsize=2)
def search_of(knowledge: Knowledge) -> InitiativeSearch:
    """The search over this knowledge, built once."""
    return InitiativeSearch(knowledge.initiatives.values())
