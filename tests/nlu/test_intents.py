from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from smartcity.nlu.context import CONTEXT, ContextReader
from smartcity.nlu.division import QUESTION
from smartcity.nlu.doubt import DoubtClassifier
from smartcity.nlu.halves import Half
from smartcity.nlu.intent_model import ARRAYS
from smartcity.nlu.intents import FAMILIARITY, VotingIntentClassifier, _anywhere
from smartcity.nlu.mentions import MASKED, MentionExtractor
from smartcity.nlu.storage import read_arrays

from .workshop import Workshop, process, training_data

SAID = [
    "Was kostet der KRuiser?",
    "wie teuer ist das",
    "wo ist das geoportal",
    "Hallo",
    "guten tag zusammen",
    "etwas ganz anderes",
    "Wo genau in der Straße und was kostet es",
    "12345",
]


def _trained(workshop: Workshop, **config: object) -> VotingIntentClassifier:
    classifier: VotingIntentClassifier = workshop.create(VotingIntentClassifier, **config)
    classifier.train(training_data())
    return classifier


def _examples(**intents: list[str]) -> TrainingData:
    return TrainingData([Message.build(text, intent) for intent, texts in intents.items() for text in texts])


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Was kostet das?", "ask_cost"),
        ("was kostet der kreathon", "ask_cost"),
        ("WIE TEUER IST DAS", "ask_cost"),
        ("Wo ist das?", "ask_place"),
        ("in welcher strasse", "ask_place"),
        ("hallo", "greet"),
        ("gutn tag", "greet"),
    ],
)
def test_the_intent_of_a_text(workshop: Workshop, text: str, intent: str) -> None:
    assert process(text, _trained(workshop)).get("intent")["name"] == intent


def test_a_concept_counts_where_the_word_is_new(workshop: Workshop) -> None:
    first, second = process("gratis", _trained(workshop)).get("intent_ranking")[:2]
    assert first["name"] == "ask_cost"
    assert first["confidence"] > second["confidence"] + 0.05


def test_the_ranking_is_a_distribution(workshop: Workshop) -> None:
    message = process("Was kostet das?", _trained(workshop))
    ranking = message.get("intent_ranking")
    confidences = [reading["confidence"] for reading in ranking]
    assert {reading["name"] for reading in ranking} == {"ask_cost", "ask_place", "greet"}
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) == pytest.approx(1)
    assert message.get("intent") == ranking[0]
    assert message.as_dict(only_output_properties=True)["intent_ranking"] == ranking


STORY = "hallo hallo, ich bin in der strasse, in welcher strasse ist das. gutn tag auch, moin. Was kostet das?"


def test_the_question_in_a_story_has_its_share(workshop: Workshop) -> None:
    shares = []
    for share in (0.0, 0.5, 1.0):
        told = Message({"text": STORY, QUESTION: "Was kostet das?"})
        _trained(workshop, question_share=share).process([told])
        ranking = {reading["name"]: reading["confidence"] for reading in told.get("intent_ranking")}
        assert sum(ranking.values()) == pytest.approx(1)
        shares.append(ranking["ask_cost"])
    assert shares[0] < shares[1] < shares[2]


def test_without_a_question_of_its_own_a_message_is_read_whole(workshop: Workshop) -> None:
    whole, signs = Message({"text": STORY}), Message({"text": STORY, QUESTION: "?!"})
    _trained(workshop, question_share=1.0).process([whole, signs])
    assert whole.get("intent_ranking") == signs.get("intent_ranking")


_LIVELY = "och alter hä echt wie na oh ach".split()
IN_CONTEXT = "\n".join(
    [
        'version: "3.1"',
        "nlu:",
        "  - intent: ask_status",
        "    metadata: {after: initiative/joining ended}",
        "    examples: |",
        *(f"      - {word} warum {word}" for word in _LIVELY),
        "  - intent: ask_goals",
        "    examples: |",
        *(f"      - {word} warum macht ihr das {word}" for word in _LIVELY),
    ]
)


def test_what_was_answered_before_counts(workshop: Workshop) -> None:
    data = workshop.create(ContextReader).process_training_data(training_data(IN_CONTEXT))
    classifier = workshop.create(VotingIntentClassifier, anywhere=0)
    classifier.train(data)
    shares = []
    for context in ([], ["initiative/joining", "ended", "about initiative"]):
        message = Message({"text": "warum", CONTEXT: context})
        classifier.process([message])
        ranking = {reading["name"]: reading["confidence"] for reading in message.get("intent_ranking")}
        shares.append(ranking["ask_status"])
    assert shares[0] < shares[1]


def test_clear_examples_are_learnt_after_any_answer_too(workshop: Workshop) -> None:
    data = workshop.create(ContextReader).process_training_data(training_data(IN_CONTEXT))
    copies = _anywhere(data.intent_examples, 3, 42)
    assert len(copies) == 3 and all(copy.get(CONTEXT) for copy in copies)
    assert {copy.get("intent") for copy in copies} == {"ask_goals"}, "short ones may mean something else"
    assert [copy.get("text") for copy in copies] == [m.get("text") for m in _anywhere(data.intent_examples, 3, 42)]
    assert _anywhere(training_data().intent_examples, 3, 42) == []


def test_the_ranking_is_as_long_as_configured(workshop: Workshop) -> None:
    assert len(process("Hallo", _trained(workshop, ranking_length=2)).get("intent_ranking")) == 2


def test_the_masked_text_counts(workshop: Workshop) -> None:
    message = Message({"text": "Hallo", MASKED: "was kostet das"})
    _trained(workshop).process([message])
    assert message.get("intent")["name"] == "ask_cost"


@pytest.mark.parametrize("text", ["", None, "   ", "🙂👍", "?!…", "\u200b", "---"])
def test_a_message_without_words_gets_no_intent(workshop: Workshop, text: str | None) -> None:
    message = process(text, _trained(workshop))
    assert message.get("intent") == {"name": None, "confidence": 0.0}
    assert message.get("intent_ranking") == []
    assert message.get(FAMILIARITY) == 0.0


@pytest.mark.parametrize("text", ["", "🙂", "12345", "02151 86", "Где это?", "qwrtz vbnm", "你好"])
def test_what_shows_no_known_feature_is_not_understood(workshop: Workshop, text: str) -> None:
    message = process(text, _trained(workshop), workshop.create(DoubtClassifier))
    assert message.get(FAMILIARITY) == 0.0
    assert message.get("intent")["name"] == "nlu_fallback"


@pytest.mark.parametrize(("text", "share"), [("kostet das", 1.0), ("kostet Quark", 0.5), ("Quark Topf", 0.0)])
def test_familiarity_is_the_share_of_known_words(workshop: Workshop, text: str, share: float) -> None:
    assert process(text, _trained(workshop)).get(FAMILIARITY) == share


def test_the_prediction_is_the_same_after_loading(workshop: Workshop) -> None:
    trained = _trained(workshop)
    loaded = workshop.load(VotingIntentClassifier)
    for text in SAID:
        before, after = process(text, trained), process(text, loaded)
        assert before.get("intent")["name"] == after.get("intent")["name"]
        assert before.get(FAMILIARITY) == after.get(FAMILIARITY)
        for one, other in zip(before.get("intent_ranking"), after.get("intent_ranking"), strict=True):
            assert one["confidence"] == pytest.approx(other["confidence"], abs=0.005)


def test_loading_twice_gives_exactly_the_same(workshop: Workshop) -> None:
    _trained(workshop)
    one, other = (workshop.load(VotingIntentClassifier) for _ in range(2))
    for text in SAID:
        assert process(text, one).as_dict() == process(text, other).as_dict()


def _weights(workshop: Workshop) -> dict[str, np.ndarray]:
    (path,) = (path for path in workshop.files() if path.name == ARRAYS)
    return read_arrays(path)


def test_training_twice_gives_equal_weights(workshop: Workshop) -> None:
    _trained(workshop)
    second = Workshop(workshop.folder.with_name("second"))
    _trained(second)
    one, other = _weights(workshop), _weights(second)
    assert one.keys() == other.keys()
    assert all(np.array_equal(one[name], other[name]) for name in one)
    names = [next(path for path in w.files() if path.suffix == ".xz").read_bytes() for w in (workshop, second)]
    assert names[0] == names[1]


def test_no_pickle_is_stored(workshop: Workshop) -> None:
    _trained(workshop)
    assert {path.suffix for path in workshop.files()} == {".xz", ".bz2"}
    assert all(array.dtype != object for array in _weights(workshop).values())


def test_two_intents_are_enough(workshop: Workshop) -> None:
    data = _examples(a=["ja", "ja bitte"], b=["nein", "nein danke"])
    classifier = workshop.create(VotingIntentClassifier)
    classifier.train(data)
    for text, intent in (("ja", "a"), ("nein danke", "b")):
        ranking = process(text, classifier).get("intent_ranking")
        assert ranking[0]["name"] == intent
        assert sum(reading["confidence"] for reading in ranking) == pytest.approx(1)


@pytest.mark.parametrize("intents", [{}, {"a": ["ja"]}, {"a": ["ja"], "b": ["🙂"]}])
def test_fewer_than_two_intents_with_words_are_refused(workshop: Workshop, intents: dict[str, list[str]]) -> None:
    classifier = workshop.create(VotingIntentClassifier)
    with pytest.raises(InvalidConfigException, match="needs examples of at least two intents in data/nlu"):
        classifier.train(_examples(**intents))


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"C": 0}, "C must be a number greater than 0"),
        ({"C": -1.0}, "C must be a number greater than 0"),
        ({"C": "10"}, "C must be a number greater than 0"),
        ({"C": None}, "C must be a number greater than 0"),
        ({"C": float("nan")}, "C must be a number greater than 0"),
        ({"C": float("inf")}, "C must be a number greater than 0"),
        ({"C": True}, "C must be a number greater than 0"),
        ({"random_state": "seed"}, "random_state must be a whole number from 0"),
        ({"random_state": None}, "random_state must be a whole number from 0"),
        ({"random_state": -1}, "random_state must be a whole number from 0"),
        ({"ranking_length": 0}, "ranking_length must be a whole number from 1"),
        ({"ranking_length": 2.5}, "ranking_length must be a whole number from 1"),
        ({"anywhere": -1}, "anywhere must be a whole number from 0"),
        ({"question_share": 1.1}, "question_share must be a number from 0 to 1"),
        ({"question_share": "half"}, "question_share must be a number from 0 to 1"),
        ({"question_share": float("nan")}, "question_share must be a number from 0 to 1"),
        ({"foreign_share": 1}, "foreign_share must be a number from 0 to less than 1"),
        ({"foreign_share": -0.1}, "foreign_share must be a number from 0 to less than 1"),
        ({"foreign_share": "few"}, "foreign_share must be a number from 0 to less than 1"),
    ],
)
def test_an_invalid_configuration_is_refused_with_a_sentence(
    workshop: Workshop, config: dict[str, object], sentence: str
) -> None:
    with pytest.raises(InvalidConfigException, match=f"VotingIntentClassifier: {sentence} in config.yml"):
        workshop.create(VotingIntentClassifier, **config)


def test_what_few_examples_show_to_be_out_of_scope_is_made_likelier(workshop: Workshop) -> None:
    costs = [f"was kostet {thing}" for thing in ("das", "es", "der eintritt", "die fahrt", "so was", "ein platz")]
    places = [f"wo ist {thing}" for thing in ("das", "es", "der eingang", "die halle", "so was", "ein platz")]
    foreign = ["wie wird das wetter", "was kostet ein döner", "wo ist der mond", "wer gewinnt heute"]
    data = _examples(ask_cost=costs * 4, ask_place=places * 4, out_of_scope=foreign)
    shares = []
    for least in (0.0, 0.1, 0.5):
        classifier = workshop.create(VotingIntentClassifier, foreign_share=least)
        classifier.train(data)
        ranking = process("was kostet der mond", classifier).get("intent_ranking")
        shares.append(next(one["confidence"] for one in ranking if one["name"] == "out_of_scope"))
    assert shares[0] == shares[1] < shares[2], "four of 52 are a tenth or nearly so"


def test_a_message_whose_halves_ask_two_things_has_two_parts(workshop: Workshop) -> None:
    classifier = _trained(workshop)
    text = "was kostet das und wo ist das"
    cut = text.index("und")
    halves = [(Half(0, cut, text[:cut]), Half(cut, len(text), text[cut:]))]
    message = Message({"text": text, "halves": halves})
    classifier.process([message])
    assert [part["intent_ranking"][0]["name"] for part in message.get("parts")] == ["ask_cost", "ask_place"]
    alone = Message({"text": "was kostet das", "halves": [(Half(0, 3, "was"), Half(3, 14, "kostet das"))]})
    classifier.process([alone])
    assert not alone.get("parts")


def test_before_training_there_is_no_intent(workshop: Workshop) -> None:
    assert process("Hallo", workshop.create(VotingIntentClassifier)).get("intent")["name"] is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_text_gets_a_ranking(workshop: Workshop, data: st.DataObject) -> None:
    if not workshop.files():
        _trained(workshop)
    message = process(data.draw(st.text()), workshop.load(VotingIntentClassifier), workshop.create(DoubtClassifier))
    confidences = [reading["confidence"] for reading in message.get("intent_ranking")]
    assert not confidences or sum(confidences) == pytest.approx(1)
    assert 0 <= message.get(FAMILIARITY) <= 1
    assert message.get("intent")["name"]


def test_a_question_about_one_initiative_teaches_it_about_every_other(workshop: Workshop) -> None:
    mentions = workshop.create(MentionExtractor)
    data = training_data()
    mentions.train(data)
    classifier = workshop.create(VotingIntentClassifier)
    classifier.train(mentions.process_training_data(data))
    for name in ("Kreathon", "Krefeld im Spiegel", "ZFDL", "Smarte Mülltonne"):
        message = process(f"Wo steht {name}", mentions, classifier)
        assert message.get("intent")["name"] == "ask_place"
