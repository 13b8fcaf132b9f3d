"""What each piece of a message does: it asks, it tells something around the question, or it is not wanted.

A conditional random field (Lafferty et al., 2001; CRFsuite) over the segments of the text, learnt from messages whose
pieces are labelled. Stored as CRFsuite's own file, without pickle.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Dict, Iterable, List, Sequence, Tuple

from smartcity.knowledge.folding import forms_of
from smartcity.nlu.segments import Segment

ASKS, TELLS, REFUSES, CONTINUES = "Q", "T", "N", "+"
"""How a segment is labelled: it begins a piece of one of three kinds, or goes on with the one before it."""
LABELS = (ASKS, TELLS, REFUSES, CONTINUES)
_INSIDE = {ASKS: "q", TELLS: "t", REFUSES: "n"}
"""What the field calls a segment that goes on with a piece of this kind."""
MOST_WORDS = 14
"""Words of a segment that are looked at, from its beginning."""
SETTINGS = {"c1": 0.2, "c2": 1.0, "max_iterations": 120, "feature.possible_transitions": True, "feature.minfreq": 4}


@dataclass(frozen=True)
class Piece:
    """A stretch of a text that asks, tells or refuses, by character offsets."""

    start: int
    end: int
    kind: str


def pieces_of(found: Sequence[Segment], labels: Sequence[str]) -> List[Piece]:
    """The pieces of labelled segments; the first one begins a piece whatever its label is."""
    pieces: List[Piece] = []
    for segment, label in zip(found, labels, strict=True):
        if label == CONTINUES and pieces:
            pieces[-1] = Piece(pieces[-1].start, segment.end, pieces[-1].kind)
        else:
            pieces.append(Piece(segment.start, segment.end, ASKS if label == CONTINUES else label))
    return pieces


def labelled(labels: Sequence[str]) -> List[str]:
    """Labels as the field learns them: what goes on says with what."""
    found: List[str] = []
    kind = ASKS
    for label in labels:
        if label != CONTINUES:
            kind = label
        found.append(label if label != CONTINUES else _INSIDE[kind])
    return found


def features(texts: Sequence[str], signs: Sequence[str]) -> List[List[str]]:
    """Named features of each segment of a message, from its masked text and the signs that end them."""
    forms = [forms_of(text) for text in texts]
    count = len(texts)
    asked = ["?" in sign for sign in signs]
    found: List[List[str]] = []
    for number, said in enumerate(forms):
        own = _of_segment(said, signs[number])
        own.append(f"place={_place(number, count)}")
        own.append(f"before={signs[number - 1] if number else '^'}")
        if number:
            own += _near("-1", forms[number - 1], signs[number - 1])
        if number > 1:
            own += _near("-2", forms[number - 2], signs[number - 2])
        if number + 1 < count:
            own += _near("+1", forms[number + 1], signs[number + 1])
        since = next((back for back in range(number - 1, -1, -1) if signs[back]), -1) + 1
        begun = [form for said_before in forms[since:number] for form in said_before]
        if begun:
            own.append(f"begun={begun[0]}")
            own.append(f"begunq={next((form for form in begun if form in QUESTION_WORDS), '')}")
            own.append(f"begunlength={_size(begun)}")
        if since and since == number:
            own.append(f"sentence={' '.join(said[:1])}|{signs[number - 1][:1]}")
        own.append(f"signs={'?' in ''.join(signs)}{len([sign for sign in signs if sign[:1] in '.?!'])}")
        own.append(f"asked={any(asked[:number])}{asked[number]}{any(asked[number + 1 :])}")
        own.append(f"qword_later={any(_question_word(later) for later in forms[number + 1 :])}")
        found.append(own)
    return found


QUESTION_WORDS = frozenset(
    """
    wer wen wem wie wo wann was wat warum wieso weshalb wozu wofur welche welcher welches welchen welchem wieviel
    wieviele woher wohin womit wodurch woran ob wessen who what when where why how which whose whether
    """.split()
)


NEGATORS = frozenset("nicht nich nit net ned nix nichts not no never dont doesnt didnt weder".split())


def _question_word(said: Sequence[str]) -> str:
    return next((form for form in said[:4] if form in QUESTION_WORDS), "")


def _place(number: int, count: int) -> str:
    if count == 1:
        return "only"
    return "first" if number == 0 else "last" if number == count - 1 else "mid"


def _size(said: Sequence[str]) -> str:
    length = len(said)
    return str(length) if length < 4 else "4-6" if length < 7 else "7-10" if length < 11 else "11-"


def _of_segment(said: Sequence[str], sign: str) -> List[str]:
    found = [f"sign={sign}", f"size={_size(said)}", f"first={' '.join(said[:1])}", f"two={' '.join(said[:2])}"]
    found += [f"three={' '.join(said[:3])}", f"last={' '.join(said[-1:])}", f"lasttwo={' '.join(said[-2:])}"]
    found += [f"w={form}" for form in dict.fromkeys(said[:MOST_WORDS])]
    found += [f"p={form[:4]}" for form in dict.fromkeys(said[:MOST_WORDS]) if len(form) > 4]
    found += [f"pair={left} {right}" for left, right in pairwise(said[:MOST_WORDS])]
    if said:
        found += [f"end1={said[0][-2:]}", f"end2={said[0][-2:]}|{' '.join(said[1:2])}"]
    refusing = [place for place, form in enumerate(said) if form in NEGATORS or form.startswith("kein")]
    if refusing:
        found += ["refusing", f"refusing at {min(refusing[0], 3)}", f"refusing last {refusing[-1] == len(said) - 1}"]
        found.append(f"refusing before {' '.join(said[refusing[0] + 1 : refusing[0] + 2])}")
    question = _question_word(said)
    found.append(f"q={question}")
    if question:
        found.append(f"qat={said.index(question)}{sign[:1]}")
    if any("initiativex" in form or "officex" in form or "servicex" in form or "themex" in form for form in said):
        found.append("named")
        found.append(f"named{_size(said)}")
    return found


def _near(prefix: str, said: Sequence[str], sign: str) -> List[str]:
    found = [f"{prefix}sign={sign}", f"{prefix}size={_size(said)}", f"{prefix}first={' '.join(said[:1])}"]
    found += [
        f"{prefix}two={' '.join(said[:2])}",
        f"{prefix}last={' '.join(said[-1:])}",
        f"{prefix}q={_question_word(said)}",
    ]
    found += [f"{prefix}w={form}" for form in dict.fromkeys(said[:8])]
    if any("initiativex" in form for form in said):
        found.append(f"{prefix}named")
    if any(form in NEGATORS or form.startswith("kein") for form in said):
        found += [f"{prefix}refusing", f"{prefix}refusing{sign}"]
    return found


Labelled = Tuple[Sequence[str], Sequence[str], Sequence[str]]
"""Masked texts of a message's segments, the signs that end them, their labels."""


def train_tagger(messages: Iterable[Labelled], path: Path, settings: Dict[str, Any] = SETTINGS) -> None:
    """Learn from labelled messages and write CRFsuite's file."""
    import pycrfsuite

    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.set_params(settings)
    for texts, signs, labels in messages:
        trainer.append(features(texts, signs), labelled(labels))
    trainer.train(str(path))


class Tagger:
    """Labels the segments of messages as `train_tagger` learnt them."""

    def __init__(self, model: bytes) -> None:
        """`model` is what `train_tagger` wrote."""
        import pycrfsuite

        self._model = model  # CRFsuite reads from these bytes and does not keep them
        self._tagger = pycrfsuite.Tagger()
        self._tagger.open_inmemory(model)

    def labels(self, texts: Sequence[str], signs: Sequence[str]) -> List[str]:
        """A label of `LABELS` for each segment."""
        found = self._tagger.tag(features(texts, signs))
        return [CONTINUES if label in _INSIDE.values() else label for label in found]
