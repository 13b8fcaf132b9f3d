"""Ordinary words: those that people use around names, which are never read as a misspelt name."""

from __future__ import annotations

from collections import Counter
from typing import Collection, FrozenSet, Iterable, Iterator, NamedTuple, Sequence

from smartcity.knowledge.folding import words
from smartcity.knowledge.names import NameIndex


class Around(NamedTuple):
    """How often each folded word stands outside every mention of a name, and in what is only like a service's name."""

    outside: Counter[str]
    like_services: Counter[str]


def words_around(texts: Sequence[str], index: NameIndex) -> Around:
    """The words around the names in these texts."""
    found = Around(Counter(), Counter())
    for text in texts:
        mentions = [m for m in index.find(text, _Everything(), alike=True) if m.score >= 0.9]
        for word in words(text):
            around = [m for m in mentions if m.start <= word.start < m.end]
            if not around:
                found.outside[word.form] += 1
            elif around[0].score < 1.0 and around[0].references[0][0] == "service":
                found.like_services[word.form] += 1
    return found


def ordinary_words(
    asked: Iterable[Around], services: Iterable[Around] = (), marked: Iterable[str] = ()
) -> FrozenSet[str]:
    """The folded words that stand outside every mention of a name, and are no misspelt ones.

    `asked` are the words around names in texts that ask for no service of the city, `services` in those that do. Words
    that are only like the name of a service ('Personen' and 'Perso') count as well, where they occur more often in the
    former. Words that occur among the `marked` names at least as often as outside are misspelt names and left out.
    """
    names = Counter(word.form for text in marked for word in words(text))
    outside: Counter[str] = Counter()
    like_services: Counter[str] = Counter()
    for found in asked:
        outside.update(found.outside)
        like_services.update(found.like_services)
    for found in services:
        outside.update(found.outside)
        like_services.subtract(found.like_services)
    ordinary = {form for form, count in outside.items() if count > names[form]}
    return frozenset(ordinary | {form for form, votes in like_services.items() if votes > 0})


class _Everything(Collection[str]):
    """Contains every word: with it only exact names are found."""

    def __contains__(self, item: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0
