from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from rasa.engine.storage.resource import Resource
from rasa.shared.exceptions import InvalidConfigException

from smartcity.knowledge.loading import load, read_folder
from smartcity.knowledge.names import Mention, NameIndex
from smartcity.knowledge.records import LANGUAGES
from smartcity.knowledge.source import FolderSource, KnowledgeStore
from smartcity.nlu.mentions import MASKED, MentionExtractor, mask

from .workshop import Workshop, process, training_data

SAMPLE = Path(__file__).parents[1] / "knowledge" / "sample"
REAL = NameIndex(load(read_folder(SAMPLE)))


def _extractor(workshop: Workshop, root: Path, interval: float = 0.0) -> MentionExtractor:
    store = KnowledgeStore(FolderSource(root), interval=interval)
    return MentionExtractor(store, workshop.storage, Resource(MentionExtractor.__name__))


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Was kostet das Leihrad?", "Was kostet das xinitiativex ?"),
        ("Was ist mit KR-7F2W-35?", "Was ist mit xreferencex ?"),
        ("status kr 7f2w–35", "status xreferencex"),
        ("Der Kreis KR will ein-en Weg", "Der Kreis KR will ein-en Weg"),
        ("Leihrad Krefeld", "xinitiativex"),
        ("Rad", "Rad xgenericinitiativex"),
        ("Verkehr", "xthemex xthemeverkehrx"),
        ("Radbüro Reisepass", "Radbüro xofficex Reisepass xservicex"),
        ("nichts davon", "nichts davon"),
        ("", ""),
    ],
)
def test_names_are_masked_by_their_kind(text: str, masked: str) -> None:
    assert mask(text, REAL.find(text)).split() == masked.split()


@given(st.text(max_size=40), st.sampled_from(["Leihrad", "Radbüro", "Verkehr"]), st.text(max_size=40))
def test_what_stands_around_a_name_is_kept(before: str, name: str, after: str) -> None:
    text = f"{before}{name}{after}"
    place = (len(before), len(before) + len(name))
    assert mask(text, [Mention(*place, (("initiative", "a"),), 1.0)]) == f"{before} xinitiativex {after}"
    assert mask(text, [Mention(*place, (("office", "a"),), 1.0)]) == f"{before} {name} xofficex {after}"
    assert mask(text, []) == text


def test_a_mention_becomes_an_entity(workshop: Workshop) -> None:
    message = process("Wo ist das Leihrat?", _extractor(workshop, SAMPLE))
    (entity,) = message.as_dict(only_output_properties=True)["entities"]
    assert (entity["entity"], entity["value"]) == ("initiative", "leihrad")
    assert message.get("text")[entity["start"] : entity["end"]] == "Leihrat"
    assert 0 < entity["confidence_entity"] < 1
    assert entity["generic"] is False
    json.dumps(entity)


def test_what_is_taken_back_is_left_out_and_its_name_refused(workshop: Workshop) -> None:
    extractor = workshop.create(MentionExtractor)
    message = process("Was kostet, äh nein, wo fährt das SWCAR?", extractor)
    assert message.get("masked_text").split() == ["wo", "fährt", "das", "xinitiativex", "?"]
    message = process("Wer macht den CityPilot, sorry, das Handyparken?", extractor)
    assert {entity["value"]: entity["refused"] for entity in message.get("entities")} == {
        "citypilot": True,
        "handyparken": False,
    }


def test_an_everyday_word_of_several_becomes_several_entities(workshop: Workshop) -> None:
    extractor = workshop.create(MentionExtractor)  # the city's own content
    entities = process("Was misst ein Sensor?", extractor).get("entities")
    assert {entity["value"] for entity in entities} >= {"klimasensoren", "lorawan"}
    assert all(entity["generic"] for entity in entities)


def test_entities_of_others_are_kept(workshop: Workshop) -> None:
    message = process("Leihrad", _extractor(workshop, SAMPLE))
    again = _extractor(workshop, SAMPLE).process([message])[0]
    assert len(again.get("entities")) == 2


@pytest.mark.parametrize("text", ["", None, "🙂", "12345", "\n"])
def test_a_message_without_words_has_no_entities(workshop: Workshop, text: str | None) -> None:
    assert process(text, _extractor(workshop, SAMPLE)).get("entities") == []


def test_training_learns_ordinary_words_but_no_annotated_ones(workshop: Workshop) -> None:
    data = training_data(
        """
version: "3.1"
nlu:
  - intent: a
    examples: |
      - Wo ist der Leihrat?
      - Ein [Laihrat](initiative) bitte
"""
    )
    extractor = _extractor(workshop, SAMPLE)
    assert process("Leihrat", extractor).get("entities")
    extractor.train(data)
    assert process("Leihrat", extractor).get("entities") == []
    assert process("Laihrat", extractor).get("entities")
    assert process("Leihrad", extractor).get("entities")


def test_a_word_that_is_only_like_a_service_is_ordinary(workshop: Workshop) -> None:
    data = training_data(
        """
version: "3.1"
nlu:
  - intent: bot_human
    examples: |
      - Spreche ich mit einer Person?
      - Ist da eine Person oder eine Maschine?
  - intent: city_service
    examples: |
      - Wo hole ich die Ausweise ab?
      - Ich brauche neue Ausweise
"""
    )
    extractor = workshop.create(MentionExtractor)  # the city's own content
    assert process("Bist du eine Person?", extractor).get("entities")
    extractor.train(data)
    assert process("Bist du eine Person?", extractor).get("entities") == []
    assert process("Wo liegen die Ausweise?", extractor).get("entities")


def test_training_learns_no_misspelt_name_that_is_marked_elsewhere(workshop: Workshop) -> None:
    data = training_data(
        """
version: "3.1"
nlu:
  - intent: a
    examples: |
      - Wo ist der Leihrat?
      - Ein [Leihrat](initiative) bitte
"""
    )
    extractor = _extractor(workshop, SAMPLE)
    extractor.train(data)
    assert process("Leihrat", extractor).get("entities")


def test_the_intent_for_services_is_a_name(workshop: Workshop) -> None:
    with pytest.raises(InvalidConfigException, match="service_intent is a name"):
        workshop.create(MentionExtractor, service_intent=3)


def test_training_examples_are_masked(workshop: Workshop) -> None:
    extractor, data = workshop.create(MentionExtractor), training_data()
    extractor.train(data)
    masked = [message.get(MASKED) for message in extractor.process_training_data(data).training_examples]
    assert any(" ".join(text.split()) == "Was kostet der xinitiativex ?" for text in masked)
    assert all(masked)


def test_the_same_is_found_after_loading(workshop: Workshop) -> None:
    trained = workshop.create(MentionExtractor)
    trained.train(training_data())
    loaded = workshop.load(MentionExtractor)
    for text in ("Was kostet der Krieser?", "Wo ist das Geo Portal", "kostet", "Roller"):
        one, other = process(text, trained), process(text, loaded)
        assert (one.get("entities"), one.get(MASKED)) == (other.get("entities"), other.get(MASKED))


def test_only_plain_text_is_stored(workshop: Workshop) -> None:
    workshop.create(MentionExtractor).train(training_data())
    (path,) = workshop.files()
    assert path.name == "ordinary_words.json"
    stored = json.loads(path.read_text("utf-8"))
    assert stored == sorted(set(stored))
    assert "teuer" in stored and "kruiser" not in stored


def test_a_new_file_is_found_by_its_name_without_training(workshop: Workshop, tmp_path: Path) -> None:
    root = tmp_path / "content"
    shutil.copytree(SAMPLE, root)
    extractor = _extractor(workshop, root)
    extractor.train(training_data())
    assert process("Wo ist die Regentonne?", extractor).get("entities") == []
    record = yaml.safe_load((root / "initiatives/leihrad.yml").read_text("utf-8"))
    record |= {"id": "tonne", "name": dict.fromkeys(LANGUAGES, "Regentonne"), "aliases": {}, "misspellings": []}
    (root / "initiatives/tonne.yml").write_text(yaml.safe_dump(record), "utf-8")
    message = process("Wo ist die Regentonne?", extractor)
    assert [entity["value"] for entity in message.get("entities")] == ["tonne"]
    assert "xinitiativex" in message.get(MASKED)
