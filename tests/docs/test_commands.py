"""Commands that are shown exist, and commands that exist are shown."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path
from typing import Iterator, List, Set, Tuple

import pytest

from smartcity.cli.program import parser as _parser

from .pages import PAGES, PROJECT, README, blocks, code, first_cells, section

RASA_COMMANDS = {"run", "train", "test", "data"}
"""Commands of Rasa that the pages name."""
TOOLS = {
    *("cp", "curl", "set", ".", "chmod", ".venv/bin/python", ".venv/bin/pip", ".ci/run"),
    # Of an operator's server:
    *("apt-get", "certbot", "docker", "git", "gpg", "install", "ln", "nginx", "openssl", "rm", "sed", "su"),
    *("systemctl", "systemd-sysusers", "usermod"),
}
"""Other commands that the pages may show."""


def _targets() -> Set[str]:
    """Targets of the Makefile that a person may call."""
    names = re.search(r"^\.PHONY: (.+)$", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert names
    return set(names.group(1).split())


def _subcommands(parser: argparse.ArgumentParser, prefix: Tuple[str, ...]) -> Iterator[str]:
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not groups:
        yield " ".join(prefix)
    for group in groups:
        for name, sub in group.choices.items():
            yield from _subcommands(sub, (*prefix, name))


def _readme() -> str:
    return section(README.read_text("utf-8"), "Commands")


def test_every_command_stands_in_the_readme() -> None:
    shown = {" ".join(word for word in cell.split() if not re.match(r'["-]|\.\.\.', word)) for cell in _commands()}
    assert shown == set(_subcommands(_parser(), ("smartcity",)))


def _commands() -> List[str]:
    return [cell for cell in first_cells(_readme()) if cell.startswith("smartcity")]


def test_every_make_target_stands_in_the_readme() -> None:
    shown = {cell.removeprefix("make ") for cell in first_cells(_readme()) if cell.startswith("make")}
    assert shown == _targets() - {"check-python"}


def _shown(page: Path) -> List[str]:
    """Command lines of shell blocks, and commands of ours in backticks."""
    text = page.read_text("utf-8")
    lines = [line for block in blocks(text) if block.language == "sh" for line in block.text.splitlines()]
    inline = [part for part in code(text) if re.match(r"(?:make|smartcity|\.venv/bin/smartcity|cp|chmod|set) ", part)]
    return [line for line in lines + inline if line.strip()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_shown_exists(page: Path) -> None:
    for line in _shown(page):
        _check(line)


def _check(line: str) -> None:
    program, *arguments = shlex.split(line, posix=True)
    if program == "make" and arguments[:1] == ["-C"]:
        # Elsewhere, and also a file that the Makefile makes.
        assert f"{arguments[2]}:" in (PROJECT / "Makefile").read_text("utf-8"), line
    elif program == "make":
        named = [word for word in arguments if "=" not in word]
        assert named and set(named) <= _targets(), line
    elif program.removeprefix(".venv/bin/") == "smartcity":
        _check_ours(line, [word for word in arguments if word != "..." or "ask" in arguments])
    else:
        assert program in TOOLS, line


def _check_ours(line: str, arguments: List[str]) -> None:
    if arguments[:1] == ["rasa"]:
        assert set(arguments[1:2]) <= RASA_COMMANDS, line
        return
    try:
        _parser().parse_args(arguments)
    except SystemExit:
        pytest.fail(f"'{line}' is not understood by the command line.")
