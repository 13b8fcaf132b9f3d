"""What a citizen means who is asked something by a form: a command, a choice, another question, or the answer."""

from __future__ import annotations

import re
from typing import Dict, Optional, Tuple

from actions.turn import Turn, parse_payload
from smartcity.knowledge.folding import words

CHOICE = "inquiry_continue"
"""The intent of the form's buttons; their entity `step` says which."""

_COMMANDS: Dict[str, Tuple[str, ...]] = {
    "back": (
        "zuruck", "einen schritt zuruck", "schritt zuruck", "back", "go back", "eins zuruck", "vorherige frage",
        "bitte zuruck", "noch mal zuruck", "previous", "one step back", "zuruck bitte", "geh zuruck",
    ),
    "cancel": (
        "abbrechen", "abbruch", "stopp", "stop", "cancel", "abort", "quit", "exit", "ende", "beenden", "doch nicht",
        "nein doch nicht", "vergiss es", "lass es", "ich will doch nicht", "ich mochte abbrechen", "bitte abbrechen",
        "ich will abbrechen", "anfrage abbrechen", "never mind", "forget it", "i want to cancel", "cancel the requst",
        "formular abbrechen", "nicht mehr", "schluss", "doch keinen termin", "doch lieber nicht", "das lassen wir",
    ),
    "later": (
        "spater", "spater weiter", "spater weitermachen", "pause", "later", "continue later", "nicht jetzt", "not now",
        "mach ich spater", "ich mache spater weiter", "machen wir spater", "ein andermal", "unterbrechen",
    ),
    "keep": ("so lassen", "lassen", "bleibt so", "keep", "keep it", "passt so", "unverandert", "so bleibt es"),
    "enough": (
        "nein", "keine", "keinen", "kein weiterer", "kein weiterer wunsch", "das reicht", "reicht", "fertig", "weiter",
        "no", "none", "thats all", "that s all", "that is all", "no more", "enough", "das wars", "das war es", "nein danke",
        "no thanks", "keinen weiteren", "das ist alles", "nur der", "nur den", "continue", "next", "genug",
    ),
    "again": ("noch einmal", "noch einmal versuchen", "nochmal", "try again", "again", "noch mal"),
}  # fmt: skip
_YES = frozenset(
    "ja|jawohl|jo|yes|yep|ok|okay|stimmt|richtig|passt|korrekt|absenden|senden|abschicken|schicken|send|correct|"
    "ja bitte|ja absenden|ja senden|ja gerne|ja gern|bitte absenden|alles richtig|alles korrekt|stimmt so|stimmt alles|"
    "das stimmt|das passt|passt so|yes please|yes send|send it|go ahead|ja das stimmt|ja stimmt|ja passt|in ordnung|"
    "ja alles richtig|einverstanden|ja abschicken|ja ist richtig|that is correct|that s correct|thats correct|looks good".split(
        "|"
    )
)
_CHOICES: Dict[str, Tuple[Tuple[str, str], ...]] = {
    "kind": (
        ("callback", r"ruckruf|zuruckruf|zuruck ruf|ruf\w* mich|anruf\w*|call ?back|call me|telefonat"),
        ("appointment", r"\w*termin\w*|treffen|besuch\w*|vorbeikommen|appointment|meeting|sprechstunde|gesprach"),
        ("message", r"nachricht\w*|idee\w*|vorschlag|frage|beschwerde\w*|kritik|lob|anregung|hinweis|message|idea|"
                    r"complaint|qustion|suggestion|mitteilung|schreiben"),
    ),
    "manner": (
        ("telephone", r"telefon\w*|anruf\w*|fernmundlich|phone|telephone|call|am apparat|per tel"),
        ("in_person", r"personlich|vor ort|in person|ort|buro|rathaus|dort|face to face|hinkommen|vorbei\w*|direkt|selbst"),
    ),
}  # fmt: skip
_CHANGES = (
    ("wishes", r"zeit\w*|tag|tage|uhrzeit|datum|wunsch\w*|termin\w*|day|time|date"),
    ("name", r"name\w*"),
    ("contact", r"mail\w*|email\w*|e mail|telefon\w*|nummer|kontakt\w*|contact|phone|number|adresse|address"),
    ("subject", r"anliegen|betreff|thema|subject|text|nachricht|inhalt|message|topic"),
    ("manner", r"vor ort|personlich|in person|ort"),
    ("kind", r"art|kind"),
)
_CHANGE = re.compile(
    r"\b(?:ander\w*|falsch\w*|korrigier\w*|change|wrong|correct|stimm\w* nicht|passt nicht|passen nicht|nicht richtig|neu\w*)\b"
)
_DENIAL = frozenset({"nein", "no", "nicht", "noch nicht", "falsch", "stimmt nicht", "nein danke", "nope", "not yet"})

_ASKING = re.compile(
    r"^(?:und |aber |ach |moment |sagen sie |and |but |wait )*(?:wer|was|wie|wo|wann|warum|wieso|weshalb|welche\w?|wozu|"
    r"wohin|woher|wem|wen|wessen|wofur|womit|worum|gibt es|gibts|kann ich|konnen sie|kannst du|muss ich|darf ich|ist das|"
    r"sind die|haben sie|brauche ich|kostet|what|who|where|when|why|how|which|is there|are there|can i|can you|do i|"
    r"dos|must i|may i)\b"
)
_QUESTIONS = ("ask_", "office_", "theme_", "list_", "bot_", "city_service", "report_defect", "inquiry_state")
_ALWAYS = frozenset({
    "emergency", "switch_english", "switch_german", "switch_easy", "bot_privacy", "repeat", "help", "bot_human",
    "bot_identity", "inquiry_withdraw", "inquiry_state",
})  # fmt: skip
"""What is never an answer, however it is put."""
_ABOUT_THE_FORM = frozenset({
    "emergency", "switch_english", "switch_german", "switch_easy", "bot_privacy", "bot_human", "bot_identity",
    "office_phone", "office_email", "office_hours", "office_address", "office_room",
})  # fmt: skip
"""What is asked in between where the answer itself may be a question."""
_ALWAYS_AT_ONCE = frozenset({"switch_english", "switch_german", "switch_easy", "emergency"})
_LEAST = 0.5
"""Probability from which a message is clearly another question."""


def folded(text: str) -> str:
    """The words of a text, in the form in which everything here is compared."""
    return " ".join(word.form for word in words(text))


def command(text: str, *allowed: str) -> Optional[str]:
    """The command that the whole text is, of those that are allowed."""
    said = folded(text)
    return next((name for name in allowed if said in _COMMANDS[name]), None)


def choice(text: str, step: str) -> Optional[str]:
    """The choice of this step that a short text names."""
    said = folded(text)
    if len(said.split()) > 12:
        return None
    for name, pattern in _CHOICES[step]:
        if re.search(rf"\b(?:{pattern})\b", said):
            return name
    return None


def confirms(text: str) -> bool:
    return folded(text) in _YES


def denies(text: str) -> bool:
    return folded(text) in _DENIAL


def change(text: str) -> Optional[str]:
    """The step that 'die Nummer ist falsch' wants to change."""
    said = folded(text)
    named = next((step for step, pattern in _CHANGES if re.search(rf"\b(?:{pattern})\b", said)), None)
    return named if named and (_CHANGE.search(said) or len(said.split()) <= 2) else None


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
    if turn.pressed:
        return True
    likeliest = turn.ranking[0][1] if turn.ranking else 0.0
    if turn.doubt is not None or turn.intent == "nlu_fallback" or likeliest < _LEAST:
        return False
    if turn.intent in _ALWAYS_AT_ONCE:
        return True
    asking = "?" in turn.text or bool(_ASKING.match(folded(turn.text)))
    if step == "subject" and kind != "appointment":
        return asking and turn.intent in _ABOUT_THE_FORM
    if step == "subject":
        return asking and turn.intent.startswith(_QUESTIONS)
    return turn.intent in _ALWAYS or (asking and turn.intent.startswith(_QUESTIONS))


_EXPLICIT = re.compile(
    r"^(?:(?:hallo|guten (?:tag|morgen|abend)|hi|moin|hello|bitte|also|ja|ich|hey|good (?:morning|afternoon)|dear \w+) )*"
    r"(?:(?:ich|wir|i|we) (?:\w+ ){0,1})?(?:mochte\w*|will|wollen|wurde\w*|hatte\w*|brauch\w*|benotige\w*|bitte\w*|wunsche|d|"
    r"would|want|need|like)\b.*\b(?:termin|gesprachstermin|besuchstermin|beratungstermin|appointment)\b"
)
_NOT_EXPLICIT = re.compile(
    r"\b(?:kein\w*|nicht|ob|wie|wo|wann|not|no|how|where|whether|don|absagen|verschieben|cancel)\b"
)


def wants_appointment(turn: Turn) -> bool:
    """Whether the message says in so many words that an appointment is wanted ('ich möchte einen Termin')."""
    said = folded(turn.text)
    if turn.pressed or "?" in turn.text or turn.intent != "office_appointment" or _NOT_EXPLICIT.search(said):
        return False
    return bool(_EXPLICIT.match(said))


_CALL = re.compile(
    r"\b(?:ruckruf\w*|zuruckruf\w*|zuruck ?zu ?rufen|call ?back|call me|(?:ruf\w*|meld\w*) (?:\w+ ){0,3}(?:mich|mir|uns)(?: \w+){0,3} "
    r"(?:zuruck|an)|ruf\w* (?:\w+ )?mich)\b"
)
_NO_CALL = re.compile(r"\b(?:kein\w*|nicht|nie|statt|ohne|not|no|never|don)\b")


def wants_call(turn: Turn) -> bool:
    """Whether the message asks in so many words to be called back ('bitte um Rückruf')."""
    said = folded(turn.text)
    return not turn.pressed and turn.intent == "want_person" and bool(_CALL.search(said)) and not _NO_CALL.search(said)
