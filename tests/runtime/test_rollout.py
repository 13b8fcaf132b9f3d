"""A new model is switched to, and back from, while a conversation goes on: no message is lost or refused."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from smartcity.runtime import rollout, seals
from smartcity.runtime.model import train_when_stale
from smartcity.settings import read_settings

from ..system import PROJECT, ApiClient, RunningSystem

pytestmark = pytest.mark.system
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
    """Somebody who asks, with so many seconds between two questions, until told to stop."""

    def __init__(self, address: str, pause: float = 0.0) -> None:
        super().__init__()
        self._pause = pause
        self.answers: list[str] = []
        self.failure: Exception | None = None
        self.stop = threading.Event()
        self._client = ApiClient(address)

    def run(self) -> None:
        try:
            self._client.open()
            while not self.stop.is_set():
                self.answers.append(self._client.say("Gibt es den KRuiser noch?")[0]["text"])
                self.stop.wait(self._pause)
                self.answers.append(self._client.say("Und was hat er gekostet?")[0]["text"])
                self.stop.wait(self._pause)
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


KNOWN_TO_BOTH = [
    {"text": "Gibt es den KRuiser noch?", "intent": "ask_status", "answer": "initiative/kruiser/status"},
    {"text": "Was hat der KRuiser gekostet?", "intent": "ask_cost", "answer": "initiative/kruiser/cost"},
    {"text": "Was ist der KReathon?", "intent": "ask_about", "answer": "initiative/kreathon/about"},
]
HOURS = "Wann haben Sie geöffnet?"
KNOWN_BEFORE = [{"text": HOURS, "intent": "office_hours", "answer": "office/hours"}]
TAUGHT = ("initiatives", "conversation", "elsewhere", "lookups", "lookups_services", "lookups_world")
"""Training data of the new model: a fifth of the work, and nothing about the office."""


def _forget_the_office(project: Path) -> None:
    (project / "data").unlink()
    shutil.copytree(PROJECT / "data" / "rules", project / "data" / "rules")
    (project / "data" / "nlu").mkdir()
    for name in TAUGHT:
        shutil.copy(PROJECT / "data" / "nlu" / f"{name}.yml", project / "data" / "nlu")


def _hold_out(project: Path, questions: list[dict[str, str]]) -> None:
    file = project / "tests" / "understanding" / "heldout.yml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump(questions, allow_unicode=True), "utf-8")


def _rollout(project: Path, system: RunningSystem, name: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SMARTCITY_")}
    return subprocess.run(
        [sys.executable, "-m", "smartcity.cli", "rollout", name],
        cwd=project,
        env={**inherited, **system.settings},
        capture_output=True,
        text=True,
        timeout=600,
    )


def test_the_command_trains_measures_and_switches_while_somebody_talks(
    project: Path, system: RunningSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    # As after the installation, when nobody has switched yet.
    Path("models", rollout.POINTER).unlink(missing_ok=True)
    before = rollout.chosen()
    _forget_the_office(project)
    asking = ApiClient(system.address)
    asking.open()
    talk = Talk(system.address, pause=0.5)
    talk.start()
    try:
        _hold_out(project, [*KNOWN_TO_BOTH, *KNOWN_BEFORE])
        refused = _rollout(project, system, "start")
        assert refused.returncode == 1, refused.stdout
        assert "Right of 4: 4 before, 3 with the new model." in refused.stdout, refused.stdout + refused.stderr
        assert "The one in use stays" in refused.stderr and rollout.chosen() == before
        knew = asking.say(HOURS)[0]["answer"]

        _hold_out(project, KNOWN_TO_BOTH)
        taken = _rollout(project, system, "start")
        assert taken.returncode == 0, taken.stderr
        assert "Training" not in taken.stdout, "it was trained before it was refused"
        assert "Right of 3: 3 before, 3 with the new model." in taken.stdout
        (new,) = re.findall(r"^(smartcity-\w+\.tar\.gz) is in use\.$", taken.stdout, re.MULTILINE)
        assert rollout.chosen() == Path("models", new) != before and rollout.former() == before
        forgot = asking.say(HOURS)[0]["answer"]

        back = _rollout(project, system, "back")
        assert back.returncode == 0 and f"{before.name} is in use." in back.stdout, back.stderr
        status = _rollout(project, system, "status")
        assert status.stdout == f"in use: {before.name}\nbefore: {new}\n"
        assert (knew, asking.say(HOURS)[0]["answer"]) == ("office/hours",) * 2 and forgot != "office/hours"
    finally:
        talk.stop.set()
        talk.join()
        asking.close()
    assert talk.failure is None and len(talk.answers) >= 4
    assert all("KRuiser" in answer for answer in talk.answers)


@pytest.fixture
def three(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Names of three models that there are, in a folder where nothing runs."""
    monkeypatch.chdir(tmp_path)
    models = [Path("models", f"smartcity-{number}.tar.gz") for number in (1, 2, 3)]
    models[0].parent.mkdir()
    for model in models:
        model.touch()
    return models


def test_what_is_newly_trained_is_used_and_what_was_switched_back_from_is_not(three: list[Path]) -> None:
    first, second, third = three
    rollout.adopt(second)
    assert not Path("models", rollout.POINTER).exists(), "nobody ever switched"
    rollout._switch(first, second)
    rollout.adopt(second)
    assert (rollout.chosen(), rollout.former()) == (first, second), "a new start does not undo the way back"
    refused = Path("models", rollout.REFUSED)
    refused.write_text(third.name, "ascii")
    rollout.adopt(third)
    assert rollout.chosen() == first, "nor takes what was found worse"
    refused.unlink()
    rollout.adopt(third)
    assert (rollout.chosen(), rollout.former()) == (third, first)


def test_to_start_again_keeps_the_way_back(three: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, _ = three
    monkeypatch.setattr(rollout, "model_path", lambda: second)
    monkeypatch.setattr(seals, "is_sealed", lambda model: True)
    rollout._switch(second, first)
    rollout.start(read_settings({"SMARTCITY_VAR": "var"}), lambda line: None)
    assert (rollout.chosen(), rollout.former()) == (second, first)


def test_a_worse_model_is_not_good() -> None:
    assert rollout.Measured(1000, 900, 895).is_good and not rollout.Measured(1000, 900, 894).is_good
