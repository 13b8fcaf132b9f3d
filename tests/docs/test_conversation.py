"""The conversation in the README is what content says, and what the running assistant answers."""

from __future__ import annotations

import re
from typing import Iterator, List, Tuple

import pytest

from smartcity.knowledge.loading import load, read_folder
from smartcity.knowledge.records import Knowledge
from smartcity.talk import shown

from ..system import ApiClient
from .pages import PROJECT, README, blocks, section


def _turns() -> List[Tuple[str, List[str]]]:
    """Each question with the lines of its answer."""
    (block,) = blocks(section(README.read_text("utf-8"), "A conversation"))
    turns: List[Tuple[str, List[str]]] = []
    for line in block.text.splitlines():
        if line.startswith("> "):
            turns.append((line[2:], []))
        elif line.strip():
            turns[-1][1].append(line)
    return turns


def _said(knowledge: Knowledge) -> Iterator[str]:
    """Patterns of all that the assistant says in German, line by line."""
    topics = [*knowledge.initiatives.values(), *knowledge.themes.values(), *knowledge.offices.values()]
    facts = [fact for topic in topics for fact in topic.facts.values()]
    facts += [initiative.notice for initiative in knowledge.initiatives.values() if initiative.notice]
    for fact in facts:
        yield from map(re.escape, fact.text["de"].splitlines())
    for phrase in knowledge.phrases.values():
        for line in phrase["de"].splitlines():
            yield re.sub(r"\\\{\w+\\\}", "(.+)", re.escape(line))
    for office in knowledge.offices.values():
        yield f"- {re.escape(office.name['de'])}(: .+)?"
    for fact in facts:
        for source in fact.sources:
            yield rf"  Quelle: {re.escape(source.title)} \((Stand {source.as_of}|ohne Datum, .+)\)"


def test_every_line_of_the_conversation_stands_in_content() -> None:
    patterns = list(_said(load(read_folder(PROJECT / "content"))))
    turns = _turns()
    assert turns
    for _, lines in turns:
        assert lines
        for line in lines:
            assert any(re.fullmatch(pattern, line) for pattern in patterns), f"Content does not say: {line}"


@pytest.mark.system
def test_the_assistant_answers_as_the_conversation_shows(client: ApiClient) -> None:
    client.open("de")
    for question, lines in _turns():
        rest = "\n".join(shown(message) for message in client.say(question)).splitlines()
        for line in lines:
            assert line in rest, f"'{question}' is answered with {rest}"
            rest = rest[rest.index(line) + 1 :]
