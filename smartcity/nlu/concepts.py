"""Concepts: groups of words that mean the same for telling intents apart.

They are the look-up tables of data/nlu/lookups.yml, plain Rasa training data (its
RegexFeaturizer reads them too). A table matches whole words, beginnings and ends of
compounds, and phrases of consecutive words.
"""

from __future__ import annotations

from typing import Dict, Iterator, List, Mapping, Sequence, Tuple

from smartcity.knowledge.folding import words

MIN_PART = 5
"""Shortest entry, in letters, that is found as the beginning or end of a longer word."""


class ConceptTable:
    """Entries (folded words joined by blanks) by concept."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        self.entries: Dict[str, str] = dict(entries)
        self._longest = max((entry.count(" ") + 1 for entry in self.entries), default=1)

    @classmethod
    def from_lookups(cls, tables: Sequence[Mapping[str, object]]) -> ConceptTable:
        """Build from Rasa's `TrainingData.lookup_tables`; the first table keeps a repeated entry."""
        entries: Dict[str, str] = {}
        for table in tables:
            elements = table["elements"]
            if isinstance(elements, list):
                for element in elements:
                    folded = " ".join(word.form for word in words(str(element)))
                    if folded:
                        entries.setdefault(folded, str(table["name"]))
        return cls(entries)

    def find(self, text: str) -> Iterator[str]:
        """The concept of each place in `text`, longest phrases first, each word once."""
        forms = [word.form for word in words(text)]
        position = 0
        while position < len(forms):
            concept, used = self._longest_at(forms, position)
            if concept:
                yield concept
            position += used

    def _longest_at(self, forms: List[str], position: int) -> Tuple[str, int]:
        for size in range(min(self._longest, len(forms) - position), 1, -1):
            concept = self.entries.get(" ".join(forms[position : position + size]))
            if concept:
                return concept, size
        return self.of_word(forms[position]), 1

    def of_word(self, form: str) -> str:
        """The concept of one folded word, '' for none."""
        if form in self.entries:
            return self.entries[form]
        for length in range(len(form) - 1, MIN_PART - 1, -1):
            concept = self.entries.get(form[:length]) or self.entries.get(form[-length:])
            if concept:
                return concept
        return ""
