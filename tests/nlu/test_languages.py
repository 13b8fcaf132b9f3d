from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcity.nlu.languages import LanguageIdentifier, identify_language

from .workshop import Workshop, process, training_data


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Was kostet der KRuiser?", "de"),
        ("wo ist das", "de"),
        ("WAS IST DAS", "de"),
        ("Tschüss", "de"),
        ("Größe", "de"),
        ("koennen sie mir helfen", "de"),
        ("What does the KRuiser cost?", "en"),
        ("where is it", "en"),
        ("THANKS", "en"),
        ("Is there an app?", "en"),
        ("KRuiser", None),
        ("WLAN", None),
        ("", None),
        ("🙂", None),
        ("12345", None),
        ("Где это?", None),
    ],
)
def test_the_language_of_a_text(text: str, language: str | None) -> None:
    assert identify_language(text) == language


@given(st.text())
def test_any_text_has_a_language_or_none(text: str) -> None:
    assert identify_language(text) in ("de", "en", None)


def test_the_parse_result_says_the_language(workshop: Workshop) -> None:
    identifier = workshop.create(LanguageIdentifier)
    message = process("Where is it?", identifier)
    assert message.as_dict(only_output_properties=True)["language"] == "en"
    assert process(None, identifier).get("language") is None


def test_training_data_pass_unchanged(workshop: Workshop) -> None:
    data = training_data()
    assert workshop.create(LanguageIdentifier).process_training_data(data) is data
