from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcity.knowledge.easy_language import easy_language_faults


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn.", "has 13 words"),
        ("Das ist die Stadtverwaltungen.", "divide it with a hyphen"),
        ("Das ist die Neue-Stadtverwaltungen.", "divide it with a hyphen"),
        ("Das ist der Preis des Rades.", "genitive"),
        ("Das ist der Name eines Vereins.", "genitive"),
        ("Das wäre gut.", "subjunctive"),
        ("Sie könnten anrufen.", "subjunctive"),
        ("Das Rad wird gemietet.", "passive"),
        ("Die Räder wurden verkauft.", "passive"),
        ("Das Rad wird in der Stadt repariert.", "passive"),
        ("Wir wissen, dass es geht.", "subordinate clause"),
        ("Das ist das Rad, das Sie mieten.", "subordinate clause"),
        ("Das Rad (rot) ist da.", "brackets"),
        ("Das Rad ist da; es ist rot.", "semicolon"),
        ("Das Rad kostet ca. 5 Euro.", "abbreviation"),
        ("Das sind z. B. Räder.", "abbreviation"),
    ],
)
def test_each_rule(text: str, fault: str) -> None:
    assert any(fault in told for told in easy_language_faults(text))


@pytest.mark.parametrize(
    "text",
    [
        "Eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf.",
        "Das ist die Stadt-Verwaltung.",
        "Das ist der Preis von dem Rad.",
        "Das Rad wird teuer.",
        "Es wird Sommer.",
        "Sie können anrufen.",
        "Die Adresse ist: www.krefeld.de/de/wirtschaft-digitales/smartcitythemen/",
        "Schreiben Sie an: kfz-zulassungsstellen@krefeld.de",
        "Räder, Busse und Bahnen fahren hier.",
        "Sie zahlen 5 Euro.\nDann fahren Sie los.",
        "",
    ],
)
def test_what_follows_the_rules(text: str) -> None:
    assert list(easy_language_faults(text)) == []


def test_lines_and_full_stops_end_a_sentence() -> None:
    nine = "eins zwei drei vier fünf sechs sieben acht neun"
    assert list(easy_language_faults(f"{nine}\n{nine}. {nine}! {nine}: {nine}")) == []


def test_a_fault_shows_its_sentence_alone() -> None:
    (fault,) = easy_language_faults("Das ist gut. Der Preis des Rades ist hoch.")
    assert fault.startswith("'Der Preis des Rades ist hoch.'")


@given(st.text())
def test_any_text_can_be_checked(text: str) -> None:
    assert all(fault for fault in easy_language_faults(text))
