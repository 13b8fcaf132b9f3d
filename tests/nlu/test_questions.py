from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcity.knowledge.names import NameIndex
from smartcity.knowledge.source import read_once
from smartcity.nlu.questions import divide, told_question
from smartcity.nlu.refusals import refusals

NAMES = NameIndex(read_once("content"))


def _parts(text: str) -> list[str]:
    """The parts of a text; those that are refused begin with '-'."""
    names = [(mention.start, mention.end) for mention in NAMES.find(text)]
    parts = divide(text, names, refusals(text, names))
    return [("-" if part.negated else "") + text[part.start : part.end].strip() for part in parts]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Was kostet das SWCAR und wo fährt es?", ["Was kostet das SWCAR", "wo fährt es?"]),
        ("Preis und Ort vom KRuiser", ["Preis", "Ort vom KRuiser"]),
        ("Was ist LoRaWAN? Wer betreibt es?", ["Was ist LoRaWAN?", "Wer betreibt es?"]),
        ("nicht den Preis, die Adresse", ["-nicht den Preis", "die Adresse"]),
        ("ich will keinen Termin", ["-ich will keinen Termin"]),
        ("Ich brauche keine Adresse, ich will wissen, was es kostet", ["-Ich brauche keine Adresse", "was es kostet"]),
        (
            "I don't want an appointment, just the phone number",
            ["-I don't want an appointment", "just the phone number"],
        ),
        (
            "Ich brauche keine Mail, damit komme ich nicht klar. Die Nummer vom Büro hätte ich gern.",
            ["-Ich brauche keine Mail", "Die Nummer vom Büro hätte ich gern."],
        ),
        (
            "Nicht die Kosten, sondern den Zweck vom Geoportal hätte ich gern",
            ["-Nicht die Kosten", "den Zweck vom Geoportal hätte ich gern"],
        ),
        (
            "Ich will nicht wissen, was es kostet. Ich will wissen, wo das ist.",
            ["-Ich will nicht wissen", "-was es kostet", "wo das ist."],
        ),
        (
            "Erzählen Sie mir nicht, wozu das gut ist! Wer baut das?",
            ["-Erzählen Sie mir nicht", "-wozu das gut ist", "Wer baut das?"],
        ),
        ("Wo sitzt KReMINTec – und für wen ist das?", ["Wo sitzt KReMINTec", "für wen ist das?"]),
        ("seit wann gibt es das u wie viele", ["seit wann gibt es das", "wie viele"]),
        (
            "Kriegt man das Geld noch und wo stell ich den Antrag",
            ["Kriegt man das Geld noch", "wo stell ich den Antrag"],
        ),
        ("Fährt es noch und falls ja, wie bestelle ich es?", ["Fährt es noch", "wie bestelle ich es?"]),
        ("Sagt mal, was ist das und wer zahlt das", ["was ist das", "wer zahlt das"]),
        ("Wo gibt es das ohne Vertrag und ohne zu bezahlen?", []),
        ("Es gibt da einen Kurs, wo Kinder löten lernen. Ab welchem Alter?", []),
        ("Ich will wissen, wo das ist. Und was kostet es?", ["wo das ist.", "was kostet es?"]),
        ("Was kostet das Zentrum für digitale Lernwelten?", []),
        ("Was macht Krefeld für Bildung und Soziales?", []),
        ("nicht KReathon, KRuiser", ["-nicht KReathon", "KRuiser"]),
        ("hoppla, nicht SWCAR, CityPilot!! läuft der noch?", ["-nicht SWCAR", "CityPilot", "läuft der noch?"]),
        ("nicht was das ZfdL hat sondern wo es ist", ["-nicht was das ZfdL hat", "wo es ist"]),
        ("don't tell me what LoRaWAN is, tell me who runs it", ["-don't tell me what LoRaWAN is", "who runs it"]),
        ("wo war der KReathon, nicht wann", ["wo war der KReathon", "-nicht wann"]),
        ("brauch kein WLAN, ich will Glasfaser zuhause, wer baut das", ["-brauch kein WLAN", "wer baut das"]),
        ("Läuft das SWCAR noch, wenn ja wann fährt es?", ["Läuft das SWCAR noch", "wann fährt es?"]),
        ("was kann das Geoportal, und für wen ist es gedacht", ["was kann das Geoportal", "für wen ist es gedacht"]),
        ("Since when does Maak et exist, and who runs it?", ["Since when does Maak et exist", "who runs it?"]),
        ("Beim Zuschuss: nicht die Höhe, sondern den Antragsweg", ["-nicht die Höhe", "den Antragsweg"]),
        (
            "CityPilot - which street was it on, and did the app cost anything?",
            ["CityPilot - which street was it on", "did the app cost anything?"],
        ),
        (
            "Speichert das Beteiligungsportal IP-Adressen, und welchen Zweck verfolgt es?",
            ["Speichert das Beteiligungsportal IP-Adressen", "welchen Zweck verfolgt es?"],
        ),
        ("Straßenlaternen die bei uns seit Tagen kaputt sind, wo melde ich die?", []),
        ("Mit der Nachbarin war ich beim KReathon, und wann ist der nächste?", []),
        ("Die Umfrage, wo man ankreuzen sollte: wer war das", []),
        ("Ich will nicht mehr leben", []),
        ("Gibt es keine Ermäßigung?", []),
        ("Warum gibt es den KRuiser nicht mehr?", []),
        ("Ich habe vom KReathon gehört und finde das gut.", []),
        ("", []),
        ("🙂", []),
    ],
)
def test_parts_of_a_message(text: str, parts: list[str]) -> None:
    assert _parts(text) == parts


@given(st.text() | st.lists(st.sampled_from(["was", "und", "?", ",", "nicht", "KRuiser", "kein", ". "])).map(" ".join))
def test_parts_lie_in_the_text_one_after_another(text: str) -> None:
    end = 0
    for part in divide(text):
        assert end <= part.start < part.end <= len(text)
        end = part.end


@pytest.mark.parametrize(
    ("masked", "question"),
    [
        ("Wir sind neu und wollen was erleben. Wo ist es? Oma lobt das xinitiativex.", "Wo ist es? xinitiativex"),
        ("Meine Oma lobt das xinitiativex sehr. Was kostet ein xservicex?", "Was kostet ein xservicex?"),
        ("Ich frage mich seit Tagen, was das soll, und finde nichts! Wo kann ich parken?", "Wo kann ich parken?"),
        ("Ich bin neu und finde nichts. Wo ist es? Und was kostet es?", ""),
        ("Ich bin neu hier und finde gar nichts, obwohl ich suche.", ""),
        ("Wo ist das xinitiativex, von dem meine Oma so schwärmt?", ""),
        ("Neu hier. Wo ist das?", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_the_question_of_a_story(masked: str, question: str) -> None:
    assert told_question(masked, 10) == question
