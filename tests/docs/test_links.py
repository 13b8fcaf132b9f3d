"""Local links lead somewhere, and nothing points to one machine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import List, Set

import pytest

from .pages import PAGES, PROJECT, anchor, prose

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def _links(page: Path) -> List[str]:
    return _LINK.findall(re.sub(r"`[^`\n]*`", "", prose(page.read_text("utf-8"))))


def _headings(page: Path) -> Set[str]:
    return {anchor(heading) for heading in re.findall(r"^#+ (.+)$", prose(page.read_text("utf-8")), re.MULTILINE)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_local_links_lead_somewhere(page: Path) -> None:
    for link in _links(page):
        if "://" in link:
            continue
        place, _, heading = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        assert target.exists(), f"{link} leads nowhere"
        assert target.is_relative_to(PROJECT), link
        if heading:
            assert heading in _headings(target), f"{link}: there is no such heading"


def test_every_page_is_linked_from_the_readme() -> None:
    readme = PAGES[0].read_text("utf-8")
    for page in PAGES[1:]:
        assert f"]({page.relative_to(PROJECT).as_posix()})" in readme, page.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_nothing_points_to_one_machine(page: Path) -> None:
    assert not re.search(r"/(?:home|work|root|tmp|Users)/", page.read_text("utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_in_backticks_exist(page: Path) -> None:
    folders = "actions|benchmarks|content|data|docs|requirements|smartcity|tests"
    for path in re.findall(rf"`((?:{folders})/[\w./-]+)`", prose(page.read_text("utf-8"))):
        assert (PROJECT / path).exists(), path
