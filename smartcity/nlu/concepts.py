"""Concepts: groups of words that mean the same for telling intents apart.

They are the look-up tables of data/nlu/lookups.yml, plain Rasa training data (its
RegexFeaturizer reads them too). A table matches whole words, beginnings and ends of
compounds, and phrases of consecutive words.
"""

from __future__ import annotations

from typing import Dict, Iterator, Mapping, Sequence, Tuple

from smartcity.knowledge.folding import forms_of
from smartcity.nlu.memory import remember

MIN_PART = 5
"""Shortest entry, in letters, that is found as the beginning or end of a longer word."""
REMEMBERED = 50_000
"""Words whose concept is kept in memory; the words of all training data are fewer."""
ENDINGS = ("", "e", "em", "en", "er", "es", "n", "s")
"""What inflection adds to a name ('Kölner'); other letters make another word: a 'Gerät' is not Gera."""


class ConceptTable:
    """Entries (folded words joined by blanks) by concept."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        self.entries: Dict[str, str] = dict(entries)
        self._longest: Dict[str, int] = {}
        """The most words of a phrase that begins with this word."""
        for entry in self.entries:
            size = entry.count(" ") + 1
            if size > 1:
                first = entry.partition(" ")[0]
                self._longest[first] = max(size, self._longest.get(first, 1))
        self._of_word: Dict[str, str] = {}

    @classmethod
    def from_lookups(cls, tables: Sequence[Mapping[str, object]]) -> ConceptTable:
        """Build from Rasa's `TrainingData.lookup_tables`; the first table keeps a repeated entry."""
        entries: Dict[str, str] = {}
        for table in tables:
            elements = table["elements"]
            if isinstance(elements, list):
                for element in elements:
                    folded = " ".join(forms_of(str(element)))
                    if folded:
                        entries.setdefault(folded, str(table["name"]))
        return cls(entries)

    def find(self, forms: Sequence[str]) -> Iterator[str]:
        """The concept of each place among these folded words, longest phrases first, each word once."""
        position = 0
        while position < len(forms):
            concept, used = self._longest_at(forms, position)
            if concept:
                yield concept
            position += used

    def _longest_at(self, forms: Sequence[str], position: int) -> Tuple[str, int]:
        longest = self._longest.get(forms[position], 1)
        for size in range(min(longest, len(forms) - position), 1, -1):
            concept = self.entries.get(" ".join(forms[position : position + size]))
            if concept:
                return concept, size
        return self.of_word(forms[position]), 1

    def named_at(self, forms: Sequence[str], position: int) -> Tuple[str, int]:
        """The concept of the entry that stands here, perhaps with an ending ('Kölner'), and its words; '' for none.

        Stricter than `find`, for names of places and brands: 'Zwillingen' is not Willingen.
        """
        form = forms[position]
        if self._longest.get(form):
            concept, size = self._longest_at(forms, position)
            if size > 1:
                return concept, size
        for ending in ENDINGS:
            if form.endswith(ending) and len(form) - len(ending) >= 3:
                concept = self.entries.get(form[: len(form) - len(ending)], "")
                if concept:
                    return concept, 1
        return "", 1

    def of_word(self, form: str) -> str:
        """The concept of one folded word, '' for none."""
        concept = self._of_word.get(form)
        if concept is None:
            concept = self._look_up(form)
            remember(self._of_word, form, concept, REMEMBERED)
        return concept

    def _look_up(self, form: str) -> str:
        if form in self.entries:
            return self.entries[form]
        for length in range(len(form) - 1, MIN_PART - 1, -1):
            concept = self.entries.get(form[:length]) or self.entries.get(form[-length:])
            if concept:
                return concept
        return ""
