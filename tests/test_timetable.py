from __future__ import annotations

import time

import pytest

from .timetable import skip_when_late


def test_nothing_begins_after_its_moment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESTS_UNTIL", str(time.time() + 1000))
    monkeypatch.setenv("LONG_TESTS_UNTIL", "1")
    skip_when_late(request.node)  # it is not long
    monkeypatch.setenv("TESTS_UNTIL", "1")
    with pytest.raises(pytest.skip.Exception, match="TESTS_UNTIL"):
        skip_when_late(request.node)
