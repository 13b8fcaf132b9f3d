"""Every answer that the actions can give has an outcome that somebody has thought about."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml

from smartcity.console.tables import OUTCOMES
from smartcity.outcomes import BEGINNING, EXACT, WORST_FIRST, is_classified, outcome_of

PROJECT = Path(__file__).parent.parent


def _answer(name: str | None, known: bool = True, kind: str = "answer") -> dict[str, object]:
    return {"answer": name, "known": known, "kind": kind}


def _given() -> set[str]:
    """The ids of answers in actions/, whole or up to what is filled in; of converse() with each intent."""
    found: set[str] = set()
    for path in sorted((PROJECT / "actions").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            for text in _ids(node):
                found.add(text)
    return found


def _ids(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Card":
        named = [keyword.value for keyword in node.keywords if keyword.arg == "answer"]
        return [text for value in [*node.args[1:2], *named] for text in _text(value)]
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_doors":
        return _text(node.args[3])
    if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == "answer_id" for target in node.targets):
        return _text(node.value)
    return []


def _text(value: ast.AST) -> list[str]:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return [value.value]
    if isinstance(value, ast.JoinedStr):
        first = value.values[0]
        return [str(first.value)] if isinstance(first, ast.Constant) else []
    if isinstance(value, ast.IfExp):
        return _text(value.body) + _text(value.orelse)
    return []


def test_every_answer_of_the_actions_is_classified() -> None:
    given = _given()
    assert {"decline", "lost", "lost/again", "which", "talk/", "initiative/", "service/defect", "ask/guess"} <= given
    unknown = {name for name in given if not is_classified(name) and not name.startswith("notice/")}
    assert not unknown


def test_every_talk_has_an_intent_that_is_there() -> None:
    """A renamed intent must not fall silently from one outcome to another."""
    intents = {next(iter(one)) if isinstance(one, dict) else one for one in
               yaml.safe_load((PROJECT / "domain.yml").read_text("utf-8"))["intents"]}  # fmt: skip
    for name in EXACT:
        if name.startswith("talk/"):
            assert name.removeprefix("talk/") in intents, name


def test_every_answer_of_the_dialogues_is_classified() -> None:
    names: set[str] = set()
    for path in (PROJECT / "tests" / "conversations").glob("*.yml"):
        for line in path.read_text("utf-8").splitlines():
            if line.strip().startswith("answer:"):
                value = yaml.safe_load(line.strip())["answer"]
                names.update([value] if isinstance(value, str) else value)
    assert len(names) > 50
    assert not {name for name in names if not is_classified(name) and not name.startswith("notice/")}


def test_only_outcomes_that_there_are() -> None:
    assert {*EXACT.values(), *BEGINNING.values(), "unknown", "failed"} == set(OUTCOMES) == {*WORST_FIRST, "failed"}


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ([], "failed"),
        ([_answer("notice/closed", kind="notice")], "failed"),
        ([_answer("initiative/kruiser/cost")], "answered"),
        ([_answer("initiative/kruiser/cost", known=False)], "unknown"),
        ([_answer("office/phone", known=False)], "unknown"),
        ([_answer("talk/greet"), _answer("notice/closed", kind="notice")], "talk"),
        ([_answer("talk/want_person")], "handed_over"),
        ([_answer("service/any")], "handed_over"),
        ([_answer("service/passport")], "answered"),
        ([_answer("talk/ask_source")], "answered"),
        ([_answer("decline")], "unknown"),
        ([_answer("lost")], "not_understood"),
        ([_answer("lost/again")], "not_understood"),
        ([_answer("which")], "asked_back"),
        ([_answer("ask/guess")], "asked_back"),
        ([_answer("initiative/a/cost"), _answer("initiative/b/cost", known=False)], "unknown"),
        ([_answer("initiative/a/cost"), _answer("which")], "asked_back"),
        ([_answer(None)], "answered"),
        ([_answer("of/another"), _answer("talk/thank")], "answered"),
    ],
)
def test_outcomes(answers: list[dict[str, object]], outcome: str) -> None:
    assert outcome_of(answers) == outcome
