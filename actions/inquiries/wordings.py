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
        ich will doch nicht | lass gut sein | ach lass gut sein | lassen sie es | lassen sie es gut sein | schon gut
        ach lassen wir das | hat sich erledigt | hat sich schon erledigt
        vergiss es | lass es | das lassen wir | nicht mehr | doch keinen termin
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
    "again": _texts("""
        weitermachen | weiter machen | wo waren wir | so wo waren wir | wo waren wir stehen geblieben
        noch einmal | noch einmal versuchen | noch mal | nochmal | again | try again
    """),
}
ENOUGH = re.compile(
    r"\b(?:das war s|das wars|das war es|reicht|langt|genug|no|nope|nah|ne|nee|nein|nix|mehr nicht|sonst nicht\w*"
    r"|fallt mir nicht\w* ein|kein\w* (?:weiter|ander|mehr)\w*|nur (?:der|die|den|das)|nothing else"
    r"|no (?:other|more|further)|that ll do|that s it|only that)\b"
)
"""No further wish of day and time, where one was told."""
YES = _texts("""
    ja | jawohl | jo | ok | okay | ja bitte | ja gern | ja gerne | in ordnung | einverstanden | richtig | stimmt | passt
    korrekt | alles richtig | alles korrekt | ja alles richtig | stimmt so | stimmt alles | passt so
    das stimmt | das passt | ja stimmt | ja passt | ja das stimmt | ja ist richtig
    absenden | abschicken | senden | schicken
    bitte absenden | ja absenden | ja abschicken | ja senden
    yes | yep | yes please | yes send | yes send it
    send | send it | go ahead | correct | that is correct | that s correct | thats correct | looks good
""")

AGREE_TWICE_NO = re.compile(
    r"\b(?:kein problem|nichts dagegen|nix dagegen|nichts einzuwenden|macht nichts|warum nicht|wieso nicht|why not"
    r"|no problem|not a problem|no objections?|(?:don t|do not|wouldn t|would not) mind)\b"
)
"""Agreement that sounds like a no."""
DISAGREES = re.compile(
    r"^(?!.*\b(?:termin\w*|anfrage\w*|formular|requst|appointment)\b).*"
    r"\b(?:nein|ne|nee|no|nope|nicht|nichts|nix|kein\w*|niemals|nie|ungern|ohne|weglassen|not|nothing|never|don|rather|nur"
    r" (?:die|meine) (?:nachricht|frage|bitte))\b"
)
AGREES = re.compile(
    r"\b(?:ja|jo|jep|jup|jawohl|klar|gern\w*|ok|okay|sicher|selbstverstandlich|naturlich|meinetwegen|von mir aus"
    r"|einverstanden|in ordnung|durfen sie|das darf\w*|mitschicken|mit schicken|weitergeben|mitgeben|stimme zu|passt"
    r"|yes|yep|yeah|sure|fine|of cours\w*|pleas\w* do|go ahead|agre\w*)\b"
)
UNCLEAR = re.compile(
    r"\b(?:aber|nur|wenn|falls|vielleicht|eventull|eventuell|teil\w*|was|wie|wer|wozu|welche\w*|kommt drauf"
    r"|but|only|if|maybe|perhaps|what|who|which|how)\b"
)
"""With these a yes is no clear one."""

CONFIRMING = frozenset(
    "ja jo jau jap jep jawohl passt stimmt richtig korrekt absenden abschicken losschicken senden schicken"
    " schick schicks sende raus ok okay einverstanden yes yeah yep send submit correct".split()
)
BESIDE_CONFIRMING = CONFIRMING | frozenset(
    "bitte gern gerne so alles das es ab los damit machen mach sie konnen kannst du jetzt nun danke ist genau gut super"
    " prima perfekt in ordnung einfach dann die anfrage sieht aus und kann mal please it all that is looks good"
    " fine great thanks off go ahead now right the requst".split()
)
"""A text of these words alone, one of `CONFIRMING` among them, says yes to the summary."""
NO_NAME = re.compile(
    r"\b(?:ich|mich|wir|ihr|das|dass|ist|bin|bist|sind|habe|nicht|kein\w*|mache\w*|macht|kann|konnen|mochte\w*|muss"
    r"|soll\w*|sag\w*|geht|aber|weil|warum|wieso|nachher|heute|you|it|not|cannot|is|want|tell)\b"
)
"""Words of sentences: three words or more with one of these are nobody's name."""
LATER = re.compile(
    r"^(?:\w+ ){0,4}(?:mach\w*|erledig\w*|schreib\w*|do|finish)(?: \w+){0,3} (?:nachher|spater|morgen|later|tomorrow)\b"
)
CORRECTS = re.compile(r"\b(?:stimm\w*|pass(?:t|en)|gefallt|haut)\b(?: \w+){0,3} (?:nicht|nich|net)\b")

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
        r"personlich|vor ort|ort|komm\w* rum|buro|rathaus|dort|hinkommen|vorbei\w*|direkt|selbst"
        r"|in person|face to face",
    ),
)
CHOICES: Dict[str, Tuple[Tuple[str, str], ...]] = {"kind": _KINDS, "manner": _MANNERS}
"""For each step with choices, what names them, by preference."""
CHANGED = (
    ("wishes", r"zeit\w*|tag|tage|uhrzeit|datum|wunsch\w*|termin\w*|day|time|times|date"),
    ("name", r"name\w*"),
    ("contact", r"mail\w*|email\w*|telefon\w*|nummer|kontakt\w*|adresse|contact|phone|number|address"),
    ("subject", r"anliegen|betreff|thema|inhalt|text|nachricht|subject|topic|message"),
    ("excerpt", r"gesprach\w*|freigabe|erlaubnis|mitlesen|auszug|conversation|permission"),
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

_LANGUAGE = (
    r"(?:englisch\w*|english|deutsch\w*|german|(?:leichte\w*|einfache\w*|simple|plain|easy) (?:sprache|language|german"
    r"|words)|easy to read|leicht|einfach\w*"
    r"|(?:turki|polni|russi|arabi|ukraini|rumani|bulgari|kurdi|italieni|spani|griechi|persi|niederlandi|hollandi"
    r"|portugiesi|franzosi|albani|serbi|kroati|chinesi)sch\w*|turkish|polish|russian|arabic|ukrainian|romanian"
    r"|bulgarian|kurdish|italian|spanish|greek|farsi|dutch|portuguese|french|albanian|serbian|croatian|chinese)"
)
_SPEAK = (
    r"(?:auf|in|bitte|pleas\w*|sprech\w*|sprich|speak|switch|antwort\w*|answer|wechsel\w*|weiter|continu|reden|schreib\w*"
    r"|mochte\w*|will|want|lieber|can|konnen|kannst)"
)
SWITCHES = re.compile(rf"^{_LANGUAGE}$|\b{_SPEAK}\b.*\b{_LANGUAGE}\b|\b{_LANGUAGE}\b.*\b{_SPEAK}\b")
"""A wish for another language; a name or a subject may merely look like one."""

WANTS_APPOINTMENT = re.compile(
    r"^\w*termin (?:bitte|gewunscht|erbeten|ware? (?:schon|gut|nett))\b"
    r"|^(?:(?:hallo|hi|moin|hey|guten (?:tag|morgen|abend)|bitte|also|ja|ich|hello|good (?:morning|afternoon)) )*"
    r"(?:(?:ich|wir|i|we) (?:\w+ )?)?"
    r"(?:mochte\w*|will|wollen|wurde\w*|hatte\w*|brauch\w*|benotige\w*|bitte\w*|wunsche|d|would|want|need|like)\b"
    r".*\b(?:\w*termin|appointment)\b"
)
NO_APPOINTMENT = re.compile(
    r"\b(?:kein\w*|nicht|ob|wie|wo|wann|absagen|verschieben|not|no|how|where|whether|don|cancel)\b"
)
WANTS_CALL = re.compile(
    r"\b(?:ruckruf\w*|zuruckruf\w*|anklingel\w*|durchklingel\w*|klingel\w* (?:\w+ ){0,3}(?:an|durch)"
    r"|zuruck ?zu ?rufen|call ?back|call me|ruf\w* (?:\w+ )?mich"
    r"|(?:ruf\w*|meld\w*) (?:\w+ ){0,3}(?:mich|mir|uns)(?: \w+){0,3} (?:zuruck|an))\b"
)
NO_CALL = re.compile(r"\b(?:kein\w*|nicht|nie|statt|ohne|not|no|never|don)\b")
