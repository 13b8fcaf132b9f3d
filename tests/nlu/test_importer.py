"""What Rasa's own importer gives, read once."""

from __future__ import annotations

import copy
import os
from pathlib import Path

from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.importers.rasa import RasaFileImporter

from smartcity.nlu.importer import Example, ReadOnceImporter

from .workshop import EXAMPLES


def _file(tmp_path: Path, text: str = EXAMPLES) -> Path:
    path = tmp_path / "nlu.yml"
    path.write_text(text, "utf-8")
    return path


def test_it_gives_what_rasas_importer_gives(tmp_path: Path) -> None:
    path = str(_file(tmp_path))
    ours, theirs = (kind(None, None, path).get_nlu_data() for kind in (ReadOnceImporter, RasaFileImporter))
    assert ours.fingerprint() == theirs.fingerprint()
    assert [message.as_dict() for message in ours.training_examples] == [
        message.as_dict() for message in theirs.training_examples
    ]
    assert all(isinstance(message, Example) for message in ours.training_examples)


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
