"""When the longest files of the tests are run: last, and only as long as there is time.

CI has twenty minutes, and machines differ by a factor of two. So what takes longest for what it shows comes after
everything else, the most telling first, and where LONG_TESTS_UNTIL is set (a moment, in seconds as of `date +%s`), no
long test begins later: it is skipped, and the summary counts it. On a machine so slow that even the others do not end,
none begins after TESTS_UNTIL. Without these every test runs. Moments, since nobody knows before how long a machine
takes to install and to train.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

LONG = (
    "console/corrections/test_correction_to_answer.py",
    "gateway/test_system.py",
    "gateway/channels/test_system.py",
    "gateway/channels/test_matrix_system.py",
    "console/ingest/test_system.py",
    "widget/test_accessibility.py",
    "console/web/test_browser.py",
    "conversations/test_inquiry_privacy.py",
    "console/web/test_excerpt.py",
    "gateway/channels/test_killed.py",
    "conversations/test_several_processes.py",
    "runtime/test_rollout.py",
    "backup/test_running.py",
    "gateway/api/test_system.py",
    "gateway/api/test_conformance.py",
    "deploy/test_nginx.py",
    "conversations/test_inquiry_outages.py",
    "console/ingest/test_killing.py",
    "console/test_commands.py",
    "widget/test_website.py",
    "widget/test_failures.py",
    "rubbish/test_messages.py",
    "console/web/test_markup.py",
    "console/web/test_dead_letters.py",
    "console/figures/test_browser.py",
    "console/corrections/test_browser.py",
)
"""Files under tests/, the most telling first."""
_TESTS = Path(__file__).parent


def put_long_last(items: list[pytest.Item]) -> None:
    """Order the tests, each file as a whole."""
    places = {_TESTS / name: place for place, name in enumerate(LONG, 1)}
    items.sort(key=lambda item: places.get(item.path, 0))


def skip_when_late(item: pytest.Item) -> None:
    """Skip a test that would begin after TESTS_UNTIL, and a long one that would after LONG_TESTS_UNTIL."""
    for setting, counts in (("TESTS_UNTIL", True), ("LONG_TESTS_UNTIL", _is_long(item.path))):
        until = os.environ.get(setting)
        if until and counts and time.time() > float(until):
            pytest.skip(f"too late by {setting} {until}")


def _is_long(path: Path) -> bool:
    return path.is_relative_to(_TESTS) and path.relative_to(_TESTS).as_posix() in LONG
