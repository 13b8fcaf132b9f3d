"""Words of days and times in German and English, for `wishes`."""

from __future__ import annotations

import re

WEEKDAYS_DE = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS_DE = (
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
    "Dezember",
)  # fmt: skip
MONTHS_EN = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

WEEKDAYS = {
    **{name.lower(): number for number, name in enumerate(WEEKDAYS_DE)},
    **{name.lower(): number for number, name in enumerate(WEEKDAYS_EN)},
    **{"sonnabend": 5, "mittwochs": 2},
    **{name: number for number, name in enumerate("mo di mi do fr sa so".split())},
    **{name: number for number, name in enumerate("mon tue wed thu fri sat sun".split())},
    **{"tues": 1, "thur": 3, "thurs": 3},
}
del WEEKDAYS["mittwochs"]

NUMBERS = {
    **{"einem": 1, "einer": 1, "einen": 1, "a": 1, "one": 1, "zweiten": 2, "dritten": 3, "ersten": 1, "erster": 1},
    **{word: n for n, word in enumerate("zwei drei vier fünf sechs sieben acht neun zehn elf zwölf".split(), 2)},
    **{word: n for n, word in enumerate("two three four five six seven eight nine ten eleven twelve".split(), 2)},
    **{"vierzehn": 14, "fourteen": 14, "zwanzig": 20, "twenty": 20, "dreißig": 30, "dreissig": 30, "thirty": 30},
    **{"first": 1, "second": 2, "third": 3, "vierten": 4, "fünften": 5, "sechsten": 6, "siebten": 7, "achten": 8},
    **{"neunten": 9, "zehnten": 10, "elften": 11, "zwölften": 12},
}

PARTS = tuple(
    (part, re.compile(pattern))
    for part, pattern in (
        ("evening", r"\b(?:(?:gegen|am|in the|in der|im)\s+)?(?:abends?|evenings?|tonight|(?:nach\s+)?feierabend|after work)\b"),
        (
            "afternoon",
            r"\b(?:(?:am|im|in the|later in the|späten|spaeten|frühen|fruehen)\s+)*(?:nachmittags?|nachm\.?|afternoons?)(?!\w)",
        ),
        (
            "morning",
            r"\b(?:(?:am|im|in the|späten|spaeten|frühen|fruehen)\s+)*(?:vormittags?|vorm\.|mornings?|frühmorgens|"
            r"morgens|in der früh|in der frueh|frühs)(?!\w)|(?<=tag )(?:früh|frueh|morgen)\b|(?<=woch )(?:früh|frueh|morgen)\b"
            r"|(?<=morgen )(?:früh|frueh)\b|\bam (?:frühen )?morgen\b",
        ),
        ("noon", r"\b(?:(?:am|gegen|um die|zu|zur|at|around|over|in der|über)\s+)?(?:mittags?(?:szeit|spause)?|noon|midday|lunch ?time)\b"),
    )
)  # fmt: skip
PARTS_TOLD = {
    "morning": ("vormittags", "in the morning"),
    "noon": ("mittags", "around noon"),
    "afternoon": ("nachmittags", "in the afternoon"),
    "evening": ("abends", "in the evening"),
}

ANY = re.compile(
    r"\b(?:egal(?:\s+wann)?|ganz egal|beliebig(?:er tag)?|jederzeit|irgendwann|immer|flexibel|wann (?:es|sie) (?:ihnen )?(?:passt|wollen|"
    r"möchten|können)|wie es (?:ihnen )?passt|mir passt alles|an jedem tag|jeden tag|jeder tag|alle tage|"
    r"any ?time|any day|whenever(?: (?:it suits you|you like|you want))?|every day|i am flexible|i'm flexible|flexible|"
    r"does(?:n't| not) matter|do(?:n't| not) (?:care|mind)|no preference|keine präferenz|spielt keine rolle|"
    r"ist mir gleich|so bald wie möglich|so schnell wie möglich|möglichst bald|as soon as possible|asap|schnellstmöglich)\b"
)

FILLING = re.compile(
    r"\b(?:bitte|am besten|am liebsten|am|an|den|dem|der|im|gerne?|vielleicht|wenn möglich|wenn es geht|wäre|waere|mir|lieber|"
    r"ginge|geht|passt|es|gut|oder so|ungefähr|gegen|ich|könnte|kann|hätte|möchte|würde|zeit|habe|einen|termin|uhrzeit|"
    r"please|preferably|on|at|maybe|perhaps|would be|would|be|great|good|fine|if possible|i|can|could|have|time|an appointment|"
    r"works|for me|best|ist|mein wunsch|wunsch|wunschtermin|zum beispiel|z\.\s?b\.|e\.\s?g\.|ja|yes|ok|okay|also|dann)\b|(?<!\w)[,;!?()]+|[,;!?()]+(?!\w)"
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
