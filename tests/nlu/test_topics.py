from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from smartcity.knowledge.source import read_once
from smartcity.nlu.mentions import MASKED, MentionExtractor
from smartcity.nlu.storage import write_arrays
from smartcity.nlu.topic_examples import COMMON, NO_TOPIC, OPEN, common_words, others, told
from smartcity.nlu.topic_model import ARRAYS, TopicModel
from smartcity.nlu.topics import ELSEWHERE, FIELDS, TOPICS, TopicClassifier

from .workshop import Workshop, process, training_data

DESCRIBED = """
version: "3.1"
nlu:
  - intent: ask_cost
    metadata: {topic: swcar}
    examples: |
      - Was zahlt man für die schwarzen Wagen aus London?
      - was nehmen die für eine Fahrt in der Limousine nach Mitternacht
      - Preis für das Londoner Auto
  - intent: ask_place
    metadata: {topic: zfdl}
    examples: |
      - Wo können Lehrkräfte Brillen und Drucker ausprobieren?
      - wo steht das Haus mit den 3D-Druckern für Klassen
      - Ort für Unterricht mit Robotern
  - intent: ask_cost
    examples: |
      - Kostet das etwas?
      - Was kostet das
  - intent: out_of_scope
    examples: |
      - Wie wird das Wetter?
      - Wer hat gestern gewonnen
      - Was kostet ein Döner in der Altstadt?
      - Wann kommt der Zug nach Köln
"""
UNTOLD = """
version: "3.1"
nlu:
  - intent: out_of_scope
    examples: |
      - Wie wird das Wetter?
      - Wer hat gestern gewonnen
"""
RANKING: Any = [{"name": "ask_cost", "confidence": 0.9}]


def _trained(workshop: Workshop, text: str = DESCRIBED, **config: object) -> TopicClassifier:
    data = training_data(text)
    workshop.create(MentionExtractor).process_training_data(data)
    classifier: TopicClassifier = workshop.create(TopicClassifier, **config)
    classifier.train(data)
    return classifier


def _asked(text: str, classifier: TopicClassifier, entities: tuple[dict[str, Any], ...] = ()) -> Message:
    message = Message({"text": text, "intent_ranking": RANKING, "entities": list(entities)})
    classifier.process([message])
    return message


def _likeliest(message: Message) -> tuple[str, float]:
    first = message.get(TOPICS)[0]
    return first["name"], first["confidence"]


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Wie teuer sind die schwarzen Londoner Wagen?", "swcar"),
        ("Wo probieren Lehrkräfte die Drucker und die Brillen aus?", "zfdl"),
        ("Wo melden sich Mountainbiker mit Temperaturfühlern am Rad?", "klimasensoren"),
    ],
)
def test_a_description_means_an_initiative(workshop: Workshop, text: str, topic: str) -> None:
    message = _asked(text, _trained(workshop))
    found, confidence = _likeliest(message)
    assert found == topic and confidence > 0.3
    assert message.get(ELSEWHERE) < 0.3
    told = message.as_dict(only_output_properties=True)
    assert told[TOPICS] == message.get(TOPICS) and ELSEWHERE in told


def test_what_is_about_none_says_so(workshop: Workshop) -> None:
    message = _asked("Wann gewann gestern Köln, und wie war das Wetter?", _trained(workshop))
    assert message.get(ELSEWHERE) > _likeliest(message)[1]


def test_a_question_that_leaves_it_open_is_about_no_certain_one(workshop: Workshop) -> None:
    message = _asked("Was kostet das?", _trained(workshop))
    assert _likeliest(message)[1] < 0.5


@pytest.mark.parametrize("topic", ["", "theme/mobility"])
def test_a_question_about_a_theme_does_not_make_all_others_foreign(topic: str) -> None:
    """'Wozu ist das gut?' says nothing of what it means, whatever else is asked in such words of a theme."""
    of_theme = {"metadata": {"topic": topic}} if topic else {}
    config = {**TopicClassifier.get_default_config(), "elsewhere": 0}
    examples = [
        Message({"text": text, MASKED: text, "intent": "ask_goals", "metadata": {"intent": metadata}})
        for text, metadata in [
            *((f"wozu ist das gut xinitiativex {n}", {}) for n in range(COMMON)),
            ("wozu ist das gut", {}),
            ("wozu der ganze verkehr", of_theme.get("metadata", {})),
        ]
    ]
    found = dict(others(examples, read_once("content"), config))
    assert found["wozu ist das gut"] == OPEN and NO_TOPIC not in found.values()


def _entity(value: str, start: int, end: int, **more: object) -> dict[str, Any]:
    return {"entity": "initiative", "value": value, "start": start, "end": end, **more}


def test_a_named_initiative_needs_no_topic(workshop: Workshop) -> None:
    classifier = _trained(workshop)
    assert _asked("Was kostet der KRuiser", classifier, (_entity("kruiser", 15, 22),)).get(TOPICS) is None
    assert Message({"text": "?"}).get(TOPICS) is None
    either = (_entity("kruiser", 4, 10), _entity("swcar", 4, 10))
    assert _likeliest(_asked("Der Roller kommt aus London, schwarz, ein Wagen", classifier, either))[0] == "swcar"


def test_a_refused_initiative_is_not_supposed(workshop: Workshop) -> None:
    classifier = _trained(workshop)
    text = "Nicht das SWCAR, was kosten die schwarzen Wagen aus London?"
    assert _likeliest(_asked(text, classifier))[0] == "swcar"
    refused = _asked(text, classifier, (_entity("swcar", 10, 15, refused=True),))
    assert "swcar" not in [topic["name"] for topic in refused.get(TOPICS)]


def test_the_same_after_loading_and_after_training_again(workshop: Workshop) -> None:
    trained, loaded = _trained(workshop), workshop.load(TopicClassifier)
    again = _trained(Workshop(workshop.folder.with_name("second")))
    for text in ("schwarze Wagen", "Drucker", "Wetter", "", "🙂"):
        found = [_asked(text, classifier).get(TOPICS) for classifier in (trained, loaded, again)]
        assert found[0] == found[2]
        assert [topic["name"] for topic in found[0]] == [topic["name"] for topic in found[1]]
        for one, other in zip(found[0], found[1], strict=True):
            assert one["confidence"] == pytest.approx(other["confidence"], abs=1e-5)
    assert {path.suffix for path in workshop.files()} == {".xz", ".bz2"}


@pytest.mark.parametrize("wrong", ["swkar", "theme/swcar", "service/mobility", "office/swk", "theme/"])
def test_a_topic_that_content_does_not_have_is_refused_with_a_remedy(workshop: Workshop, wrong: str) -> None:
    with pytest.raises(InvalidConfigException, match=rf"'{wrong}', but content has no such id"):
        _trained(workshop, DESCRIBED.replace("topic: swcar", f"topic: {wrong}"))


def test_metadata_that_are_no_mapping_are_refused_with_a_remedy(workshop: Workshop) -> None:
    example = Message({"text": "schwarze Wagen", "intent": "ask_cost", "metadata": {"intent": "swcar"}})
    with pytest.raises(InvalidConfigException, match=r"metadata: \{topic: id of an initiative\}"):
        workshop.create(TopicClassifier).train(TrainingData([example]))


def test_without_topics_in_the_data_content_alone_teaches(workshop: Workshop) -> None:
    classifier = _trained(workshop, UNTOLD)
    assert _likeliest(_asked("Sammelfahrzeug abends und nachts per App", classifier))[0] == "swcar"


FIELD = (
    DESCRIBED
    + """
  - intent: city_service
    metadata: {topic: service/dog_tax}
    examples: |
      - hab nen welpen, was zahl ich
      - unser dackel ist gestorben
      - Vierbeiner anmelden
  - intent: list_initiatives
    metadata: {topic: theme/environment}
    examples: |
      - was habt ihr an klimasachen
      - klimasachen bitte aufzählen
"""
)


def test_services_and_themes_are_told_apart_from_initiatives(workshop: Workshop) -> None:
    classifier = _trained(workshop, FIELD)
    message = _asked("unser welpen", classifier)
    assert [(f["kind"], f["name"]) for f in message.get(FIELDS)] == [("service", "dog_tax")]
    assert message.get(ELSEWHERE) > 0.5, "it is about no initiative"
    assert all("/" not in topic["name"] for topic in message.get(TOPICS))
    listed = _asked("klimasachen", classifier)
    assert [(f["kind"], f["name"]) for f in listed.get(FIELDS)] == [("theme", "environment")]


def test_words_beside_many_names_tell_no_topic() -> None:
    named = [Message({"text": "", "masked_text": f"was kostet der xinitiativex {n}"}) for n in range(40)]
    rare = [Message({"text": "", "masked_text": "wie schwarz ist xinitiativex"})]
    unnamed = [Message({"text": "", "masked_text": "was kostet ein döner"})] * 50
    assert common_words([*named, *rare, *unnamed]) == {"was", "kostet", "der", "xinitiativex"}


def test_every_initiative_teaches_by_its_names_and_facts(workshop: Workshop) -> None:
    store = workshop.create(TopicClassifier)._store
    found = list(told(store.knowledge))
    assert {topic for _, topic in found if "/" not in topic} == set(store.knowledge.initiatives)
    assert {topic[len("service/") :] for _, topic in found if topic.startswith("service/")} <= set(
        store.knowledge.services
    )
    assert {topic for _, topic in found if topic.startswith("theme/")} == {f"theme/{t}" for t in store.knowledge.themes}
    assert all(text.strip() for text, _ in found)
    assert NO_TOPIC not in store.knowledge.initiatives and OPEN not in store.knowledge.initiatives


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"C": 0}, "C must be a number"),
        ({"elsewhere": -1}, "elsewhere must be"),
        ({"random_state": "x"}, "random_state"),
    ],
)
def test_a_wrong_configuration_is_refused(workshop: Workshop, config: dict[str, object], told: str) -> None:
    with pytest.raises(InvalidConfigException, match=told):
        workshop.create(TopicClassifier, **config)


def test_a_stored_model_with_pickle_in_it_is_refused(workshop: Workshop) -> None:
    _trained(workshop)
    (path,) = (path for path in workshop.files() if path.name == ARRAYS)
    write_arrays(path, idf=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        TopicModel.load(path.parent)


def test_a_message_without_a_ranking_is_left_alone(workshop: Workshop) -> None:
    assert process("🙂", _trained(workshop)).get(TOPICS) is None
