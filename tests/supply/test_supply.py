"""`make supply`: an advisory that nobody has reviewed is not overlooked."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ..system import PROJECT

REQUIREMENTS = PROJECT / "requirements"


def _load() -> Any:
    """The program, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("supply", REQUIREMENTS / "supply.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["supply"] = module
    spec.loader.exec_module(module)
    return module


supply = _load()
ENTRY = {
    "id": "PYSEC-1",
    "aliases": ["CVE-1"],
    "affected": [
        {
            "package": {"name": "sanic", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "20.12.0"}, {"fixed": "22.6.1"}]}],
            "versions": ["20.12.0"],
        }
    ],
}


def database(folder: Path, **changed: Any) -> Path:
    (folder / "vulns" / "sanic").mkdir(parents=True)
    (folder / "vulns" / "sanic" / "PYSEC-1.yaml").write_text(yaml.safe_dump({**ENTRY, **changed}), "utf-8")
    return folder


@pytest.mark.parametrize(
    ("version", "affected"), [("20.11", False), ("20.12.0", True), ("21.12.2", True), ("22.6.1", False), ("odd", True)]
)
def test_which_versions_an_entry_is_about(version: str, affected: bool) -> None:
    assert supply.affects(ENTRY, version) is affected


def test_a_known_flaw_of_what_is_locked_must_be_reviewed(tmp_path: Path) -> None:
    locked = supply.pins(supply.LOCKS)
    found = supply.from_database(database(tmp_path), locked)
    assert [(one.package, one.version) for one in found] == [("sanic", "21.12.2")]
    assert supply.faults(found, [], locked) == ["sanic 21.12.2: CVE-1, PYSEC-1 is not reviewed."]
    review = {"package": "sanic", "version": "21.12.2", "ids": ["CVE-1"]}
    assert supply.faults(found, [review], locked) == []
    assert supply.faults(found, [{**review, "version": "20.12"}], locked) != [], "a review is about one version"


def test_an_old_copy_of_the_database_is_told_by_its_newest_entry(tmp_path: Path) -> None:
    folder = database(tmp_path)
    assert supply.newest_year(folder) == 0
    for name in ("PYSEC-2023-7.yaml", "PYSEC-2024-1.yaml", "GHSA-2026-x.yaml"):
        (folder / "vulns" / "sanic" / name).touch()
    assert supply.newest_year(folder) == 2024


def test_what_was_withdrawn_is_no_flaw(tmp_path: Path) -> None:
    folder = database(tmp_path, withdrawn="2026-01-01T00:00:00Z")
    assert supply.from_database(folder, supply.pins(supply.LOCKS)) == []


def test_a_review_goes_with_what_it_is_about() -> None:
    review = {"package": "sanic", "version": "19.1", "ids": ["CVE-1"]}
    assert "not locked any more" in supply.faults([], [review], {"sanic": {"21.12.2"}})[0]


def test_the_reviews_of_the_project_fit_its_locks_and_say_why() -> None:
    reviewed = yaml.safe_load((REQUIREMENTS / "advisories.yml").read_text("utf-8"))
    assert supply.faults([], reviewed, supply.pins(supply.LOCKS)) == []
    for review in reviewed:
        assert set(review) == {"package", "version", "ids", "about", "unreachable", "reviewed"}
        assert len(review["unreachable"]) > 40


@pytest.mark.parametrize(
    ("licence", "refused"),
    [
        ("MIT License", False),
        ("Apache-2.0 OR GPL-3.0-only", False),
        ("BSD License; MIT License", False),
        ("MIT AND GPL-3.0-only", True),
        ("GNU Affero General Public License v3", True),
        ("UNKNOWN", True),
    ],
)
def test_licences_that_nobody_has_allowed_are_refused(licence: str, refused: bool) -> None:
    assert supply.not_allowed(licence) is refused


def test_the_page_of_licences_names_what_is_locked() -> None:
    page = (REQUIREMENTS / "licences.md").read_text("utf-8")
    named = {line.split("|")[1].strip() for line in page.splitlines() if line.startswith("| ")} - {"package"}
    locked = set(supply.pins(supply.LOCKS))
    assert named <= locked and len(locked - named) <= 10, "make supply"
