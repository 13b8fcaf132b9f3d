"""The labelled sentences, and how much of what is labelled is found."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from smartcity.privacy.redaction import Public, personal
from smartcity.privacy.spans import KINDS, Span

FOLDER = Path(__file__).parent
SETS = ("development", "blind")
PUBLIC = ("Markus Lewitzki", "markus.lewitzki@krefeld.de", "02151 86-1085")
"""What content says of the office that the sentences name."""

_LABEL = re.compile(r"\{([A-Z-]+):([^}]*)\}")
_TITLES = re.compile(r"(?:herrn?|frau|mr|mrs|ms|dr)\.? ", re.IGNORECASE)


@dataclass(frozen=True)
class Sentence:
    text: str
    labels: tuple[Span, ...]


@dataclass
class Found:
    """Of one kind: how many are labelled, how many of these were replaced whole, and what was replaced wrongly."""

    labelled: int = 0
    replaced: int = 0
    rightly: int = 0
    wrongly: int = 0
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return self.replaced / self.labelled if self.labelled else 1.0

    @property
    def precision(self) -> float:
        told = self.rightly + self.wrongly
        return self.rightly / told if told else 1.0


def read(name: str) -> list[Sentence]:
    content = yaml.safe_load((FOLDER / f"{name}.yml").read_text("utf-8"))
    sentences = [_read(line) for line in content["personal"].splitlines()]
    return sentences + [Sentence(line, ()) for line in content["harmless"].splitlines()]


def measure(sentences: list[Sentence]) -> dict[str, Found]:
    """By kind. A label counts as replaced when no letter or digit of it is left; a title before a name may stay.

    A replaced place is right when it meets a label of its kind.
    """
    public = Public(PUBLIC)
    found = {kind: Found() for kind in KINDS}
    for sentence in sentences:
        spans = personal(sentence.text, public)
        for label in sentence.labels:
            kind = found[label.kind]
            kind.labelled += 1
            title = _TITLES.match(sentence.text, label.start)
            start = title.end() if title and label.kind == "NAME" else label.start
            covered = Counter(place for span in spans for place in range(span.start, span.end))
            if all(place in covered or not sentence.text[place].isalnum() for place in range(start, label.end)):
                kind.replaced += 1
            else:
                kind.missed.append(sentence.text)
        for span in spans:
            met = [label for label in sentence.labels if label.start < span.end and span.start < label.end]
            if any(label.kind == span.kind for label in met):
                found[span.kind].rightly += 1
            else:
                found[span.kind].wrongly += 1
                found[span.kind].false.append(f"{sentence.text[span.start : span.end]} | {sentence.text}")
    return found


def harmed(sentences: list[Sentence]) -> list[str]:
    """The harmless sentences of which something was replaced."""
    public = Public(PUBLIC)
    return [one.text for one in sentences if not one.labels and personal(one.text, public)]


def _read(line: str) -> Sentence:
    parts: list[str] = []
    labels: list[Span] = []
    place = length = 0
    for match in _LABEL.finditer(line):
        parts += (line[place : match.start()], match.group(2))
        length += match.start() - place
        labels.append(Span(length, length + len(match.group(2)), match.group(1)))
        length += len(match.group(2))
        place = match.end()
    return Sentence("".join((*parts, line[place:])), tuple(labels))
