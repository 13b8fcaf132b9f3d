"""What a server keeps for good is searched for garbage neither at the start nor later."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import weakref
from typing import Any, Iterator

import pytest
from rasa.core import run

from smartcity.runtime import garbage


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(run, "load_agent_on_start", run.load_agent_on_start)
    monkeypatch.delattr(run, "collects_when_started", raising=False)
    yield
    monkeypatch.delattr(run, "collects_when_started", raising=False)
    gc.unfreeze()
    gc.enable()


@pytest.mark.parametrize("fails", [False, True])
def test_the_search_begins_when_the_server_has_started(monkeypatch: pytest.MonkeyPatch, fails: bool) -> None:
    async def load(*_: Any) -> str:
        assert not gc.isenabled()
        if fails:
            raise RuntimeError("no model")
        return "agent"

    monkeypatch.setattr(run, "load_agent_on_start", load)
    garbage.search_later()
    garbage.collect_when_started()
    garbage.collect_when_started()
    if fails:
        with pytest.raises(RuntimeError):
            asyncio.run(run.load_agent_on_start())
    else:
        assert asyncio.run(run.load_agent_on_start()) == "agent"
    assert gc.isenabled()
    assert gc.get_freeze_count() > 10_000


def test_what_another_model_leaves_behind_is_found() -> None:
    class Model:
        pass

    old = Model()
    setattr(old, "itself", old)
    gone = weakref.ref(old)
    gc.freeze()
    del old
    gc.collect()
    assert gone() is not None
    garbage.collect_everything()
    assert gone() is None
    assert gc.get_freeze_count() > 10_000


def test_training_searches_for_nothing() -> None:
    said = "import atexit, gc; atexit.register(lambda: print('searches', gc.isenabled()))"
    command = f"{said}; from smartcity.cli.program import main; main(['rasa', 'train', '--help'])"
    found = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=False)
    assert "searches False" in found.stdout, found.stderr
