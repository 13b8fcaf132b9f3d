"""What Rasa's own importer gives, read once."""

from __future__ import annotations

import copy
import os
from pathlib import Path

import pytest
from rasa.shared.exceptions import YamlException
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.message import Message

from smartcity.nlu.importer import Example, ReadOnceImporter, _is_plain

from .workshop import EXAMPLES


def _file(tmp_path: Path, text: str = EXAMPLES) -> Path:
    path = tmp_path / "nlu.yml"
    path.write_text(text, "utf-8")
    return path


def _read(tmp_path: Path, text: str) -> list[Message]:
    examples: list[Message] = ReadOnceImporter(None, None, str(_file(tmp_path, text))).get_nlu_data().training_examples
    return examples


def test_it_gives_what_rasas_importer_gives(tmp_path: Path) -> None:
    path = str(_file(tmp_path))
    ours, theirs = (kind(None, None, path).get_nlu_data() for kind in (ReadOnceImporter, RasaFileImporter))
    assert [message.as_dict() for message in ours.training_examples] == [
        message.as_dict() for message in theirs.training_examples
    ]
    for part in ("entity_synonyms", "regex_features", "lookup_tables", "responses"):
        assert getattr(ours, part) == getattr(theirs, part)
    assert all(isinstance(message, Example) for message in ours.training_examples)


def test_metadata_of_an_intent_are_read_as_rasa_reads_them(tmp_path: Path) -> None:
    text = EXAMPLES.replace("  - intent: greet\n", "  - intent: greet\n    metadata: {topic: kruiser}\n")
    assert _is_plain(text)
    path = str(_file(tmp_path, text))
    ours, theirs = (kind(None, None, path).get_nlu_data() for kind in (ReadOnceImporter, RasaFileImporter))
    assert [m.get("metadata") for m in ours.training_examples] == [m.get("metadata") for m in theirs.training_examples]
    assert {"intent": {"topic": "kruiser"}} in [message.get("metadata") for message in ours.training_examples]
    assert not _is_plain(text.replace("{topic: kruiser}", "kruiser"))
    assert not _is_plain(text.replace("  - lookup: concept_cost\n", "  - lookup: concept_cost\n    metadata: {a: b}\n"))


def test_examples_said_twice_are_read_once(tmp_path: Path) -> None:
    twice = EXAMPLES.replace("      - Moin\n", "      - Moin\n      - Moin\n")
    texts = [message.get("text") for message in _read(tmp_path, twice)]
    assert texts.count("Moin") == 1


@pytest.mark.parametrize(
    "entry",
    [
        "  - intent: [ask_cost]\n    examples: |\n      - Was?\n",
        "  - intent: ask_cost\n    examples: 3\n",
        "  - lookup: concept_cost\n    examples: {a: b}\n",
        "  - Was?\n",
    ],
)
def test_what_is_not_in_rasas_format_is_refused_by_rasa(tmp_path: Path, entry: str) -> None:
    with pytest.raises(YamlException, match=r"nlu\.yml"):
        _read(tmp_path, EXAMPLES + entry)


def test_metadata_are_kept(tmp_path: Path) -> None:
    entry = "  - intent: thank\n    metadata: {origin: test}\n    examples:\n      - text: Danke\n"
    (thanks,) = [message for message in _read(tmp_path, EXAMPLES + entry) if message.get("intent") == "thank"]
    assert thanks.get("metadata") == {"intent": {"origin": "test"}}


def test_values_of_other_kinds_have_a_fingerprint_too() -> None:
    one, other = Example({"text": "a", "tokens": {1, 2}}), Example({"text": "a", "tokens": {1, 3}})
    assert one.fingerprint() != other.fingerprint()


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = _file(tmp_path)
    importer = ReadOnceImporter(None, None, str(path))
    first = importer.get_nlu_data()
    assert importer.get_nlu_data() is first
    path.write_text(EXAMPLES.replace("Moin", "Moin moin"), "utf-8")
    os.utime(path, ns=(1, 1))
    assert "Moin moin" in [message.get("text") for message in importer.get_nlu_data().training_examples]


def test_a_copy_can_be_changed_and_the_original_stays() -> None:
    original = Example(
        {"text": "Was kostet der KRuiser?", "intent": "ask_cost", "entities": [{"entity": "initiative"}]}
    )
    before = original.fingerprint()
    changed = copy.deepcopy(original)
    assert changed == original
    changed.set("masked_text", "was kostet xinitiativex", add_to_output=True)
    changed.get("entities")[0]["value"] = "kruiser"
    assert original.fingerprint() == before
    assert original.get("entities") == [{"entity": "initiative"}]
    assert original.get("masked_text") is None and "masked_text" not in original.output_properties
    assert changed.fingerprint() != before


def test_config_yml_names_it(tmp_path: Path) -> None:
    importer = TrainingDataImporter.load_from_config("config.yml", "domain.yml", [str(_file(tmp_path))])
    assert all(isinstance(message, Example) for message in importer.get_nlu_data().nlu_examples)
