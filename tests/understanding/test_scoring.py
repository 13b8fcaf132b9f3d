"""The scoring that `make evaluate` rests on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.understanding import dialogues, gate, scoring
from benchmarks.understanding.evaluation import Evaluation
from benchmarks.understanding.report import report
from benchmarks.understanding.scoring import Item, Parse, Share

COST = Item("Was kostet es?", "ask_cost", ("initiative/kruiser/cost", "which"), "plain")
WEATHER = Item("Regnet es?", "out_of_scope", ("decline",), "plain")
PASSPORT = Item("Reisepass", "city_service", ("service/passport",), "keyword")
OVER = Item("was ist vorbei", "list_initiatives", ("list/all",), "plain")


def parse(intent: str, *ranking: str, milliseconds: float = 1.0) -> Parse:
    return Parse(intent, ranking or (intent,), milliseconds)


def evaluation(answers: tuple[str, ...], own: tuple[Parse, ...], default: tuple[Parse, ...] | None) -> Evaluation:
    return Evaluation((COST, WEATHER, PASSPORT), answers, own, default)


RIGHT = ("initiative/kruiser/cost", "decline", "service/passport")
UNDERSTOOD = (parse("ask_cost"), parse("out_of_scope"), parse("city_service"))


@pytest.mark.parametrize(
    ("item", "answer", "right"),
    [
        (COST, "initiative/kruiser/cost", True),
        (COST, "ask/cost", True),
        (COST, "ask/between", False),
        (COST, "which", True),
        (COST, "initiative/kruiser/place", False),
        (COST, "lost", False),
        (COST, "service/any", False),
        (WEATHER, "decline", True),
        (WEATHER, "lost", True),
        (WEATHER, "lost/again", True),
        (WEATHER, "ask/between", False),
        (WEATHER, "service/any", False),
        (PASSPORT, "service/passport", True),
        (PASSPORT, "service/any", True),
        (PASSPORT, "service/waste", False),
        (PASSPORT, "decline", False),
        (OVER, "list/all", True),
        (OVER, "list/all/ended", True),
        (OVER, "list/mobility/ended", False),
    ],
)
def test_right_answers(item: Item, answer: str, right: bool) -> None:
    assert scoring.is_right(item, answer) is right
    assert (scoring.fault(item, answer) is None) is right


@pytest.mark.parametrize(
    ("item", "answer", "sort"),
    [
        (WEATHER, "theme/mobility/about", "answered instead of declined"),
        (WEATHER, "service/any", "answered instead of declined"),
        (WEATHER, "talk/greet", "another answer"),
        (WEATHER, "ask/between", "asked back"),
        (COST, "ask/initiative", "asked back"),
        (COST, "lost", "declined"),
        (COST, "decline", "declined"),
        (COST, "initiative/kruiser/place", "right topic, other aspect"),
        (COST, "initiative/swcar/cost", "right aspect, other topic"),
        (COST, "initiative/swcar/place", "another answer"),
        (PASSPORT, "which", "asked back"),
        (PASSPORT, "service/waste", "another answer"),
        (PASSPORT, "error/503", "another answer"),
    ],
)
def test_sorts_of_mistakes(item: Item, answer: str, sort: str) -> None:
    assert scoring.fault(item, answer) == sort


def test_items_take_one_label_or_several() -> None:
    entries = [
        {"text": "115", "intent": "greet", "answer": "talk/greet", "kind": "plain"},
        {"text": "b", "intent": "ask_cost", "answer": ["which", "decline"], "kind": "typo"},
    ]
    assert [item.labels for item in scoring.read_items(entries)] == [("talk/greet",), ("which", "decline")]


def test_all_answers_must_come_in_their_order() -> None:
    (item,) = scoring.read_items([{"text": "a und b", "intent": "ask_cost", "all": ["x/a", "x/b"], "kind": "plain"}])
    assert item.both
    assert scoring.is_right(item, "x/a + x/b")
    assert not scoring.is_right(item, "x/b + x/a")
    assert not scoring.is_right(item, "x/a + x/b + x/c")
    assert scoring.fault(item, "x/a") == "one of several questions left out"


def test_the_first_of_several_answers_counts_for_one_question() -> None:
    assert scoring.is_right(COST, "initiative/kruiser/cost + office/phone")
    assert not scoring.is_right(COST, "office/phone + initiative/kruiser/cost")
    assert scoring.fault(WEATHER, "decline + office/phone") == "answered instead of declined"
    assert scoring.is_served(COST, "office/phone + initiative/kruiser/cost")
    assert not scoring.is_served(COST, "office/phone + office/email + initiative/kruiser/cost")
    assert not scoring.is_served(WEATHER, "office/phone + decline")


def test_dialogues_are_read(tmp_path: Path) -> None:
    path = tmp_path / "dialogues.yml"
    path.write_text(
        "- name: one\n  turns:\n    - {say: a, answer: x/a}\n    - {say: b, all: [x/b, x/c]}\n"
        "- name: two\n  language: en\n  turns:\n    - {say: c, answer: [x/c, x/d]}\n",
        "utf-8",
    )
    one, two = dialogues.read_dialogues(path)
    assert (one.language, two.language) == ("de", "en")
    assert dialogues.Held(one, ("x/a", "x/b + x/c")).right == (True, True)
    assert dialogues.Held(two, ("x/d",)).right == (True,)
    assert dialogues.read_dialogues(tmp_path / "none.yml") == []
    path.write_text("- name: bad\n  turns:\n    - {say: a, answer: x/a, all: [x/a]}\n", "utf-8")
    with pytest.raises(ValueError, match="needs 'say' and at most one of 'answer' and 'all'"):
        dialogues.read_dialogues(path)


def test_a_turn_without_a_label_is_said_but_not_judged(tmp_path: Path) -> None:
    path = tmp_path / "dialogues.yml"
    path.write_text("- name: one\n  turns:\n    - {say: a}\n    - {say: b, answer: x/b}\n", "utf-8")
    (one,) = dialogues.read_dialogues(path)
    assert dialogues.Held(one, ("x/z", "x/b")).right == (None, True)
    assert dialogues.Held(one, ("x/z", "x/b")).whole
    assert not dialogues.Held(one, ("x/z", "x/c")).whole


def test_a_repetition_comes_under_the_id_of_what_is_repeated() -> None:
    again = Item("noch mal", "repeat", ("talk/repeat",), "dialogue")
    assert scoring.is_right(again, "x/b", "x/a + x/b")
    assert not scoring.is_right(again, "x/a", "x/a + x/b")
    assert scoring.is_right(again, "talk/greet")  # a conversation begins with the greeting
    assert scoring.fault(again, "x/c", "x/b") == "another answer"


def test_notices_are_no_answers() -> None:
    messages = [{"answer": "office/phone"}, {"answer": "notice/closed"}]
    assert dialogues.answer_ids(messages) == "office/phone"
    assert dialogues.answer_ids([]) == "error"


def test_fallback_is_right_out_of_scope_alone() -> None:
    assert scoring.intent_is_right(WEATHER, "nlu_fallback")
    assert not scoring.intent_is_right(COST, "nlu_fallback")
    assert not scoring.intent_is_right(COST, None)


def test_shares() -> None:
    assert str(Share(1, 3)) == "33.3 % (1/3)"
    assert Share(0, 0).percent == 0
    assert scoring.by_group(["b", "a", "b"], [True, False, False]) == {"a": Share(0, 1), "b": Share(1, 2)}


def test_recall_and_precision() -> None:
    found = scoring.rates(["a", "a", "b"], ["a", "b", None])
    assert (found["a"].recall, found["a"].precision) == (Share(1, 2), Share(1, 1))
    assert (found["b"].recall, found["b"].precision) == (Share(0, 1), Share(0, 1))


def test_confusions_come_most_frequent_first() -> None:
    found = scoring.confusions(["a", "a", "b", "c"], ["b", "b", None, "c"])
    assert found == [(("a", "b"), 2), (("b", "none"), 1)]


@pytest.mark.parametrize(("percent", "value"), [(50, 2), (95, 4), (1, 1), (100, 4)])
def test_percentiles(percent: float, value: float) -> None:
    assert scoring.percentile([4, 1, 3, 2], percent) == value


def test_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        scoring.percentile([], 50)


def test_gate_lets_a_good_evaluation_pass() -> None:
    assert gate.failures(evaluation(RIGHT, UNDERSTOOD, UNDERSTOOD)) == []


def test_gate_names_each_miss() -> None:
    answers = ("lost", "office/phone", "service/passport")
    own = (parse("nlu_fallback", "ask_place"), parse("office_phone"), parse("city_service"))
    sentences = gate.failures(evaluation(answers, own, UNDERSTOOD))
    assert [sentence.split()[0] for sentence in sentences] == ["Right", "Out-of-scope", "By", "By"]
    assert "33.3 % (1/3)" in sentences[0]
    assert "100.0 % (1/1)" in sentences[1]
    assert len(gate.failures(evaluation(answers, own, None))) == 2


def test_report_shows_utterances_only_when_asked() -> None:
    wrong = evaluation(("lost", "decline", "service/passport"), UNDERSTOOD, None)
    assert COST.text not in report(wrong)
    assert COST.text in report(wrong, show_errors=True)
    assert WEATHER.text not in report(wrong, show_errors=True)
