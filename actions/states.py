"""Which state a question for a list asks for: what has ended, what goes on, what is unclear."""

from __future__ import annotations

import re
from typing import Dict

from smartcity.knowledge.folding import words

_THERE_IS = r"(?:gibt|gibts|laufen|lauft|existieren|bestehen|sind|ist|are|exist)(?: \w+){0,2}"
_PATTERNS: Dict[str, str] = {
    "ended": "beendet(?:e|en)?|eingestellt(?:e|en)?|abgeschlossen(?:e|en)?|abgeschafft(?:e|en)?|vorbei|"
    "gescheitert(?:e|en)?|eingestampft(?:e|en)?|abgewickelt(?:e|en)?|gestorben(?:e|en)?|eingeschlafen(?:e|en)?|"
    "(?:sind|wurden|ist|wurde)(?: \\w+)? begraben|vom tisch|"
    "ended|finished|closed|shut down|discontinu(?:e)?d|stopped|cancelled|failed|"
    rf"{_THERE_IS} (?:nicht mehr|zu ende|any ?more)|no longer",
    "unclear": "ungeklart(?:e|en)?|unklar(?:e|en)?|unsicher|unclear|uncertain",
    "active": "laufende(?:n|r)?|aktiv(?:e|en)?|active|running|ongoing|"
    r"(?:lauft|laufen|existieren|bestehen)(?: \w+)? "
    r"(?:noch|gerade|zurzeit|derzeit|momentan|im moment|aktuell|weiterhin)(?! nicht)|"
    r"(?:noch|gerade|zurzeit|derzeit|momentan|aktuell|weiterhin)(?: (?:wirklich|immer|so))? "
    r"(?:lauft|laufen)(?= ?$| und | oder )",
}
_STATES = {state: re.compile(rf"(?<!\w)(?:{pattern})(?!\w)") for state, pattern in _PATTERNS.items()}
_DENIED = re.compile(r"(?:nicht|not|kein|keine|nie|never)(?: \w+)?$")
"""Before the words of a state: the full list is never wrong."""


def asked_state(text: str) -> str:
    """The state, '' where the question asks for none, for several or for what is not in one."""
    folded = " ".join(word.form for word in words(text))
    found = {state: match for state, pattern in _STATES.items() if (match := pattern.search(folded))}
    if len(found) != 1:
        return ""
    [(state, match)] = found.items()
    return "" if _DENIED.search(folded[: match.start()].rstrip()) else state
