"""The held-out set takes no part in building: nothing of it stands in the training data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from smartcity.knowledge.source import FolderSource, KnowledgeStore

HELD_OUT: list[dict[str, Any]] = yaml.safe_load(Path("tests/understanding/heldout.yml").read_text("utf-8"))


def _training() -> Iterator[str]:
    for path in Path("data/nlu").glob("*.yml"):
        for entry in yaml.safe_load(path.read_text("utf-8"))["nlu"]:
            if "intent" in entry:
                for line in entry["examples"].splitlines():
                    yield re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", line.removeprefix("- ")).casefold().strip()


def test_it_has_1000_utterances_and_a_quarter_out_of_scope() -> None:
    assert len(HELD_OUT) >= 1000
    assert sum(item["intent"] == "out_of_scope" for item in HELD_OUT) >= len(HELD_OUT) / 4


def test_none_stands_in_the_training_data() -> None:
    training = set(_training())
    assert not [item["text"] for item in HELD_OUT if item["text"].casefold().strip() in training]


def test_every_label_is_something_that_the_assistant_can_answer() -> None:
    knowledge = KnowledgeStore(FolderSource(Path("content"))).knowledge
    for item in HELD_OUT:
        wanted = item["all"] if "all" in item else item["answer"]
        for answer in wanted if isinstance(wanted, list) else [wanted]:
            kind, _, rest = answer.partition("/")
            if kind in ("initiative", "theme"):
                assert knowledge.topic(kind, rest.split("/")[0]), answer
            else:
                assert kind in ("office", "service", "list", "talk", "decline", "which", "ask"), answer
