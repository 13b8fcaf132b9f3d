"""Training data read once: Rasa's own importer reads and copies every example five times.

config.yml names it under `importers`. What it gives is what Rasa's file importer gives.
"""

from __future__ import annotations

import gc
import os
from functools import lru_cache
from typing import Any, Dict, Optional, Set, Tuple

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import ENTITIES
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

_State = Tuple[Tuple[str, int, int], ...]
"""Path, size and time of change (ns) of each file."""


class Example(Message):
    """A training example that is cheap to copy and keeps its fingerprint until it changes.

    Copies share their values until one of them is set; entities, which some components change
    in place, are copied.
    """

    data: Dict[str, Any]
    output_properties: Set[str]

    def set(self, prop: str, info: Any, add_to_output: bool = False) -> None:
        """Set a property; setting it to what it is (as Rasa does at every copy) changes nothing."""
        if add_to_output or prop not in self.data or self.data[prop] != info:
            self.data = dict(self.data)
            self.output_properties = set(self.output_properties)
            super().set(prop, info, add_to_output)

    def __deepcopy__(self, memo: Dict[int, Any]) -> Example:
        return _copied(self)


def _copied(message: Message) -> Example:
    copy = Example.__new__(Example)
    copy.__dict__.update(message.__dict__)
    copy.features = list(message.features)
    if message.data.get(ENTITIES):
        copy.data = {**message.data, ENTITIES: [dict(entity) for entity in message.data[ENTITIES]]}
    return copy


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
    parts = []
    for path, _, _ in files:
        part = load_data(path)
        part.training_examples = [_copied(message) for message in part.training_examples]
        parts.append(part)
    data = TrainingData().merge(*parts)
    # All of it stays until the training ends: the garbage collector need not walk it at every copy.
    gc.freeze()
    return data
