"""Which pieces of a message ask, tell or refuse: learnt from the project's own examples, read in the real city."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message

from smartcity.nlu.division import QUESTION, QuestionDivider
from smartcity.nlu.mentions import MASKED, PARTS, MentionExtractor
from smartcity.nlu.pieces import ASKS, CONTINUES, REFUSES, TELLS, Piece, features, pieces_of
from smartcity.nlu.segments import segments

from .workshop import Workshop, training_data

PIECES = """
version: "3.1"
nlu:
  - intent: ask_joining
    metadata: {pieces: TQ}
    examples: |
      - Noch mal zum [SWCAR](initiative), wie bucht man das?
      - aha, und wie melde ich mich an?
  - intent: ask_cost
    metadata: {pieces: NQ}
    examples: |
      - Nicht den Ort, was kostet der [KRuiser](initiative)?
      - nicht den Ort, was kostet es?
"""


@lru_cache(maxsize=1)
def _trained(folder: Path) -> tuple[MentionExtractor, QuestionDivider]:
    """The components as they learn from the labelled files of the project."""
    workshop = Workshop(folder)
    files = sorted(Path("data/nlu").glob("pieces_[0-9]*.yml"))
    data = training_data(files[0].read_text("utf-8"))
    for file in files[1:]:
        data = data.merge(training_data(file.read_text("utf-8")))
    mentions = workshop.create(MentionExtractor)
    mentions.train(data)
    divider = workshop.create(QuestionDivider)
    divider.train(mentions.process_training_data(data))
    return mentions, workshop.load(QuestionDivider)


@pytest.fixture(scope="module")
def components(tmp_path_factory: pytest.TempPathFactory) -> tuple[MentionExtractor, QuestionDivider]:
    return _trained(tmp_path_factory.mktemp("divider") / "model")


def _divided(text: str, components: tuple[MentionExtractor, QuestionDivider]) -> Message:
    message = Message({"text": text})
    for component in components:
        component.process([message])
    return message


def _parts(message: Message) -> list[str]:
    """The parts of a message; those that are refused begin with '-'."""
    text = message.get("text")
    return [("-" if p["negated"] else "") + text[p["start"] : p["end"]].strip() for p in message.get(PARTS) or []]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Was kostet das SWCAR und wo fährt es?", ["Was kostet das SWCAR", "und wo fährt es?"]),
        ("Was ist LoRaWAN? Wer betreibt es?", ["Was ist LoRaWAN?", "Wer betreibt es?"]),
        (
            "Wie schnell fuhr der KRuiser und brauchte man einen Führerschein",
            ["Wie schnell fuhr der KRuiser", "und brauchte man einen Führerschein"],
        ),
        (
            "Ich brauche keine Mail, nur die Telefonnummer vom Büro",
            ["-Ich brauche keine Mail,", "nur die Telefonnummer vom Büro"],
        ),
        (
            "Den Preis kenne ich, mich interessiert, wo das SWCAR fährt.",
            ["-Den Preis kenne ich,", "mich interessiert, wo das SWCAR fährt."],
        ),
        ("Wann fährt, äh nein, was kostet das SWCAR?", ["-Wann fährt, äh nein,", "was kostet das SWCAR?"]),
        (
            "Was kostet das SWCAR? Falsche Frage. Wo fährt es?",
            ["-Was kostet das SWCAR? Falsche Frage.", "Wo fährt es?"],
        ),
        ("Was kostet das Zentrum für digitale Lernwelten?", []),
        ("Was macht Krefeld für Bildung und Soziales?", []),
        ("Warum gibt es den KRuiser nicht mehr?", []),
        ("Gibt es keine Ermäßigung?", []),
        ("Noch mal zum SWCAR, wie bucht man das?", []),
        ("", []),
        ("🙂", []),
    ],
)
def test_parts_of_a_message(components: tuple[MentionExtractor, QuestionDivider], text: str, parts: list[str]) -> None:
    assert _parts(_divided(text, components)) == parts


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Noch mal zum SWCAR, wie bucht man das?", "wie bucht man das? xinitiativex"),
        ("Schade. Und wo laufen jetzt Umfragen?", None),
        ("Was kostet das SWCAR?", None),
    ],
)
def test_the_one_question_among_what_is_told(
    components: tuple[MentionExtractor, QuestionDivider], text: str, question: str | None
) -> None:
    found = _divided(text, components).get(QUESTION)
    if question is None and text.startswith("Schade"):
        assert found is not None and "Schade" not in found
    else:
        assert (found.split() if found else None) == (question.split() if question else None)


def test_a_name_that_is_taken_back_is_not_meant(components: tuple[MentionExtractor, QuestionDivider]) -> None:
    message = _divided("wann startet der KReathon, ach nee, ich meinte die CodingSchool", components)
    refused = {entity["value"]: entity["refused"] for entity in message.get("entities")}
    assert refused == {"kreathon": True, "codingschool": False}


def test_a_name_in_what_is_refused_is_meant_where_no_other_is_left(
    components: tuple[MentionExtractor, QuestionDivider],
) -> None:
    message = _divided("Den Preis vom SWCAR brauch ich nicht, sag mir lieber, wo es fährt", components)
    assert [entity["refused"] for entity in message.get("entities") if entity["value"] == "swcar"] == [False]
    assert message.get(PARTS)[-1][MASKED].split()[-1] == "xinitiativex", "the part is about it"


@given(st.text() | st.lists(st.sampled_from(["was", "und", "?", ",", "nicht", "KRuiser", "kein", ". "])).map(" ".join))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_parts_lie_in_the_text_one_after_another(
    components: tuple[MentionExtractor, QuestionDivider], text: str
) -> None:
    end = 0
    for part in _divided(text, components).get(PARTS) or []:
        assert end <= part["start"] < part["end"] <= len(text)
        end = part["end"]


def test_what_was_stored_divides_in_the_same_way(workshop: Workshop) -> None:
    data = training_data(PIECES)
    mentions, divider = workshop.create(MentionExtractor), workshop.create(QuestionDivider)
    mentions.train(data)
    divider.train(mentions.process_training_data(data))
    again = Workshop(workshop.folder.with_name("second"))
    other = again.create(QuestionDivider)
    other.train(mentions.process_training_data(data))
    assert [path.read_bytes() for path in workshop.files() if path.suffix == ".crfsuite"] == [
        path.read_bytes() for path in again.files() if path.suffix == ".crfsuite"
    ]


def test_without_labelled_examples_nothing_is_divided(workshop: Workshop) -> None:
    workshop.create(QuestionDivider).train(training_data())
    message = Message({"text": "Was ist das? Wo ist das?"})
    workshop.create(MentionExtractor).process([message])
    workshop.load(QuestionDivider).process([message])
    assert message.get(PARTS) is None and message.get(QUESTION) is None


@pytest.mark.parametrize("wrong", ["Q", "TQQ", "TX", "TT"])
def test_labels_that_do_not_fit_are_refused_with_the_cuts(workshop: Workshop, wrong: str) -> None:
    data = training_data(PIECES.replace("TQ", wrong))
    mentions = workshop.create(MentionExtractor)
    mentions.train(data)
    with pytest.raises(InvalidConfigException, match=r"cut into 2: Noch mal zum SWCAR, \| wie bucht man das\?"):
        workshop.create(QuestionDivider).train(mentions.process_training_data(data))


def test_of_several_pieces_the_first_that_asks_teaches_its_intent(workshop: Workshop) -> None:
    data = training_data(PIECES)
    mentions = workshop.create(MentionExtractor)
    mentions.train(data)
    masked = {
        example.get("text"): example.get(MASKED)
        for example in workshop.create(QuestionDivider)
        .process_training_data(mentions.process_training_data(data))
        .intent_examples
    }
    assert masked["nicht den Ort, was kostet es?"].split() == ["was", "kostet", "es?"]
    assert masked["aha, und wie melde ich mich an?"].split()[0] == "aha,", "one question is read with what is told"


@pytest.mark.parametrize(
    ("labels", "kinds"),
    [("TQ", [TELLS, ASKS]), ("Q+", [ASKS]), ("+Q", [ASKS, ASKS]), ("NQ", [REFUSES, ASKS]), ("T+", [TELLS])],
)
def test_pieces_of_labels(labels: str, kinds: list[str]) -> None:
    text = "Ein Satz, noch einer"
    pieces = pieces_of(segments(text), labels)
    assert [piece.kind for piece in pieces] == kinds
    assert pieces[0].start == 0 and pieces[-1].end == len(text)


def test_features_know_what_stands_around() -> None:
    first, second = features(["noch mal xinitiativex ,", "wie geht das?"], [",", "?"])
    assert "+1q=wie" in first and "-1sign=," in second and "-1named" in second
    assert Piece(0, 1, ASKS) != Piece(0, 1, CONTINUES)
