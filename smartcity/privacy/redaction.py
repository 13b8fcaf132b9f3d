"""Redaction: personal data in a text becomes a placeholder of its kind, before anything is stored for staff.

It finds what can be told by its form or by the words around it. A name in the middle of a sentence that nothing
announces stays; docs/privacy.md says so, and `python -m benchmarks.privacy` how much is found.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from smartcity.privacy import electronic, numbers, persons, places
from smartcity.privacy.spans import KINDS, NAME, PHONE, Span

__all__ = ["KINDS", "NOBODY", "Public", "Redacted", "personal", "redact"]

_FINDERS: tuple[Callable[[str], Iterator[Span]], ...] = (
    electronic.mails,
    numbers.ibans,
    numbers.cards,
    persons.births,
    numbers.plates,
    electronic.phones,
    places.addresses,
    persons.names,
)
"""Those that are surer first: where two meet, the first gives the kind."""
_WITHOUT_DIGITS = (electronic.mails, persons.names)
"""Those that find something in a text without digits; most texts have none."""


class Public:
    """What may stay readable although it looks personal: the offices' own contact data."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._forms: set[str] = set()
        self._words: set[str] = set()
        for text in texts:
            self._forms.add(_plain(text))
            number = electronic.standard(text)
            if number:
                self._forms.add(number)
            if not any(sign.isdigit() or sign == "@" for sign in text):
                self._words.update(_words(text))

    def holds(self, text: str, kind: str) -> bool:
        """Whether this place of a text, of this kind, is public."""
        if not self._forms:
            return False
        if kind == PHONE:
            return electronic.standard(text) in self._forms
        if kind == NAME:
            # 'Lewitzki' alone, and 'Markus Lewitzki', where content names him.
            return all(word in self._words for word in _words(text))
        return _plain(text) in self._forms


NOBODY = Public()


@dataclass(frozen=True)
class Redacted:
    """A text with placeholders: `spans` are the places in the original, `kinds` how often each kind was found."""

    text: str
    kinds: dict[str, int]
    spans: tuple[Span, ...]

    def moved(self, start: int, end: int) -> tuple[int, int] | None:
        """Where the original's characters from `start` to before `end` stand now; None where some were replaced."""
        if any(span.start < end and start < span.end for span in self.spans):
            return None
        number = bisect.bisect_right([span.start for span in self.spans], start)
        shift = sum(len(_placeholder(span)) - (span.end - span.start) for span in self.spans[:number])
        return start + shift, end + shift


def redact(text: str, public: Public = NOBODY) -> Redacted:
    """The text with a placeholder such as <TELEFON> for each piece of personal data that is not public."""
    spans = personal(text, public)
    parts: list[str] = []
    kinds: dict[str, int] = {}
    place = 0
    for span in spans:
        parts += (text[place : span.start], _placeholder(span))
        kinds[span.kind] = kinds.get(span.kind, 0) + 1
        place = span.end
    return Redacted("".join((*parts, text[place:])), kinds, spans)


def personal(text: str, public: Public = NOBODY) -> tuple[Span, ...]:
    """The places of personal data, from left to right, none within another."""
    found: list[tuple[Span, int]] = []
    numbered = any(sign.isdigit() for sign in text)
    for rank, finder in enumerate(_FINDERS):
        if not numbered and finder not in _WITHOUT_DIGITS:
            continue
        found += ((span, rank) for span in finder(text) if not public.holds(text[span.start : span.end], span.kind))
    merged: list[tuple[Span, int]] = []
    for span, rank in sorted(found):
        if merged and span.start < merged[-1][0].end:
            last, surer = merged[-1]
            kind, surer = (last.kind, surer) if surer <= rank else (span.kind, rank)
            merged[-1] = Span(last.start, max(last.end, span.end), kind), surer
        else:
            merged.append((span, rank))
    return tuple(span for span, _ in merged)


def _placeholder(span: Span) -> str:
    return f"<{span.kind}>"


def _words(text: str) -> list[str]:
    return [word.removesuffix("'s").removesuffix("’s") for word in text.lower().replace(".", " ").split()]


def _plain(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum() or sign == "@")
