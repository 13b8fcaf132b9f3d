from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcity.knowledge.names import NameIndex
from smartcity.knowledge.source import read_once
from smartcity.nlu.corrections import corrected
from smartcity.nlu.refusals import without

NAMES = NameIndex(read_once("content"))


def _left(text: str) -> str:
    """What a text says without what it takes back."""
    names = [(mention.start, mention.end) for mention in NAMES.find(text)]
    return " ".join(without(text, corrected(text, names)).split())


@pytest.mark.parametrize(
    ("text", "left"),
    [
        # a question takes the place of the one before
        ("Wann fährt, äh nein, was kostet mein SWCAR?", "was kostet mein SWCAR?"),
        (
            "was für preise... nein was für projekte kamen beim kreathon raus",
            "was für projekte kamen beim kreathon raus",
        ),
        ("where can I buy, no wait, how do I use the geoportal?", "how do I use the geoportal?"),
        ("Hallo zusammen. Wer macht, Quatsch, wo ist das ZfdL?", "Hallo zusammen. wo ist das ZfdL?"),
        # and what is asked about stays where no other name follows
        ("Was kostet das SWCAR, äh nein, wo fährt es?", "SWCAR wo fährt es?"),
        # a name takes the place of the one before
        ("Wann hat die Volkshochschule auf? Äh, die Mediothek mein ich.", "Wann hat die auf die Mediothek mein ich."),
        ("Wer macht den CityPilot, sorry, das Handyparken", "Wer macht den das Handyparken"),
        ("Wer macht den CityPilot – das Handyparken meinte ich", "Wer macht den – das Handyparken meinte ich"),
        (
            "Zeig mir alles zur Green City, obwohl, lieber alles zur digitalen Infrastruktur",
            "Zeig mir alles zur alles zur digitalen Infrastruktur",
        ),
        ("zeig mir alles zum KRuiser nein stopp zum SWCAR bitte", "zeig mir alles zum zum SWCAR bitte"),
        (
            "Seit wann gibt es Maak et, ach Moment, streichen Sie das, wo steht der CityPilot?",
            "wo steht der CityPilot?",
        ),
        # behind a question mark, too, where it is said clearly
        ("Wo ist das Future Work Lab? Ich korrigiere: das ZfdL.", "Wo ist das das ZfdL."),
        ("wie schnell fuhr der kruiser? streichen. lieber: was hat er gekostet", "kruiser was hat er gekostet"),
        ("Was kostet der Kurs – vielmehr: ab welchem Alter geht das?", "ab welchem Alter geht das?"),
        ("Where can I park, sorry, wrong question: how do I pay?", "how do I pay?"),
        (
            "wann wird das glasfaser gebaut vergessen sie das wann, welche firmen bauen das",
            "glasfaser welche firmen bauen das",
        ),
        ("was misst der müllroboter (haha nein. die klimasensoren)", "was misst der die klimasensoren)"),
        ("Was kostet der KRuiser? Sammeltaxi meinte ich natürlich", "Was kostet der ? Sammeltaxi meinte ich natürlich"),
        ("my daughter wants to join the kreathon *codingschool", "my daughter wants to join the codingschool"),
        # nothing is taken back
        ("Was kostet das SWCAR? Entschuldigung, wo fährt es?", "Was kostet das SWCAR? Entschuldigung, wo fährt es?"),
        ("Was kostet das SWCAR* und der KRuiser*?", "Was kostet das SWCAR* und der KRuiser*?"),
        ("Was kostet der ganze Quatsch vom KRuiser?", "Was kostet der ganze Quatsch vom KRuiser?"),
        ("Ist der KRuiser teuer? Falsche Frage. Wo fährt er?", "KRuiser Wo fährt er?"),
        ("Wann beginnt das? Besser gesagt, um wieviel Uhr endet es?", "um wieviel Uhr endet es?"),
        (
            "Was kostet der KRuiser, lieber Herr Bot, und das SWCAR?",
            "Was kostet der KRuiser, lieber Herr Bot, und das SWCAR?",
        ),
        ("Der KRuiser ist doch weg, oder lieber SWCAR?", "Der KRuiser ist doch weg, oder lieber SWCAR?"),
        ("Nein, was kostet das SWCAR?", "Nein, was kostet das SWCAR?"),
        ("Sorry, wo ist das ZfdL?", "Sorry, wo ist das ZfdL?"),
        ("Der KRuiser fährt nicht mehr, nein?", "Der KRuiser fährt nicht mehr, nein?"),
        (
            "Gibt es den KRuiser noch? Wenn nein, was fährt statt dessen?",
            "Gibt es den KRuiser noch? Wenn nein, was fährt statt dessen?",
        ),
        ("Was kostet das SWCAR und wo fährt es?", "Was kostet das SWCAR und wo fährt es?"),
        ("Was ist WLAN? äh, und LoRaWAN?", "Was ist WLAN? äh, und LoRaWAN?"),
        ("Was ist WLAN, sorry, und was ist LoRaWAN?", "Was ist WLAN, sorry, und was ist LoRaWAN?"),
        ("Ich war im ZfdL, das war toll", "Ich war im ZfdL, das war toll"),
        ("", ""),
    ],
)
def test_what_is_left(text: str, left: str) -> None:
    assert _left(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "Was kostet das SWCAR (ich meine pro Stunde) und was kostet der CityPilot?",
        "Was ist der KReathon? Ich meine die Veranstaltung. Und was ist KReMINTec?",
        "Fährt der KRuiser noch? Ich meine, man kann doch nicht einfach das SWCAR als Ersatz nehmen",
        "Erklär mir den KRuiser und vergiss das SWCAR nicht",
        "Was kostet der CityPilot? Streichen Sie das Geld für den KRuiser?",
        "Was zeigt der CityPilot? Falsch angezeigte Parkplätze melde ich im Mängelmelder?",
        "Was speichert ihr über mich? Lösch das bitte. Wer sieht das?",
        "Liste: KRuiser *CityPilot *WLAN",
        "Kennen Sie den KRuiser? Das SWCAR ist meine ich besser",
        "Warum gibt es den KRuiser nicht mehr? Blödsinn! Wer entscheidet so was?",
        "Hol mich da raus, um wieviel Uhr beginnt der KReathon?",
    ],
)
def test_what_only_sounds_like_it_takes_nothing_back(text: str) -> None:
    assert _left(text) == text


@given(
    st.lists(st.sampled_from(["was", "wo", "KRuiser", "SWCAR", ",", "äh", "nein", "sorry", ".", "?", "…", "mein ich"]))
)
def test_something_is_left_and_places_stay(said: list[str]) -> None:
    text = " ".join(said)
    names = [(mention.start, mention.end) for mention in NAMES.find(text)]
    spans = corrected(text, names)
    assert len(without(text, spans)) == len(text)
    assert bool(without(text, spans).strip()) == bool(text.strip())
    assert all(0 <= start <= end <= len(text) for start, end in spans)


@pytest.mark.parametrize(
    "hostile", [", äh " * 3000, ", nein, äh " * 2000 + "und", "wo " + ", sorry " * 2000 + "was", "." * 9000]
)
def test_what_is_longer_than_any_correction_is_left_as_it_is(hostile: str) -> None:
    assert corrected(hostile, [(0, 1), (len(hostile) - 1, len(hostile))]) == []
