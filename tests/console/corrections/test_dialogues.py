"""A conversation becomes a test that the runner of tests/conversations reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from smartcity.console.corrections.dialogues import answer_ids, as_test, is_answer
from smartcity.console.corrections.proposals import ProposalError
from smartcity.console.corrections.writing import with_tests
from smartcity.knowledge.records import Knowledge
from smartcity.knowledge.source import read_once

from ...conversations.runner import load_conversations

PROJECT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return read_once(str(PROJECT / "content"))


def turn(said: str, *answers: str, pressed: bool = False) -> dict[str, Any]:
    return {"said": said, "pressed": pressed, "answers": answers}


def test_the_runner_reads_what_is_written(knowledge: Knowledge, tmp_path: Path) -> None:
    turns = [
        turn("was kostet: der - KRuiser? #1", "initiative/kruiser/cost"),
        turn("Mobilität", "list/mobility", "theme/mobility/about", pressed=True),
        turn("danke"),
    ]
    test = as_test("Preis, dann Liste", "en", turns, knowledge)
    (tmp_path / "corrections.yml").write_text(with_tests(None, [test]), "utf-8")
    (read,) = load_conversations(tmp_path)
    assert read == {
        "name": "Preis, dann Liste",
        "language": "en",
        "turns": [
            {"say": "was kostet: der - KRuiser? #1", "answer": "initiative/kruiser/cost"},
            {"press": "Mobilität", "answer": ["list/mobility", "theme/mobility/about"]},
            {"say": "danke"},
        ],
        "file": "corrections.yml",
    }


def test_every_answer_that_the_dialogues_expect_is_known(knowledge: Knowledge) -> None:
    for conversation in load_conversations(PROJECT / "tests" / "conversations"):
        for one in conversation["turns"]:
            wanted = one.get("answer", [])
            for answer in wanted if isinstance(wanted, list) else [wanted]:
                assert is_answer(answer, knowledge), answer
    assert all(is_answer(answer, knowledge) for answer in answer_ids(knowledge))


@pytest.mark.parametrize(
    "answer", ["initiative/nothing/cost", "initiative/kruiser/colour", "service/unicorn", "x", "", "lost\n- evil: 1"]
)
def test_an_answer_that_cannot_come_is_refused(knowledge: Knowledge, answer: str) -> None:
    with pytest.raises(ProposalError, match="no_answer"):
        as_test("x", "de", [turn("was", answer)], knowledge)


@pytest.mark.parametrize(
    ("key", "name", "turns"),
    [("no_name", " \n", [turn("a", "lost")]), ("no_turns", "x", []), ("no_expectation", "x", [turn("a")])],
)
def test_a_test_that_tests_nothing_is_refused(
    knowledge: Knowledge, key: str, name: str, turns: list[dict[str, Any]]
) -> None:
    with pytest.raises(ProposalError, match=key):
        as_test(name, "de", turns, knowledge)
