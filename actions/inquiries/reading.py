"""What a citizen means who is asked something by a form: a command, a choice, another question, or the answer."""

from __future__ import annotations

import re
from typing import Optional, Tuple

from actions.inquiries.wordings import (
    ASKING,
    CHANGE,
    CHANGED,
    CHOICES,
    COMMANDS,
    EMPTY,
    NO_APPOINTMENT,
    NO_CALL,
    WANTS_APPOINTMENT,
    WANTS_CALL,
    YES,
)  # fmt: skip
from actions.turn import Turn, parse_payload
from smartcity.knowledge.folding import words

CHOICE = "inquiry_continue"
"""The intent of the form's buttons; their entity `step` says which."""
LONGEST_CHOICE = 12
"""Words in which a choice is still looked for."""
LEAST = 0.5
"""Probability from which a message is clearly another question."""

_QUESTIONS = ("ask_", "office_", "theme_", "list_", "bot_", "city_service", "report_defect", "inquiry_state")
_AT_ONCE = frozenset({"emergency", "switch_english", "switch_german", "switch_easy"})
"""What goes before every answer."""
_NEVER_ANSWERS = _AT_ONCE | {
    "bot_privacy", "bot_human", "bot_identity", "help", "repeat", "inquiry_state", "inquiry_withdraw",
}  # fmt: skip
"""What is no answer to a short question, however it is put."""
_NO_ANSWERS_IN_WORDS = frozenset({"want_person", "was_wrong", "insult"})
"""What is no answer to a short question where it has some words; a name may look like one of them."""
LEAST_WORDS = 3
_ABOUT_THE_FORM = frozenset({
    "bot_privacy", "bot_human", "bot_identity", "office_phone", "office_email", "office_hours", "office_address",
    "office_room",
})  # fmt: skip
"""What is asked in between where the answer itself may be a question."""


def folded(text: str) -> str:
    """The words of a text, in the form in which everything here is compared."""
    return " ".join(word.form for word in words(text))


def command(text: str, *allowed: str) -> Optional[str]:
    """The command that the whole text is, of those that are allowed."""
    said = folded(text)
    return next((name for name in allowed if said in COMMANDS[name]), None)


def choice(text: str, step: str) -> Optional[str]:
    """The choice of this step that a short text names."""
    said = folded(text)
    if len(said.split()) > LONGEST_CHOICE:
        return None
    return next((name for name, pattern in CHOICES[step] if re.search(rf"\b(?:{pattern})\b", said)), None)


def confirms(text: str) -> bool:
    """Whether the text says yes to the summary."""
    return folded(text) in YES


def change(text: str) -> Optional[str]:
    """The step that 'die Nummer ist falsch' wants to change."""
    said = folded(text)
    named = next((step for step, pattern in CHANGED if re.search(rf"\b(?:{pattern})\b", said)), None)
    return named if named and (CHANGE.search(said) or len(said.split()) <= 2) else None


def pressed(turn: Turn, offered: Tuple[str, ...]) -> Optional[str]:
    """What the citizen chose with a button of the form, or by its number; None when it was neither."""
    payload = turn.text if turn.pressed else None
    said = turn.text.strip().rstrip(".)")
    if payload is None and said.isascii() and said.isdigit() and 0 < int(said) <= len(offered):
        payload = offered[int(said) - 1]
    if payload is None:
        return None
    intent, entities = parse_payload(payload)
    return entities.get("step") if intent == CHOICE else None


def asks_in_between(turn: Turn, step: str, kind: Optional[str]) -> bool:
    """Whether the message is a clear question of another intent, and no answer to what was asked."""
    likeliest = turn.ranking[0][1] if turn.ranking else 0.0
    if turn.doubt is not None or turn.intent == "nlu_fallback" or likeliest < LEAST:
        return False
    if turn.intent in _AT_ONCE:
        return True
    asking = "?" in turn.text or bool(ASKING.match(folded(turn.text)))
    if step in CHOICES and not asking and choice(turn.text, step):
        return False
    if step == "subject":
        # A message to the office may itself be a question; the subject of an appointment is none.
        wanted = turn.intent.startswith(_QUESTIONS) if kind == "appointment" else turn.intent in _ABOUT_THE_FORM
        return asking and wanted
    if turn.intent in _NO_ANSWERS_IN_WORDS and len(words(turn.text)) >= LEAST_WORDS:
        return True
    return turn.intent in _NEVER_ANSWERS or (asking and turn.intent.startswith(_QUESTIONS))


def says_nothing(text: str) -> bool:
    """Whether the text is a yes, a no or the like, and so neither a subject nor a name."""
    said = folded(text)
    return said in YES or said in COMMANDS["enough"] or said in COMMANDS["any"] or said in EMPTY


def wants_appointment(turn: Turn) -> bool:
    """Whether the message says in so many words that an appointment is wanted ('ich möchte einen Termin')."""
    said = folded(turn.text)
    if turn.pressed or "?" in turn.text or turn.intent != "office_appointment":
        return False
    return bool(WANTS_APPOINTMENT.match(said)) and not NO_APPOINTMENT.search(said)


def wants_call(turn: Turn) -> bool:
    """Whether the message asks in so many words to be called back ('bitte um Rückruf')."""
    said = folded(turn.text)
    return (
        not turn.pressed and turn.intent == "want_person" and bool(WANTS_CALL.search(said)) and not NO_CALL.search(said)
    )
