from __future__ import annotations

import pytest
from rasa.shared.core.slots import AnySlot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message

from smartcity.nlu.context import CONTEXT, POINTS, TALKED_OF, ContextReader, context_of, points_back

from .workshop import Workshop, training_data

EXAMPLES = """
version: "3.1"
nlu:
  - intent: ask_status
    metadata: {after: initiative/joining ended}
    examples: |
      - alter, warum
  - intent: ask_cost
    examples: |
      - was kostet das
"""


@pytest.mark.parametrize(
    ("answer", "state", "topic", "found"),
    [
        ("initiative/kruiser/status", "ended", "", ["initiative/status", "ended", "about initiative"]),
        ("initiative/status", "", "", ["initiative/status", "about initiative"]),
        ("list/mobility", "", "theme", ["list", "about theme"]),
        ("list/themes", "", "", ["list/themes"]),
        ("service/dog_tax", "", "", ["service"]),
        (
            "service/defect",
            "",
            "initiative/joining",
            ["service/defect", "about initiative", "about initiative/joining"],
        ),
        ("ask/cost", "", "", ["which"]),
        ("lost", "", "initiative/cost", ["decline", "about initiative", "about initiative/cost"]),
        ("talk/thank", "", "", ["talk/thank"]),
    ],
)
def test_what_was_answered_before(answer: str, state: str, topic: str, found: list[str]) -> None:
    assert list(context_of(answer, state, topic)) == found


def _tracker(**slots: object) -> DialogueStateTracker:
    found = [AnySlot(name, mappings=[], initial_value=value) for name, value in slots.items()]
    return DialogueStateTracker("somebody", found)


def test_it_is_read_from_the_conversation(workshop: Workshop) -> None:
    reader = workshop.create(ContextReader)
    message = Message({"text": "und warum"})
    tracker = _tracker(last_answer={"answer": "initiative/kruiser/status"}, topic="initiative/kruiser", aspect="status")
    reader.process([message], tracker)
    assert message.get(CONTEXT) == ["initiative/status", "ended", "about initiative"]
    assert message.get(TALKED_OF) == "initiative/kruiser"
    assert message.as_dict(only_output_properties=True)[POINTS] is True


@pytest.mark.parametrize("tracker", [None, _tracker(last_answer=None, topic=None, aspect=None)])
def test_the_first_message_has_none(workshop: Workshop, tracker: DialogueStateTracker | None) -> None:
    message = Message({"text": "Was kostet das Taxi?"})
    workshop.create(ContextReader).process([message], tracker)
    assert message.get(CONTEXT) == [] and message.get(TALKED_OF) == ""
    assert message.get(POINTS) is False


def test_what_is_gone_from_content_is_no_topic(workshop: Workshop) -> None:
    message = Message({"text": "wann"})
    tracker = _tracker(last_answer={"answer": "initiative/gone/cost"}, topic="initiative/gone", aspect="cost")
    workshop.create(ContextReader).process([message], tracker)
    assert message.get(CONTEXT) == ["initiative/cost", "about initiative"]


def test_examples_say_it_in_their_metadata(workshop: Workshop) -> None:
    data = workshop.create(ContextReader).process_training_data(training_data(EXAMPLES))
    contexts = {example.get("text"): example.get(CONTEXT) for example in data.intent_examples}
    assert contexts["alter, warum"] == ["initiative/joining", "ended", "about initiative"]
    assert contexts["was kostet das"] is None


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("wer hat ihn gebaut", True),
        ("und was kostet das?", True),
        ("is it free", True),
        ("komme ich da rein", True),
        ("Was kostet das Taxi?", False),
        ("Der Bund und die Stadt", False),
        ("", False),
    ],
)
def test_words_that_point_back(text: str, back: bool) -> None:
    assert points_back(text) is back


@pytest.mark.parametrize(
    "text",
    [
        "Wie erreiche ich den?",
        "mit wie viel Prozent wurde der gewählt",
        "kann man den kaufen",
        "wo ist sein Büro",
        "wer ist da zuständig",
        "Wer veranstaltet den denn?",
        "was kostet der eigentlich noch",
    ],
)
def test_words_that_stand_for_what_was_talked_of(text: str) -> None:
    assert points_back(text)


@pytest.mark.parametrize(
    "text",
    [
        "wo kauf ich den Roller",
        "das kann doch nicht sein",
        "kann es sein dass",
        "was macht die Stadt",
        "der Kruiser",
        "denn",
        "was ist denn",
        "",
    ],
)
def test_words_that_stand_before_a_noun(text: str) -> None:
    assert not points_back(text)
