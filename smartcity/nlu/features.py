"""What a text looks like to the intent model: four views, each a bag of named features."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import AbstractSet, Iterator, Mapping, Tuple

from smartcity.knowledge.folding import words
from smartcity.nlu.concepts import ConceptTable

VIEW_WEIGHTS = (1.0, 1.5, 0.7, 0.2)
"""Length of each view's vector: words, characters, concepts, foreign words (docs/understanding.md)."""
LONGEST = 8
"""Word counts above this are one feature."""


def word_features(text: str) -> Iterator[str]:
    """Folded words and pairs of neighbours."""
    forms = [word.form for word in words(text)]
    for form in forms:
        yield f"w:{form}"
    for left, right in pairwise(forms):
        yield f"w:{left} {right}"


def character_features(text: str) -> Iterator[str]:
    """Folded runs of two to five characters within each word and its borders."""
    for word in words(text):
        padded = f" {word.form} "
        for size in range(2, 6):
            if len(padded) <= size:
                yield f"c:{padded}"
                break
            for start in range(len(padded) - size + 1):
                yield f"c:{padded[start : start + size]}"


def concept_features(text: str, concepts: ConceptTable) -> Iterator[str]:
    """Concepts, neighbours and pairs of them, how long the text is, and whether it names something."""
    found = list(concepts.find(text))
    for concept in found:
        yield f"k:{concept}"
    for left, right in pairwise(found):
        yield f"k:{left}+{right}"
    distinct = sorted(set(found))
    for left, right in combinations(distinct, 2):
        yield f"k:{left}&{right}"
    if not found:
        yield "k:none"
    yield f"k:length{min(len(words(text)), LONGEST)}"
    for concept in distinct:
        yield f"k:{_named(text)}&{concept}"


def foreign_features(text: str, concepts: ConceptTable, known: Mapping[str, int], own: int = 0) -> Iterator[str]:
    """How much of the text occurs in no question that the assistant can answer.

    `known` counts the answerable training texts of each word; `own` is 1 when the text is one of
    them, so that it does not vouch for itself.
    """
    forms = {word.form for word in words(text)}
    content = {form for form in forms if len(form) >= 3 and not form.isdigit() and form not in MASKS}
    foreign = {form for form in content if known.get(form, 0) - own <= 0}
    named = _named(text)
    share = "most" if len(foreign) * 2 > len(content) else "some"
    count = min(len(foreign), 3)
    yield f"f:{count}"
    yield f"f:{count}{named}"
    yield f"f:{count}{share}{named}"
    if any(len(form) >= 5 and not concepts.of_word(form) for form in foreign):
        yield "f:strange"
        yield f"f:strange{named}"


MASKS: AbstractSet[str] = frozenset(
    f"x{prefix}{kind}x" for prefix in ("", "generic") for kind in ("initiative", "theme", "office", "service")
)
"""Words that stand for names in a masked text."""


def _named(text: str) -> str:
    """The most telling kind of name in a masked text."""
    for kind in ("initiative", "office", "service", "theme"):
        if f"x{kind}x" in text:
            return kind
    return "everyday" if "xgeneric" in text else "nothing"


def views(text: str, concepts: ConceptTable, known: Mapping[str, int], own: int = 0) -> Tuple[Iterator[str], ...]:
    """The four views of a text, in the order of `VIEW_WEIGHTS`."""
    return (
        word_features(text),
        character_features(text),
        concept_features(text, concepts),
        foreign_features(text, concepts, known, own),
    )
