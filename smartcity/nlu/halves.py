"""Two questions that 'und' joins, where the pieces were heard as one: both halves say so, and so does the whole.

'Wann ist wieder Tag der Smart City und muss man Eintritt zahlen?' looks like when (0.5) and cost (0.4); its first half
is clearly the one and its second the other.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from smartcity.nlu.mentions import MASKED

LEAST_OF_WHOLE, LEAST_OF_HALF = 0.1, 0.6
"""Probability that the second reading of the whole message and the reading of each half need."""
AND = frozenset("und un u & + and plus".split())
"""Words and signs by which a second half begins."""

Readings = Sequence[Tuple[str, float]]
"""Intents with their probability, likeliest first."""


class Half(NamedTuple):
    """A half of a message, by character offsets, with its names masked."""

    start: int
    end: int
    masked: str

    def part(self) -> Dict[str, Any]:
        """This half as a part of the message (smartcity/nlu/mentions.py)."""
        return {"start": self.start, "end": self.end, "negated": False, "asks": True, MASKED: self.masked}


def divided(
    halves: Sequence[Tuple[Half, Half]], whole: Readings, read: Callable[[str], Readings], one_thing: Sequence[str]
) -> Optional[List[Half]]:
    """The halves that ask the two things that the whole seems to ask; None where there are none.

    `read` tells the readings of a masked text; a message that may mean one of the intents `one_thing` is not divided.
    """
    likely = {intent for intent, _ in whole[:2]}
    if len(likely) < 2 or whole[1][1] < LEAST_OF_WHOLE or likely.intersection(one_thing):
        return None
    found: Optional[List[Half]] = None
    surest = LEAST_OF_HALF
    for pair in halves:
        (first, least), (second, other) = (read(half.masked)[0] for half in pair)
        sure = min(least, other)
        if {first, second} == likely and sure >= surest:
            found, surest = list(pair), sure
    return found
