"""Other cities and companies are out of scope, unless something of ours is named for certain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from smartcity.nlu.elsewhere import ElsewhereClassifier

TABLES = [{"name": "towns", "elements": ["Oslo", "Duisburg", "Gera", "Jena"]}, {"name": "food", "elements": ["Pizza"]}]
CERTAIN = {"entity": "initiative", "value": "kruiser", "generic": False}
EVERYDAY = {"entity": "initiative", "value": "kruiser", "generic": True}


def _trained(folder: Path, concepts: list[str]) -> ElsewhereClassifier:
    storage, resource = LocalModelStorage.create(folder), Resource("elsewhere")
    context = ExecutionContext(GraphSchema({}))
    config = {**ElsewhereClassifier.get_default_config(), "concepts": concepts, "places": concepts}
    ElsewhereClassifier.create(config, storage, resource, context).train(TrainingData(lookup_tables=TABLES))
    return ElsewhereClassifier.load(config, storage, resource, context)


def _intent(component: ElsewhereClassifier, text: str, intent: str, *entities: dict[str, Any]) -> str:
    message = Message({"text": text, "intent": {"name": intent, "confidence": 0.9}, "entities": list(entities)})
    component.process([message])
    name: str = message.get("intent")["name"]
    return name


@pytest.mark.parametrize(
    ("text", "intent", "entities", "becomes"),
    [
        ("Was tut Oslo für das Klima?", "theme_environment", [], "out_of_scope"),
        ("Roller in Duisburg", "ask_cost", [EVERYDAY], "out_of_scope"),
        ("Fährt der KRuiser auch nach Duisburg?", "ask_place", [CERTAIN], "ask_place"),
        ("Was tut Krefeld für das Klima?", "theme_environment", [], "theme_environment"),
        ("Ich komme aus Oslo, hallo", "greet", [], "greet"),
        ("Steht das in Oslo?", "ask_source", [], "ask_source"),
        ("Pizza", "ask_cost", [], "ask_cost"),
        ("Was macht der Duisburger Roller?", "ask_about", [], "out_of_scope"),
        ("Von wem stammt das Gerät?", "ask_operator", [], "ask_operator"),
        ("wo is dat jenau", "ask_place", [], "ask_place"),
    ],
)
def test_who_is_meant(tmp_path: Path, text: str, intent: str, entities: list[dict[str, Any]], becomes: str) -> None:
    assert _intent(_trained(tmp_path, ["towns"]), text, intent, *entities) == becomes


@pytest.mark.parametrize(
    ("text", "name", "intent"),
    [
        ("Unter welcher Adresse ist das Geoportal der Stadt Jena erreichbar?", "Geoportal", "out_of_scope"),
        ("Bürgermeister von Gera, wie heißt der?", "Bürgermeister", "out_of_scope"),
        ("who is the mayor of Oslo", "mayor", "out_of_scope"),
        ("Geoportal Duisburg", "Geoportal", "ask_place"),
        ("Fährt das SWCAR von Duisburg aus auch abends?", "SWCAR", "ask_place"),
        ("Geoportal der Stadt Krefeld, nicht von Duisburg", "Geoportal", "ask_place"),
        ("Fährt das SWCAR von Duisburg nach Uerdingen?", "SWCAR", "ask_place"),
        ("Wo ist das Geoportal?", "Geoportal", "ask_place"),
        ("Der Bürgermeister kommt aus Gera?", "Bürgermeister", "ask_place"),
        ("Was hat der Bürgermeister in Oslo gemacht?", "Bürgermeister", "ask_place"),
    ],
)
def test_what_belongs_to_another_town_is_not_ours(tmp_path: Path, text: str, name: str, intent: str) -> None:
    start = text.index(name)
    named = {**CERTAIN, "start": start, "end": start + len(name)}
    assert _intent(_trained(tmp_path, ["towns"]), text, "ask_place", named) == intent


def test_an_unknown_table_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfigException, match=r"no_such_table.*config\.yml"):
        _trained(tmp_path, ["no_such_table"])
