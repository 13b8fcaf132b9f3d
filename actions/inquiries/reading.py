"""What a citizen means who is asked something by a form: a command, a choice, another question, or the answer."""

from __future__ import annotations

import re
from typing import Optional, Tuple

from actions.inquiries.wordings import (
    AGREE_TWICE_NO,
    AGREES,
    ASKING,
    BESIDE_CONFIRMING,
    CHANGE,
    CHANGED,
    CHOICES,
    COMMANDS,
    CONFIRMING,
    CORRECTS,
    DISAGREES,
    EMPTY,
    ENOUGH,
    LATER,
    NO_APPOINTMENT,
    NO_CALL,
    NO_NAME,
    SWITCHES,
    UNCLEAR,
    WANTS_APPOINTMENT,
    WANTS_CALL,
    YES,
)  # fmt: skip
from actions.titles import chosen_by_title
from actions.turn import Turn, parse_payload
from smartcity.knowledge.folding import words

CHOICE = "inquiry_continue"
"""The intent of the form's buttons; their entity `step` says which."""
LONGEST_CHOICE = 12
"""Words in which a choice is still looked for."""
EMERGENCY = "talk/emergency"
"""The answer to an emergency."""
LEAST = 0.5
"""Probability from which a message is clearly another question."""
SURE = 0.8
"""The same where a few words may be a name: 'Ute Beispiel' asks for no example."""

_QUESTIONS = ("ask_", "office_", "theme_", "list_", "bot_", "city_service", "report_defect", "inquiry_state")
_AT_ONCE = frozenset({"emergency", "switch_english", "switch_german", "switch_easy", "switch_other"})
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
    if "later" in allowed and LATER.search(said):
        return "later"
    return next((name for name in allowed if said in COMMANDS[name]), None)


def choice(text: str, step: str) -> Optional[str]:
    """The choice of this step that a short text names."""
    said = folded(text)
    if len(said.split()) > LONGEST_CHOICE:
        return None
    return next((name for name, pattern in CHOICES[step] if re.search(rf"\b(?:{pattern})\b", said)), None)


def is_enough(text: str) -> bool:
    """Whether a short text says that there are no further wishes."""
    said = folded(text)
    return len(said.split()) <= LONGEST_CHOICE // 2 and bool(ENOUGH.search(said))


def confirms(text: str) -> bool:
    """Whether the text says yes to the summary."""
    said = folded(text)
    spoken = set(said.split())
    return said in YES or ("?" not in text and bool(spoken & CONFIRMING and spoken <= BESIDE_CONFIRMING))


def agrees(text: str) -> Optional[bool]:
    """Whether the text agrees or refuses; None where it is not clear, since only a clear yes is one."""
    said = folded(text)
    rest, twice = AGREE_TWICE_NO.subn(" ", said)
    if not twice and ("?" in text or ASKING.match(said)):
        return None
    if DISAGREES.search(rest):
        return False
    if UNCLEAR.search(rest) or len(said.split()) > LONGEST_CHOICE:
        return None
    return True if twice or AGREES.search(rest) else None


def names_conversation(text: str) -> bool:
    """Whether the text is about the conversation, which may or may not be sent along."""
    return bool(re.search(rf"\b(?:{dict(CHANGED)['excerpt']})\b", folded(text)))


def change(text: str) -> Optional[str]:
    """The step that 'die Nummer ist falsch' wants to change."""
    said = folded(text)
    named = next((step for step, pattern in CHANGED if re.search(rf"\b(?:{pattern})\b", said)), None)
    return named if named and (CHANGE.search(said) or CORRECTS.search(said) or len(said.split()) <= 2) else None


def pressed(turn: Turn, offered: Tuple[str, ...]) -> Optional[str]:
    """What the citizen chose with a button of the form, or by its number; None when it was neither."""
    payload = turn.text if turn.pressed else None
    said = turn.text.strip().rstrip(".)")
    if payload is None and said.isascii() and said.isdigit() and 0 < int(said) <= len(offered):
        payload = offered[int(said) - 1]
    payload = payload or chosen_by_title(turn)
    if payload is None:
        return None
    intent, entities = parse_payload(payload)
    return entities.get("step") if intent == CHOICE else None


def asks_in_between(turn: Turn, step: str, kind: Optional[str]) -> bool:
    """Whether the message is a clear question of another intent, and no answer to what was asked."""
    likeliest = turn.ranking[0][1] if turn.ranking else 0.0
    like_a_name = step == "name" and "?" not in turn.text and len(words(turn.text)) <= LEAST_WORDS
    like_a_name = like_a_name and turn.intent != "emergency"
    if turn.doubt is not None or turn.intent == "nlu_fallback" or likeliest < (SURE if like_a_name else LEAST):
        return False
    if step == "contact" and "@" in turn.text:
        return False
    if step == "name" and turn.intent == "emergency" and _told_of_emergency(turn):
        return False
    if turn.intent in _AT_ONCE:
        # 'Sam Sample' wishes for no simple language.
        return not turn.intent.startswith("switch_") or bool(SWITCHES.search(folded(turn.text)))
    asking = "?" in turn.text or bool(ASKING.match(folded(turn.text)))
    if step in CHOICES and not asking and choice(turn.text, step):
        return False
    if step == "excerpt" and not turn.named and turn.intent not in _ABOUT_THE_FORM | _NEVER_ANSWERS:
        return False  # 'worum geht es da?' is about what was just asked
    if step == "subject":
        # A message to the office may itself be a question; the subject of an appointment is none.
        wanted = turn.intent.startswith(_QUESTIONS) if kind == "appointment" else turn.intent in _ABOUT_THE_FORM
        return asking and wanted
    if turn.intent in _NO_ANSWERS_IN_WORDS and len(words(turn.text)) >= LEAST_WORDS:
        return True
    return turn.intent in _NEVER_ANSWERS or (asking and turn.intent.startswith(_QUESTIONS))


def _told_of_emergency(turn: Turn) -> bool:
    """Whether the answer before was the one to an emergency: whoever is called Brandt says so twice."""
    said = [number for number, event in enumerate(turn.events) if event.get("event") == "user"][-2:]
    before = turn.events[said[0] : said[1]] if len(said) == 2 else ()
    bots = (event for event in before if event.get("event") == "bot")
    return any(((bot.get("data") or {}).get("custom") or {}).get("answer") == EMERGENCY for bot in bots)


def is_sentence(text: str) -> bool:
    """Whether the text is a sentence rather than a name."""
    said = folded(text)
    return len(said.split()) >= LEAST_WORDS and bool(NO_NAME.search(said))


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
