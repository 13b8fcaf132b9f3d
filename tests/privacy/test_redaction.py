"""Redaction: what it finds in labelled sentences, what it leaves alone, and how long it takes."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcity.privacy.redaction import KINDS, Public, personal, redact

from .sentences import PUBLIC, SETS, harmed, measure, read

FLOORS = {"development": (0.98, 0.98), "blind": (0.95, 0.97)}
"""Recall and precision over all kinds that each half reaches at least."""
FLOOR_OF_KIND = 0.88


def test_there_are_enough_sentences() -> None:
    sentences = [one for name in SETS for one in read(name)]
    assert len(sentences) >= 320
    assert sum(not one.labels for one in sentences) >= 120
    assert len({one.text for one in sentences}) == len(sentences)
    for name in SETS:
        assert {label.kind for one in read(name) for label in one.labels} == set(KINDS)


@pytest.mark.parametrize("name", SETS)
def test_what_is_labelled_is_found(name: str) -> None:
    found = measure(read(name))
    labelled = sum(one.labelled for one in found.values())
    told = sum(one.rightly + one.wrongly for one in found.values())
    recall, precision = FLOORS[name]
    assert sum(one.replaced for one in found.values()) / labelled >= recall
    assert sum(one.rightly for one in found.values()) / told >= precision
    for kind, one in found.items():
        assert min(one.recall, one.precision) >= FLOOR_OF_KIND, kind


def test_harmless_sentences_are_left_alone() -> None:
    assert harmed(read("development")) == []
    assert len(harmed(read("blind"))) <= 2


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("Mail an anna@web.de, Tel. 0171 3920011", "Mail an <E-MAIL>, Tel. <TELEFON>"),
        ("Ich heiße Anna Muster und wohne Hauptstraße 5", "Ich heiße <NAME> und wohne <ADRESSE>"),
        ("iban DE89 3704 0044 0532 0130 00 danke", "iban <IBAN> danke"),
        ("Karte 4111 1111 1111 1111!", "Karte <KARTE>!"),
        ("KR-AB 123 steht da", "<KENNZEICHEN> steht da"),
        ("geboren am 1.2.1980", "geboren am <GEBURTSDATUM>"),
        ("02151 555123 0171 3920011", "<TELEFON> <TELEFON>"),
        ("0171 3920011, 02151 555123", "<TELEFON>, <TELEFON>"),
        ("01713920011 +49 151 3920055 0171 392 00 11", "<TELEFON> <TELEFON> <TELEFON>"),
        ("nichts", "nichts"),
        ("", ""),
    ],
)
def test_placeholders(text: str, redacted: str) -> None:
    assert redact(text).text == redacted


def test_kinds_are_counted() -> None:
    assert redact("a@web.de b@web.de 0171 3920011").kinds == {"E-MAIL": 2, "TELEFON": 1}


@pytest.mark.parametrize(
    "text",
    [
        "Telefon 02151 86-1085", "02151/861085", "+49 2151 861085", "(02151) 86 10 85", "0049 2151 861085",
        "markus.lewitzki@krefeld.de", "Markus.Lewitzki@Krefeld.de", "Herr Lewitzki", "Wer ist Markus Lewitzki?",
        "Ist Herr Lewitzki da", "what is Mr Lewitzki's mail",
    ],
)  # fmt: skip
def test_what_is_public_stays(text: str) -> None:
    assert redact(text, Public(PUBLIC)).text == text
    assert redact(text).text != text


def test_public_data_protects_nothing_else() -> None:
    public = Public((*PUBLIC, "Von-der-Leyen-Platz 1"))
    assert redact("02151 86-1086 von Herrn Meier", public).text == "<TELEFON> von Herrn <NAME>"
    assert redact("xmarkus.lewitzki@krefeld.de", public).text == "<E-MAIL>"
    assert redact("Ich wohne Von-der-Leyen-Platz 12", public).text == "Ich wohne <ADRESSE>"
    assert redact("Frau Platz", public).text == "Frau <NAME>"


def test_offsets_move_with_the_text() -> None:
    text = "mail a@web.de: was kostet der kruiser, tel 0171 3920011, oder der fahrplan?"
    redacted = redact(text)
    for word in ("mail", "kruiser", "fahrplan"):
        start = text.index(word)
        moved = redacted.moved(start, start + len(word))
        assert moved and redacted.text[slice(*moved)] == word
    start = text.index("a@web.de")
    assert redacted.moved(start, start + 3) is None
    assert redacted.moved(0, len(text)) is None


def test_redacting_again_changes_nothing() -> None:
    for name in SETS:
        for one in read(name):
            once = redact(one.text).text
            assert redact(once).text == once


@given(st.text())
def test_any_text_is_taken(text: str) -> None:
    redacted = redact(text)
    place = 0
    for span in personal(text):
        assert place <= span.start < span.end <= len(text) and span.kind in KINDS
        place = span.end
    assert re.sub("|".join(f"<{kind}>" for kind in KINDS), "", redacted.text) is not None


HOSTILE = (
    "a", "1", "@", "a.", "0 ", "(", "a-", "straße 1", "a 1 ", "DE12 ", "KR-AB 1", "ich heiße ", "Grüße ", "Herr ",
    "Peter von ", "a at ", "a (at) b punkt ", "geb. ", "01.01.", "\n", "0171 ", "ich wohne a b c ", "12 Park ", "a'",
)  # fmt: skip


@pytest.mark.parametrize("part", HOSTILE)
def test_time_grows_with_the_text(part: str) -> None:
    """A hundred kilobytes of each; the shares of two lengths tell a square from a line on any machine."""
    short, long = (_seconds((part * (size // len(part) + 1))[:size]) for size in (12_500, 100_000))
    assert long < 0.5 or long / short < 24, f"{short:.2f} s, then {long:.2f} s"


def _seconds(text: str) -> float:
    """Processor time of the fastest of three, since machines are noisy."""
    taken = []
    for _ in range(3):
        begin = time.process_time()
        redact(text)
        taken.append(time.process_time() - begin)
    return max(min(taken), 0.01)


def test_placeholders_are_explained() -> None:
    page = (Path(__file__).parent.parent.parent / "docs" / "privacy.md").read_text("utf-8")
    for kind in KINDS:
        assert f"`<{kind}>`" in page
