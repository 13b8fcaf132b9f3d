"""A text with the names in it replaced by the kind of what they name."""

from __future__ import annotations

from typing import List, Sequence

from smartcity.knowledge.names import Mention


def mask(text: str, mentions: Sequence[Mention]) -> str:
    """Replace the names in `text` by their kind; everyday words and services stay beside their mask.

    What a compound adds to a name stands behind the mask: 'KRuiserpreis' is ' xinitiativex preis '.
    """
    parts: List[str] = []
    position = 0
    for mention in mentions:
        kind = mention.references[0][0]
        name_end = mention.rest or mention.end
        parts.append(text[position : mention.start])
        if mention.generic:
            parts.append(f" {text[mention.start : name_end]} xgeneric{kind}x ")
        elif kind == "service":
            parts.append(f" {text[mention.start : name_end]} xservicex ")
        else:
            parts.append(f" x{kind}x ")
            if kind == "theme":
                parts.append(f" xtheme{mention.references[0][1].replace('_', '')}x ")
        if mention.rest:
            parts.append(f"{text[mention.rest : mention.end]} ")
        position = mention.end
    parts.append(text[position:])
    return "".join(parts)
