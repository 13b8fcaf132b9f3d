from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from smartcity.knowledge.loading import load, read_folder
from smartcity.knowledge.names import NameIndex
from smartcity.knowledge.records import Knowledge

from .folder import ContentFolder
from .server import Server, serving

CITY = Path(__file__).parents[2] / "content"
SAMPLE_ROOT = Path(__file__).parent / "sample"


@pytest.fixture
def content(tmp_path: Path) -> ContentFolder:
    """A sound content folder of six small files, to be broken."""
    root = tmp_path / "content"
    shutil.copytree(SAMPLE_ROOT, root)
    return ContentFolder(root)


@pytest.fixture(scope="session")
def city() -> Knowledge:
    """What the city really says."""
    return load(read_folder(CITY))


@pytest.fixture(scope="session")
def names(city: Knowledge) -> NameIndex:
    return NameIndex(city)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running
