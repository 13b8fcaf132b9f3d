"""A small project in a folder of its own, and a database of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smartcity.console.corrections.proposals import Proposals
from smartcity.console.database import write

from ..rows import an_account

DOMAIN = """version: "3.1"
intents: [ask_cost, ask_place, greet, nlu_fallback]
slots:
  yes: {type: text, mappings: [{type: custom}]}
"""
NLU = """version: "3.1"

# Two concerns.
nlu:
  - intent: ask_cost
    examples: |
      - Was kostet der [KRuiser](initiative)?
      - ist das teuer
  - intent: greet
    examples: |
      - Grüß Gott
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "data" / "nlu").mkdir(parents=True)
    (root / "tests" / "conversations").mkdir(parents=True)
    (root / "domain.yml").write_text(DOMAIN, "utf-8")
    (root / "data" / "nlu" / "first.yml").write_text(NLU, "utf-8")
    return root


def git(root: Path, *arguments: str) -> str:
    """What git prints; another identity than the one that commits have."""
    identity = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *identity, *arguments], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def checkout(project: Path) -> Path:
    git(project, "init", "--quiet")
    git(project, "add", ".")
    git(project, "commit", "--quiet", "-m", "The project")
    return project


@pytest.fixture
def proposals(engine: Any, project: Path) -> Iterator[Proposals]:
    for number, name in ((1, "anna"), (2, "bert")):
        an_account(engine, "editor", id=number, name=name, shown=name.title())
    with write(engine) as connection:
        yield Proposals(connection, project)
