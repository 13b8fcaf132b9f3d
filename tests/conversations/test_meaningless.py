"""Messages that say nothing are never given a meaning: nothing is stated, nothing is listed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ..system import ApiClient

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.understanding.meaningless import HARMLESS, meaningless

pytestmark = pytest.mark.system


@pytest.mark.parametrize("text", list(meaningless()))
def test_nothing_is_stated(client: ApiClient, text: str) -> None:
    client.open("de")
    (message,) = client.say(text)
    assert message["answer"].startswith(HARMLESS)
    assert message["source"] is None
