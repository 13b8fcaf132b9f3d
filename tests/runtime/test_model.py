"""Training, where several processes find that it is due."""

from __future__ import annotations

import fcntl
import shutil
import threading
from pathlib import Path

import pytest

from smartcity.runtime import seals
from smartcity.runtime.model import MODELS, train, train_when_stale
from smartcity.settings import read_settings


def test_whoever_comes_second_waits_and_takes_what_the_first_has_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = train_when_stale(read_settings({"SMARTCITY_VAR": str(tmp_path / "first")})).resolve()
    monkeypatch.chdir(tmp_path)
    settings = read_settings({"SMARTCITY_VAR": str(tmp_path / "second")})
    path = MODELS / "smartcity-0123456789ab.tar.gz"
    MODELS.mkdir()
    second = threading.Thread(target=train, args=(settings, path))
    with (MODELS / ".training").open("w") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        second.start()
        second.join(0.5)
        assert second.is_alive()
        shutil.copyfile(trained, path)
        seals.seal(path)
    second.join(10)
    assert not second.is_alive()
    assert path.read_bytes() == trained.read_bytes()
    assert not (settings.var / "training.log").exists(), "nothing was trained"
