"""Slips of the keyboard in ordinary words, put right by the words that training knows.

One slip is a letter too many, too few, wrong, or two in the wrong order. Two words one slip apart
begin with the same letter, or are the same but for their beginnings: so few are compared, and what is
kept for it is one entry a word (symmetric deletion, as in Garbe's SymSpell, keeps one a letter).
"""

from __future__ import annotations

from typing import Dict, List, Mapping, Sequence, Tuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from smartcity.nlu.concepts import ConceptTable
from smartcity.nlu.memory import remember

LEAST_LETTERS = 3
"""Shorter words are left as they are."""
SHORT, OFTEN = 4, 15
"""Words of so few letters are put right only towards words of so many training texts."""
LONG = 9
"""From so many letters on, two slips are put right when the first letter is right."""
REMEMBERED = 20_000


class Spelling:
    """Replaces unknown words by a known one that is a slip away, the most frequent one.

    `seen` counts the training texts of each folded word; words of concepts are known too.
    """

    def __init__(self, seen: Mapping[str, int], concepts: ConceptTable) -> None:
        self._known = {**{entry: 0 for entry in concepts.entries if " " not in entry}, **seen}
        self._alike: Dict[Tuple[str, int], List[str]] = {}
        """Words by first letter and length."""
        self._tails: Dict[str, List[str]] = {}
        """Words by what follows their first letter."""
        for form, count in self._known.items():
            if form.isalpha() and (len(form) > SHORT or count >= OFTEN) and len(form) >= LEAST_LETTERS:
                self._alike.setdefault((form[0], len(form)), []).append(form)
                self._tails.setdefault(form[1:], []).append(form)
        self._remembered: Dict[str, str] = {}

    def repaired(self, forms: Sequence[str]) -> Tuple[str, ...]:
        """The words, each unknown one replaced where a known one is near."""
        return tuple(
            [form if form in self._known or len(form) < LEAST_LETTERS else self._nearest(form) for form in forms]
        )

    def _nearest(self, form: str) -> str:
        known = self._remembered.get(form)
        if known is None:
            known = self._one_slip(form) or self._two_slips(form) or form
            remember(self._remembered, form, known, REMEMBERED)
        return known

    def _one_slip(self, form: str) -> str:
        if not form.isalpha():
            return ""
        near = [
            known
            for length in range(len(form) - 1, len(form) + 2)
            for known, _, _ in process.extract(
                form, self._alike.get((form[0], length), ()), scorer=OSA.distance, score_cutoff=1, limit=None
            )
        ]
        near += self._tails.get(form[1:], ())  # another first letter
        near += self._tails.get(form, ())  # the first letter left out
        for known in (form[1:], form[1] + form[0] + form[2:]):  # one too many in front; the first two exchanged
            if known in self._tails.get(known[1:], ()):
                near.append(known)
        return min(near, key=lambda known: (-self._known[known], known)) if near else ""

    def _two_slips(self, form: str) -> str:
        if len(form) < LONG:
            return ""
        found: List[Tuple[float, int, str]] = []
        for length in range(len(form) - 2, len(form) + 3):
            near = self._alike.get((form[0], length))
            if near:
                for known, distance, _ in process.extract(form, near, scorer=OSA.distance, score_cutoff=2, limit=5):
                    found.append((distance, -self._known[known], known))
        return min(found)[2] if found else ""
