"""What a text looks like to the intent model: six views, each a bag of named features."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations, pairwise
from typing import AbstractSet, Dict, Iterable, List, Mapping, Sequence

from smartcity.nlu.concepts import ConceptTable
from smartcity.nlu.memory import remember

VIEW_WEIGHTS = (1.0, 1.5, 0.7, 0.2, 0.5, 0.8)
"""Length of each view's vector: words, characters, concepts, foreign words, sounds, context (docs/understanding.md)."""
VIEW_OF = {"w": 0, "c": 1, "k": 2, "f": 3, "s": 4, "a": 5}
"""The view of a feature, by its first letter."""
LONGEST = 8
"""Word counts above this are one feature."""
REMEMBERED = 15_000
"""Words whose features are kept in memory, some kilobytes each; training data have 25,000, most of them rare."""
RUNS = (2, 3, 4, 5)
"""Lengths of the runs of characters."""
SOUNDS = str.maketrans("dbgvzcqfw", "tpkfskkff")
"""Consonants that dialects and the ear take for each other."""
SILENT = frozenset("aeiouyh")
MASKS: AbstractSet[str] = frozenset(
    f"x{prefix}{kind}x" for prefix in ("", "generic") for kind in ("initiative", "theme", "office", "service")
) | {"xreferencex"}
"""Words that stand for names in a masked text."""


def character_runs(form: str) -> List[str]:
    """Runs of two to five characters within a folded word and its borders."""
    padded = f" {form} "
    runs: List[str] = []
    for size in RUNS:
        if len(padded) <= size:
            runs.append(f"c:{padded}")
            break
        runs.extend([f"c:{padded[start : start + size]}" for start in range(len(padded) - size + 1)])
    return runs


@lru_cache(maxsize=REMEMBERED)
def sound(form: str) -> str:
    """What is left of a folded word in dialects and at a slip: its first letter and its consonants."""
    consonants = form.translate(SOUNDS)
    kept = consonants[:1]
    for letter in consonants[1:]:
        if letter not in SILENT and letter != kept[-1]:
            kept += letter
    return kept


def sound_runs(form: str) -> List[str]:
    """The sound of a word, and runs of three characters within it and its borders."""
    heard = sound(form)
    padded = f" {heard} "
    return [f"s:{heard}", *[f"s:{padded[start : start + 3]}" for start in range(len(padded) - 2)]]


def features_of_word(form: str) -> List[str]:
    """The features that a folded word has wherever it stands."""
    return [f"w:{form}", *character_runs(form), *([] if form in MASKS else sound_runs(form))]


class FeatureMaker:
    """Named features of texts; what depends on one word alone is remembered.

    `known` counts the answerable training texts of each word.
    """

    def __init__(self, concepts: ConceptTable, known: Mapping[str, int]) -> None:
        self._concepts = concepts
        self._known = known
        self._of_word: Dict[str, List[str]] = {}

    def __call__(self, forms: Sequence[str], own: int = 0, context: Sequence[str] = ()) -> List[str]:
        """All features of a text's folded words, repeated as often as they occur.

        `own` is 1 when the text is one of those that `known` counts, so that it does not vouch
        for itself; `context` is what was answered before (smartcity/nlu/context.py).
        """
        found = self.between(forms, own, context)
        for form in forms:
            of_word = self._of_word.get(form)
            if of_word is None:
                of_word = features_of_word(form)
                remember(self._of_word, form, of_word, REMEMBERED)
            found += of_word
        return found

    def between(self, forms: Sequence[str], own: int = 0, context: Sequence[str] = ()) -> List[str]:
        """The features of a text that do not come from one word alone (`features_of_word`)."""
        found = [f"w:{left} {right}" for left, right in pairwise(forms)]
        found += [f"s:{left} {right}" for left, right in pairwise([sound(form) for form in forms])]
        named = _named(forms)
        found += self._concept_features(forms, named)
        found += self._foreign_features(forms, named, own)
        if context:
            found += self._context_features(forms, context)
        return found

    def _context_features(self, forms: Sequence[str], context: Sequence[str]) -> List[str]:
        """What was answered before, by itself and with each word and concept of the text."""
        said = [*dict.fromkeys(forms), *(f"k:{concept}" for concept in dict.fromkeys(self._concepts.find(forms)))]
        size = f"length{min(len(forms), LONGEST)}"
        return [f"a:{before}{with_}" for before in context for with_ in ("", f" {size}", *(f" {one}" for one in said))]

    def _concept_features(self, forms: Sequence[str], named: str) -> List[str]:
        """Concepts, neighbours and pairs of them, how long the text is, and whether it names something."""
        found = list(self._concepts.find(forms))
        features = [f"k:{concept}" for concept in found]
        features += [f"k:{left}+{right}" for left, right in pairwise(found)]
        distinct = sorted(set(found))
        features += [f"k:{left}&{right}" for left, right in combinations(distinct, 2)]
        features += [f"k:{named}&{concept}" for concept in distinct]
        features.append(f"k:length{min(len(forms), LONGEST)}")
        if not found:
            features.append("k:none")
        return features

    def _foreign_features(self, forms: Iterable[str], named: str, own: int) -> List[str]:
        """How much of the text occurs in no question that the assistant can answer."""
        content = {form for form in forms if len(form) >= 3 and not form.isdigit() and form not in MASKS}
        foreign = [form for form in content if self._known.get(form, 0) - own <= 0]
        share = "most" if len(foreign) * 2 > len(content) else "some"
        count = min(len(foreign), 3)
        features = [f"f:{count}", f"f:{count}{named}", f"f:{count}{share}{named}"]
        if any(len(form) >= 5 and not self._concepts.of_word(form) for form in foreign):
            features += ["f:strange", f"f:strange{named}"]
        return features


def _named(forms: Sequence[str]) -> str:
    """The most telling kind of name in the words of a masked text."""
    for kind in ("initiative", "office", "service", "theme"):
        if f"x{kind}x" in forms:
            return kind
    return "everyday" if any(form.startswith("xgeneric") for form in forms) else "nothing"
