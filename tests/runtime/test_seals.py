"""A model from elsewhere is not loaded, whatever it names."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from smartcity.runtime import seals
from smartcity.runtime.model import model_path, train_when_stale
from smartcity.settings import read_settings

from ..ports import free_ports
from ..system import PROJECT


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model of the project."""
    return train_when_stale(read_settings({"SMARTCITY_VAR": str(tmp_path_factory.mktemp("var"))}))


def forged(model: Path, folder: Path, uses: str) -> Path:
    """The model with one more component, which Rasa would import."""
    target = folder / "forged.tar.gz"
    with tarfile.open(model) as source, tarfile.open(target, "w:gz") as out:
        for info in source:
            content = source.extractfile(info) if info.isreg() else None
            data = content.read() if content else b""
            if info.name.endswith(seals.METADATA):
                read = json.loads(data)
                nodes = read["predict_schema"]["nodes"]
                next(iter(nodes.values()))["uses"] = uses
                data = json.dumps(read).encode()
                info.size = len(data)
            out.addfile(info, io.BytesIO(data) if info.isreg() else None)
    return target


def test_what_was_trained_here_is_sealed_and_names_known_components(model: Path) -> None:
    seals.check(model)
    assert model == PROJECT / model_path() or model == model_path()


def test_a_model_without_its_seal_or_with_another_is_refused(model: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.tar.gz"
    copy.write_bytes(model.read_bytes())
    with pytest.raises(seals.ModelError, match="was not trained here"):
        seals.check(copy)
    seals.seal(copy)
    seals.check(copy)
    with copy.open("ab") as file:
        file.write(b"\0")
    with pytest.raises(seals.ModelError, match="its digest is another"):
        seals.check(copy)


@pytest.mark.parametrize(
    "uses",
    [
        "antigravity.Anything",
        "os.system",
        "smartcity.runtime.command.run_rasa",
        "rasa.nlu.classifiers.sklearn_intent_classifier.SklearnIntentClassifier",
        "smartcity.nlu.intents.VotingIntentClassifier.x.y z",
    ],
)
def test_a_model_that_names_strange_code_is_refused_even_if_it_is_sealed(
    model: Path, tmp_path: Path, uses: str
) -> None:
    made = forged(model, tmp_path, uses)
    seals.seal(made)
    with pytest.raises(seals.ModelError, match="does; it is not loaded"):
        seals.check(made)


def test_rasa_imports_nothing_that_a_foreign_model_names(model: Path, tmp_path: Path) -> None:
    """The same through Rasa's own way of loading, which knows nothing of seals."""
    (tmp_path / "hostile.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\nclass Component: pass\n")
    made = forged(model, tmp_path, "hostile.Component")
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from smartcity.runtime.local_assistant import LocalAssistant\n"
        "from smartcity.settings import read_settings\n"
        "LocalAssistant(read_settings(), Path(sys.argv[1]))\n"
    )
    environ = {**os.environ, "PYTHONPATH": str(tmp_path), "SMARTCITY_VAR": str(tmp_path / "var")}
    done = subprocess.run(
        [sys.executable, "-c", program, str(made)], cwd=PROJECT, env=environ, capture_output=True, text=True
    )
    assert done.returncode and "hostile.Component" in done.stderr and "is not loaded" in done.stderr
    assert not (tmp_path / "ran").exists()


def test_the_server_does_not_start_with_a_foreign_model(model: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.tar.gz"
    foreign.write_bytes(model.read_bytes())
    (port,) = free_ports(1)
    environ = {**os.environ, "SMARTCITY_VAR": str(tmp_path / "var"), "SMARTCITY_RASA_PORT": str(port)}
    command = [sys.executable, "-m", "smartcity.cli", "rasa", "run", "--model", str(foreign)]
    done = subprocess.run(command, cwd=PROJECT, env=environ, capture_output=True, text=True, timeout=100)
    assert done.returncode == 1 and "was not trained here" in done.stderr


@pytest.mark.parametrize("spoiled", [slice(0, 50_000), slice(50_000, 50_400)])
def test_a_broken_model_is_refused_and_trained_again(model: Path, tmp_path: Path, spoiled: slice) -> None:
    broken = tmp_path / "broken.tar.gz"
    content = bytearray(model.read_bytes())
    content[spoiled] = bytes(len(content[spoiled]))
    broken.write_bytes(content)
    seals.seal(broken)
    with pytest.raises(seals.ModelError, match="cannot be read as a model"):
        seals.check(broken)
    assert not seals.is_sealed(broken)
