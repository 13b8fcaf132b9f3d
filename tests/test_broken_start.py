"""`smartcity run` with content that is wrong: refused with file, line and remedy, and nothing goes on running."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .system import PROJECT, RunningSystem


@pytest.mark.system
def test_broken_content_is_refused_and_everything_ends(tmp_path: Path) -> None:
    content = tmp_path / "content"
    shutil.copytree(PROJECT / "content", content)
    place = content / "initiatives" / "kruiser.yml"
    place.write_text(place.read_text("utf-8").replace("state: ", "state: nearly_", 1), "utf-8")
    system = RunningSystem(tmp_path, {"SMARTCITY_CONTENT": str(content)})
    with pytest.raises(RuntimeError) as told:
        system.wait_until_healthy()
    assert "initiatives/kruiser.yml" in str(told.value)
    assert "Use one of: active" in str(told.value)
    assert "is ready" not in system.log.read_text("utf-8")
    assert system.stop() == []
