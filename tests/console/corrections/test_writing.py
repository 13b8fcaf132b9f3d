"""Additions leave everything else as it is, and Rasa reads them as they were meant."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from smartcity.console.corrections.examples import examples_in, folded, plain
from smartcity.console.corrections.writing import EXAMPLES_FILE, unified_diff, with_examples, with_tests
from smartcity.knowledge.documents import ContentError

PROJECT = Path(__file__).parents[3]
PRESENT = """version: "3.1"

# A comment that stays.
nlu:
  - intent: greet
    examples: |
      - moin
  # Another comment.
  - intent: ask_cost
    examples: |
      - was macht das
"""


def test_a_new_file_reads_like_the_others() -> None:
    text = with_examples(None, [("ask_cost", "was kost dat"), ("greet", "tach"), ("ask_cost", "preis?")])
    assert yaml.safe_load(text)["nlu"] == [
        {"intent": "ask_cost", "examples": "- was kost dat\n- preis?\n"},
        {"intent": "greet", "examples": "- tach\n"},
    ]


def test_an_example_goes_below_its_intent_and_all_else_stays() -> None:
    text = with_examples(PRESENT, [("greet", "tach"), ("ask_place", "wo")])
    kept = [line for line in text.splitlines() if line not in ("      - tach",)]
    assert kept[: len(PRESENT.splitlines())] == PRESENT.splitlines()
    assert [(one.intent, one.text) for one in examples_in(text, "x")] == [
        ("greet", "moin"),
        ("greet", "tach"),
        ("ask_cost", "was macht das"),
        ("ask_place", "wo"),
    ]


@given(st.text(max_size=60))
def test_any_text_of_a_citizen_comes_back_as_it_was_written(said: str) -> None:
    from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader

    text = plain(said)
    if not folded(text):
        return
    written = with_examples(PRESENT, [("greet", text)])
    assert [one.text for one in examples_in(written, "x") if one.intent == "greet"] == ["moin", text]
    read = RasaYAMLReader().reads(written)
    assert [(m.get("text"), m.get("entities")) for m in read.training_examples if m.get("intent") == "greet"] == [
        ("moin", None),
        (text, None),
    ]


@pytest.mark.parametrize(
    ("present", "place"),
    [
        ("nlu:\n  - intent: greet\n    examples: '- moin'\n", f"{EXAMPLES_FILE}:3:"),
        ("nlu: none\n", f"{EXAMPLES_FILE}:1:"),
        ("nlu:\n - [", f"{EXAMPLES_FILE}:2:"),
    ],
)
def test_a_file_that_cannot_be_added_to_is_named_with_its_line(present: str, place: str) -> None:
    with pytest.raises(ContentError) as raised:
        with_examples(present, [("greet", "tach")])
    assert str(raised.value).startswith(place)


def test_a_conversation_is_added_at_the_end() -> None:
    text = with_tests("# Mine.\n\n- name: one\n  turns: []\n", ["- name: two\n  turns: []\n"])
    assert text.startswith("# Mine.\n\n- name: one")
    assert [one["name"] for one in yaml.safe_load(text)] == ["one", "two"]


def test_nothing_changed_is_no_difference() -> None:
    assert unified_diff({"a.yml": "x\n"}, {"a.yml": "x\n"}) == ""
