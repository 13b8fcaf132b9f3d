"""A text with the names in it replaced by the kind of what they name."""

from __future__ import annotations

import re
from typing import List, Sequence

from smartcity.knowledge.names import Mention

_REFERENCE = re.compile(r"(?<!\w)kr[-\u2010-\u2015 ]?[0-9a-z]{4} ?[-\u2010-\u2015] ?[0-9a-z]{2}(?!\w)", re.IGNORECASE)
"""The reference of a request to the office, such as KR-7F3K-2M: its letters are drawn at random and mean nothing."""


def mask(text: str, mentions: Sequence[Mention]) -> str:
    """Replace the names in `text` by their kind; everyday words, services and offices stay beside their mask.

    References of requests are replaced as well.

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
        elif kind in ("service", "office"):
            parts.append(f" {text[mention.start : name_end]} x{kind}x ")
        else:
            parts.append(f" x{kind}x ")
            if kind == "theme":
                parts.append(f" xtheme{mention.references[0][1].replace('_', '')}x ")
        if mention.rest:
            parts.append(f"{text[mention.rest : mention.end]} ")
        position = mention.end
    parts.append(text[position:])
    return _REFERENCE.sub(" xreferencex ", "".join(parts))
