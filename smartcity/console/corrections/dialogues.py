"""A conversation of citizens as a test of tests/conversations, with the answers as they should be."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, Sequence

import yaml

from smartcity.console.corrections.examples import plain
from smartcity.console.corrections.proposals import ProposalError
from smartcity.knowledge.records import ASPECTS, OFFICE_ASPECTS, Knowledge

_ANSWER = re.compile(r"[a-z_]+(?:/[a-z0-9_]+){0,2}")
_FREE = frozenset({"list", "talk", "decline", "which", "ask", "lost", "stale", "several"})
"""Answers that come from no record of content."""


def is_answer(answer: str, knowledge: Knowledge) -> bool:
    """Whether the assistant can give an answer of this id, such as initiative/kruiser/cost."""
    if not _ANSWER.fullmatch(answer):
        return False
    kind, _, rest = answer.partition("/")
    record, _, aspect = rest.partition("/")
    if kind in ("initiative", "theme"):
        return knowledge.topic(kind, record) is not None and aspect in ASPECTS
    if kind == "office":
        return not aspect and (record in OFFICE_ASPECTS or knowledge.topic(kind, record) is not None)
    if kind == "service":
        return record in ("any", "defect") or record in knowledge.services
    return kind in _FREE


def answer_ids(knowledge: Knowledge) -> List[str]:
    """Ids to choose from: every fact of content, and what the assistant says without one."""
    found = [
        f"{topic.kind}/{topic.id}/{aspect}"
        for shelf in (knowledge.initiatives, knowledge.themes)
        for topic in shelf.values()
        for aspect in topic.facts
    ]
    found += [f"office/{aspect}" for aspect in OFFICE_ASPECTS]
    found += [f"office/{office}" for office in knowledge.offices]
    found += [f"service/{service}" for service in ("any", "defect", *knowledge.services)]
    return [*found, "decline", "lost", "which"]


def as_test(name: str, language: str, turns: Sequence[Mapping[str, Any]], knowledge: Knowledge) -> str:
    """YAML of one conversation as tests/conversations/runner.py reads it.

    Each turn has `said`, `pressed` and `answers`: the ids of which one must come (none: not checked).
    Raises ProposalError for an id that the assistant cannot give.
    """
    title = plain(name)
    if not title:
        raise ProposalError("no_name")
    if not turns:
        raise ProposalError("no_turns")
    written: List[Dict[str, Any]] = []
    for turn in turns:
        one: Dict[str, Any] = {"press" if turn["pressed"] else "say": plain(str(turn["said"]))}
        answers = list(turn["answers"])
        for answer in answers:
            if not is_answer(answer, knowledge):
                raise ProposalError("no_answer", answer=answer)
        if answers:
            one["answer"] = answers[0] if len(answers) == 1 else answers
        written.append(one)
    if not any("answer" in turn for turn in written):
        raise ProposalError("no_expectation")
    conversation: Dict[str, Any] = {"name": title}
    if language != "de":
        conversation["language"] = language
    conversation["turns"] = written
    text: str = yaml.safe_dump([conversation], allow_unicode=True, sort_keys=False, width=1000)
    return text
