"""Slips of the keyboard in ordinary words, put right by the words that training knows."""

from __future__ import annotations

from typing import Dict, List, Mapping, Sequence, Tuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from smartcity.nlu.concepts import ConceptTable

LEAST_LETTERS = 5
"""Shorter words are left as they are: too many words are near to them."""
LEAST_TEXTS = 1
"""Words of fewer training texts put nothing right."""
REMEMBERED = 20_000


class Spelling:
    """Replaces unknown words by the known word that is one slip away (two from nine letters on).

    `seen` counts the training texts of each folded word.
    """

    def __init__(self, seen: Mapping[str, int], concepts: ConceptTable) -> None:
        self._seen = seen
        self._concepts = concepts
        self._alike: Dict[Tuple[str, int], List[str]] = {}
        for form, count in seen.items():
            if count >= LEAST_TEXTS and len(form) >= LEAST_LETTERS - 1 and form.isalpha():
                self._alike.setdefault((form[0], len(form)), []).append(form)
        self._remembered: Dict[str, str] = {}

    def repaired(self, forms: Sequence[str]) -> Tuple[str, ...]:
        """The words, each unknown one replaced where one known word is near."""
        return tuple([form if form in self._seen or len(form) < LEAST_LETTERS else self._nearest(form) for form in forms])

    def _nearest(self, form: str) -> str:
        known = self._remembered.get(form)
        if known is None:
            known = form if self._concepts.of_word(form) else self._search(form)
            if len(self._remembered) < REMEMBERED:
                self._remembered[form] = known
        return known

    def _search(self, form: str) -> str:
        slips = 1 if len(form) < 9 else 2
        found: List[Tuple[int, int, str]] = []
        for length in range(len(form) - slips, len(form) + slips + 1):
            near = self._alike.get((form[0], length))
            if near:
                for name, distance, _ in process.extract(form, near, scorer=OSA.distance, score_cutoff=slips, limit=5):
                    found.append((distance, -self._seen[name], name))
        return min(found)[2] if found else form
