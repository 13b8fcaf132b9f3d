"""What the gateway says by itself in messengers, in German and English, and the words that it understands itself."""

from __future__ import annotations

import re

SENTENCES: dict[str, tuple[str, str]] = {
    "first_contact": (
        (
            "Guten Tag! Hier antwortet der digitale Assistent der Smart City Krefeld: eine Maschine, kein Mensch. "
            "Bitte schreiben Sie keine persönlichen Daten. Wie wir mit Daten umgehen: {privacy}. "
            "Wenn Sie „stop“ schreiben, lösche ich dieses Gespräch."
        ),
        (
            "Hello! This is the digital assistant of Smart City Krefeld: a machine, not a person. "
            "Please do not write any personal data. How we handle data: {privacy}. "
            "If you write “stop”, I delete this conversation."
        ),
    ),
    "privacy": (
        "Datenschutz: {privacy}. Wenn Sie „stop“ schreiben, lösche ich dieses Gespräch.",
        "Data protection: {privacy}. If you write “stop”, I delete this conversation.",
    ),
    "forgotten": (
        "Ich habe dieses Gespräch gelöscht. Ich schreibe Ihnen erst wieder, wenn Sie mir schreiben.",
        "I have deleted this conversation. I will not write to you again until you write to me.",
    ),
    "not_forgotten": (
        "Das Löschen hat gerade nicht geklappt. Bitte schreiben Sie gleich noch einmal „stop“.",
        "Deleting did not work just now. Please write “stop” again in a moment.",
    ),
    "only_text": (
        "Ich kann nur Text lesen, keine Bilder, Sprachnachrichten, Sticker oder Standorte. Bitte schreiben Sie mir.",
        "I can only read text, no pictures, voice messages, stickers or locations. Please write to me.",
    ),
    "unreadable": (
        "Ihre Nachricht ist verschlüsselt, und mir fehlt der Schlüssel dazu. Ich habe ihn bei Ihrem Gerät angefragt. "
        "Wenn gleich keine Antwort kommt, schreiben Sie mir bitte noch einmal.",
        "Your message is encrypted, and I do not have its key. I have asked your device for it. "
        "If no answer comes in a moment, please write to me again.",
    ),
    "old_button": (
        "Diese Schaltfläche gilt nicht mehr. Bitte schreiben Sie Ihre Frage.",
        "This button is no longer valid. Please write your question.",
    ),
    "edited": ("Zu Ihrer geänderten Nachricht:", "On your edited message:"),
    "choose": ("Bitte wählen Sie:", "Please choose:"),
    "choose_number": ("Bitte antworten Sie mit einer Nummer:", "Please reply with a number:"),
    "menu": ("Auswahl", "Choices"),
    "source_dated": ("Quelle: {title} (Stand {date})", "Source: {title} (as of {date})"),
    "source_read": ("Quelle: {title} (ohne Datum, gelesen am {date})", "Source: {title} (undated, read on {date})"),
    "source": ("Quelle: {title}", "Source: {title}"),
}

START = {"start", "starten"}
STOP = {
    "stop", "stopp", "löschen", "loeschen", "alles löschen", "daten löschen", "meine daten löschen", "chat löschen",
    "gespräch löschen", "delete", "delete everything", "delete my data",
}  # fmt: skip


def say(key: str, language: str, **values: object) -> str:
    """The sentence; English for 'en', German for every other language."""
    german, english = SENTENCES[key]
    return (english if language == "en" else german).format(**values)


def command(text: str) -> str | None:
    """'start' or 'stop' when that is all that the text says, with or without a slash."""
    word = re.sub(r"\s+", " ", text.strip().casefold()).removeprefix("/").rstrip(" .!")
    return "start" if word in START else "stop" if word in STOP else None


def typed_number(text: str) -> int | None:
    """The number when the text is nothing else: '2', '2.' or '(2)'."""
    found = re.fullmatch(r"\s*\(?([0-9]{1,2})[.)]?\s*", text)
    return int(found.group(1)) if found else None


def language_of(locale: str) -> str:
    """The language to begin in: English for an English locale, else German."""
    return "en" if locale.lower().replace("_", "-").split("-")[0] == "en" else "de"
