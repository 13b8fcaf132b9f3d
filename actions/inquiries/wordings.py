"""How people say the commands and choices of the forms; folded words (smartcity/knowledge/folding.py).

Folding writes 'ue' as 'u', in English words too: 'question' is 'qustion' here.
"""

from __future__ import annotations

import re
from typing import Dict, FrozenSet, Tuple


def _texts(text: str) -> FrozenSet[str]:
    return frozenset(part.strip() for part in text.replace("\n", "|").split("|") if part.strip())


COMMANDS: Dict[str, FrozenSet[str]] = {
    "back": _texts("""
        zuruck | bitte zuruck | zuruck bitte | noch mal zuruck | einen schritt zuruck | schritt zuruck | eins zuruck
        geh zuruck | vorherige frage | back | go back | one step back | previous
    """),
    "cancel": _texts("""
        abbrechen | abbruch | bitte abbrechen | anfrage abbrechen | formular abbrechen | ich mochte abbrechen
        ich will abbrechen | stopp | stop | ende | beenden | schluss | doch nicht | nein doch nicht | doch lieber nicht
        ich will doch nicht | vergiss es | lass es | das lassen wir | nicht mehr | doch keinen termin
        cancel | please cancel | abort | quit | exit | never mind | forget it | i want to cancel | cancel the requst
    """),
    "later": _texts("""
        spater | spater weiter | spater weitermachen | mach ich spater | ich mache spater weiter | machen wir spater
        pause | ein andermal | unterbrechen | nicht jetzt | later | continu later | not now
    """),
    "keep": _texts("so lassen | lassen | bleibt so | so bleibt es | unverandert | passt so | keep | keep it"),
    "enough": _texts("""
        nein | nein danke | keine | keinen | kein weiterer | kein weiterer wunsch | keinen weiteren | das reicht
        reicht | fertig | weiter | das wars | das war es | das ist alles | nur der | nur den | genug
        no | no thanks | none | no more | that s all | thats all | that is all | enough | continu | next
    """),
    "any": _texts("""
        egal | egal wann | ist egal | ist mir egal | mir egal | immer | jederzeit | wann immer | any time | anytime
        any day | whenever | i do not mind | i don t mind
    """),
    "again": _texts("noch einmal | noch einmal versuchen | noch mal | nochmal | again | try again"),
}
YES = _texts("""
    ja | jawohl | jo | ok | okay | ja bitte | ja gern | ja gerne | in ordnung | einverstanden | richtig | stimmt | passt
    korrekt | alles richtig | alles korrekt | ja alles richtig | stimmt so | stimmt alles | passt so
    das stimmt | das passt | ja stimmt | ja passt | ja das stimmt | ja ist richtig
    absenden | abschicken | senden | schicken
    bitte absenden | ja absenden | ja abschicken | ja senden
    yes | yep | yes please | yes send | yes send it
    send | send it | go ahead | correct | that is correct | that s correct | thats correct | looks good
""")

EMPTY = _texts("""
    keine ahnung | weiss nicht | weiss ich nicht | sag ich nicht | das sage ich nicht | wieso | warum | hm | ohne
    i don t know | dont know | no idea | why | hallo | hello | hi | danke | thanks
""")
"""Short texts that are nobody's name and no subject."""

_KINDS = (
    ("callback", r"ruckruf|zuruckruf|ruf\w* mich|anruf\w*|telefonat|call ?back|call me"),
    ("appointment", r"\w*termin\w*|treffen|besuch\w*|vorbeikommen|sprechstunde|gesprach|appointment|meeting"),
    (
        "message",
        r"nachricht\w*|mitteilung|idee\w*|vorschlag|anregung|hinweis|frage|beschwerde\w*|kritik|lob|schreiben"
        r"|message|idea|complaint|qustion|suggestion",
    ),
)
_MANNERS = (
    ("telephone", r"telefon\w*|anruf\w*|fernmundlich|am apparat|phone|telephone|call"),
    (
        "in_person",
        r"personlich|vor ort|ort|buro|rathaus|dort|hinkommen|vorbei\w*|direkt|selbst|in person|face to face",
    ),
)
CHOICES: Dict[str, Tuple[Tuple[str, str], ...]] = {"kind": _KINDS, "manner": _MANNERS}
"""For each step with choices, what names them, by preference."""
CHANGED = (
    ("wishes", r"zeit\w*|tag|tage|uhrzeit|datum|wunsch\w*|termin\w*|day|time|times|date"),
    ("name", r"name\w*"),
    ("contact", r"mail\w*|email\w*|telefon\w*|nummer|kontakt\w*|adresse|contact|phone|number|address"),
    ("subject", r"anliegen|betreff|thema|inhalt|text|nachricht|subject|topic|message"),
    ("manner", r"vor ort|personlich|ort|in person"),
    ("kind", r"art|kind"),
)
"""What names the answers in the summary."""
CHANGE = re.compile(
    r"\b(?:ander\w*|falsch\w*|korrigier\w*|neu\w*|stimm\w* nicht|pass(?:t|en) nicht|nicht richtig"
    r"|change|wrong|correct)\b"
)

ASKING = re.compile(
    r"^(?:und |aber |ach |moment |sagen sie |and |but |wait )*"
    r"(?:wer|was|wie|wo|wann|warum|wieso|weshalb|welche\w?|wozu|wohin|woher|wem|wen|wessen|wofur|womit|worum"
    r"|gibt es|gibts|kann ich|konnen sie|kannst du|muss ich|darf ich|ist das|sind die|haben sie|brauche ich|kostet"
    r"|what|who|where|when|why|how|which|is there|are there|can i|can you|do i|dos|must i|may i)\b"
)
"""Beginnings of questions, without their sign."""

WANTS_APPOINTMENT = re.compile(
    r"^(?:(?:hallo|hi|moin|hey|guten (?:tag|morgen|abend)|bitte|also|ja|ich|hello|good (?:morning|afternoon)) )*"
    r"(?:(?:ich|wir|i|we) (?:\w+ )?)?"
    r"(?:mochte\w*|will|wollen|wurde\w*|hatte\w*|brauch\w*|benotige\w*|bitte\w*|wunsche|d|would|want|need|like)\b"
    r".*\b(?:termin|gesprachstermin|besuchstermin|beratungstermin|appointment)\b"
)
NO_APPOINTMENT = re.compile(
    r"\b(?:kein\w*|nicht|ob|wie|wo|wann|absagen|verschieben|not|no|how|where|whether|don|cancel)\b"
)
WANTS_CALL = re.compile(
    r"\b(?:ruckruf\w*|zuruckruf\w*|zuruck ?zu ?rufen|call ?back|call me|ruf\w* (?:\w+ )?mich"
    r"|(?:ruf\w*|meld\w*) (?:\w+ ){0,3}(?:mich|mir|uns)(?: \w+){0,3} (?:zuruck|an))\b"
)
NO_CALL = re.compile(r"\b(?:kein\w*|nicht|nie|statt|ohne|not|no|never|don)\b")
