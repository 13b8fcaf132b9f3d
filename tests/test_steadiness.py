"""What CI makes of tests that hold only when they are tried again; pytest itself runs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .steadiness import MOST_UNSTEADY

ROOT = Path(__file__).parent.parent
CONFTEST = """
from tests.steadiness import judge, show
def pytest_sessionfinish(session): judge(session)
def pytest_terminal_summary(terminalreporter): show(terminalreporter)
"""
TESTS = """
from pathlib import Path
import pytest
@pytest.mark.parametrize("number", range({unsteady}))
def test_unsteady(number, request):
    tried = Path(__file__).with_name(f"tried-{{number}}")
    was = tried.exists()
    tried.touch()
    assert was, "the first time"
def test_steady():
    assert {steady}
"""


def _run(folder: Path, unsteady: int, steady: bool, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "conftest.py").write_text(CONFTEST, "utf-8")
    (folder / "test_some.py").write_text(TESTS.format(unsteady=unsteady, steady=steady), "utf-8")
    (folder / "pytest.ini").write_text("[pytest]", "utf-8")
    command = [sys.executable, "-m", "pytest", "--import-mode=importlib", "-p", "no:cacheprovider", *options]
    return subprocess.run(
        command, cwd=folder, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("processes", ["0", "2"])
def test_a_few_unsteady_tests_are_named_with_their_failure(tmp_path: Path, processes: str) -> None:
    ended = _run(tmp_path, MOST_UNSTEADY, True, "--reruns", "1", "-n", processes)
    assert ended.returncode == 0, ended.stdout
    assert ended.stdout.count("unsteady: ") == MOST_UNSTEADY
    assert "AssertionError: the first time" in ended.stdout
    assert f"{MOST_UNSTEADY + 1} passed, {MOST_UNSTEADY} rerun" in ended.stdout


@pytest.mark.parametrize("processes", ["0", "2"])
def test_many_of_them_fail_the_run(tmp_path: Path, processes: str) -> None:
    ended = _run(tmp_path, MOST_UNSTEADY + 1, True, "--reruns", "1", "-n", processes)
    assert ended.returncode == 1
    assert f"More than {MOST_UNSTEADY} tests held only when they were tried again." in ended.stdout


def test_what_fails_twice_has_failed(tmp_path: Path) -> None:
    ended = _run(tmp_path, 1, False, "--reruns", "1")
    assert ended.returncode == 1
    assert ended.stdout.count("unsteady: ") == ended.stdout.count("failed first: ") == 1
    assert "1 failed, 1 passed, 2 rerun" in ended.stdout


def test_without_another_try_the_first_counts(tmp_path: Path) -> None:
    ended = _run(tmp_path, 1, True)
    assert ended.returncode == 1
    assert "unsteady" not in ended.stdout.replace("test_unsteady", "")
