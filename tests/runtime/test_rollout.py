"""A new model is switched to, and back from, while a conversation goes on: no message is lost or refused."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from smartcity.runtime import rollout, seals
from smartcity.runtime.model import train_when_stale
from smartcity.settings import read_settings

from ..system import PROJECT, ApiClient, RunningSystem

OTHER = "smartcity-0123456789ab.tar.gz"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project in a folder with models of its own."""
    model = train_when_stale(read_settings({"SMARTCITY_VAR": str(tmp_path_factory.mktemp("var"))}))
    folder = tmp_path_factory.mktemp("project")
    for name in ("config.yml", "domain.yml", "endpoints.yml", "credentials.yml", "Procfile", "data", "content"):
        (folder / name).symlink_to(PROJECT / name)
    (folder / "smartcity").symlink_to(PROJECT / "smartcity")
    (folder / "models").mkdir()
    for path in (model, model.with_name(model.name + seals.SEAL)):
        shutil.copy(PROJECT / path, folder / "models")
    # The same model under another name: which one answers shows in its name alone.
    shutil.copy(PROJECT / model, folder / "models" / OTHER)
    seals.seal(folder / "models" / OTHER)
    return folder


@pytest.fixture(scope="module")
def system(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    running = RunningSystem(tmp_path_factory.mktemp("system"), project=project)
    try:
        running.wait_until_healthy()
        yield running
    finally:
        running.stop()


class Talk(threading.Thread):
    """Somebody who asks without a pause until told to stop."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.answers: list[str] = []
        self.failure: Exception | None = None
        self.stop = threading.Event()
        self._client = ApiClient(address)

    def run(self) -> None:
        try:
            self._client.open()
            while not self.stop.is_set():
                self.answers.append(self._client.say("Gibt es den KRuiser noch?")[0]["text"])
                self.answers.append(self._client.say("Und was hat er gekostet?")[0]["text"])
        except Exception as error:
            self.failure = error
        finally:
            self._client.close()


def test_no_message_is_lost_or_refused_while_models_change(
    project: Path, system: RunningSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    settings = read_settings(system.settings)
    first, other = rollout.chosen(), Path("models", OTHER)
    told: list[str] = []
    talks = [Talk(system.address) for _ in range(2)]
    for talk in talks:
        talk.start()
    try:
        rollout.change(settings, other, first, told.append)
        assert rollout.chosen() == other and rollout.former() == first
        rollout.back(settings, told.append)
        assert rollout.chosen() == first and rollout.former() == other
    finally:
        for talk in talks:
            talk.stop.set()
        for talk in talks:
            talk.join()
    assert told == [f"{OTHER} is in use.", f"{first.name} is in use."]
    for talk in talks:
        assert talk.failure is None
        assert len(talk.answers) >= 4 and all("KRuiser" in answer for answer in talk.answers)


def test_a_model_that_cannot_be_loaded_is_changed_back(
    project: Path, system: RunningSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    monkeypatch.setattr(rollout, "CHANGE_SECONDS", 6.0)
    settings = read_settings(system.settings)
    broken, now = Path("models", "smartcity-broken.tar.gz"), rollout.chosen()
    shutil.copy(now, broken)
    seals.seal(broken)
    # Right when it is named, gone when Rasa looks.
    monkeypatch.setattr(seals, "check", lambda model: None)
    broken.write_bytes(b"")
    with pytest.raises(rollout.RolloutError, match="stays"):
        rollout.change(settings, broken, now, lambda line: None)
    assert rollout.chosen() == now
    client = ApiClient(system.address)
    client.open()
    assert client.say("Gibt es den KRuiser noch?")
    client.close()


def test_a_worse_model_is_not_good() -> None:
    assert rollout.Measured(1000, 900, 895).is_good and not rollout.Measured(1000, 900, 894).is_good
