from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.exceptions import InvalidConfigException

from smartcity.knowledge.records import LANGUAGES
from smartcity.knowledge.source import read_once
from smartcity.nlu.languages import OTHER, SPOKEN, LanguageIdentifier, OtherLanguageClassifier, identify_language

from .workshop import Workshop, process, training_data

FURTHER = ("ar", "el", "es", "fa", "fr", "it", "nl", "pl", "pt", "ro", "ru", "tr", "uk")


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
        ("Где это?", "ru"),
        ("Де знаходиться офіс?", "uk"),
        ("Bu hizmet hâlâ var mı", "tr"),
        ("Gdzie jest biuro miasta", "pl"),
        ("Hoe kan ik een afspraak maken", "nl"),
        ("Bonjour, combien ça coûte", "fr"),
        ("أين يقع المكتب", "ar"),
        ("دفتر کجاست و چقدر", "fa"),
        ("Πού είναι το γραφείο", "el"),
        ("你好吗", OTHER),
        ("wat is dat denn", "de"),
        ("wat kost dat", "de"),
    ],
)
def test_the_language_of_a_text(text: str, language: str | None) -> None:
    assert identify_language(text) == language


@given(st.text())
def test_any_text_has_a_language_or_none(text: str) -> None:
    assert identify_language(text) in (None, *SPOKEN, *FURTHER, OTHER)


def test_the_parse_result_says_the_language(workshop: Workshop) -> None:
    identifier = workshop.create(LanguageIdentifier)
    message = process("Where is it?", identifier)
    assert message.as_dict(only_output_properties=True)["language"] == "en"
    assert process(None, identifier).get("language") is None


def test_training_data_pass_unchanged(workshop: Workshop) -> None:
    data = training_data()
    assert workshop.create(LanguageIdentifier).process_training_data(data) is data


def test_content_has_a_sentence_for_every_language_that_is_recognised() -> None:
    sentences = read_once("content").phrases["other_language"]
    assert set(sentences) == {*LANGUAGES, *FURTHER}
    for language in FURTHER:
        # The sentences name 'Smart City', which is no English where names are masked.
        assert identify_language(re.sub(r"Smart City\S*", "", sentences[language])) == language


@pytest.mark.parametrize(
    ("text", "intent"),
    [("Gdzie jest biuro", "other_language"), ("Wo ist das Büro?", None), ("WLAN", None), (None, None)],
)
def test_other_languages_get_their_intent(workshop: Workshop, text: str | None, intent: str | None) -> None:
    message = process(text, workshop.create(LanguageIdentifier), workshop.create(OtherLanguageClassifier))
    assert (message.get("intent") or {}).get("name") == intent


def test_the_intent_of_other_languages_must_be_a_name(workshop: Workshop) -> None:
    with pytest.raises(InvalidConfigException, match="OtherLanguageClassifier: intent must be a name"):
        workshop.create(OtherLanguageClassifier, intent="")
