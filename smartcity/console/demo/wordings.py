"""What invented citizens say. All of it was made up for the demo."""

from __future__ import annotations

from typing import Dict, Tuple

ASKED: Dict[str, Dict[str, Tuple[str, ...]]] = {
    "de": {
        "about": (
            "{name} – was verbirgt sich dahinter?",
            "Erklären Sie mir bitte: {name}",
            "{name} kenn ich nicht, worum geht's",
        ),
        "status": ("Läuft {name} eigentlich noch?", "{name} gibts das überhaupt noch", "Ist {name} inzwischen vorbei?"),
        "cost": ("Muss ich für {name} etwas zahlen?", "{name} preise", "Wie teuer wird {name} für mich?"),
        "place": ("Wo in Krefeld finde ich {name}?", "{name} wo genau", "An welchem Ort ist {name}?"),
        "time": ("Ab wann geht {name} los?", "{name} termine", "Zu welchen Zeiten kann man {name} nutzen?"),
        "joining": ("Wie kann ich bei {name} dabei sein?", "{name} anmelden", "Was muss ich tun, um {name} zu nutzen?"),
        "audience": ("Ist {name} auch etwas für Rentner?", "{name} ab welchem alter"),
        "contact": ("Wen rufe ich wegen {name} an?", "{name} ansprechpartner"),
        "data": ("Was passiert bei {name} mit meinen Daten?", "{name} datenschutz"),
        "accessibility": ("Komme ich bei {name} mit dem Rollstuhl hin?", "{name} barrierefrei?"),
        "figures": ("Wie viele Leute nutzen {name}?", "{name} zahlen bitte"),
        "operator": ("Wer steckt hinter {name}?", "{name} betreiber"),
    },
    "en": {
        "about": ("{name}, what would that be?", "Please explain {name} to me"),
        "status": ("Is {name} still around?", "{name} finished already?"),
        "cost": ("Do I have to pay for {name}?", "{name} price"),
        "place": ("Where do I find {name} in Krefeld?",),
        "joining": ("How do I get into {name}?", "sign up {name}"),
        "time": ("From when can I use {name}?",),
    },
    "de-simple": {
        "about": ("Bitte einfach sagen: {name}",),
        "cost": ("{name}: Muss ich Geld bezahlen?",),
        "place": ("{name}: Wohin muss ich gehen?",),
        "joining": ("{name}: Wie mache ich mit?",),
    },
}
"""Questions about an initiative, by language and aspect."""

UNKNOWN_TOPICS: Tuple[Tuple[int, Tuple[str, ...]], ...] = (
    (
        9,
        (
            "Wo kann ich in Krefeld ein Lastenrad ausleihen?",
            "lastenrad ausleihen krefeld",
            "Gibt es ein Lastenrad zum Ausleihen?",
            "Lastenrad mieten wo",
        ),
    ),
    (
        7,
        (
            "Wo steht die nächste Ladesäule für mein E-Auto?",
            "ladesäule e-auto in der nähe",
            "Ladesäulen E-Auto Uerdingen",
            "ich such ne ladesäule",
        ),
    ),
    (6, ("Wann ist das Freibad offen?", "freibad offen heute", "Hat das Freibad am Sonntag offen?")),
    (5, ("Zeigt die Stadt freie Parkplätze am Ostwall an?", "freie parkplätze ostwall", "parkplätze ostwall frei?")),
    (4, ("Kann ich Bücher digital ausleihen?", "bücher digital leihen mediothek", "mediothek bücher online")),
    (3, ("Gibt es eine App für die Straßenbahn?", "straßenbahn app krefeld")),
    (2, ("Wird mein Sperrgut morgen abgeholt?", "sperrgut abholen morgen")),
)
"""Topics that the assistant does not know, with how often each is asked for."""

GIBBERISH = ("asdf", "hmm", "ja wie jetzt", "hä??", "test test", "kannste mal", "??", "moment", "egal")
PERSONAL = (
    "Ich heiße <NAME> und möchte einen Rückruf unter <TELEFON>",
    "Meine Adresse ist <ANSCHRIFT>, wann kommt Glasfaser",
    "Bitte schreiben Sie an <E-MAIL>, ich verstehe das nicht",
)
"""As redaction leaves them."""
PERSON = (
    "Geben Sie mir bitte einen Menschen",
    "ich will mit jemand echtem reden",
    "Real person please",
    "Kann mich jemand zurückrufen?",
)
GREETINGS = ("Hallo", "Guten Morgen zusammen", "moin", "Hi there", "Grüße Sie")
THANKS = ("Danke, das hilft mir", "super danke", "Thanks a lot", "Vielen lieben Dank")
COMMENTS_UP = ("Genau das wollte ich wissen.", "Schnelle Antwort, danke!")
COMMENTS_DOWN = (
    "Das beantwortet meine Frage nicht.",
    "Veraltet?",
    "Ich wollte den Preis wissen, nicht die Geschichte.",
)
NOTES = ("Name fehlt im Inhalt.", "Mit dem Fachbereich klären.", "Antwort ist richtig, aber zu lang.")
TAGS = ("Inhalt fehlt", "Leichte Sprache", "Rückfrage klären")
