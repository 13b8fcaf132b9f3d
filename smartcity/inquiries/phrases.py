"""Words of days and times in German and English, for `wishes`."""

from __future__ import annotations

import re

WEEKDAYS_DE = "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag".split()
WEEKDAYS_EN = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS_DE = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
MONTHS_EN = "January February March April May June July August September October November December".split()


def _numbered(*lists: str, start: int = 0) -> dict[str, int]:
    return {name: number for words in lists for number, name in enumerate(words.lower().split(), start)}


WEEKDAYS = {
    **_numbered(" ".join(WEEKDAYS_DE), " ".join(WEEKDAYS_EN), "mo di mi do fr sa so", "mon tue wed thu fri sat sun"),
    **{"sonnabend": 5, "tues": 1, "thur": 3, "thurs": 3},
}
NUMBERS = {
    **{"einem": 1, "einer": 1, "einen": 1, "a": 1, "one": 1, "erster": 1, "zwanzig": 20, "twenty": 20},
    **_numbered(
        "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn",
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen",
        start=2,
    ),
    **_numbered(
        "ersten zweiten dritten vierten fünften sechsten siebten achten neunten zehnten elften zwölften",
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth",
        start=1,
    ),
}

COMPOUND = re.compile(
    rf"\b({'|'.join(WEEKDAYS_DE).lower()}|sonnabend)((?:vormittag|nachmittag|mittag|abend|morgen|früh)s?)\b"
)
"""Dienstagvormittag"""
_EARLY = "(?:früh|frueh)"
PARTS = tuple(
    (part, re.compile(pattern))
    for part, pattern in (
        (
            "evening",
            r"\b(?:(?:gegen|am|in the|in der|im) )?(?:abends?|evenings?|tonight|(?:nach )?feierabend|after work)\b",
        ),
        (
            "afternoon",
            r"\b(?:(?:am|im|in the|later in the|späten|spaeten|frühen|fruehen) )*"
            r"(?:nachmittags?|nachm\.?|afternoons?)(?!\w)"
            r"|\b(?:after lunch|nach dem mittagessen|nach der mittagspause)\b",
        ),
        (
            "morning",
            r"\b(?:(?:am|im|in the|späten|spaeten|frühen|fruehen) )*"
            r"(?:vormittags?|vorm\.|mornings?|frühmorgens|morgens|in der früh|in der frueh|frühs)(?!\w)"
            rf"|(?<=tag )(?:{_EARLY}|morgen)\b|(?<=woch )(?:{_EARLY}|morgen)\b|(?<=morgen ){_EARLY}\b"
            r"|\bam (?:frühen )?morgen\b|\b(?:ganz|sehr|recht|möglichst|schön) früh\b",
        ),
        (
            "noon",
            r"\b(?:(?:am|gegen|um die|zu|zur|at|around|over|in der|über) )?"
            r"(?:mittags?(?:szeit|spause)?|noon|midday|lunch ?time)\b",
        ),
    )
)
PARTS_TOLD = {
    "morning": ("vormittags", "in the morning"),
    "noon": ("mittags", "around noon"),
    "afternoon": ("nachmittags", "in the afternoon"),
    "evening": ("abends", "in the evening"),
}

ANY = re.compile(
    r"\b(?:(?:ganz |völlig )?egal(?: wann)?|beliebig(?:er tag)?|jederzeit|irgendwann|flexibel|mir passt alles"
    r"|wann (?:es|sie) (?:ihnen )?(?:passt|wollen|möchten|können)|wie es (?:ihnen )?passt"
    r"|an jedem tag|jeden tag|jeder tag|alle tage|keine präferenz|spielt keine rolle|ist mir gleich"
    r"|(?:so bald|so schnell) wie möglich|möglichst bald|schnellstmöglich|as soon as possible|asap"
    r"|any ?time|any day|every day|whenever(?: (?:it suits you|you like|you want))?|(?:i am |i'm )?flexible"
    r"|(?:it )?does(?:n't| not) matter|(?:i )?do(?:n't| not) (?:care|mind)|no preference)\b"
)
FILLING = re.compile(
    r"\b(?:bitte|am besten|am liebsten|am|an|den|dem|der|im|gerne?|vielleicht|wenn möglich|wenn es geht|wäre|waere|mir"
    r"|lieber|ginge|geht|passt|es|gut|oder so|ungefähr|gegen|so(?! (?:bald|schnell))"
    r"|irgendwann|ich|könnte|kann|hätte|möchte|würde|zeit|habe|einen"
    r"|termin|uhrzeit|ist|mein wunsch|wunsch|wunschtermin|zum beispiel|z\. ?b\.|ja|also|dann|immer|aber|nur"
    r"|please|preferably|on|at|maybe|perhaps|sometime|some time"
    r"|would be|would|be|great|good|fine|if possible|i|can|could|have|time"
    r"|an appointment|works|for me|best|e\. ?g\.|yes|ok|okay|but|only)\b|(?<!\w)[,;!?()]+|[,;!?()]+(?!\w)"
)
RELATIVE = tuple(
    (re.compile(pattern), number)
    for pattern, number in (
        (r"heute|today|jetzt|now|sofort|noch heute", 0),
        (r"morgen|tomorrow|tommorow|tomorow", 1),
        (r"übermorgen|uebermorgen|(?:the )?day after tomorrow", 2),
        (r"gestern|yesterday", -1),
        (r"vorgestern|(?:the )?day before yesterday", -2),
    )
)
NAMED = {
    "heiligabend": (24, 12), "heilig abend": (24, 12), "heiligen abend": (24, 12), "christmas eve": (24, 12),
    "silvester": (31, 12), "new year's eve": (31, 12), "nikolaus": (6, 12), "nikolaustag": (6, 12),
}  # fmt: skip
"""Days with a name that are no holidays."""
NEXT = (
    r"(?P<which>(?:nächste|naechste|kommende|diese|übernächste|uebernaechste|folgende)[rnms]?"
    r"|next|this coming|this|coming)"
)
MONTH_WORD = (
    r"\b(?:jan(?:uary|uar)?|jänner|feb(?:ruary|ruar)?|mar(?:ch)?|märz|maerz|mrz|apr(?:il)?|mai|may|jun[ie]?|jul[iy]?"
    r"|aug(?:ust)?|sept?(?:ember)?|okt(?:ober)?|oct(?:ober)?|nov(?:ember)?|de[zc](?:ember)?)\b\.?"
)
