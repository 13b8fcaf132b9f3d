"""Training data read once: Rasa's own importer reads and copies every example five times.

config.yml names it under `importers`. What it gives is what Rasa's file importer gives. Files of the
plain form that ours have are checked here, with libyaml; all others by Rasa's slower validation.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
from functools import lru_cache
from typing import Any, Dict, List, Optional, Set, Tuple

import yaml
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import ENTITIES
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
from rasa.shared.nlu.training_data.loading import RASA_YAML, guess_format, load_data
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

KINDS = ({"intent", "examples"}, {"lookup", "examples"}, {"synonym", "examples"}, {"regex", "examples"})
"""What an entry of a plain file consists of, all of it text."""

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_State = Tuple[Tuple[str, int, int], ...]
"""Path, size and time of change (ns) of each file."""


class Example(Message):
    """A training example that is cheap to copy and keeps its fingerprint until it changes.

    Copies share their values until one of them is set; entities, which some components change
    in place, are copied.
    """

    data: Dict[str, Any]
    output_properties: Set[str]
    _cached_fingerprint: Optional[str]

    def set(self, prop: str, info: Any, add_to_output: bool = False) -> None:
        """Set a property; setting it to what it is (as Rasa does at every copy) changes nothing."""
        if add_to_output or prop not in self.data or self.data[prop] != info:
            self.data = dict(self.data)
            self.output_properties = set(self.output_properties)
            super().set(prop, info, add_to_output)

    def fingerprint(self) -> str:
        """A digest of all values; Rasa's own takes ten times as long."""
        if self._cached_fingerprint is None and not self.features:
            try:
                whole = json.dumps(self.data, sort_keys=True)
            except TypeError:  # values that only Rasa knows how to digest
                return super().fingerprint()
            self._cached_fingerprint = hashlib.md5(whole.encode(), usedforsecurity=False).hexdigest()
        return super().fingerprint()

    def __deepcopy__(self, memo: Dict[int, Any]) -> Example:
        return _copied(self)


def _as_example(message: Message) -> Example:
    return message if isinstance(message, Example) else _copied(message)


def _copied(message: Message) -> Example:
    copy = Example.__new__(Example)
    copy.__dict__.update(message.__dict__)
    copy.features = list(message.features)
    if message.data.get(ENTITIES):
        copy.data = {**message.data, ENTITIES: [dict(entity) for entity in message.data[ENTITIES]]}
    return copy


class _Reader(RasaYAMLReader):  # type: ignore[misc]
    """Rasa's reader, quick with plain files; its messages are `Example`."""

    def validate(self, string: str) -> None:
        if not _is_plain(string):
            super().validate(string)

    def _parse_nlu(self, nlu_data: Optional[List[Dict[str, Any]]]) -> None:
        super()._parse_nlu(nlu_data)
        self.training_examples: List[Message] = [_copied(message) for message in self.training_examples]


def _is_plain(string: str) -> bool:
    """Whether a file certainly fits Rasa's schema: version, nlu, and entries of texts, intents with metadata or not."""
    try:
        content = yaml.load(string, Loader=_Loader)
    except yaml.YAMLError:
        return False
    if not isinstance(content, dict) or set(content) != {"version", "nlu"} or not isinstance(content["version"], str):
        return False
    entries = content["nlu"]
    return isinstance(entries, list) and all(
        isinstance(entry, dict)
        and set(entry) - {"metadata"} in KINDS
        and ("metadata" not in entry or ("intent" in entry and isinstance(entry["metadata"], dict)))
        and all(isinstance(value, str) and value for key, value in entry.items() if key != "metadata")
        for entry in entries
    )


class ReadOnceImporter(RasaFileImporter):
    """Rasa's file importer, whose training data are read again only when a file changed."""

    def get_nlu_data(self, language: Optional[str] = "en") -> TrainingData:
        """The training data of all files; whoever changes them must copy them, as Rasa does.

        Rasa's YAML format knows no language, so it does not matter here.
        """
        return _read(
            tuple((path, stat.st_size, stat.st_mtime_ns) for path in self._nlu_files for stat in (os.stat(path),))
        )


@lru_cache(maxsize=1)
def _read(files: _State) -> TrainingData:
    parts = [_Reader().read(path) if guess_format(path) == RASA_YAML else load_data(path) for path, _, _ in files]
    for part in parts:
        part.training_examples = [_as_example(message) for message in part.training_examples]
    data = TrainingData().merge(*parts)
    # All of it stays until the training ends: the garbage collector need not walk it at every copy.
    gc.freeze()
    return data
