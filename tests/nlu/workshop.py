"""Graph components as Rasa makes them: create, train, persist, load, process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

EXAMPLES = """
version: "3.1"
nlu:
  - intent: ask_cost
    examples: |
      - Was kostet der [KRuiser](initiative)?
      - Wie teuer ist die [CodingSchool](initiative)
      - Preis vom [SWCAR](initiative)
      - Kostet das etwas?
      - Muss ich dafür bezahlen?
      - Was kostet eine Fahrt
      - Ist das teuer
  - intent: ask_place
    examples: |
      - Wo steht der [KRuiser](initiative)?
      - Wo ist die [CodingSchool](initiative)
      - An welchem Ort gibt es das [SWCAR](initiative)?
      - Wo finde ich das?
      - In welcher Straße ist das
      - Adresse vom [Geoportal](initiative)
      - Wo genau
  - intent: greet
    examples: |
      - Hallo
      - Guten Tag
      - Moin
      - Hallo zusammen
      - Guten Morgen
      - Schönen guten Tag
  - lookup: concept_cost
    examples: |
      - kostet
      - teuer
      - gratis
      - zu zahlen
"""


def training_data(text: str = EXAMPLES) -> TrainingData:
    return RasaYAMLReader().reads(text)


class Workshop:
    """Makes components and keeps what they persist in `folder`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.storage = LocalModelStorage(folder)
        self.context = ExecutionContext(GraphSchema({}))

    def create(self, kind: type[GraphComponent], **config: Any) -> Any:
        whole = {**kind.get_default_config(), **config}
        return kind.create(whole, self.storage, Resource(kind.__name__), self.context)

    def load(self, kind: type[GraphComponent], **config: Any) -> Any:
        whole = {**kind.get_default_config(), **config}
        return kind.load(whole, self.storage, Resource(kind.__name__), self.context)

    def files(self) -> list[Path]:
        """Everything that was persisted."""
        return sorted(path for path in self.folder.rglob("*") if path.is_file())


def process(text: str | None, *components: Any) -> Message:
    """A message with `text`, through the components in their order."""
    message = Message({TEXT: text} if text is not None else {})
    for component in components:
        (message,) = component.process([message])
    return message
