"""Rules of Leichte Sprache that a machine can check.

Source: the rules of Netzwerk Leichte Sprache and DIN SPEC 33429, as far as they can be
seen on the surface: short sentences, one thought each, no genitive, passive or subjunctive,
long words divided by hyphens, no abbreviations, no brackets.
"""

from __future__ import annotations

import re
from typing import Iterator, List

MAX_WORDS = 12
"""Longest sentence, in words."""
MAX_LETTERS = 15
"""Longest word without a hyphen, in letters."""

_SENTENCE_END = re.compile(r"(?<=[.!?:])\s+|\n+")
_WORD = re.compile(r"[^\W\d_]+(?:[-·][^\W\d_]+)*", re.UNICODE)
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|\b[\w-]+\.(?:de|net|com|org|eu|nrw)\b(?:/\S*)?")
_GENITIVE = re.compile(r"\b(?:des|eines|deren|dessen|meines|seines|ihres|Ihres|unseres|dieses Jahres)\b")
_SUBJUNCTIVE = re.compile(
    r"\b(?:würden?|hätten?|wären?|könnten?|müssten?|dürften?|sollten?|möchten?|wüssten?|gäbe|käme)\b", re.IGNORECASE
)
_PASSIVE = re.compile(r"\b(?:wird|werden|wurden?|worden)\b(?P<rest>[^.!?\n]*)", re.IGNORECASE)
_PARTICIPLE = re.compile(
    r"\b(?:(?:\w+)?ge\w{2,}(?:t|en)|(?:be|ver|ent|er|zer|miss)\w{2,}(?:t|en)|\w+iert)\b(?=\s*[.,!?]|\s*$)"
)
_ABBREVIATION = re.compile(r"\b(?:z\. ?B|d\. ?h|u\. ?a|usw|etc|ca|bzw|ggf|inkl|Mio|Mrd|Std|Tel|Str|Nr)\.")
_SUBORDINATE = re.compile(
    r",\s*(?:dass|weil|obwohl|damit|sodass|nachdem|während|wobei|indem|bevor|der|die|das|den|dem|wo|wie|ob)\b"
)


def _sentences(text: str) -> List[str]:
    return [part.strip(" -*") for part in _SENTENCE_END.split(_ADDRESS.sub("Adresse", text)) if part.strip(" -*")]


def easy_language_faults(text: str) -> Iterator[str]:
    """Yield one German-agnostic English sentence for each broken rule in `text`."""
    for sentence in _sentences(text):
        shown = sentence if len(sentence) <= 60 else sentence[:57] + "..."
        words = _WORD.findall(sentence)
        if len(words) > MAX_WORDS:
            yield f"'{shown}' has {len(words)} words; write at most {MAX_WORDS}, one thought a sentence."
        for word in words:
            long_part = max(re.split(r"[-·]", word), key=len)
            if len(long_part) > MAX_LETTERS:
                yield f"'{word}' is long; divide it with a hyphen, such as 'Bürger-Service'."
        if _GENITIVE.search(sentence):
            yield f"'{shown}' has a genitive; use 'von' or another sentence."
        if _SUBJUNCTIVE.search(sentence):
            yield f"'{shown}' has a subjunctive; say it as a fact."
        passive = _PASSIVE.search(sentence)
        if passive and _PARTICIPLE.search(passive.group("rest")):
            yield f"'{shown}' is in the passive; say who does it."
        if _SUBORDINATE.search(sentence):
            yield f"'{shown}' has a subordinate clause; make two sentences."
        if re.search(r"[();]", sentence):
            yield f"'{shown}' has brackets or a semicolon; make two sentences."
    # In the whole text: the full stops of 'z. B.' look like ends of sentences.
    for match in _ABBREVIATION.finditer(_ADDRESS.sub("Adresse", text)):
        yield f"'{match.group()}' is an abbreviation; write it out."
