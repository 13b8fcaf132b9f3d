"""Segments of a message that looked like questions and are none, since their words are taken back.

'Wann kommt die Tankstelle? Nicht wann. Wohin kommt sie?' refuses the question that has this word.
"""

from __future__ import annotations

from typing import List, Sequence

from smartcity.knowledge.folding import forms_of
from smartcity.nlu.pieces import ASKS, CONTINUES, NEGATORS, QUESTION_WORDS, REFUSES

_AROUND = frozenset(
    "ah ach ahm also nein nee ne no mehr das doch ich mein meine sorry bitte danke please thanks".split()
)
"""Words that may stand beside the refused question word."""


def without_refused(texts: Sequence[str], labels: Sequence[str]) -> List[str]:
    """The labels of a message's segments, without the questions that a later segment refuses by their question word.

    `texts` are the masked texts of the segments. Where no other question would be left, nothing changes.
    """
    found = list(labels)
    forms = [forms_of(text) for text in texts]
    for number in range(1, len(forms)):
        # Segments are cut before words that ask: 'nicht | wann.'
        for end in (number + 1, number + 2):
            word = _refused_word([form for said in forms[number:end] for form in said])
            begun = [_begins(labels, back) for back in range(number - 1, -1, -1) if word in forms[back]]
            asked = next((place for place in begun if labels[place] == ASKS), None)
            if word and asked is not None:
                found[asked] = found[number] = REFUSES
                found[number + 1 : end] = [CONTINUES] * (min(end, len(found)) - number - 1)
                if end < len(found) and found[end] == CONTINUES and not _AROUND.issuperset(forms[end]):
                    found[end] = ASKS
    return found if ASKS in found else list(labels)


def _begins(labels: Sequence[str], number: int) -> int:
    """Where the piece begins that a segment belongs to."""
    return next((back for back in range(number, -1, -1) if labels[back] != CONTINUES), 0)


def _refused_word(said: Sequence[str]) -> str:
    """The question word of a text that says 'not' and it, and no more; else ''."""
    told = [form for form in said if form not in _AROUND]
    return told[1] if len(told) == 2 and told[0] in NEGATORS and told[1] in QUESTION_WORDS else ""
