"""What the clients ask: fixed answers and initiatives, in conversations of five messages."""

from __future__ import annotations

from itertools import cycle, islice
from typing import Iterator, Tuple

QUESTIONS: Tuple[str, ...] = (
    "Hallo",
    "Was ist der KRuiser?",
    "Was kostet mein SWCAR?",
    "Wer betreibt das?",
    "Danke",
    "Welche Themen gibt es?",
    "Mobilität",
    "Welche Projekte gibt es?",
    "Wo findet der KReathon statt?",
    "Für wen ist die CodingSchool?",
    "Was kannst du?",
    "Wo ist das Büro der Smart City?",
    "Wie ist die Telefonnummer?",
    "Brauche ich einen Termin?",
    "Was machst du mit meinen Daten?",
    "Wo kann ich meinen Personalausweis beantragen?",
    "Was messen die Klimasensoren?",
    "Gibt es das Beteiligungsportal noch?",
    "How many smart lamps are there?",
    "Tschüss",
)
CONVERSATION = 5
"""Messages in one conversation."""


def conversations() -> Iterator[Tuple[str, ...]]:
    """Conversations without end; every question comes in its turn."""
    questions = cycle(QUESTIONS)
    while True:
        yield tuple(islice(questions, CONVERSATION))
