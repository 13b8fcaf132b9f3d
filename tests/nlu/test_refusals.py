from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcity.knowledge.names import NameIndex
from smartcity.knowledge.source import read_once
from smartcity.nlu.refusals import refusals, within, without

NAMES = NameIndex(read_once("content"))


def _meant(text: str) -> list[str]:
    """The names of a text that are not refused."""
    names = [(mention.start, mention.end) for mention in NAMES.find(text)]
    refused = refusals(text, names)
    return [text[start:end] for start, end in names if not within(start, refused)]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("nicht KReathon, KRuiser", ["KRuiser"]),
        ("den KRuiser, nicht den KReathon", ["KRuiser"]),
        ("Von Rollern will ich nix hören, das Sammeltaxi nachts, was kost dat?", ["Sammeltaxi"]),
        ("Kein Interesse am KRuiser und am SWCAR, was macht das Geoportal", ["Geoportal"]),
        ("LoRaWAN stimmt nicht, WLAN sollte das heißen. was kostet das", ["WLAN"]),
        ("die umfrage is mir egal, das beteiligungsportal war gemeint", ["beteiligungsportal"]),
        ("kruiser → kreathon. wieviele leute waren dabei", ["kreathon"]),
        ("CodingSchool rather than KReMINTec. is it free?", ["CodingSchool"]),
        ("I don't mean the KRuiser, I mean the SWCAR", ["SWCAR"]),
        ("statt KRuiser lieber SWCAR", ["SWCAR"]),
        ("Glasfaser geht mir am Allerwertesten vorbei. Wie komm ich an das Geoportal", ["Geoportal"]),
        ("mit dem KRuiser hab ich nix am Hut, was kostet das SWCAR", ["SWCAR"]),
        ("Das WLAN kann mir gestohlen bleiben, wo ist der KReathon?", ["KReathon"]),
        ("KRuiser fährt meine Mutter nicht mehr. Es geht um das SWCAR, nimmt das sie mit?", ["SWCAR"]),
        ("KRuiser hatte ich schon, jetzt gehts mir um den KReathon", ["KReathon"]),
        ("Den KRuiser kenn ich, mir geht es um den CityPilot", ["CityPilot"]),
        ("Es geht um den KRuiser. Fährt das SWCAR auch noch?", ["KRuiser", "SWCAR"]),
        ("Geht es beim KReathon um Roboter oder geht es um KReMINTec?", ["KReathon", "KReMINTec"]),
        ("Wann hat das SWCAR auf? Es geht um den KReathon", ["SWCAR", "KReathon"]),
        ("Frage an den Frank Meyer, es geht um das WLAN", ["Frank Meyer", "WLAN"]),
        ("Beim KReathon geht es um WLAN, oder?", ["KReathon", "WLAN"]),
        # What is not refused: a question that denies, a question that is refused, and what would leave nothing.
        ("Braucht man für den KRuiser keinen Führerschein?", ["KRuiser", "Führerschein"]),
        ("nicht was das ZfdL hat sondern wo es ist", ["ZfdL"]),
        ("Gibt es den KRuiser nicht mehr und was macht das SWCAR?", ["KRuiser", "SWCAR"]),
        ("Ich meine nicht den KRuiser", ["KRuiser"]),
        ("Was kostet der KRuiser?", ["KRuiser"]),
        ("", []),
    ],
)
def test_which_names_are_meant(text: str, meant: list[str]) -> None:
    assert _meant(text) == meant


@given(st.lists(st.sampled_from(["nicht", "KRuiser", ",", "SWCAR", "egal", "kein", "→", "?", "und", "statt"])))
def test_a_message_with_names_keeps_one(said: list[str]) -> None:
    text = " ".join(said)
    assert bool(_meant(text)) == bool(NAMES.find(text))


def test_what_is_left_out_leaves_its_place() -> None:
    assert without("nicht a, b", [(0, 7)]) == "       , b"
    assert without("ab", [(1, 9)]) == "a "
